"""Skill: vacuum cleaners and lawn mowers."""

from __future__ import annotations

from assistant.skills.context import SkillContext
from assistant.skills.targets import act, failed, find, missing
from assistant.types import Intent, Outcome

_SERVICES = {
    "HassVacuumStart": ("vacuum", "start"),
    "HassVacuumReturnToBase": ("vacuum", "return_to_base"),
    "AssistantVacuumPause": ("vacuum", "pause"),
    "AssistantVacuumStop": ("vacuum", "stop"),
    "AssistantVacuumLocate": ("vacuum", "locate"),
    "AssistantVacuumCleanSpot": ("vacuum", "clean_spot"),
    "HassLawnMowerStartMowing": ("lawn_mower", "start_mowing"),
    "HassLawnMowerDock": ("lawn_mower", "dock"),
    "AssistantLawnMowerPause": ("lawn_mower", "pause"),
}
_ONE_ROOM = "HassVacuumCleanArea"
HANDLES = (*_SERVICES, _ONE_ROOM)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Start, pause, stop, send back to the base, find, clean one spot.

    No dialect tells which rooms a cleaner knows, so it is sent to no single one.
    """
    if intent.name == _ONE_ROOM:
        anywhere = {key: slot for key, slot in intent.slots.items() if key == "name"}
        found = find(Intent(intent.name, anywhere), ctx, ("vacuum",))
        if found.devices:
            return failed("vacuum.one_room", name=found.devices[0].name_in(ctx.language))
        return missing(intent, ctx, found, ("vacuum",))
    domain, verb = _SERVICES[intent.name]
    found = find(intent, ctx, (domain,), elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, (domain,))
    return await act(intent, ctx, f"{domain}.{verb}", found.devices)
