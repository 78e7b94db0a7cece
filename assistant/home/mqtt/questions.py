"""Asks devices how they are, gently, where the broker does not keep what they said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from assistant.errors import BrokerError
from assistant.home.mqtt.dialect import Binding, Message
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.pace import Pace, TokenBucket

_LOG = logging.getLogger(__name__)

_AT_ONCE, _PER_SECOND = 8, 5.0
"""For each device that no bridge is before; those behind one share the bridge's own pace."""
_PATIENCE_S = 0.3
"""How long a kept state may take to arrive and make the question needless."""
_MOST_WAITING = 20_000
_TOGETHER = 20
"""Questions on their way to the broker at the same time."""
_ROUND_S = 0.01
"""Between two looks through all that waits."""


@dataclass(slots=True)
class _Question:
    """A message to be sent, and for whose sake."""

    message: Message
    due_s: float
    devices: set[str] = field(default_factory=set)
    """Ids of the devices that it asks for their state; with none it is sent in any case."""


@dataclass(slots=True)
class _Way:
    """What waits on the way to one device, or through one bridge."""

    bucket: TokenBucket
    first: dict[Message, _Question] = field(default_factory=dict)
    """About what can be commanded, and so is spoken of."""
    then: dict[Message, _Question] = field(default_factory=dict)

    def find(self, message: Message) -> _Question | None:
        return self.first.get(message) or self.then.get(message)

    def drop(self, message: Message) -> None:
        self.first.pop(message, None)
        self.then.pop(message, None)

    def next(self) -> _Question | None:
        return next(iter((self.first or self.then).values()), None)


class Questions:
    """A queue for each way to devices; the same question waits in it once."""

    def __init__(self, send: Callable[[Message], Awaitable[None]], pace: Pace) -> None:
        self._send = send
        self._pace = pace
        self._heard: set[str] = set()
        self._ways: dict[str, _Way] = {}
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def start(self) -> None:
        """A connection is there: nobody has been heard on it, and whoever is asked can answer."""
        self._heard.clear()
        self._task = self._task or asyncio.create_task(self._ask_all(), name="mqtt-questions")

    async def stop(self) -> None:
        """Drop all questions; idempotent."""
        self.drop()
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    def drop(self) -> None:
        """Forget what has not been asked: the connection is gone."""
        self._ways.clear()
        self._waiting = 0
        self._heard.clear()

    def heard(self, device_id: str) -> None:
        """A device has told its state: nobody needs to ask."""
        self._heard.add(device_id)

    def about(self, binding: Binding) -> None:
        """Ask for the state of a device, unless it tells it by itself."""
        device = binding.device
        if device.id in self._heard:
            return
        first = device.exposed and device.commandable
        for message in binding.questions:
            bridge = self._pace.bridge_of(binding, message.topic)
            question = self._queue(message, _PATIENCE_S, first=first, bridge=bridge)
            if question is not None:
                question.devices.add(device.id)

    def ask(self, messages: Sequence[Message]) -> None:
        """Ask what an announcement has left open."""
        for message in messages:
            if (question := self._queue(message, 0.0, first=True, bridge=None)) is not None:
                question.devices.clear()

    def _queue(
        self, message: Message, patience_s: float, *, first: bool, bridge: TokenBucket | None
    ) -> _Question | None:
        # One device hears on topics that differ in their last level alone.
        name = f"bridge {id(bridge)}" if bridge else message.topic.rpartition("/")[0]
        way = self._ways.get(name)
        if way is None:
            bucket = bridge or TokenBucket(_AT_ONCE, _PER_SECOND)
            way = self._ways[name] = _Way(bucket)
        if first and message in way.then:
            way.first[message] = way.then.pop(message)
        question = way.find(message)
        if question is None and self._waiting < _MOST_WAITING:
            question = _Question(message, asyncio.get_running_loop().time() + patience_s)
            (way.first if first else way.then)[message] = question
            self._waiting += 1
            self._news.set()
        return question

    async def _ask_all(self) -> None:
        loop = asyncio.get_running_loop()
        line = asyncio.Semaphore(_TOGETHER)
        while True:
            self._news.clear()
            due, next_s = self._due(loop.time())
            if due:
                await asyncio.gather(*(self._ask(message, line) for message in due))
            try:
                async with asyncio.timeout(_ROUND_S if due else next_s):
                    await self._news.wait()
                await asyncio.sleep(_ROUND_S)
            except TimeoutError:
                continue

    def _due(self, now: float) -> tuple[list[Message], float | None]:
        """What is to be sent now, and seconds until there may be more (None: until there is)."""
        due: list[Message] = []
        next_s: float | None = None
        for name, way in tuple(self._ways.items()):
            while (question := way.next()) is not None:
                known = question.devices and question.devices <= self._heard
                wait_s = 0.0 if known else max(question.due_s - now, way.bucket.wait_s(now))
                if wait_s > 0:
                    next_s = wait_s if next_s is None else min(next_s, wait_s)
                    break
                way.drop(question.message)
                self._waiting -= 1
                if not known:
                    way.bucket.take(now)
                    due.append(question.message)
            if question is None and way.bucket.full(now):
                del self._ways[name]
        return due, next_s

    async def _ask(self, message: Message, line: asyncio.Semaphore) -> None:
        try:
            async with line:
                await self._send(message)
        except BrokerError as error:
            _LOG.debug("a question was not sent: %s", error)
