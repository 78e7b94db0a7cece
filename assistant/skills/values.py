"""Skill: numbers and texts that a device keeps, and the humidity to aim for."""

from __future__ import annotations

from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, find, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("AssistantSetNumber", "AssistantSetText", "HassHumidifierSetpoint")

_HUMIDITY = ("humidifier", "climate")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set the slot `number_value`, `text_value` or `humidity`."""
    if intent.name == "HassHumidifierSetpoint":
        return await _humidity(intent, ctx)
    domain, slot = {
        "AssistantSetNumber": ("number", "number_value"),
        "AssistantSetText": ("text", "text_value"),
    }[intent.name]
    found = find(intent, ctx, (domain,))
    if not found.devices:
        return missing(intent, ctx, found, (domain,))
    data = {"value": intent.slots.get(slot, "")}
    return await act(intent, ctx, f"{domain}.set_value", found.devices, data)


async def _humidity(intent: Intent, ctx: SkillContext) -> Outcome:
    found = find(intent, ctx, _HUMIDITY, elsewhere=True)
    able = [d for d in found.devices if d.type == "humidifier" or d.features.humidity]
    devices = [d for d in able if d.type == "humidifier"] or able
    if len(devices) > 1 and not ({"name", "area", "floor"} & intent.slots.keys()):
        found = Resolved(problem=Problem.AMBIGUOUS, candidates=tuple(devices))
        devices = []
    if not devices:
        return missing(intent, ctx, found, ("humidifier",))
    wanted = round(float(str(intent.slots.get("humidity", 0))))
    return await perform(
        intent, ctx, [Action(f"{d.type}.set_humidity", d.id, {"humidity": wanted}) for d in devices]
    )
