"""What the schedule tells about: timers, alarms and rings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.errors import ScheduleError

MISSED_AFTER_S = 600.0
"""What was due longer ago than this, while the assistant was off, is told but no longer rung."""

MAX_NAME = 80
"""Longest name of a timer or alarm, in characters."""

MAX_ENTRIES = 100
"""Most timers, and most alarms, at one time."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A running or paused timer."""

    id: str
    name: str
    """Empty for a timer without a name."""
    duration_s: float
    """As it was set, with time added or taken away since."""
    remaining_s: float
    """At the moment it was asked for."""
    paused: bool
    area: str | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm at a time of day."""

    id: str
    name: str
    time: dt.time
    days: frozenset[int]
    """Weekdays (Monday is 0) it repeats on; empty: once."""
    next_ring: dt.datetime
    area: str | None


@dataclass(frozen=True, slots=True)
class Ring:
    """A timer or alarm that is due."""

    id: str
    kind: str
    """"timer" or "alarm"."""
    name: str
    area: str | None
    late_s: float
    """How long ago it was due; large after a time when the assistant was not running."""

    @property
    def missed(self) -> bool:
        """Due too long ago to ring now; it is only to be told."""
        return self.late_s > MISSED_AFTER_S


def tidy_name(name: str) -> str:
    """A name fit to keep and to speak: one line of at most `MAX_NAME` printable characters."""
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:MAX_NAME].rstrip()


def check_room(count: int, kind: str) -> None:
    """Raise `ScheduleError` when there are `MAX_ENTRIES` of `kind` ("timers") already."""
    if count >= MAX_ENTRIES:
        raise ScheduleError(f"there are {count} {kind} already: cancel some first")
