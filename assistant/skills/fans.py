"""Skill: the speed of fans."""

from __future__ import annotations

from assistant.home.model import Device
from assistant.skills.context import SkillContext
from assistant.skills.targets import find, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("HassFanSetSpeed",)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set the slot `percentage`, or change by the slot `percentage_step`."""
    found = find(intent, ctx, ("fan",), elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, ("fan",))
    actions = [
        Action("fan.set_percentage", d.id, {"percentage": _wanted(intent, d, ctx)})
        for d in found.devices
    ]
    return await perform(intent, ctx, actions)


def _wanted(intent: Intent, device: Device, ctx: SkillContext) -> int:
    if "percentage" in intent.slots:
        return round(float(str(intent.slots["percentage"])))
    state = ctx.home.state(device.id)
    running = state.get("power") != "off"
    now = float(str(state.get("percentage", 50))) if running else 0.0
    return min(100, max(0, round(now + float(str(intent.slots.get("percentage_step", 0))))))
