"""Skill: the position of covers and valves, and stopping them."""

from __future__ import annotations

from assistant.skills.context import SkillContext
from assistant.skills.targets import find, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("HassSetPosition", "AssistantStopCover")

_DOMAINS = ("cover", "valve")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Move to the slot `position` (percent, 100 is open), or stop."""
    found = find(intent, ctx, _DOMAINS, elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, ("cover",))
    actions = []
    for device in found.devices:
        if intent.name == "AssistantStopCover":
            actions.append(Action(f"{device.type}.stop_{device.type}", device.id))
            continue
        position = round(float(str(intent.slots.get("position", 0))))
        service = f"{device.type}.set_{device.type}_position"
        actions.append(Action(service, device.id, {"position": position}))
    return await perform(intent, ctx, actions)
