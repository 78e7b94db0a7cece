"""Skill: commands for later, again and again, or "for two hours"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.home.members import expanded
from assistant.schedule.commands import Command
from assistant.schedule.entries import Later
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.skills.when import WhenError, checked_length, has_length, seconds_of, when
from assistant.types import Action, ActionResult, Intent, Outcome, SlotValue, Status

HANDLES = ("AssistantDelay", "AssistantCancelDelay", "AssistantListDelays")

OPPOSITE = "opposite"
"""The response of an `AssistantDelay` that ends what its command has begun."""

_OPPOSITES = {"HassTurnOn": "HassTurnOff", "HassTurnOff": "HassTurnOn"}


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
    try:
        return await _set(intent, ctx)
    except WhenError as error:
        return failed(error.reply, **error.slots)


async def _set(intent: Intent, ctx: SkillContext) -> Outcome:
    schedule = ctx.schedule
    if schedule is None:
        return failed("timer.none_possible")
    now, text = ctx.clock.now(), str(intent.slots.get("command", ""))
    wanted = when(intent.slots, now)
    if wanted is None:
        return failed("delay.when", command=text)
    intents = await ctx.understand(text)
    ends = intent.response == OPPOSITE
    if ends:
        intents = tuple(opposite(i) or i for i in intents)
    command, problem = await plan(intents, ctx, undoes=ends)
    if command is None:
        return problem or failed("delay.not_understood", command=text)
    told: dict[str, object] = {
        "command": text, "now": now, "seconds": wanted.seconds, "ends": ends,
        "sun": wanted.rule.sun, "days": sorted(wanted.rule.days), "every": wanted.rule.every,
        "month_day": wanted.rule.month_day,
    }  # fmt: skip
    if ctx.proposing:
        return Outcome("delay.would_set", told)
    if wanted.seconds:
        later = schedule.do_in(wanted.seconds, command, text, ctx.area)
    else:
        later = schedule.do_at(wanted.rule, command, text, date=wanted.date, area=ctx.area)
    return Outcome("delay.ends" if ends else "delay.set", {**told, "due": later.due})


def spelled_out(intent: Intent, now: Sequence[Intent]) -> tuple[Intent, ...] | None:
    """What "for two hours" comes to: the command itself, and the opposite after that.

    `now` is what the command was understood to be. None where it is not for a length of time, or
    has no opposite.
    """
    if intent.name != "AssistantDelay" or not has_length(intent.slots, "for_"):
        return None
    if not now or any(opposite(i) is None for i in now):
        return None
    try:
        seconds = checked_length(seconds_of(intent.slots, "for_"))
    except WhenError:
        return None
    slots: dict[str, SlotValue] = {
        "command": str(intent.slots.get("command", "")),
        "seconds": seconds,
    }
    return (*now, replace(intent, slots=slots, response=OPPOSITE))


def opposite(intent: Intent) -> Intent | None:
    """What ends that which `intent` begins; None where that is not known."""
    name = _OPPOSITES.get(intent.name)
    return None if name is None else replace(intent, name=name)


async def plan(
    intents: Sequence[Intent], ctx: SkillContext, *, undoes: bool = False
) -> tuple[Command | None, Outcome | None]:
    """The command that `intents` are, if all are commands to devices that are there.

    Else the outcome that says why not; neither where they are no commands.
    """
    from assistant.skills.registry import handle_intent

    actions: list[Action] = []

    async def hope(some: Sequence[Action]) -> tuple[ActionResult, ...]:
        some = expanded(some, ctx.home)
        actions.extend(some)
        return tuple(ActionResult(action, Status.DRY_RUN) for action in some)

    planning = replace(ctx, perform=hope, proposing=True)
    for intent in intents:
        if intent.name in HANDLES:
            return None, None
        before = len(actions)
        outcome = await handle_intent(intent, planning)
        if outcome.failed:
            return None, outcome
        if len(actions) == before:
            return None, None
    if not actions:
        return None, None
    return Command.of(intents, actions, language=ctx.language, undoes=undoes), None


async def _cancel(intent: Intent, ctx: SkillContext) -> Outcome:
    schedule = ctx.schedule
    laters = schedule.commands() if schedule is not None else ()
    if schedule is None or not laters:
        return failed("delay.none")
    fitting = list(laters)
    if text := str(intent.slots.get("command", "")):
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
    if len(fitting) > 1 and not {"command", "all"} & intent.slots.keys():
        return failed("delay.which", **told)
    if not ctx.proposing:
        schedule.cancel_command(*(later.id for later in fitting))
    return Outcome("delay.cancelled", {**told, "count": len(fitting)})


def _told(laters: Sequence[Later]) -> list[dict[str, object]]:
    return [
        {
            "command": ", ".join(i.text for i in later.command.intents if i.text),
            "due": later.due, "days": sorted(later.rule.days) if later.rule else [],
            "every": later.rule.every if later.rule else "",
            "month_day": later.rule.month_day if later.rule else 0,
            "sun": later.rule.sun if later.rule else "",
        }
        for later in laters
    ]  # fmt: skip
