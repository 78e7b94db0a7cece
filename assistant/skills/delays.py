"""Skill: commands for later, again and again, or "for two hours"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from assistant.schedule.commands import Command
from assistant.schedule.entries import Later
from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.expanding import ENDS
from assistant.skills.planning import plan
from assistant.skills.targets import chosen, failed, which
from assistant.skills.way_back import taken_over, way_back
from assistant.skills.when import Slots, When, WhenError, has_length, when
from assistant.types import Intent, Option, Outcome

HANDLES = ("AssistantDelay", "AssistantCancelDelay", "AssistantListDelays")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Keep a command for later, or tell of those kept. Raises `ScheduleError`, `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    if intent.name == "AssistantListDelays":
        laters = ctx.schedule.commands()
        key = "delay.list" if laters else "delay.none"
        return Outcome(key, {"commands": _told(laters), "now": ctx.clock.now()})
    if intent.name == "AssistantCancelDelay":
        return await _cancel(intent, ctx)
    if intent.response == ENDS:
        return _end(intent, ctx, ctx.schedule)
    try:
        return await _set(intent, ctx, ctx.schedule)
    except WhenError as error:
        return failed(error.reply, **error.slots)


async def _set(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    now, text = ctx.clock.now(), str(intent.slots.get("command", ""))
    wanted = when(intent.slots, now)
    lasting = has_length(intent.slots, "for_")
    if wanted is None:
        return failed("delay.no_way_back" if lasting else "delay.when", command=text)
    intents = await ctx.understand(text)
    command, problem = await plan(intents, ctx)
    if command is None:
        return problem or failed("delay.not_understood", command=text)
    if lasting:  # what is to be for two hours is taken apart when it begins
        slots = {k: v for k, v in intent.slots.items() if k == "command" or k.startswith("for_")}
        whole = (replace(intent, slots=slots, text=text),)
        command = Command.of(whole, command.planned(), language=ctx.language)
    told: dict[str, object] = {
        "command": text, "now": now, "seconds": wanted.seconds, "sun": wanted.rule.sun,
        "days": sorted(wanted.rule.days), "every": wanted.rule.every,
        "month_day": wanted.rule.month_day, "asks": ctx.asks(command.planned()),
    }  # fmt: skip
    if ctx.proposing:
        return Outcome("delay.would_set", told)
    if later := _moved(intent.slots, text, wanted, schedule):
        return Outcome("delay.set", {**told, "due": later.due})
    if wanted.seconds:
        later = schedule.do_in(wanted.seconds, command, text, ctx.area)
    else:
        later = schedule.do_at(wanted.rule, command, text, date=wanted.date, area=ctx.area)
    return Outcome("delay.set", {**told, "due": later.due})


def _moved(slots: Slots, text: str, wanted: When, schedule: Schedule) -> Later | None:
    """The same command at another time, where it was kept just now and is corrected."""
    same = [later for later in schedule.commands() if later.text == text]
    if "instead" not in slots or len(same) != 1:
        return None
    key = same[0].id
    if schedule.move(key, wanted.rule, seconds=wanted.seconds, date=wanted.date):
        return next((later for later in schedule.commands() if later.id == key), None)
    schedule.cancel_command(key)
    return None


def _end(intent: Intent, ctx: SkillContext, schedule: Schedule) -> Outcome:
    """Have what was just changed put back after a while."""
    seconds, text = float(str(intent.slots["seconds"])), str(intent.slots.get("command", ""))
    told: dict[str, object] = {"command": text, "seconds": seconds}
    if ctx.proposing and not ctx.changes:
        return Outcome("delay.would_end", told)
    way = way_back(ctx.changes, ctx.home)
    if not way.actions:
        return failed("delay.no_way_back", **told)
    due = ctx.clock.now() + dt.timedelta(seconds=seconds)
    devices = {action.device for action in way.actions}
    sooner = [
        later
        for later in schedule.commands()
        if later.command.undoes and later.due <= due and later.rule is None
        and {action.device for action in later.command.planned()} <= devices
    ]  # fmt: skip
    way = taken_over(way, sooner, ctx.home)
    command = Command.back(way.actions, way.of, language=ctx.language)
    schedule.do_in(seconds, command, text, ctx.area)
    schedule.cancel_command(*(later.id for later in sooner))
    return Outcome("delay.ends", {**told, "asks": ctx.asks(way.actions)})


async def _cancel(intent: Intent, ctx: SkillContext) -> Outcome:
    schedule = ctx.schedule
    laters = schedule.commands() if schedule is not None else ()
    if schedule is None or not laters:
        return failed("delay.none")
    fitting = list(laters)
    if keys := chosen(intent.slots):
        fitting = [later for later in laters if later.id in keys]
    elif text := str(intent.slots.get("command", "")):
        command, _ = await plan(await ctx.understand(text), ctx)
        wanted = {(a.service, a.device) for a in command.planned()} if command else set()
        fitting = [
            later
            for later in laters
            if wanted and wanted <= {(a.service, a.device) for a in later.command.planned()}
        ]
    told: dict[str, object] = {"commands": _told(fitting or laters), "now": ctx.clock.now()}
    if not fitting:
        return failed("delay.no_such", **told)
    if len(fitting) > 1 and not {"which", "command", "all"} & intent.slots.keys():
        return which("delay.which", "command", map(_option, fitting), **told)
    if not ctx.proposing:
        schedule.cancel_command(*(later.id for later in fitting))
    return Outcome("delay.cancelled", {**told, "count": len(fitting)})


def _option(later: Later) -> Option:
    return Option(later.id, later.text, minute=later.due.hour * 60 + later.due.minute)


def _told(laters: Sequence[Later]) -> list[dict[str, object]]:
    return [
        {
            "command": later.text, "ends": later.command.undoes,
            "due": later.due, "days": sorted(later.rule.days) if later.rule else [],
            "every": later.rule.every if later.rule else "",
            "month_day": later.rule.month_day if later.rule else 0,
            "sun": later.rule.sun if later.rule else "",
        }
        for later in laters
    ]  # fmt: skip
