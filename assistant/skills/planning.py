"""Skills: what commands would come to, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.home.members import expanded as with_members
from assistant.schedule.commands import Command
from assistant.skills.context import SkillContext
from assistant.skills.expanding import ENDS, expanded
from assistant.types import Action, ActionResult, Intent, Outcome, Status

_LATER = frozenset({"AssistantDelay", "AssistantCancelDelay", "AssistantListDelays"})


async def plan(
    intents: Sequence[Intent], ctx: SkillContext
) -> tuple[Command | None, Outcome | None]:
    """The command that `intents` are, if all are announcements or commands to devices there are.

    Else the outcome that says why not; neither where they are no commands. A routine is kept by
    its name: what it stands for may change.
    """
    actions: list[Action] = []

    async def hope(some: Sequence[Action]) -> tuple[ActionResult, ...]:
        some = with_members(some, ctx.home)
        actions.extend(some)
        return tuple(ActionResult(action, Status.DRY_RUN) for action in some)

    told = False
    planning = replace(ctx, perform=hope, proposing=True)
    parts = intents
    if ctx.schedule is not None:
        parts = await expanded(intents, ctx.schedule.routines, ctx.understand)
    for intent in parts:
        if intent.name in _LATER:
            if intent.response == ENDS:
                continue
            return None, None
        before = len(actions)
        outcome = await ctx.handle(intent, planning)
        if outcome.failed:
            return None, outcome
        if len(actions) == before and not outcome.announcement:
            return None, None
        told = told or bool(outcome.announcement)
    if not (actions or told):
        return None, None
    return Command.of(intents, actions, language=ctx.language), None
