"""When an alarm rings next. Pure functions over wall-clock times and time zones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set as AbstractSet


def moment(date: dt.date, time: dt.time, zone: dt.tzinfo | None) -> dt.datetime:
    """The moment at which clocks in `zone` show `time` on `date`.

    A time that summer time skips is moved on by the skipped hour (02:30 becomes 03:30); of a
    time that comes twice it is the first (PEP 495, fold 0). Results in one zone must be compared
    through `timestamp()`: Python compares their digits, which a change of the clocks repeats.
    """
    shown = dt.datetime.combine(date, time.replace(tzinfo=None, fold=0), tzinfo=zone)
    return shown.astimezone(dt.UTC).astimezone(zone)


def next_date(time: dt.time, days: AbstractSet[int], after: dt.datetime) -> dt.date:
    """The first day on which `time` comes later than `after` (aware, in the home's zone).

    `days` are weekdays, Monday 0; empty means any day.
    """
    date = after.date()
    while (days and date.weekday() not in days) or (
        moment(date, time, after.tzinfo).timestamp() <= after.timestamp()
    ):
        date += dt.timedelta(days=1)
    return date


def last_date(date: dt.date, time: dt.time, days: AbstractSet[int], now: dt.datetime) -> dt.date:
    """The latest day from `date` on at which a repeated alarm was due by `now`.

    `date` is a day on which it was due already.
    """
    while True:
        following = next_date(time, days, moment(date, time, now.tzinfo))
        if moment(following, time, now.tzinfo).timestamp() > now.timestamp():
            return date
        date = following
