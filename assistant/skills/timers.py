"""Skill: timers."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.schedule.schedule import Schedule, Timer
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome, SlotValue

HANDLES = (
    "HassStartTimer", "HassCancelTimer", "HassCancelAllTimers", "HassIncreaseTimer",
    "HassDecreaseTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus",
)  # fmt: skip

_FOR_ALL = ("HassTimerStatus", "HassCancelAllTimers")
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Start, change, cancel or tell of timers. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    if intent.name == "HassStartTimer":
        return _start(intent, ctx, ctx.schedule)
    timers = ctx.schedule.timers()
    if not timers:
        return failed("timer.none")
    fitting = _fitting(timers, intent.slots, ctx)
    nameless = [timer for timer in fitting if not timer.name]
    if len(fitting) > 1 and len(nameless) == 1 and intent.name not in _FOR_ALL:
        fitting = nameless
    if not fitting:
        return failed("timer.no_such", name=intent.slots.get("name", ""), timers=_told(timers))
    if intent.name == "HassTimerStatus":
        return Outcome("timer.status", {"timers": _told(fitting)})
    if intent.name == "HassCancelAllTimers":
        if not ctx.proposing:
            for timer in fitting:
                ctx.schedule.cancel_timer(timer.id)
        return Outcome("timer.all_cancelled", {"count": len(fitting)})
    if len(fitting) > 1:
        return failed("timer.which", timers=_told(fitting))
    return _change(intent, ctx, ctx.schedule, fitting[0])


def seconds_of(slots: Mapping[str, SlotValue], prefix: str = "") -> float:
    """The length that the slots hours, minutes and seconds add up to."""
    return sum(float(str(slots.get(f"{prefix}{unit}", 0))) * n for unit, n in _SECONDS.items())


def _start(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    seconds = seconds_of(intent.slots)
    name = str(intent.slots.get("name", "")).strip()
    slots: dict[str, object] = {"seconds": seconds, "name": name}
    if ctx.proposing:
        return Outcome("timer.would_start", slots)
    schedule.start_timer(seconds, name, ctx.area)
    return Outcome("timer.started", slots)


def _change(intent: Intent, ctx: SkillContext, schedule: Schedule, timer: Timer) -> Outcome:
    slots: dict[str, object] = {"name": timer.name, "remaining": timer.remaining_s}
    amount = seconds_of(intent.slots)
    if intent.name in ("HassIncreaseTimer", "HassDecreaseTimer"):
        slots["seconds"] = amount
        signed = amount if intent.name == "HassIncreaseTimer" else -amount
        if not ctx.proposing:
            slots["remaining"] = schedule.add_to_timer(timer.id, signed).remaining_s
        return Outcome(f"timer.{'added' if signed > 0 else 'taken'}", slots)
    change, reply = {
        "HassCancelTimer": (schedule.cancel_timer, "timer.cancelled"),
        "HassPauseTimer": (schedule.pause_timer, "timer.paused"),
        "HassUnpauseTimer": (schedule.resume_timer, "timer.resumed"),
    }[intent.name]
    if not ctx.proposing:
        change(timer.id)
    return Outcome(reply, slots)


def _fitting(
    timers: tuple[Timer, ...], slots: Mapping[str, SlotValue], ctx: SkillContext
) -> list[Timer]:
    """The timers that the slots describe; all without a description."""
    fitting = list(timers)
    name = str(slots.get("name", "")).casefold().strip()
    if name:
        fitting = [t for t in fitting if t.name.casefold() == name] or [
            t for t in fitting if name in t.name.casefold()
        ]
    start = seconds_of(slots, "start_")
    if start:
        fitting = [t for t in fitting if abs(t.duration_s - start) < 1]
    if "area" in slots:
        area = ctx.home.area_named(str(slots["area"]))
        spoken = str(slots["area"]).casefold()
        by_name = [t for t in timers if t.name.casefold() == spoken]
        fitting = by_name or [t for t in fitting if area is not None and t.area == area.id]
    return fitting


def _told(timers: tuple[Timer, ...] | list[Timer]) -> list[dict[str, object]]:
    return [
        {"name": t.name, "seconds": t.remaining_s, "paused": t.paused, "duration": t.duration_s}
        for t in timers
    ]
