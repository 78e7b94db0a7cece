"""The real clock; tests bring one whose hands they turn."""

from __future__ import annotations

import datetime as dt
import time


class SystemClock:
    """The machine's clock, in the machine's time zone. Implements `ports.Clock`."""

    def __init__(self) -> None:
        import tzlocal

        # A named zone, not today's offset: alarms of next month must know of summer time.
        self._zone: dt.tzinfo = tzlocal.get_localzone()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never jumps."""
        return time.monotonic()

    def now(self) -> dt.datetime:
        """The wall clock, timezone-aware, in the home's time zone."""
        return dt.datetime.now(self._zone)
