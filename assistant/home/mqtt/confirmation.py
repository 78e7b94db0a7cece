"""Waits until a device shows, on its own state topic, what a command wanted of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from assistant.home.expectations import Plan, satisfied
from assistant.home.model import Home
from assistant.home.mqtt.dialect import Binding, Message
from assistant.types import Status

_GRACE_S = 0.25
"""How long a device may take to repeat a state that it was already known to be in."""

Send = Callable[[Sequence[Message]], Awaitable[bool]]
"""Publishes messages; False when the connection broke."""


class Confirmation:
    """Sends commands and says what became of them."""

    def __init__(self, home: Home, send: Send) -> None:
        self._home = home
        self._send = send

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
        was_so = satisfied(checks, self._home.state(device_id))
        settled = asyncio.Event()

        def look(changed: str) -> None:
            if changed == device_id and (
                satisfied(checks, self._home.state(device_id))
                or not self._home.available(device_id)
            ):
                settled.set()

        stop_looking = self._home.on_state(look)
        try:
            sending = asyncio.ensure_future(self._send(messages))
            if not checks:
                if not await sending:
                    return Status.NO_ANSWER, "the connection to the broker broke"
                self._assume(device_id, planned, binding)
                return Status.SENT, ""
            await _first(settled, lost, min(limit_s, _GRACE_S) if was_so else limit_s)
        finally:
            stop_looking()
        state = self._home.state(device_id)
        if not self._home.available(device_id):
            return Status.NO_ANSWER, "it went offline"
        if satisfied(checks, state) and (settled.is_set() or not lost.is_set()):
            self._assume(device_id, planned, binding)
            return Status.CONFIRMED, ""
        if lost.is_set():
            return Status.NO_ANSWER, "the connection to the broker broke"
        shown = ", ".join(f"{key}={state[key]}" for key, _ in checks if key in state)
        return Status.NO_ANSWER, f"it shows {shown}" if shown else "it has shown no state"

    def _assume(self, device_id: str, planned: Plan, binding: Binding) -> None:
        """Believe what no message will ever tell."""
        unseen = {k: v for k, v in planned.state.items() if k not in binding.reports}
        if unseen:
            self._home.update_state(device_id, unseen)


async def _first(settled: asyncio.Event, lost: asyncio.Event, limit_s: float) -> None:
    """Wait until one of the events is set, or for so long."""
    waiters = [asyncio.create_task(event.wait()) for event in (settled, lost)]
    try:
        await asyncio.wait(waiters, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
