"""What the schedule tells about: timers, alarms, reminders, commands for later, and rings."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from enum import StrEnum

from assistant.errors import ScheduleError
from assistant.schedule.commands import Command
from assistant.schedule.recurrence import Rule

MISSED_AFTER_S = 600.0
"""What was due longer ago than this, while the assistant was off, is told but no longer rung."""

MAX_NAME = 80
"""Longest name of a timer or alarm, in characters."""

MAX_TEXT = 300
"""Longest text of a reminder, in characters."""

MAX_ENTRIES = 10_000
"""Most entries at one time, of those that count elapsed time and of those at a time of day."""

SNOOZE_S = 9 * 60.0
"""Where nobody says for how long: what clock radios give since the fifties."""

SHORTEST_S = 1.0
LONGEST_S = 30 * 24 * 3600.0


BUILT_IN_SOUNDS = ("bell", "birds", "chimes", "beep")
"""What an alarm or a timer may ring with, besides the melody made for it and files of the user."""


class Kind(StrEnum):
    """What an entry is, and what its ring says."""

    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"
    COMMAND = "command"
    """Something to be done later."""


class NoTimeError(ScheduleError):
    """The machine does not know the time yet."""

    spoken = "no_time"


class NotThereError(ScheduleError):
    """What was to be changed is not there (any more)."""

    spoken = "not_there"


class TooManyError(ScheduleError):
    """There are as many entries as can be kept."""

    spoken = "too_many"


class LengthError(ScheduleError):
    """A length that no timer can have."""

    spoken = "length"


class PastError(ScheduleError):
    """A moment that has passed."""

    spoken = "past"


class SoundError(ScheduleError):
    """A sound that there is not."""

    spoken = "no_sound"


@dataclass(frozen=True, slots=True)
class Timer:
    """A running, paused or ringing timer."""

    id: str
    name: str
    """Empty for a timer without a name."""
    duration_s: float
    """As it was set, with time added or taken away since."""
    remaining_s: float
    """At the moment it was asked for."""
    paused: bool
    area: str | None
    set_s: float = 0.0
    """As it was first set."""
    sound: str = ""
    """What it rings with; empty: what is usual."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm at a time of day."""

    id: str
    name: str
    time: dt.time
    days: frozenset[int]
    """Weekdays (Monday is 0) it repeats on; empty: once, or what `every` says."""
    next_ring: dt.datetime
    area: str | None
    every: str = ""
    """"other_week", "month", or every week that has `days`."""
    month_day: int = 0
    enabled: bool = True
    lights: tuple[str, ...] = ()
    """Ids of the lights that grow bright before it rings."""
    snoozed: bool = False
    """It has rung, and will again at `next_ring`."""
    sound: str = ""
    """What it rings with; empty: what is usual."""

    @property
    def repeats(self) -> bool:
        """Whether it rings more than once."""
        return bool(self.days or self.every)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to be said later."""

    id: str
    text: str
    due: dt.datetime
    area: str | None
    rule: Rule | None = None
    """How it repeats; None: once."""


@dataclass(frozen=True, slots=True)
class Later:
    """A command that is kept until its time has come."""

    id: str
    command: Command
    due: dt.datetime
    area: str | None
    rule: Rule | None = None
    """How it repeats; None: once."""
    text: str = ""
    """As it was said."""


@dataclass(frozen=True, slots=True)
class Ring:
    """An entry that is due."""

    id: str
    kind: str
    """A `Kind`."""
    name: str
    """Of a reminder what to remind of."""
    area: str | None
    late_s: float
    """How long ago it was due; large after a time when the assistant was not running."""
    missed: bool = False
    """Due too long ago to ring now; it is only to be told."""
    content: str = ""
    """Of a command what to do, as JSON."""
    cut_off: bool = False
    """A command that was cut off in the middle: whether it was done is not known."""
    sound: str = ""
    """What it rings with; empty: what is usual."""


def new_id() -> str:
    """An id for a new entry."""
    return secrets.token_hex(6)


def tidy_name(name: str, longest: int = MAX_NAME) -> str:
    """A name fit to keep and to speak: one line of at most `longest` printable characters."""
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:longest].rstrip()


def check_room(count: int, kind: str) -> None:
    """Raise `TooManyError` when there are `MAX_ENTRIES` already and one of `kind` is to come."""
    if count >= MAX_ENTRIES:
        raise TooManyError(f"there are {count} {kind}s already: cancel some first")


def check_length(seconds: float) -> None:
    """Raise `LengthError` for a length that is not 1 s to 30 days."""
    if not seconds >= SHORTEST_S:
        raise LengthError("a timer needs a length of at least one second: say how long")
    if not seconds <= LONGEST_S:
        raise LengthError("a timer can run for 30 days at most: set a shorter one")
