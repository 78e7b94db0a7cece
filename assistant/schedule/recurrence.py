"""When something comes by the wall clock. Pure functions over times, days and time zones."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.errors import ScheduleError
from assistant.schedule.sun import Place, sun_moment

OTHER_WEEK = "other_week"
MONTH = "month"
SUN = ("sunrise", "sunset")

_FARTHEST_DAYS = 400
"""So far ahead a day is looked for: a month with a 31st, and a polar night, are shorter."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At which time of day, and on which days."""

    time: dt.time = dt.time()
    days: frozenset[int] = frozenset()
    """Weekdays (Monday is 0); empty: any day, once, unless `every` says more."""
    every: str = ""
    """`OTHER_WEEK`: only in every second week. `MONTH`: on the `month_day` of each month."""
    month_day: int = 0
    sun: str = ""
    """"sunrise" or "sunset": these in the place of `time`, with `sun_offset_min` added."""
    sun_offset_min: int = 0

    @property
    def repeats(self) -> bool:
        """Whether it comes more than once."""
        return bool(self.days or self.every)

    def check(self, place: Place | None) -> None:
        """Raise `ScheduleError` for what makes no sense."""
        if not self.days <= frozenset(range(7)):
            raise ScheduleError("a weekday is a number from 0 (Monday) to 6 (Sunday)")
        if self.every not in ("", OTHER_WEEK, MONTH) or self.sun not in ("", *SUN):
            raise ScheduleError("say every other week, every month, sunrise or sunset")
        if self.every == OTHER_WEEK and not self.days:
            raise ScheduleError("every other week needs a weekday: say which")
        if self.every == MONTH and (self.days or not 1 <= self.month_day <= 31):
            raise ScheduleError("every month needs a day of the month, 1 to 31: say which")
        if abs(self.sun_offset_min) > 12 * 60:
            raise ScheduleError("that is too far from sunrise and sunset: 12 hours at most")
        if self.sun and place is None:
            raise NoPlaceError(
                "sunrise and sunset need the place of the home: set place.latitude and "
                "place.longitude in the configuration"
            )


class NoPlaceError(ScheduleError):
    """Nobody has said where on the earth the home is."""

    spoken = "no_place"


def moment(date: dt.date, time: dt.time, zone: dt.tzinfo | None) -> dt.datetime:
    """The moment at which clocks in `zone` show `time` on `date`.

    A time that summer time skips is moved on by the skipped hour (02:30 becomes 03:30); of a
    time that comes twice it is the first (PEP 495, fold 0). Results in one zone must be compared
    through `timestamp()`: Python compares their digits, which a change of the clocks repeats.
    """
    shown = dt.datetime.combine(date, time.replace(tzinfo=None, fold=0), tzinfo=zone)
    return shown.astimezone(dt.UTC).astimezone(zone)


def rule_moment(
    rule: Rule, date: dt.date, zone: dt.tzinfo | None, place: Place | None = None
) -> dt.datetime | None:
    """When `rule` comes on `date`; None where the sun does not rise or set that day."""
    if not rule.sun:
        return moment(date, rule.time, zone)
    at = sun_moment(date, place, rule.sun) if place is not None else None
    if at is None:
        return None
    return (at + dt.timedelta(minutes=rule.sun_offset_min)).astimezone(zone)


def next_date(
    rule: Rule, after: dt.datetime, *, anchor: dt.date | None = None, place: Place | None = None
) -> dt.date:
    """The first day on which `rule` comes later than `after` (aware, in the home's zone).

    `anchor` is a day in a week that counts, for every other week. Raises `ScheduleError` where
    there is none in over a year.
    """
    # The sunset of the day before, with hours added, may still be to come.
    start = after.date() - dt.timedelta(days=1 if rule.sun else 0)
    for date in _dates(rule, start, anchor or after.date()):
        at = rule_moment(rule, date, after.tzinfo, place)
        if at is not None and at.timestamp() > after.timestamp():
            return date
    raise ScheduleError("there is no such day within a year: name another")


def last_date(
    rule: Rule, date: dt.date, now: dt.datetime, *, place: Place | None = None
) -> dt.date:
    """The latest day from `date` on at which `rule`, which repeats, was due by `now`.

    `date` is a day on which it was due already.
    """
    last = date
    for following in _dates(rule, date, date):
        at = rule_moment(rule, following, now.tzinfo, place)
        if at is not None and at.timestamp() > now.timestamp():
            return last
        if at is not None:
            last = following
    return last_date(rule, last, now, place=place) if last > date else last


def _dates(rule: Rule, start: dt.date, anchor: dt.date) -> Iterator[dt.date]:
    for ahead in range(_FARTHEST_DAYS):
        if start.toordinal() + ahead > dt.date.max.toordinal():
            return
        date = start + dt.timedelta(days=ahead)
        if _fits(rule, date, anchor):
            yield date


def _fits(rule: Rule, date: dt.date, anchor: dt.date) -> bool:
    if rule.every == MONTH:
        last = calendar.monthrange(date.year, date.month)[1]
        return date.day == min(rule.month_day, last)
    if rule.days and date.weekday() not in rule.days:
        return False
    if rule.every == OTHER_WEEK:
        return (_week(date) - _week(anchor)) % 2 == 0
    return True


def _week(date: dt.date) -> int:
    """The number of the date's week, of an endless row that begins on Mondays."""
    return (date.toordinal() - 1) // 7
