"""Skill: timers, and putting off what rings."""

from __future__ import annotations

import datetime as dt

from assistant.schedule.entries import SNOOZE_S, SoundError
from assistant.schedule.recurrence import moment
from assistant.schedule.schedule import Schedule, Timer
from assistant.skills.context import SkillContext
from assistant.skills.ringtones import no_sound, sound_asked
from assistant.skills.targets import chosen, failed, which
from assistant.skills.when import (
    Slots,
    WhenError,
    checked_length,
    clock_time,
    date_of,
    has_length,
    seconds_of,
)
from assistant.types import Intent, Option, Outcome

HANDLES = (
    "HassStartTimer", "HassCancelTimer", "HassCancelAllTimers", "HassIncreaseTimer",
    "HassDecreaseTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus",
    "AssistantTimerLength", "AssistantRestartTimer", "AssistantChangeTimer", "AssistantSnooze",
    "AssistantTimerSound",
)  # fmt: skip

_FOR_ALL = ("HassTimerStatus", "HassCancelAllTimers", "AssistantTimerLength")
_RINGING_TOO = (
    "AssistantTimerLength", "AssistantRestartTimer", "HassCancelTimer", "HassIncreaseTimer",
    "AssistantChangeTimer",
)  # fmt: skip
"""What may be about a timer that rings: "stop the pizza timer", "two more minutes"."""

_OF_THE_LAST = ("AssistantTimerLength", "AssistantRestartTimer")
"""What may be about a timer that is over."""

_HELD = {"HassPauseTimer": False, "HassUnpauseTimer": True}
"""What is about timers that are held, and what about those that are not, if there are any."""

_SEVERAL = {
    "HassPauseTimer": "timer.all_paused", "HassUnpauseTimer": "timer.all_resumed",
    "HassIncreaseTimer": "timer.all_added", "HassDecreaseTimer": "timer.all_taken",
    "AssistantChangeTimer": "timer.all_changed",
}  # fmt: skip


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Start, change, cancel or tell of timers. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    try:
        if intent.name == "HassStartTimer":
            return _start(intent, ctx, ctx.schedule)
        if intent.name == "AssistantSnooze":
            return _snooze(intent, ctx, ctx.schedule)
        return _one_of_them(intent, ctx, ctx.schedule)
    except WhenError as error:
        return failed(error.reply, **error.slots)
    except SoundError:
        return no_sound(intent.slots.get("sound"), ctx.schedule.sounds)


def _start(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    slots = intent.slots
    if has_length(slots):
        seconds = checked_length(seconds_of(slots))
    elif "hour" in slots:
        seconds = checked_length(_until(slots, ctx.clock.now()))
    else:
        return failed("timer.how_long")
    name = str(slots.get("name", "")).strip()
    sound = sound_asked(slots, schedule.sounds)
    told: dict[str, object] = {"seconds": seconds, "name": name, "sound": sound}
    if ctx.proposing:
        return Outcome("timer.would_start", told)
    schedule.start_timer(seconds, name, ctx.area, sound=sound)
    return Outcome("timer.started", told)


def _until(slots: Slots, now: dt.datetime) -> float:
    """Seconds until a time of day."""
    time = clock_time(slots, now, soonest="day" not in slots)
    date = date_of(slots, time, now) or now.date()
    at = moment(date, time, now.tzinfo)
    if at.timestamp() <= now.timestamp() and "day" not in slots:
        at = moment(date + dt.timedelta(days=1), time, now.tzinfo)
    left = at.timestamp() - now.timestamp()
    if left <= 0:
        raise WhenError("time.past", time=time, date=date, now=now)
    return left


def _snooze(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    seconds = checked_length(seconds_of(intent.slots)) if has_length(intent.slots) else SNOOZE_S
    if not schedule.sounding() or not (ctx.proposing or schedule.snooze(seconds)):
        return failed("ringing.nothing")
    return Outcome("ringing.snoozed", {"seconds": seconds})


def _one_of_them(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    timers = schedule.timers()
    if intent.name in (*_RINGING_TOO, "HassCancelAllTimers"):
        timers = (*schedule.ringing_timers(), *timers)
    fitting = _meant(intent, timers, ctx, schedule)
    if not fitting:
        if not timers and schedule.last_timer is None:
            return failed("timer.none")
        if not timers and intent.name not in _OF_THE_LAST:
            return failed("timer.none")
        name = intent.slots.get("name", "")
        return failed("timer.no_such", name=name, timers=_told(timers))
    if intent.name in ("HassTimerStatus", "AssistantTimerLength"):
        key = "timer.status" if intent.name == "HassTimerStatus" else "timer.length"
        return Outcome(key, {"timers": _told(fitting)})
    several = len(chosen(intent.slots)) > 1 or "all" in intent.slots
    if len(fitting) > 1 and not several and intent.name != "HassCancelAllTimers":
        return which("timer.which", "name", map(_option, fitting), timers=_told(fitting))
    if intent.name == "AssistantRestartTimer":
        return [_restart(ctx, schedule, timer) for timer in fitting][-1]
    if intent.name == "AssistantTimerSound":
        return _sound(intent, ctx, schedule, fitting)
    if intent.name == "HassCancelAllTimers" or (intent.name == "HassCancelTimer" and several):
        if not ctx.proposing:
            schedule.cancel_timer(*(timer.id for timer in fitting))
        return Outcome("timer.all_cancelled", {"count": len(fitting)})
    with schedule.all_or_nothing():
        outcomes = [_change(intent, ctx, schedule, timer) for timer in fitting]
    if len(fitting) == 1:
        return outcomes[0]
    return Outcome(_SEVERAL[intent.name], {**outcomes[0].slots, "count": len(fitting)})


def _meant(
    intent: Intent, timers: tuple[Timer, ...], ctx: SkillContext, schedule: Schedule
) -> list[Timer]:
    """The timers that `intent` is about; several where it does not say which."""
    slots, last = intent.slots, schedule.last_timer
    rings = {timer.id for timer in schedule.ringing_timers()}
    fitting = _fitting(timers, slots, ctx)
    if intent.name in _RINGING_TOO:
        fitting = [timer for timer in fitting if timer.id in rings] or fitting
    if intent.name in _OF_THE_LAST and last is not None:
        gone = _fitting((last,), slots, ctx) if last.id not in {t.id for t in timers} else []
        over = intent.name == "AssistantRestartTimer" and not rings & {t.id for t in fitting}
        fitting = gone or fitting if over else fitting or gone
    if intent.name in _HELD:
        fitting = [t for t in fitting if t.paused == _HELD[intent.name]] or fitting
    if order := slots.get("order"):
        running = [timer for timer in fitting if not timer.paused] or fitting
        fitting = running[:1] if order == "first" else running[-1:]
    nameless = [timer for timer in fitting if not timer.name]
    if len(fitting) > 1 and len(nameless) == 1 and intent.name not in _FOR_ALL:
        return fitting if "all" in slots or chosen(slots) else nameless
    return fitting


def _sound(intent: Intent, ctx: SkillContext, schedule: Schedule, timers: list[Timer]) -> Outcome:
    sound = sound_asked(intent.slots, schedule.sounds)
    if not sound:
        return no_sound(intent.slots.get("sound"), schedule.sounds)
    if not ctx.proposing:
        schedule.set_sound(sound, *(timer.id for timer in timers))
    told: dict[str, object] = {"name": timers[0].name, "count": len(timers), "sound": sound}
    return Outcome("timer.sound", told)


def _restart(ctx: SkillContext, schedule: Schedule, timer: Timer) -> Outcome:
    told: dict[str, object] = {"seconds": timer.set_s, "name": timer.name}
    if ctx.proposing:
        return Outcome("timer.would_start", told)
    there = {t.id for t in (*schedule.timers(), *schedule.ringing_timers())}
    if timer.id in there:
        schedule.restart_timer(timer.id)
    else:
        schedule.start_timer(timer.set_s, timer.name, timer.area, sound=timer.sound)
    return Outcome("timer.started", told)


def _change(intent: Intent, ctx: SkillContext, schedule: Schedule, timer: Timer) -> Outcome:
    slots: dict[str, object] = {"name": timer.name, "remaining": timer.remaining_s}
    if intent.name in ("HassIncreaseTimer", "HassDecreaseTimer"):
        amount = checked_length(seconds_of(intent.slots))
        slots["seconds"] = amount
        signed = amount if intent.name == "HassIncreaseTimer" else -amount
        if not ctx.proposing:
            slots["remaining"] = schedule.add_to_timer(timer.id, signed).remaining_s
        return Outcome(f"timer.{'added' if signed > 0 else 'taken'}", slots)
    if intent.name == "AssistantChangeTimer":
        seconds = checked_length(seconds_of(intent.slots))
        if not ctx.proposing:
            schedule.change_timer(timer.id, seconds)
        return Outcome("timer.started", {"seconds": seconds, "name": timer.name})
    if intent.name == "HassCancelTimer":
        if not ctx.proposing:
            schedule.cancel_timer(timer.id)
        return Outcome("timer.cancelled", slots)
    change, reply = {
        "HassPauseTimer": (schedule.pause_timer, "timer.paused"),
        "HassUnpauseTimer": (schedule.resume_timer, "timer.resumed"),
    }[intent.name]
    if not ctx.proposing:
        change(timer.id)
    return Outcome(reply, slots)


def _fitting(timers: tuple[Timer, ...], slots: Slots, ctx: SkillContext) -> list[Timer]:
    """The timers that the slots describe; all without a description."""
    fitting = list(timers)
    if keys := chosen(slots):
        return [timer for timer in timers if timer.id in keys]
    name = str(slots.get("name", "")).casefold().strip()
    if name:
        fitting = [t for t in fitting if t.name.casefold() == name] or [
            t for t in fitting if name in t.name.casefold()
        ]
        room = ctx.home.area_named(name)
        if not fitting and room is not None:  # "the kitchen timer" is one set there, too
            fitting = [t for t in timers if t.area == room.id]
    start = seconds_of(slots, "start_")
    if start:
        fitting = [t for t in fitting if abs(t.set_s - start) < 1] or [
            t for t in fitting if abs(t.duration_s - start) < 1
        ]
    if "area" in slots:
        area = ctx.home.area_named(str(slots["area"]))
        spoken = str(slots["area"]).casefold()
        by_name = [t for t in timers if t.name and _is_room(t.name.casefold(), spoken)]
        fitting = by_name or [t for t in fitting if area is not None and t.area == area.id]
    return fitting


def _is_room(name: str, room: str) -> bool:
    """Whether a timer was called so after a room: "Küchen" in "Küchentimer"."""
    return name.startswith(room) and len(name) - len(room) <= 1


def _option(timer: Timer) -> Option:
    lengths = (timer.set_s, timer.remaining_s)
    return Option(timer.id, timer.name, tuple(round(length) for length in lengths))


def _told(timers: tuple[Timer, ...] | list[Timer]) -> list[dict[str, object]]:
    return [
        {
            "name": t.name, "seconds": t.remaining_s, "paused": t.paused,
            "duration": t.duration_s, "set": t.set_s,
        }
        for t in timers
    ]  # fmt: skip
