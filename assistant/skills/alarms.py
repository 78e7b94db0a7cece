"""Skill: alarms at a time of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from assistant.schedule.entries import SoundError
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Alarm, Schedule
from assistant.skills.context import SkillContext
from assistant.skills.ringtones import no_light_or_sound, no_sound, sound_asked
from assistant.skills.targets import chosen, failed, find, which
from assistant.skills.when import Slots, When, WhenError, date_of, days_of, when
from assistant.types import Intent, Option, Outcome, SlotValue

HANDLES = (
    "AssistantSetAlarm", "AssistantCancelAlarm", "AssistantListAlarms", "AssistantChangeAlarm",
    "AssistantSkipAlarm", "AssistantEnableAlarm", "AssistantDisableAlarm", "AssistantAlarmSound",
)  # fmt: skip


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set, change, cancel or list alarms. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    try:
        if intent.name == "AssistantSetAlarm":
            return _set(intent, ctx, ctx.schedule)
        return _of_those_set(intent, ctx, ctx.schedule)
    except WhenError as error:
        return failed(error.reply, **error.slots)
    except SoundError:
        return no_sound(intent.slots.get("sound"), ctx.schedule.sounds)


def _set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    now, slots = ctx.clock.now(), intent.slots
    wanted = when(slots, now, waking=True)
    if wanted is None:
        return failed("alarm.what_time")
    lights: tuple[str, ...] = ()
    sound = sound_asked(slots, schedule.sounds)
    if "with_device" in slots and not sound:
        named = replace(intent, slots={"name": slots["with_device"]}, device_ids=())
        found = find(named, ctx, ("light",))
        if not found.devices:
            return no_light_or_sound(slots["with_device"], schedule.sounds)
        lights = tuple(device.id for device in found.devices)
    rule, name = _as_time(wanted, now), str(slots.get("name", ""))
    growing = [ctx.home.devices[light].name_in(ctx.language) for light in lights]
    told: dict[str, object] = {
        **_told_rule(rule), "date": wanted.date, "name": name, "now": now,
        "day_word": slots.get("days", ""), "lights": growing, "sound": sound,
    }  # fmt: skip
    if ctx.proposing:
        return Outcome("alarm.would_set", told)
    alarm = schedule.set_alarm(
        rule.time, date=_date_of(wanted, now), days=rule.days, name=name, area=ctx.area,
        every=rule.every, month_day=rule.month_day, lights=lights,
        sound=sound,
    )  # fmt: skip
    return Outcome("alarm.set", {**told, "next": alarm.next_ring})


def _as_time(wanted: When, now: dt.datetime) -> Rule:
    """An alarm is for a time of day: one in eight hours is for the time that it will be then."""
    if wanted.seconds:
        at = now + dt.timedelta(seconds=wanted.seconds)
        return Rule(at.time().replace(tzinfo=None, microsecond=0))
    if wanted.rule.sun:
        raise WhenError("time.no_such_time")
    return wanted.rule


def _date_of(wanted: When, now: dt.datetime) -> dt.date | None:
    if wanted.seconds:
        return (now + dt.timedelta(seconds=wanted.seconds)).date()
    return wanted.date


def _of_those_set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    alarms, slots, now = schedule.alarms(), intent.slots, ctx.clock.now()
    listing = intent.name == "AssistantListAlarms"
    if not alarms:
        return Outcome("alarm.none", failed=not listing)
    if listing:
        fitting = _on_their_day(alarms, slots, now)
        if slots.get("order") == "first":
            fitting = ([alarm for alarm in fitting if alarm.enabled] or fitting)[:1]
        key = "alarm.list" if fitting else "alarm.none_then"
        return Outcome(key, {"alarms": _told(fitting), "now": now})
    prefix = "from_" if intent.name == "AssistantChangeAlarm" else ""
    fitting = _described(alarms, slots, now, prefix)
    if intent.name == "AssistantSkipAlarm":
        fitting = fitting[:1]
    if intent.name == "AssistantEnableAlarm":
        fitting = [a for a in fitting if not a.enabled] or fitting
    if not fitting:
        return failed("alarm.no_such", alarms=_told(alarms), now=now)
    described = {f"{prefix}hour", "which", "name", "all", "days", "order"} & slots.keys() or (
        not prefix and {"day", "month_day"} & slots.keys()
    )
    one = intent.name == "AssistantChangeAlarm"
    if len(fitting) > 1 and (one or not described):
        return which("alarm.which", "name", map(_option, fitting), alarms=_told(fitting), now=now)
    if one:
        return _change(intent, ctx, schedule, fitting[0])
    if intent.name == "AssistantAlarmSound":
        return _sound(intent, ctx, schedule, fitting)
    return _act(intent, ctx, schedule, fitting)


def _act(intent: Intent, ctx: SkillContext, schedule: Schedule, fitting: list[Alarm]) -> Outcome:
    told: dict[str, object] = {
        "alarms": _told(fitting), "count": len(fitting), "now": ctx.clock.now(),
    }  # fmt: skip
    of_a_day = {"day", "month_day"} & intent.slots.keys() and len(fitting) == 1
    if intent.name == "AssistantSkipAlarm" or (intent.name == "AssistantCancelAlarm" and of_a_day):
        [alarm] = fitting
        if alarm.repeats:
            if ctx.proposing:
                return Outcome("alarm.skipped", {**told, "next": alarm.next_ring})
            return Outcome(
                "alarm.skipped", {**told, "next": schedule.skip_alarm(alarm.id).next_ring}
            )
    if intent.name in ("AssistantEnableAlarm", "AssistantDisableAlarm"):
        enable = intent.name == "AssistantEnableAlarm"
        with schedule.all_or_nothing():
            for alarm in () if ctx.proposing else fitting:
                schedule.enable_alarm(alarm.id, enable)
        told["alarms"] = _told(replace(alarm, enabled=True) for alarm in fitting)
        return Outcome("alarm.enabled" if enable else "alarm.disabled", told)
    repeated = [alarm.id for alarm in fitting if alarm.repeats]
    if (
        "switched_off" in intent.slots and repeated
    ):  # switched off it is still there to be switched on
        with schedule.all_or_nothing():
            for key in () if ctx.proposing else repeated:
                schedule.enable_alarm(key, False)
            if not ctx.proposing:
                schedule.cancel_alarm(*(a.id for a in fitting if not a.repeats))
        return Outcome("alarm.disabled", told)
    if not ctx.proposing:
        schedule.cancel_alarm(*(alarm.id for alarm in fitting))
    return Outcome("alarm.cancelled", told)


def _change(intent: Intent, ctx: SkillContext, schedule: Schedule, alarm: Alarm) -> Outcome:
    now, slots = ctx.clock.now(), dict(intent.slots)
    if alarm.snoozed:
        return failed("alarm.no_such", alarms=_told([alarm]), now=now)
    if "later_s" in slots:
        slots |= _shifted(alarm, float(str(slots["later_s"])))
    elif "hour" not in slots:
        slots |= {"hour": alarm.time.hour, "minute": alarm.time.minute}
        if not {"day", "days", "month_day"} & slots.keys():
            return failed("alarm.what_time")
    if slots.get("clock") == 12:
        # "Move it to seven" of an alarm at six in the morning: the half of the day it has
        slots["hour"] = int(str(slots["hour"])) % 12 + (12 if alarm.time.hour >= 12 else 0)
        del slots["clock"]
    wanted = when(slots, now, waking=True)
    if wanted is None:
        return failed("alarm.what_time")
    rule = wanted.rule
    days = rule.days if rule.days else None
    date = wanted.date
    if date is None and not rule.repeats and not alarm.repeats:
        # Moved by some minutes it stays on its day, if that is still to come.
        same = alarm.next_ring.date()
        date = (
            same if dt.datetime.combine(same, wanted.rule.time) > now.replace(tzinfo=None) else None
        )
    told: dict[str, object] = {
        "date": date, "now": now, "name": alarm.name, "day_word": slots.get("days", ""),
        "lights": [], "sound": alarm.sound,
    }  # fmt: skip
    if ctx.proposing:
        return Outcome("alarm.would_set", {**told, **_told_rule(rule)})
    if alarm.repeats and "later_s" in slots and "day" in slots:
        return _once(rule.time, schedule, alarm, told)
    changed = schedule.change_alarm(
        alarm.id, rule.time, date=date, days=days, every=rule.every, month_day=rule.month_day
    )
    now_rule = Rule(changed.time, changed.days, changed.every, changed.month_day)
    return Outcome("alarm.set", {**told, **_told_rule(now_rule), "next": changed.next_ring})


def _once(time: dt.time, schedule: Schedule, alarm: Alarm, told: dict[str, object]) -> Outcome:
    """One ring of an alarm that repeats, at another time of its day."""
    with schedule.all_or_nothing():
        changed = schedule.set_alarm(
            time, date=alarm.next_ring.date(), name=alarm.name, area=alarm.area,
            lights=alarm.lights, sound=alarm.sound,
        )  # fmt: skip
        schedule.skip_alarm(alarm.id)
    return Outcome("alarm.set", {**told, **_told_rule(Rule(time)), "next": changed.next_ring})


def _sound(intent: Intent, ctx: SkillContext, schedule: Schedule, alarms: list[Alarm]) -> Outcome:
    sound = sound_asked(intent.slots, schedule.sounds)
    if not sound:
        return no_sound(intent.slots.get("sound"), schedule.sounds)
    if not ctx.proposing:
        schedule.set_sound(sound, *(alarm.id for alarm in alarms))
    told = _told(replace(alarm, sound="") for alarm in alarms)
    slots: dict[str, object] = {"alarms": told, "count": len(alarms), "sound": sound}
    return Outcome("alarm.sound", {**slots, "now": ctx.clock.now()})


def _shifted(alarm: Alarm, later_s: float) -> dict[str, SlotValue]:
    """The time of day `later_s` seconds after the alarm's own, or before it; never another day."""
    at = dt.datetime.combine(dt.date.min.replace(year=2000), alarm.time)
    moved = at + dt.timedelta(seconds=later_s)
    if moved.date() != at.date():
        raise WhenError("time.no_such_time")
    return {"hour": moved.hour, "minute": moved.minute}


def _described(alarms: Iterable[Alarm], slots: Slots, now: dt.datetime, prefix: str) -> list[Alarm]:
    fitting = list(alarms)
    if keys := chosen(slots):
        return [alarm for alarm in fitting if alarm.id in keys]
    if f"{prefix}hour" in slots:
        hour = int(str(slots[f"{prefix}hour"]))
        minute = int(str(slots.get(f"{prefix}minute", 0)))
        open_half = slots.get(f"{prefix}clock") == 12
        hours = {hour, (hour + 12) % 24} if open_half else {hour}
        fitting = [a for a in fitting if a.time.hour in hours and a.time.minute == minute]
    if "name" in slots:
        name = str(slots["name"]).casefold()
        fitting = [a for a in fitting if a.name.casefold() == name]
    if slots.get("order") == "first":
        fitting = ([alarm for alarm in fitting if alarm.enabled] or fitting)[:1]
    if prefix:
        return _on_their_day(fitting, slots, now) if "later_s" in slots else fitting
    if days := days_of(slots):
        fitting = [a for a in fitting if a.days == days] or [a for a in fitting if a.days & days]
    return _on_their_day(fitting, slots, now)


def _on_their_day(alarms: Iterable[Alarm], slots: Slots, now: dt.datetime) -> list[Alarm]:
    """The alarms that ring next on the day in `slots`; all where none was named."""
    dated = [(alarm, date_of(slots, alarm.time, now)) for alarm in alarms]
    return [alarm for alarm, date in dated if date is None or alarm.next_ring.date() == date]


def _told_rule(rule: Rule) -> dict[str, object]:
    return {
        "time": rule.time, "days": sorted(rule.days), "every": rule.every,
        "month_day": rule.month_day,
    }  # fmt: skip


def _option(alarm: Alarm) -> Option:
    return Option(alarm.id, alarm.name, minute=alarm.time.hour * 60 + alarm.time.minute)


def _told(alarms: Iterable[Alarm]) -> list[dict[str, object]]:
    return [
        {
            "time": a.time, "days": sorted(a.days), "name": a.name, "next": a.next_ring,
            "every": a.every, "month_day": a.month_day, "enabled": a.enabled,
            "snoozed": a.snoozed, "sound": a.sound,
        }
        for a in alarms
    ]  # fmt: skip
