"""Skill: taking back what was done last."""

from __future__ import annotations

from assistant.home.commands.restoring import restoring
from assistant.skills.context import Deed, SkillContext
from assistant.skills.lists import CLEAR
from assistant.skills.targets import failed
from assistant.types import Action, ActionResult, Intent, Outcome, Status

HANDLES = ("AssistantUndo",)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Restore each device, and what was scheduled; say plainly what cannot be taken back."""
    if ctx.deed is None:
        return failed("undo.nothing")
    actions: list[Action] = []
    lost: list[Action] = []
    for change in reversed(ctx.deed.changes):
        if change.action.service == CLEAR:
            continue  # what was on the list is among what was kept
        device = ctx.home.devices.get(change.action.device)
        back = restoring(device, change, ctx.home.state(device.id)) if device else None
        if back is None:
            lost.append(change.action)
        else:
            actions += [action for action in back if action not in actions]
    rescheduled = _put_back(ctx, ctx.deed)
    if not actions and not rescheduled:
        names = [_name(action, ctx) for action in lost]
        return failed("undo.impossible", names=names) if lost else Outcome("undo.done")
    results = await ctx.perform(actions) if actions else ()
    refused = tuple(ActionResult(action, Status.REFUSED) for action in lost)
    return Outcome("undo.done", results=(*results, *refused) if actions else ())


def _name(action: Action, ctx: SkillContext) -> str:
    device = ctx.home.devices.get(action.device)
    return device.name_in(ctx.language) if device else action.device


def _put_back(ctx: SkillContext, deed: Deed) -> bool:
    """Have all that was set, changed or cancelled be as before; whether there was any of it."""
    if ctx.schedule is None or not deed.kept:
        return False
    if not ctx.proposing:
        ctx.schedule.revert(deed.kept)
    return True
