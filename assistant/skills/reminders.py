"""Skill: reminders."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.schedule.entries import Reminder
from assistant.schedule.lists import plain
from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.targets import chosen, failed, which
from assistant.skills.when import Slots, When, WhenError, clock_time, date_of, days_of, when
from assistant.types import Intent, Option, Outcome

HANDLES = ("AssistantSetReminder", "AssistantCancelReminder", "AssistantListReminders")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set, cancel or list reminders. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    try:
        if intent.name == "AssistantSetReminder":
            return _set(intent, ctx, ctx.schedule)
        return _of_those_set(intent, ctx, ctx.schedule)
    except WhenError as error:
        return failed(error.reply, **error.slots)


def _set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    now = ctx.clock.now()
    text = str(intent.slots.get("reminder", "")).strip()
    wanted = when(intent.slots, now)
    if not text:
        return failed("reminder.of_what")
    if wanted is None:
        return failed("reminder.when", text=text)
    if ctx.proposing:
        return Outcome("reminder.would_set", {"text": text})
    if set_ := _moved(intent.slots, text, wanted, schedule):
        told = _told([set_])[0]
        return Outcome("reminder.set", {**told, "seconds": wanted.seconds, "now": now})
    if wanted.seconds:
        set_ = schedule.remind_in(wanted.seconds, text, ctx.area)
    else:
        set_ = schedule.remind_at(wanted.rule, text, date=wanted.date, area=ctx.area)
    told = _told([set_])[0]
    return Outcome("reminder.set", {**told, "seconds": wanted.seconds, "now": now})


def _moved(slots: Slots, text: str, wanted: When, schedule: Schedule) -> Reminder | None:
    """The same reminder at another time, where it was set just now and is corrected."""
    same = [r for r in schedule.reminders() if r.text == text] if "instead" in slots else []
    if len(same) != 1:
        return None
    key = same[0].id
    if schedule.move(key, wanted.rule, seconds=wanted.seconds, date=wanted.date):
        return next((r for r in schedule.reminders() if r.id == key), None)
    schedule.cancel_reminder(key)
    return None


def _of_those_set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    reminders, slots, now = schedule.reminders(), intent.slots, ctx.clock.now()
    listing = intent.name == "AssistantListReminders"
    if not reminders:
        return Outcome("reminder.none", failed=not listing)
    fitting = _fitting(reminders, slots, ctx)
    if listing:
        key = "reminder.list" if fitting else "reminder.none"
        return Outcome(key, {"reminders": _told(fitting), "now": now})
    told: dict[str, object] = {"reminders": _told(fitting or reminders), "now": now}
    if not fitting:
        return failed("reminder.no_such", **told)
    described = {"which", "reminder", "hour", "day", "days", "all", "month_day"} & slots.keys()
    if len(fitting) > 1 and not described:
        return which("reminder.which", "reminder", map(_option, fitting), **told)
    if not ctx.proposing:
        schedule.cancel_reminder(*(reminder.id for reminder in fitting))
    return Outcome("reminder.cancelled", {**told, "count": len(fitting)})


def _fitting(reminders: Iterable[Reminder], slots: Slots, ctx: SkillContext) -> list[Reminder]:
    now, fitting = ctx.clock.now(), list(reminders)
    if keys := chosen(slots):
        return [reminder for reminder in fitting if reminder.id in keys]
    if "reminder" in slots:
        wanted = set(plain(str(slots["reminder"])).split())
        fitting = [r for r in fitting if wanted <= set(plain(r.text).split())] or [
            r for r in fitting if plain(str(slots["reminder"])) in plain(r.text)
        ]
    if "hour" in slots:
        time = clock_time(slots, now, soonest=True)
        hours = {time.hour, (time.hour + 12) % 24} if slots.get("clock") == 12 else {time.hour}
        fitting = [r for r in fitting if r.due.hour in hours and r.due.minute == time.minute]
    if days := days_of(slots):
        fitting = [r for r in fitting if r.rule is not None and r.rule.days & days]
    date = date_of(slots, None, now)
    return [r for r in fitting if date is None or r.due.date() == date]


def _option(reminder: Reminder) -> Option:
    return Option(reminder.id, reminder.text, minute=reminder.due.hour * 60 + reminder.due.minute)


def _told(reminders: Iterable[Reminder]) -> list[dict[str, object]]:
    return [
        {
            "text": r.text, "due": r.due, "days": sorted(r.rule.days) if r.rule else [],
            "every": r.rule.every if r.rule else "",
            "month_day": r.rule.month_day if r.rule else 0,
        }
        for r in reminders
    ]  # fmt: skip
