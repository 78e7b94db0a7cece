"""How often something may happen: a few times at once, then at a steady rate."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable

from assistant.home.mqtt.dialect import Binding

_COMMANDS_AT_ONCE, _COMMANDS_PER_SECOND = 10, 2.0
_LONGEST_WAIT_S = 1.0
"""Somebody who asks the same again and again waits a moment; what comes all at once is refused."""
_BRIDGE_AT_ONCE, _BRIDGE_PER_SECOND = 8, 20.0
_MOST_REMEMBERED = 4096
_IEEE = re.compile(r"0x[0-9a-f]{16}")


class TokenBucket:
    """`burst` tokens, of which `per_second` come back; kept as the time when it is full again."""

    __slots__ = ("_due", "_interval_s", "_slack_s")

    def __init__(self, burst: int, per_second: float) -> None:
        self._interval_s = 1 / per_second
        self._slack_s = (burst - 1) * self._interval_s
        self._due = -math.inf

    def wait_s(self, now: float) -> float:
        """Seconds until there is a token."""
        return max(0.0, self._due - self._slack_s - now)

    def take(self, now: float) -> None:
        """Take a token, or one that is still to come."""
        self._due = max(self._due, now) + self._interval_s

    def full(self, now: float) -> bool:
        """Whether all tokens are there."""
        return self._due <= now


class Pace:
    """Keeps commands from flooding a device, and a radio network behind a bridge.

    `clock` tells seconds that never jump.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._devices: dict[str, TokenBucket] = {}
        self._bridges: dict[str, TokenBucket] = {}

    async def device(self, device_id: str) -> float:
        """Wait a moment, if need be, until a device may get another command, and count it.

        0, or the seconds until it may get one where that is too long to wait; then none is counted.
        """
        now = self._clock()
        bucket = self._devices.get(device_id)
        if bucket is None:
            if len(self._devices) >= _MOST_REMEMBERED:
                self._devices = {k: b for k, b in self._devices.items() if not b.full(now)}
            bucket = self._devices[device_id] = TokenBucket(_COMMANDS_AT_ONCE, _COMMANDS_PER_SECOND)
        wait_s = bucket.wait_s(now)
        if wait_s > _LONGEST_WAIT_S:
            return wait_s
        bucket.take(now)
        if wait_s:
            await asyncio.sleep(wait_s)
        return 0.0

    def bridge_of(self, binding: Binding, topic: str) -> TokenBucket | None:
        """What a device's messages share with all behind the same bridge, if there is one.

        Zigbee's mesh carries some tens of messages a second, all rooms together; a device with an
        IEEE address is behind the bridge that the first level of its command topic names.
        """
        if not any(_IEEE.fullmatch(address) for address in binding.hardware):
            return None
        name = topic.partition("/")[0]
        return self._bridges.setdefault(name, TokenBucket(_BRIDGE_AT_ONCE, _BRIDGE_PER_SECOND))

    async def bridge(self, binding: Binding, topic: str) -> None:
        """Wait until the bridge behind a device can do with another command."""
        bucket = self.bridge_of(binding, topic)
        if bucket is None:
            return
        now = self._clock()
        wait_s = bucket.wait_s(now)
        bucket.take(now)
        if wait_s:
            await asyncio.sleep(wait_s)
