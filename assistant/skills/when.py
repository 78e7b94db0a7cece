"""Skills: from slots to when: a length, or a time of day on some day or days."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.schedule.recurrence import MONTH, OTHER_WEEK, SUN, Rule
from assistant.types import SlotValue

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "daily": frozenset(range(7)),
    **{name: frozenset({number}) for number, name in enumerate(WEEKDAYS)},
}
_AHEAD = {"today": 0, "tomorrow": 1, "day_after_tomorrow": 2, "in_three_days": 3}
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}
_WAKING_HOUR = 7
"""Who says "tomorrow at six" of something to be done means the evening."""

Slots = Mapping[str, SlotValue]


class WhenError(Exception):
    """A time that makes no sense; `reply` is the key of the sentence that says so."""

    def __init__(self, reply: str, **slots: object) -> None:
        super().__init__(reply)
        self.reply = reply
        self.slots = slots


@dataclass(frozen=True, slots=True)
class When:
    """After `seconds`, or else at `rule` (once on `date`, if it has one)."""

    seconds: float = 0.0
    rule: Rule = field(default_factory=Rule)
    date: dt.date | None = None


def seconds_of(slots: Slots, prefix: str = "") -> float:
    """The length that the slots hours, minutes and seconds add up to."""
    return sum(float(str(slots.get(f"{prefix}{unit}", 0))) * n for unit, n in _SECONDS.items())


def has_length(slots: Slots, prefix: str = "") -> bool:
    """Whether a length was said, if only of zero."""
    return any(f"{prefix}{unit}" in slots for unit in _SECONDS)


def is_timed(slots: Slots) -> bool:
    """Whether it was said after what time, or at which."""
    return has_length(slots) or bool({"hour", "sun"} & slots.keys())


def when(slots: Slots, now: dt.datetime, *, waking: bool = False) -> When | None:
    """When `slots` say; None where they do not. Raises `WhenError` for what makes no sense.

    With `waking` an hour that may be of the morning or of the evening is of the morning.
    """
    if has_length(slots):
        return When(seconds=checked_length(seconds_of(slots)))
    days = days_of(slots)
    if str(slots.get("sun", "")) in SUN:
        offset = int(float(str(slots.get("sun_offset", 0))))
        rule = Rule(
            days=days, every=_every(slots, days), month_day=_month_day(slots),
            sun=str(slots["sun"]), sun_offset_min=offset,
        )  # fmt: skip
        return When(rule=rule, date=None if rule.repeats else date_of(slots, None, now))
    if "hour" not in slots:
        return None
    dated = days or "month_day" in slots or str(slots.get("day", "today")) != "today"
    time = clock_time(slots, now, soonest=not dated, waking=waking)
    rule = Rule(time, days, _every(slots, days), _month_day(slots))
    date = None if rule.repeats else date_of(slots, time, now)
    if date is not None and dt.datetime.combine(date, time) <= now.replace(tzinfo=None):
        raise WhenError("time.past", time=time, date=date, now=now)
    return When(rule=rule, date=date)


def checked_length(seconds: float) -> float:
    """The length. Raises `WhenError` for less than a second, and for more than 30 days."""
    if not seconds >= 1:
        raise WhenError("time.too_short")
    if not seconds <= 30 * 86400:
        raise WhenError("time.too_long")
    return seconds


def clock_time(slots: Slots, now: dt.datetime, *, soonest: bool, waking: bool = False) -> dt.time:
    """The time of day in `slots`; of three and fifteen o'clock, if both fit, the likelier.

    With `soonest` that is the next to come, else the one by day. Raises `WhenError`.
    """
    try:
        hour, minute = int(str(slots.get("hour", 0))), int(str(slots.get("minute", 0)))
        time = dt.time(hour, minute)
    except ValueError:
        raise WhenError("time.no_such_time") from None
    if slots.get("clock") != 12:
        return time
    other = dt.time((hour + 12) % 24, minute)
    if soonest:
        current = now.time().replace(tzinfo=None)
        return min(time, other, key=lambda t: (t <= current, t))
    early, late = sorted((time, other))
    return early if waking or early.hour >= _WAKING_HOUR else late


def days_of(slots: Slots) -> frozenset[int]:
    """The weekdays of the slot `days`: a word of its own, or names joined by commas."""
    days: frozenset[int] = frozenset()
    for word in str(slots.get("days", "")).replace(" ", "").split(","):
        days |= _DAYS.get(word, frozenset())
    return days


def date_of(slots: Slots, time: dt.time | None, now: dt.datetime) -> dt.date | None:
    """The date of `day`, or of `month` and `month_day`; of a weekday the next with `time` to come.

    With `week`, of the weekday that many weeks after this one. None where the slots name none.
    Raises `WhenError` for the 31st of February.
    """
    is_past = time is not None and time <= now.time().replace(tzinfo=None)
    day = str(slots.get("day", ""))
    if day in _AHEAD:
        return now.date() + dt.timedelta(days=_AHEAD[day])
    if "days_ahead" in slots:
        return now.date() + dt.timedelta(days=int(str(slots["days_ahead"])))
    if day in WEEKDAYS and "week" in slots:
        ahead = WEEKDAYS.index(day) - now.weekday() + 7 * int(str(slots["week"]))
        return now.date() + dt.timedelta(days=ahead)
    if day in WEEKDAYS:
        ahead = (WEEKDAYS.index(day) - now.weekday()) % 7
        return now.date() + dt.timedelta(days=7 if not ahead and is_past else ahead)
    if "month_day" not in slots:
        return None
    month, month_day = int(str(slots.get("month", 0))), _month_day(slots)
    earliest = now.date() + dt.timedelta(days=1 if is_past else 0)
    for ahead in range(12 * 8 + 1):
        year, index = divmod(earliest.year * 12 + earliest.month - 1 + ahead, 12)
        fits = index + 1 == month or not month
        if not fits or month_day > calendar.monthrange(year, index + 1)[1] or not month_day:
            continue
        date = dt.date(year, index + 1, month_day)
        if date >= earliest:
            return date
    raise WhenError("time.no_such_date")


def _every(slots: Slots, days: frozenset[int]) -> str:
    every = str(slots.get("every", ""))
    if every == OTHER_WEEK and days:
        return OTHER_WEEK
    return MONTH if every == MONTH and not days else ""


def _month_day(slots: Slots) -> int:
    month_day = int(str(slots.get("month_day", 0)))
    if "month_day" in slots and not 1 <= month_day <= 31:
        raise WhenError("time.no_such_date")
    return month_day
