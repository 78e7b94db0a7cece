"""Skill: taking back what was done last."""

from __future__ import annotations

from assistant.errors import ScheduleError
from assistant.home.commands.restoring import restoring
from assistant.schedule.schedule import Alarm, Schedule, Timer
from assistant.skills.context import Deed, Entries, SkillContext
from assistant.skills.targets import failed
from assistant.types import Action, ActionResult, Intent, Outcome, Status

HANDLES = ("AssistantUndo",)


def entries(schedule: Schedule) -> Entries:
    """The timers and alarms there are."""
    timers: Entries = {timer.id: timer for timer in schedule.timers()}
    return {**timers, **{alarm.id: alarm for alarm in schedule.alarms()}}


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Restore each device, and what was scheduled; say plainly what cannot be taken back."""
    if ctx.deed is None:
        return failed("undo.nothing")
    actions: list[Action] = []
    lost: list[Action] = []
    for change in reversed(ctx.deed.changes):
        device = ctx.home.devices.get(change.action.device)
        back = restoring(device, change, ctx.home.state(device.id)) if device else None
        if back is None:
            lost.append(change.action)
        else:
            actions += [action for action in back if action not in actions]
    rescheduled = _reschedule(ctx, ctx.deed)
    if not actions and not rescheduled:
        names = [_name(action, ctx) for action in lost]
        return failed("undo.impossible", names=names) if lost else Outcome("undo.done")
    results = await ctx.perform(actions) if actions else ()
    refused = tuple(ActionResult(action, Status.REFUSED) for action in lost)
    return Outcome("undo.done", results=(*results, *refused) if actions else ())


def _name(action: Action, ctx: SkillContext) -> str:
    device = ctx.home.devices.get(action.device)
    return device.name_in(ctx.language) if device else action.device


def _reschedule(ctx: SkillContext, deed: Deed) -> bool:
    """Take back what was set, set again what was cancelled; whether there was any of it."""
    before, after, schedule = deed.before, deed.after, ctx.schedule
    if before is None or after is None or schedule is None:
        return False
    if ctx.proposing:
        return before != after
    there = entries(schedule)
    for entry_id in after.keys() - before.keys():
        match there.get(entry_id):
            case Timer():
                schedule.cancel_timer(entry_id)
            case Alarm():
                schedule.cancel_alarm(entry_id)
    for entry_id in before.keys() - after.keys():
        _set_again(schedule, before[entry_id])
    for entry_id in before.keys() & after.keys() & there.keys():
        _change_back(schedule, before[entry_id], after[entry_id])
    return before.keys() != after.keys() or any(_differ(before[i], after[i]) for i in before)


def _set_again(schedule: Schedule, entry: Timer | Alarm) -> None:
    if isinstance(entry, Timer):
        timer = schedule.start_timer(entry.remaining_s, entry.name, entry.area)
        if entry.paused:
            schedule.pause_timer(timer.id)
        return
    date = None if entry.days else entry.next_ring.date()
    schedule.set_alarm(entry.time, date=date, days=entry.days, name=entry.name, area=entry.area)


def _differ(before: Timer | Alarm, after: Timer | Alarm) -> bool:
    if isinstance(before, Timer) and isinstance(after, Timer):
        return (before.paused, before.duration_s) != (after.paused, after.duration_s)
    return before != after


def _change_back(schedule: Schedule, before: Timer | Alarm, after: Timer | Alarm) -> None:
    if isinstance(before, Timer) and isinstance(after, Timer):
        if before.duration_s != after.duration_s:
            schedule.add_to_timer(before.id, before.duration_s - after.duration_s)
        if before.paused != after.paused:
            (schedule.pause_timer if before.paused else schedule.resume_timer)(before.id)
    elif before != after:
        raise ScheduleError("an alarm that was changed cannot be changed back")
