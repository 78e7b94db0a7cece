"""Skill: vacuum cleaners and lawn mowers."""

from __future__ import annotations

from assistant.skills.context import SkillContext
from assistant.skills.targets import act, find, missing
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
HANDLES = tuple(_SERVICES)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Start, pause, stop, send back to the base, find, clean one spot."""
    domain, verb = _SERVICES[intent.name]
    found = find(intent, ctx, (domain,), elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, (domain,))
    return await act(intent, ctx, f"{domain}.{verb}", found.devices)
