"""Home room: the PIN, and what keeps it from being guessed."""

from __future__ import annotations

import hmac
import logging

from assistant.ports import Clock

_LOG = logging.getLogger(__name__)

HIDDEN = "••••"
"""Stands for a PIN or a code wherever one would be shown."""

MOST_TRIES = 3
"""Wrong answers after which no PIN is asked for during `PAUSE_S`."""

PAUSE_S = 60.0


class PinGuard:
    """Compares PINs; one for a whole home, so that nobody gains tries by asking elsewhere."""

    def __init__(self, pin: str, clock: Clock) -> None:
        self._pin = pin.encode()
        self._clock = clock
        self._wrong = 0
        self._closed_until_s = 0.0

    @property
    def closed(self) -> bool:
        """Whether there were too many wrong answers just now."""
        return self._clock.monotonic() < self._closed_until_s

    def accepts(self, digits: str) -> bool:
        """Whether `digits` are the PIN. Counts; takes the same time for any of the same length."""
        if self.closed:
            return False
        if hmac.compare_digest(self._pin, digits.encode()):
            self._wrong = 0
            return True
        self._wrong += 1
        _LOG.warning("a wrong PIN was given, %d of %d", self._wrong, MOST_TRIES)
        if self._wrong >= MOST_TRIES:
            self._wrong = 0
            self._closed_until_s = self._clock.monotonic() + PAUSE_S
        return False
