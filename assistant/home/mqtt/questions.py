"""Asks devices how they are, gently, where the broker does not keep what they said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from assistant.errors import BrokerError
from assistant.home.mqtt.dialect import Message
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.pace import TokenBucket

_LOG = logging.getLogger(__name__)

_AT_ONCE, _PER_SECOND = 8, 5.0
_PATIENCE_S = 0.3
"""How long a kept state may take to arrive and make the question needless."""
_MOST_WAITING = 10_000


@dataclass(slots=True)
class _Question:
    """A message to be sent, and for whose sake."""

    message: Message
    due_s: float
    devices: set[str] = field(default_factory=set)
    """Ids of the devices that it asks for their state; with none it is sent in any case."""


_Way = tuple[int, str]
"""A dialect's rank and the first level of the topic: devices behind one bridge share it."""


class Questions:
    """A queue for each way to devices; the same question waits in it once."""

    def __init__(self, send: Callable[[Message], Awaitable[None]]) -> None:
        self._send = send
        self._heard: set[str] = set()
        self._waiting: dict[_Way, dict[Message, _Question]] = {}
        self._buckets: dict[_Way, TokenBucket] = {}
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def start(self) -> None:
        """A connection is there: nobody has been heard on it, and whoever is asked can answer."""
        self._heard.clear()
        self._task = self._task or asyncio.create_task(self._ask_all(), name="mqtt-questions")

    async def stop(self) -> None:
        """Drop all questions; idempotent."""
        self._waiting.clear()
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    def drop(self) -> None:
        """Forget what has not been asked: the connection is gone."""
        self._waiting.clear()
        self._heard.clear()

    def heard(self, device_id: str) -> None:
        """A device has told its state: nobody needs to ask."""
        self._heard.add(device_id)

    def about(self, rank: int, device_id: str, messages: Sequence[Message]) -> None:
        """Ask for the state of a device, unless it tells it by itself."""
        if device_id not in self._heard:
            for message in messages:
                if (question := self._queue(rank, message, _PATIENCE_S)) is not None:
                    question.devices.add(device_id)

    def ask(self, rank: int, messages: Sequence[Message]) -> None:
        """Ask what an announcement has left open."""
        for message in messages:
            if (question := self._queue(rank, message, 0.0)) is not None:
                question.devices.clear()

    def _queue(self, rank: int, message: Message, patience_s: float) -> _Question | None:
        way = (rank, message.topic.partition("/")[0])
        waiting = self._waiting.setdefault(way, {})
        if message not in waiting:
            if len(waiting) >= _MOST_WAITING:
                return None
            due_s = asyncio.get_running_loop().time() + patience_s
            waiting[message] = _Question(message, due_s)
            self._news.set()
        return waiting[message]

    async def _ask_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            next_s: float | None = None
            for way in tuple(self._waiting):
                wait_s = await self._ask_one(way, loop.time())
                if wait_s is not None:
                    next_s = wait_s if next_s is None else min(next_s, wait_s)
            try:
                async with asyncio.timeout(next_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _ask_one(self, way: _Way, now: float) -> float | None:
        """Send the next question of a queue, if it is time; returns seconds until the next."""
        waiting = self._waiting.get(way, {})
        bucket = self._buckets.setdefault(way, TokenBucket(_AT_ONCE, _PER_SECOND))
        while waiting:
            question = next(iter(waiting.values()))
            if question.devices and question.devices <= self._heard:
                del waiting[question.message]
                continue
            wait_s = max(question.due_s - now, bucket.wait_s(now))
            if wait_s > 0:
                return wait_s
            del waiting[question.message]
            bucket.take(now)
            try:
                await self._send(question.message)
            except BrokerError as error:
                _LOG.debug("a question was not sent: %s", error)
            return 0.0
        self._waiting.pop(way, None)
        return None
