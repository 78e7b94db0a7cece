"""A clock whose hands the test turns."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


class ManualClock:
    """Implements `ports.Clock`; time passes only by `advance`, `set_wall` sets the wall clock."""

    def __init__(self, start: dt.datetime | None = None) -> None:
        self._wall = start or dt.datetime(2026, 1, 5, 12, 0, tzinfo=BERLIN)
        self._zone = self._wall.tzinfo
        self._monotonic = 1000.0
        self._slept = 0.0

    def monotonic(self) -> float:
        return self._monotonic

    def elapsed(self) -> float:
        return self._monotonic + self._slept

    def now(self) -> dt.datetime:
        return self._wall.astimezone(self._zone)

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._wall = self._wall.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """The machine is suspended: all stands still, and time passes."""
        self._slept += seconds
        self._wall = self._wall.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)

    def set_zone(self, zone: dt.tzinfo) -> None:
        """The home moves to another time zone."""
        self._zone = zone

    def set_wall(self, wall: dt.datetime) -> None:
        self._wall = wall

    def restarted(self) -> ManualClock:
        """The clock as another process sees it: the same wall clock, another monotonic one."""
        clock = ManualClock(self._wall.astimezone(self._zone))
        clock._monotonic = 5.0
        return clock
