"""Skill: thermostats, and how warm it is."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, failed, find, is_own_area, missing, perform
from assistant.types import Action, Intent, Outcome, SlotValue

HANDLES = (
    "HassClimateSetTemperature", "HassClimateGetTemperature", "AssistantSetHvacMode",
    "AssistantSetTemperatureRange",
)  # fmt: skip

_USUAL_TARGET = 20.0


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Set or tell a temperature, or set the mode of a thermostat."""
    if intent.name == "HassClimateGetTemperature":
        return _tell(intent, ctx)
    kinds = _kinds(intent, ctx)
    found = find(intent, ctx, kinds, elsewhere=True)
    said_where = {"name", "area", "floor", "all"} & intent.slots.keys() or intent.device_ids
    if len(found.devices) > 1 and not said_where:
        found = Resolved(problem=Problem.AMBIGUOUS, candidates=found.devices)
    if not found.devices:
        return missing(intent, ctx, found, kinds)
    if intent.name == "AssistantSetTemperatureRange":
        return await act(intent, ctx, "climate.set_temperature", found.devices, _range(intent))
    if intent.name == "AssistantSetHvacMode":
        mode = str(intent.slots["hvac_mode"])
        return await act(intent, ctx, "climate.set_hvac_mode", found.devices, {"hvac_mode": mode})
    actions = [
        Action(f"{d.type}.set_temperature", d.id, {"temperature": _wanted(intent, d, ctx)})
        for d in found.devices
    ]
    return await perform(intent, ctx, actions)


def _kinds(intent: Intent, ctx: SkillContext) -> tuple[str, ...]:
    """A water heater is meant where it was named."""
    devices = (ctx.home.devices.get(device_id) for device_id in intent.device_ids)
    boiler = any(device is not None and device.type == "water_heater" for device in devices)
    boiler = boiler or intent.slots.get("domain") == "water_heater"
    return ("water_heater",) if boiler else ("climate",)


def _range(intent: Intent) -> dict[str, SlotValue]:
    ends = sorted(float(str(intent.slots.get(s, 0))) for s in ("temperature", "temperature_high"))
    low, high = (int(end) if end.is_integer() else end for end in ends)
    return {"target_temp_low": low, "target_temp_high": high}


def _wanted(intent: Intent, device: Device, ctx: SkillContext) -> int | float:
    if "temperature" in intent.slots:
        wanted = float(str(intent.slots["temperature"]))
    else:
        step = abs(float(str(intent.slots.get("temperature_step", 1))))
        now = ctx.home.state(device.id).get("temperature", _USUAL_TARGET)
        wanted = float(str(now)) + (step if intent.response == "warmer" else -step)
    return int(wanted) if wanted.is_integer() else wanted


def _tell(intent: Intent, ctx: SkillContext) -> Outcome:
    found = find(intent, ctx, ("climate", "sensor"))
    if found.problem is Problem.NONE_THERE and is_own_area(intent, ctx):
        anywhere = Intent(intent.name, {k: v for k, v in intent.slots.items() if k != "area"})
        found = find(anywhere, ctx, ("climate", "sensor"))
    if not found.devices:
        return missing(intent, ctx, found, ("climate",))
    key = "temperature" if intent.response == "target" else "current_temperature"
    for device in sorted(found.devices, key=lambda d: d.type != "climate"):
        is_sensor = device.type == "sensor" and device.device_class == "temperature"
        value = ctx.home.state(device.id).get("value" if is_sensor else key)
        if (is_sensor or device.type == "climate") and value is not None:
            area = ctx.home.areas.get(device.area or "")
            return Outcome(
                f"temperature.{'target' if key == 'temperature' else 'current'}",
                {"value": value, "unit": device.features.unit,
                 "name": device.name_in(ctx.language),
                 "area": area.name_in(ctx.language) if area else "",
                 "named": "name" in intent.slots},
                devices=(device.id,),
            )  # fmt: skip
        state = ctx.home.state(device.id)
        if key == "temperature" and {"target_temp_low", "target_temp_high"} <= state.keys():
            ends = {"coldest": state["target_temp_low"], "warmest": state["target_temp_high"]}
            slots = {"name": device.name_in(ctx.language), **ends}
            return Outcome("temperature.range", slots, devices=(device.id,))
    return failed("temperature.unknown", **intent.slots)
