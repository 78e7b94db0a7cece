"""Skill: brightness, colour and colour temperature of lights."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed, find, missing, perform
from assistant.types import Action, Intent, Outcome, SlotValue

HANDLES = ("HassLightSet",)

_LEAST_DIM_PCT = 5
_ANY_KELVIN = (1000, 20_000)
_BRIGHTEN_STEP_PCT = 20


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set what the slots name: brightness (percent), color (name), temperature (kelvin)."""
    found = find(intent, ctx, ("light",))
    if not found.devices:
        return missing(intent, ctx, found, ("light",))
    actions = []
    for device in found.devices:
        data = _data(intent, device, ctx)
        if data is None:
            return failed("problems.nothing_to_set")
        actions.append(Action("light.turn_on", device.id, data))
    return await perform(intent, ctx, actions)


def _data(intent: Intent, device: Device, ctx: SkillContext) -> dict[str, SlotValue] | None:
    slots = intent.slots
    data: dict[str, SlotValue] = {}
    if intent.response in ("step_up", "step_down") and "brightness_step" in slots:
        step = int(_number(slots["brightness_step"]))
        data["brightness_step_pct"] = step if intent.response == "step_up" else -step
    elif "brightness" in slots:
        wanted = round(_number(slots["brightness"]))
        data["brightness_pct"] = _relative(wanted, intent.response, device, ctx)
    if "color" in slots:
        data["color_name"] = slots["color"]
    if "temperature" in slots:
        warmest, coldest = device.features.color_temp or _ANY_KELVIN
        kelvin = round(_number(slots["temperature"]))
        data["color_temp_kelvin"] = min(max(kelvin, warmest), coldest)
    return data or None


def _relative(wanted: int, response: str, device: Device, ctx: SkillContext) -> int:
    """ "Dim" is 30 %, or half of what is left below that; "brighter" 80 %, or 20 more.

    "Halve" is half of what it is.
    """
    state = ctx.home.state(device.id)
    now = state.get("brightness_pct")
    if not isinstance(now, int | float) or state.get("power") == "off":
        return wanted
    if response == "halve" or (response == "dim" and now <= wanted):
        return max(_LEAST_DIM_PCT, round(now / 2))
    if response == "brighten" and now >= wanted:
        return min(100, round(now) + _BRIGHTEN_STEP_PCT)
    return wanted


def _number(value: SlotValue) -> float:
    return float(value) if isinstance(value, int | float | str) else 0.0
