"""What can be asked of fans."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assistant.home.commands.expectations import Check, Plan, Refusal, equal, near
from assistant.home.commands.planning import (
    NotPossibleError,
    chosen,
    decided,
    only,
    planned,
    power_only,
    truth,
    unknown,
    whole,
)
from assistant.home.devices import Device, State
from assistant.types import SlotValue


def fan(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Switch; set the speed, a preset, the direction; let it swing."""
    verb = decided(verb, state)
    match verb:
        case "turn_off":
            only(data)
            return power_only(device, verb)
        case "turn_on" if not data:
            return power_only(device, verb)
        case "turn_on" if "preset_mode" in data:
            return _preset(device, data)
        case "turn_on" | "set_percentage":
            return _speed(device, verb, data)
        case "set_preset_mode":
            return _preset(device, data)
        case "oscillate":
            return _oscillate(device, data)
        case "set_direction":
            return _direction(device, data)
    return unknown(device, verb)


def _speed(device: Device, verb: str, data: Mapping[str, SlotValue]) -> Plan:
    only(data, "percentage")
    if "percentage" not in data:
        raise NotPossibleError("percentage must be given")
    if not device.features.percentage:
        raise NotPossibleError("its speed cannot be set")
    percentage = whole(data, "percentage", 0, 100)
    if percentage == 0:
        return power_only(device, "turn_off")
    step = device.features.percentage_step
    reached = min(100.0, math.ceil(round(percentage / step, 3)) * step)
    checks: list[Check] = [{"percentage": near(reached, max(2, 0.45 * step))}]
    if verb == "turn_on":
        checks.append({"power": equal("on")})
    new: State = {"power": "on", "percentage": round(reached)}
    return planned(device, verb, {"percentage": percentage}, new, *checks)


def _preset(device: Device, data: Mapping[str, SlotValue]) -> Plan:
    only(data, "preset_mode")
    preset = chosen(device, data, "preset_mode", device.features.presets)
    fields: State = {"preset_mode": preset}
    new: State = {"power": "on", "preset_mode": preset}
    return planned(device, "set_preset_mode", fields, new, {"preset_mode": equal(preset)})


def _oscillate(device: Device, data: Mapping[str, SlotValue]) -> Plan:
    only(data, "oscillating")
    if not device.features.oscillation:
        raise NotPossibleError("it cannot swing")
    swings = truth(data, "oscillating")
    new: State = {"oscillating": swings}
    return planned(device, "oscillate", new, new, {"oscillating": equal(swings)})


def _direction(device: Device, data: Mapping[str, SlotValue]) -> Plan:
    only(data, "direction")
    if not device.features.direction:
        raise NotPossibleError("its direction cannot be set")
    new: State = {"direction": chosen(device, data, "direction", ("forward", "reverse"))}
    return planned(device, "set_direction", new, new, {"direction": equal(new["direction"])})
