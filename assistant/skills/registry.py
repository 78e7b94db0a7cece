"""Skills: which one handles which intent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from assistant.skills import (
    alarms,
    announcements,
    chance,
    choices,
    climate,
    clock,
    covers,
    dates,
    delays,
    fans,
    itself,
    lights,
    lists,
    media,
    own,
    power,
    queries,
    reminders,
    routines,
    security,
    small_talk,
    sums,
    timers,
    undo,
    vacuum,
    values,
)
from assistant.skills.context import SkillContext
from assistant.types import Intent, Missing, Outcome
from assistant.understanding.turns.needs import lacks

Skill = Callable[[Intent, SkillContext], Awaitable[Outcome]]

_SKILLS: dict[str, Skill] = {
    name: module.handle
    for module in (
        power, lights, covers, climate, fans, media, vacuum, choices, security, values, queries,
        clock, dates, timers, alarms, reminders, delays, routines, lists, undo, itself,
        announcements, small_talk, chance, sums,
    )
    for name in module.HANDLES
}  # fmt: skip


def skill_for(intent_name: str) -> Skill | None:
    """The skill that handles intents called `intent_name`, if there is one."""
    return _SKILLS.get(intent_name)


def handled_intents() -> frozenset[str]:
    """Names of all intents that some skill handles."""
    return frozenset(_SKILLS)


async def handle_intent(intent: Intent, ctx: SkillContext) -> Outcome:
    """Carry `intent` out, or say that it cannot be done. Raises what the skill raises."""
    skill = skill_for(intent.name)
    if skill is None and intent.name in ctx.own:
        return await own.handle(ctx.own[intent.name], intent, ctx)
    if (asked := lacks(intent)) is not None:
        return Outcome(f"ask.{asked}", dict(intent.slots), missing=Missing(asked))
    if skill is None:
        return Outcome("problems.not_able", {"intent": intent.name}, failed=True)
    return await skill(intent, replace(ctx, handle=handle_intent))
