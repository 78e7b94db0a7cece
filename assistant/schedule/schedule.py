"""Timers and alarms: set, ask, change, cancel, ring. Kept in SQLite, run by APScheduler."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


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


class Schedule:
    """All timers and alarms of the home. Its methods belong to the event loop."""

    async def start(self, on_ring: Callable[[Ring], None]) -> None:
        """Load what was kept, say what was missed through `on_ring`, and run."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop running; nothing is forgotten."""
        raise NotImplementedError

    def timers(self) -> tuple[Timer, ...]:
        """All timers, the one that ends first first."""
        raise NotImplementedError

    def start_timer(self, duration_s: float, name: str = "", area: str | None = None) -> Timer:
        """Start a timer. Raises `ScheduleError` for a length that is not 1 s to 30 days."""
        raise NotImplementedError

    def add_to_timer(self, timer_id: str, seconds: float) -> Timer:
        """Lengthen (or, negative, shorten) a timer; it never ends earlier than now."""
        raise NotImplementedError

    def pause_timer(self, timer_id: str) -> Timer:
        """Hold a timer."""
        raise NotImplementedError

    def resume_timer(self, timer_id: str) -> Timer:
        """Let a held timer run on."""
        raise NotImplementedError

    def cancel_timer(self, timer_id: str) -> None:
        """Forget a timer."""
        raise NotImplementedError

    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms, the next one first."""
        raise NotImplementedError

    def set_alarm(
        self,
        time: dt.time,
        *,
        date: dt.date | None = None,
        days: frozenset[int] = frozenset(),
        name: str = "",
        area: str | None = None,
    ) -> Alarm:
        """Set an alarm: once at the next such time (or on `date`), or repeated on `days`."""
        raise NotImplementedError

    def cancel_alarm(self, alarm_id: str) -> None:
        """Forget an alarm."""
        raise NotImplementedError

    def ringing(self) -> tuple[Ring, ...]:
        """What rings now."""
        raise NotImplementedError

    def silence(self) -> tuple[Ring, ...]:
        """Stop everything that rings; a repeated alarm stays set. Returns what rang."""
        raise NotImplementedError
