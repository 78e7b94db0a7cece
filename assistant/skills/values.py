"""Skill: numbers and texts that a device keeps, and the humidity to aim for."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, failed, find, missing, perform
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
    actions = []
    for device in devices:
        wanted = _wanted(intent, device, ctx)
        if wanted is None:
            return failed("problems.nothing_to_set")
        actions.append(Action(f"{device.type}.set_humidity", device.id, {"humidity": wanted}))
    return await perform(intent, ctx, actions)


def _wanted(intent: Intent, device: Device, ctx: SkillContext) -> int | None:
    """The humidity to aim for, in percent; `humidity_step` is that much more than now."""
    if "humidity_step" not in intent.slots:
        return round(float(str(intent.slots.get("humidity", 0))))
    now = ctx.home.state(device.id).get("humidity")
    if not isinstance(now, int | float):
        return None
    return min(100, max(0, round(now + float(str(intent.slots["humidity_step"])))))
