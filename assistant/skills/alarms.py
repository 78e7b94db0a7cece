"""Skill: alarms at a time of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from assistant.schedule.schedule import Alarm, Schedule
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome, SlotValue

HANDLES = ("AssistantSetAlarm", "AssistantCancelAlarm", "AssistantListAlarms")

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "daily": frozenset(range(7)),
    **{name: frozenset({number}) for number, name in enumerate(_WEEKDAYS)},
}


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set, cancel or list alarms. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    if intent.name == "AssistantSetAlarm":
        return _set(intent, ctx, ctx.schedule)
    alarms = ctx.schedule.alarms()
    if not alarms:
        return Outcome("alarm.none", failed=intent.name == "AssistantCancelAlarm")
    if intent.name == "AssistantListAlarms":
        fitting = _on_its_day(alarms, intent.slots, ctx.clock.now())
        key = "alarm.list" if fitting else "alarm.none_then"
        return Outcome(key, {"alarms": _told(fitting), "now": ctx.clock.now()})
    return _cancel(intent, ctx, ctx.schedule, alarms)


def _set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    now = ctx.clock.now()
    slots = intent.slots
    time = alarm_time(slots, now)
    date = _date(slots, time, now)
    days = _DAYS.get(str(slots.get("days", "")), frozenset())
    if date is not None and date == now.date() and time <= now.time().replace(tzinfo=None):
        return failed("alarm.past", time=time)
    name = str(slots.get("name", ""))
    told: dict[str, object] = {"time": time, "days": sorted(days), "date": date, "name": name,
                               "day_word": slots.get("days", "")}  # fmt: skip
    if ctx.proposing:
        return Outcome("alarm.would_set", told)
    alarm = schedule.set_alarm(time, date=date, days=days, name=name, area=ctx.area)
    return Outcome("alarm.set", {**told, "next": alarm.next_ring, "now": now})


def alarm_time(slots: Mapping[str, SlotValue], now: dt.datetime) -> dt.time:
    """The time of day in `slots`; of three and fifteen o'clock the next to come, if both fit."""
    hour, minute = int(str(slots.get("hour", 0))), int(str(slots.get("minute", 0)))
    time = dt.time(hour, minute)
    if slots.get("clock") != 12:
        return time
    other = dt.time((hour + 12) % 24, minute)
    current = now.time().replace(tzinfo=None)
    return min(time, other, key=lambda t: (t <= current, t))


def _date(slots: Mapping[str, SlotValue], time: dt.time, now: dt.datetime) -> dt.date | None:
    """The date of the slot `day`; of a weekday's name the next on which `time` is to come."""
    day = str(slots.get("day", ""))
    if day == "today":
        return now.date()
    if day == "tomorrow":
        return now.date() + dt.timedelta(days=1)
    if day in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(day) - now.weekday()) % 7
        is_past = time <= now.time().replace(tzinfo=None)
        return now.date() + dt.timedelta(days=7 if not ahead and is_past else ahead)
    return None


def _on_its_day(
    alarms: Iterable[Alarm], slots: Mapping[str, SlotValue], now: dt.datetime
) -> list[Alarm]:
    """The alarms that ring next on the day in `slots`; all where none was named."""
    dated = [(alarm, _date(slots, alarm.time, now)) for alarm in alarms]
    return [alarm for alarm, date in dated if date is None or alarm.next_ring.date() == date]


def _cancel(
    intent: Intent, ctx: SkillContext, schedule: Schedule, alarms: tuple[Alarm, ...]
) -> Outcome:
    fitting = list(alarms)
    slots = intent.slots
    if "hour" in slots:
        hour, minute = int(str(slots["hour"])), int(str(slots.get("minute", 0)))
        hours = {hour, (hour + 12) % 24} if slots.get("clock") == 12 else {hour}
        fitting = [a for a in fitting if a.time.hour in hours and a.time.minute == minute]
    if "name" in slots:
        fitting = [a for a in fitting if a.name.casefold() == str(slots["name"]).casefold()]
    fitting = _on_its_day(fitting, slots, ctx.clock.now())
    if not fitting:
        return failed("alarm.no_such", alarms=_told(alarms))
    described = {"hour", "name", "day", "all"} & slots.keys()
    if len(fitting) > 1 and not described:
        return failed("alarm.which", alarms=_told(fitting))
    if not ctx.proposing:
        for alarm in fitting:
            schedule.cancel_alarm(alarm.id)
    return Outcome("alarm.cancelled", {"alarms": _told(fitting), "count": len(fitting)})


def _told(alarms: tuple[Alarm, ...] | list[Alarm]) -> list[dict[str, object]]:
    return [
        {"time": a.time, "days": sorted(a.days), "name": a.name, "next": a.next_ring}
        for a in alarms
    ]
