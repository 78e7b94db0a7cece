"""Waits until a device shows, on its own state topic, what a command wanted of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from assistant.errors import BrokerError
from assistant.home.commands.expectations import Accepts, Plan, satisfied
from assistant.home.model import Home
from assistant.home.mqtt.client import RefusedError
from assistant.home.mqtt.dialect import Binding, Message
from assistant.types import Status

BROKE = "the connection to the broker broke"
"""Detail of what nobody knows the end of."""

_GRACE_S = 0.25
"""How long a device may take to repeat a state that it was already known to be in."""

Send = Callable[[Sequence[Message]], Awaitable[None]]
"""Publishes messages. Raises `BrokerError`."""


@dataclass(slots=True, eq=False)
class _Wait:
    """A command whose device has not shown yet what was wanted."""

    checks: tuple[tuple[str, Accepts], ...]
    settled: asyncio.Event
    refusal: str = ""
    """Why the device will not do it, once it has said so."""


class Confirmation:
    """Sends commands and says what became of them."""

    def __init__(self, home: Home, send: Send) -> None:
        self._home = home
        self._send = send
        self._waits: dict[str, list[_Wait]] = {}
        """By device id."""
        home.on_state(self._look)

    async def confirm(
        self,
        device_id: str,
        planned: Plan,
        binding: Binding,
        messages: Sequence[Message],
        *,
        lost: asyncio.Event,
        limit_s: float,
    ) -> tuple[Status, str]:
        """Publish, and wait until the device shows what was wanted of it, or `lost` is set."""
        checks = planned.confirmable(binding.reports)
        if not checks:
            status, detail = await self._try(messages)
        else:
            status, detail = await self._watch(device_id, checks, messages, lost, limit_s)
        if status in (Status.SENT, Status.CONFIRMED):
            self._assume(device_id, planned, binding)
        return status, detail

    def refused(self, device_id: str, reason: str) -> None:
        """A device has answered that it will not do what it was told."""
        for wait in self._waits.get(device_id, ()):
            wait.refusal = reason
            wait.settled.set()

    async def _watch(
        self,
        device_id: str,
        checks: tuple[tuple[str, Accepts], ...],
        messages: Sequence[Message],
        lost: asyncio.Event,
        limit_s: float,
    ) -> tuple[Status, str]:
        home, loop = self._home, asyncio.get_running_loop()
        was_so = satisfied(checks, home.state(device_id))
        wait = _Wait(checks, asyncio.Event())
        waits = self._waits.setdefault(device_id, [])
        waits.append(wait)
        deadline = loop.time() + limit_s
        sending = asyncio.create_task(self._try(messages))
        try:
            await _first(wait.settled, lost, sending, _GRACE_S if was_so else limit_s)
            if not wait.settled.is_set() and not sending.done():
                await asyncio.wait({sending}, timeout=max(0.0, deadline - loop.time()))
        finally:
            waits.remove(wait)
            if not waits:
                self._waits.pop(device_id, None)
        if not home.available(device_id):
            return Status.NO_ANSWER, "it went offline"
        if wait.refusal:
            return Status.REFUSED, wait.refusal
        state = home.state(device_id)
        if satisfied(checks, state) and wait.settled.is_set():
            return Status.CONFIRMED, ""
        outcome = sending.result() if sending.done() else (Status.NO_ANSWER, BROKE)
        if outcome[0] is not Status.SENT:
            return outcome
        if lost.is_set():
            return Status.NO_ANSWER, BROKE
        if satisfied(checks, state):
            return Status.CONFIRMED, ""
        shown = ", ".join(f"{key}={state[key]}" for key, _ in checks if key in state)
        return Status.NO_ANSWER, f"it shows {shown}" if shown else "it has shown no state"

    async def _try(self, messages: Sequence[Message]) -> tuple[Status, str]:
        try:
            await self._send(messages)
        except RefusedError as error:
            return Status.REFUSED, str(error)
        except BrokerError:
            return Status.NO_ANSWER, BROKE
        return Status.SENT, ""

    def _look(self, device_id: str) -> None:
        for wait in self._waits.get(device_id, ()):
            if not self._home.available(device_id) or satisfied(
                wait.checks, self._home.state(device_id)
            ):
                wait.settled.set()

    def _assume(self, device_id: str, planned: Plan, binding: Binding) -> None:
        """Believe what no message will ever tell."""
        unseen = {k: v for k, v in planned.state.items() if k not in binding.reports}
        if unseen:
            self._home.update_state(device_id, unseen)


async def _first(
    settled: asyncio.Event,
    lost: asyncio.Event,
    sending: asyncio.Task[tuple[Status, str]],
    limit_s: float,
) -> None:
    """Wait until an event is set, or what was to be sent was not, or for so long."""
    waiters = {asyncio.create_task(event.wait()) for event in (settled, lost)}
    pending: set[asyncio.Task[object]] = {*waiters, sending}
    deadline = asyncio.get_running_loop().time() + limit_s
    try:
        while not any(waiter.done() for waiter in waiters):
            left_s = deadline - asyncio.get_running_loop().time()
            if left_s <= 0 or (sending.done() and sending.result()[0] is not Status.SENT):
                return
            pending = {task for task in pending if not task.done()}
            await asyncio.wait(pending, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
