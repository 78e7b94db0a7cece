"""Skill: the speed of fans, their direction, and whether they swing."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, find, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("HassFanSetSpeed", "AssistantFanOscillate", "AssistantFanDirection")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set the slots `percentage`, `oscillating`, `direction`; or change by `percentage_step`."""
    found = find(intent, ctx, ("fan",), elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, ("fan",))
    if intent.name == "AssistantFanOscillate":
        swings = intent.slots.get("oscillating") is not False
        return await act(intent, ctx, "fan.oscillate", found.devices, {"oscillating": swings})
    if intent.name == "AssistantFanDirection":
        return await perform(intent, ctx, [_turned(intent, d, ctx) for d in found.devices])
    actions = [
        Action("fan.set_percentage", d.id, {"percentage": _wanted(intent, d, ctx)})
        for d in found.devices
    ]
    return await perform(intent, ctx, actions)


def _turned(intent: Intent, device: Device, ctx: SkillContext) -> Action:
    """The direction in the slot; without one the other than now."""
    forward = ctx.home.state(device.id).get("direction") == "forward"
    direction = str(intent.slots.get("direction", "reverse" if forward else "forward"))
    return Action("fan.set_direction", device.id, {"direction": direction})


def _wanted(intent: Intent, device: Device, ctx: SkillContext) -> int:
    if "percentage" in intent.slots:
        return round(float(str(intent.slots["percentage"])))
    state = ctx.home.state(device.id)
    running = state.get("power") != "off"
    now = float(str(state.get("percentage", 50))) if running else 0.0
    return min(100, max(0, round(now + float(str(intent.slots.get("percentage_step", 0))))))
