"""Skill: the calendar: what day it is, was or will be, and how long it is until then."""

from __future__ import annotations

import calendar
import datetime as dt

from assistant.schedule.recurrence import moment
from assistant.skills.context import SkillContext
from assistant.skills.holidays import Holiday
from assistant.skills.targets import failed
from assistant.skills.when import (
    WEEKDAYS,
    Slots,
    WhenError,
    clock_time,
    date_of,
    has_length,
    seconds_of,
)
from assistant.types import Intent, Outcome

HANDLES = ("HassGetCurrentDate", "AssistantIsDate", "AssistantTimeUntil")

_BACK = {"yesterday": -1, "day_before_yesterday": -2, "in_three_days": 3, "three_days_ago": -3}
_DAYS = ("day", "month_day", "holiday")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Answer by the injected clock and the rules of the holidays."""
    now = ctx.clock.now()
    try:
        if intent.name == "AssistantTimeUntil":
            return _until(intent, ctx, now)
        if intent.name == "AssistantIsDate":
            return _compared(intent.slots, now)
        return _told(intent, now)
    except (WhenError, OverflowError):
        return failed("clock.no_such_date")


def _told(intent: Intent, now: dt.datetime) -> Outcome:
    key = intent.response if intent.response in ("weekday", "month", "year", "week") else "date"
    date = _date(intent.slots, now)
    words = {
        "now": now,
        "date": date,
        "days": (date - now.date()).days,
        "name": _name(intent.slots),
    }
    asked = bool(intent.slots.keys() & {*_DAYS, "months", "years"}) or has_length(intent.slots)
    return Outcome(f"clock.{key}_then" if asked else f"clock.{key}", words)


def _compared(slots: Slots, now: dt.datetime) -> Outcome:
    """Whether a day is what somebody takes it for, and what it is."""
    date = _date(slots, now)
    words = {"now": now, "date": date, "days": (date - now.date()).days, "name": _name(slots)}
    if "is_day" in slots:
        right = date.weekday() == WEEKDAYS.index(str(slots["is_day"]))
        return Outcome("clock.is_weekday", {**words, "right": right})
    right = (
        date == _holiday(slots, "is_holiday", date.year)
        if "is_holiday" in slots
        else int(str(slots.get("is_month_day", date.day))) == date.day
        and int(str(slots.get("is_month", date.month))) == date.month
    )
    return Outcome("clock.is_date", {**words, "right": right})


def _until(intent: Intent, ctx: SkillContext, now: dt.datetime) -> Outcome:
    slots = intent.slots
    if "thing" in slots:
        return _until_it_rings(str(slots["thing"]), ctx, now)
    if "sun" in slots:
        return failed("problems.not_able", intent=intent.name)
    if "hour" in slots:
        dated = bool(
            slots.keys()
            & {"day", "month_day"} - ({"day"} if slots.get("day") == "today" else set())
        )
        time = clock_time(slots, now, soonest=not dated)
        at = moment(date_of(slots, time, now) or now.date(), time, now.tzinfo)
        if at.timestamp() <= now.timestamp():
            if dated or slots.get("day") == "today":
                return failed("time.past", time=time, date=at.date(), now=now)
            at = moment(now.date() + dt.timedelta(days=1), time, now.tzinfo)
        return Outcome("clock.until", {"seconds": at.timestamp() - now.timestamp(), "then": at})
    if not slots.keys() & {*_DAYS}:
        return failed("clock.no_such_date")
    since = bool(slots.get("past"))
    date = _date(slots, now)
    days = (date - now.date()).days
    key = "weeks" if intent.response == "weeks" else "days"
    words = {"now": now, "date": date, "days": abs(days), "name": _name(slots)}
    return Outcome(f"clock.{key}_{'since' if since else 'until'}", words)


def _until_it_rings(thing: str, ctx: SkillContext, now: dt.datetime) -> Outcome:
    if ctx.schedule is None:
        return failed("timer.none_possible")
    moments = {
        "alarm": [a.next_ring for a in ctx.schedule.alarms() if a.enabled],
        "reminder": [r.due for r in ctx.schedule.reminders()],
    }[thing]
    if not moments:
        return failed(f"{thing}.none")
    first = min(moments, key=dt.datetime.timestamp)
    return Outcome("clock.until", {"seconds": first.timestamp() - now.timestamp(), "then": first})


def _date(slots: Slots, now: dt.datetime) -> dt.date:
    """The day that the slots mean. Raises `WhenError` and `OverflowError` for none."""
    back = -1 if slots.get("past") else 1
    later = dt.timedelta(seconds=back * seconds_of(slots))
    base = (dt.datetime.combine(_base(slots, now), now.time()) + later).date()
    months = back * (int(str(slots.get("months", 0))) + 12 * int(str(slots.get("years", 0))))
    if not months:
        return base
    year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise WhenError("time.no_such_date")
    return dt.date(year, month + 1, min(base.day, calendar.monthrange(year, month + 1)[1]))


def _base(slots: Slots, now: dt.datetime) -> dt.date:
    today, past = now.date(), bool(slots.get("past"))
    year = _year(slots, today)
    if "holiday" in slots:
        if year is not None:
            date = _holiday(slots, "holiday", year)
        else:
            day = Holiday.of(str(slots["holiday"]))
            date = day.last(today) if past else day.next(today)
        if date is None:
            raise WhenError("time.no_such_date")
        return date
    day_word = str(slots.get("day", ""))
    if day_word in _BACK:
        return today + dt.timedelta(days=_BACK[day_word])
    if day_word in WEEKDAYS and "weeks" in slots:
        monday = today - dt.timedelta(days=today.weekday())
        weeks = 7 * int(str(slots["weeks"]))
        return monday + dt.timedelta(days=weeks + WEEKDAYS.index(day_word))
    if day_word in WEEKDAYS and past and not has_length(slots):
        return today - dt.timedelta(days=(today.weekday() - WEEKDAYS.index(day_word) - 1) % 7 + 1)
    if "month" in slots and (past or year is not None):
        rule = f"{int(str(slots['month'])):02}-{int(str(slots['month_day'])):02}"
        return _base(
            {"holiday": rule, **{k: slots[k] for k in ("past", "year") if k in slots}}, now
        )
    return date_of(slots, None, now) or today


def _holiday(slots: Slots, key: str, year: int) -> dt.date | None:
    return Holiday.of(str(slots[key])).in_year(year)


def _year(slots: Slots, today: dt.date) -> int | None:
    if "year" not in slots:
        return None
    said = int(str(slots["year"]))
    return said if said > 1000 else today.year + said


def _name(slots: Slots) -> str:
    return Holiday.of(str(slots["holiday"])).name if "holiday" in slots else ""
