"""Skills: the days of the year that have a name, by the rule that gives their date.

A rule is what a value of the list `holiday` stands for (`intents/<language>/dates.yaml`, or a
sentence file of the user's): "Christmas Day = 12-25", with a name to say, or only the date. Dates
are `12-25` (every year), `easter`, `easter-2`, `2 sunday 05` (the second Sunday of May), `-1 monday
05` (the last), `-4 sunday before 12-25`, or years of their own: `2026-02-17 2027-02-06`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from assistant.skills.when import WEEKDAYS

_FIXED = re.compile(r"(\d\d)-(\d\d)")
_EASTER = re.compile(r"easter(?:([+-]\d+))?")
_NTH = re.compile(r"(-?[1-5]) (\w+day) (\d\d)")
_BEFORE = re.compile(r"-([1-9]) (\w+day) before (\d\d)-(\d\d)")
_YEARS_AHEAD = 9
"""The 29th of February is at most eight years away."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A named day of every year, or of some."""

    name: str
    rule: str

    @classmethod
    def of(cls, value: str) -> Holiday:
        """What `value` of the list stands for."""
        name, _, rule = value.rpartition("=")
        return cls(name.strip(), rule.strip())

    def in_year(self, year: int) -> dt.date | None:
        """Its date in `year`; None where it has none, or the rule cannot be read."""
        try:
            return self._in_year(year)
        except ValueError:
            return None

    def next(self, today: dt.date) -> dt.date | None:
        """Its first date that is not over."""
        dates = (self.in_year(today.year + ahead) for ahead in range(_YEARS_AHEAD))
        return next((date for date in dates if date is not None and date >= today), None)

    def last(self, today: dt.date) -> dt.date | None:
        """Its last date that is not to come."""
        dates = (self.in_year(today.year - back) for back in range(_YEARS_AHEAD))
        return next((date for date in dates if date is not None and date <= today), None)

    def _in_year(self, year: int) -> dt.date | None:
        if fixed := _FIXED.fullmatch(self.rule):
            return dt.date(year, int(fixed[1]), int(fixed[2]))
        if moved := _EASTER.fullmatch(self.rule):
            return easter(year) + dt.timedelta(days=int(moved[1] or 0))
        if nth := _NTH.fullmatch(self.rule):
            return _nth(int(nth[1]), WEEKDAYS.index(nth[2]), year, int(nth[3]))
        if before := _BEFORE.fullmatch(self.rule):
            end = dt.date(year, int(before[3]), int(before[4])) - dt.timedelta(days=1)
            back = (end.weekday() - WEEKDAYS.index(before[2])) % 7
            return end - dt.timedelta(days=back + 7 * (int(before[1]) - 1))
        dates = [dt.date.fromisoformat(one) for one in self.rule.split()]
        return next((date for date in dates if date.year == year), None)


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar: the computus of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * to_sunday) // 451
    month, day = divmod(moon + to_sunday - 7 * shift + 114, 31)
    return dt.date(year, month, day + 1)


def _nth(number: int, weekday: int, year: int, month: int) -> dt.date:
    days = calendar.monthrange(year, month)[1]
    fitting = [d for d in range(1, days + 1) if dt.date(year, month, d).weekday() == weekday]
    if not 0 < abs(number) <= len(fitting):
        raise ValueError(number)
    return dt.date(year, month, fitting[number - 1 if number > 0 else number])
