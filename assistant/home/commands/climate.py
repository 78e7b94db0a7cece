"""What can be asked of thermostats, water heaters and humidifiers."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.commands.expectations import (
    Check,
    Plan,
    Refusal,
    as_number,
    equal,
    is_number,
    near,
    unlike,
)
from assistant.home.commands.planning import (
    NotPossibleError,
    chosen,
    decided,
    number,
    only,
    planned,
    stepped,
    switch,
    unknown,
    whole,
)
from assistant.home.devices import Device, State
from assistant.types import SlotValue

_PREFERRED = ("heat_cool", "auto", "heat")
_MODES = {
    "set_fan_mode": ("fan_mode", "fan_modes"),
    "set_preset_mode": ("preset_mode", "presets"),
    "set_swing_mode": ("swing_mode", "swing_modes"),
    "set_hvac_mode": ("hvac_mode", "modes"),
    "set_operation_mode": ("operation_mode", "modes"),
    "set_mode": ("mode", "modes"),
}
"""By verb: its field, which is also the state key, and the feature that holds its choices."""

_VERBS = {
    "climate": ("set_fan_mode", "set_preset_mode", "set_swing_mode", "set_hvac_mode"),
    "water_heater": ("set_operation_mode",),
    "humidifier": ("set_mode",),
}


def climate(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch; set the temperature or its range, the humidity, and the modes."""
    if verb == "toggle":
        verb = "turn_on" if state.get("hvac_mode") == "off" else "turn_off"
    match verb:
        case "turn_off":
            only(data)
            return planned(
                device, verb, {}, {"hvac_mode": "off", "power": "off"},
                {"hvac_mode": equal("off"), "power": equal("off")},
            )  # fmt: skip
        case "turn_on":
            only(data)
            own = [mode for mode in device.features.modes if mode != "off"]
            mode = next((m for m in _PREFERRED if m in own), own[0] if own else "heat")
            return planned(
                device, verb, {}, {"hvac_mode": mode, "power": "on"},
                {"hvac_mode": unlike("off"), "power": equal("on")},
            )  # fmt: skip
        case "set_temperature":
            return _temperature(device, data, state)
        case "set_humidity":
            return _humidity(device, data)
    return _mode(device, verb, data)


def water_heater(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch; set the temperature and the operation mode."""
    if verb == "toggle":
        on = state.get("power") == "on" or state.get("operation_mode", "off") != "off"
        verb = "turn_off" if on else "turn_on"
    match verb:
        case "turn_off":
            only(data)
            return planned(
                device, verb, {}, {"operation_mode": "off", "power": "off"},
                {"operation_mode": equal("off"), "power": equal("off")},
            )  # fmt: skip
        case "turn_on":
            only(data)
            return planned(
                device, verb, {}, {"power": "on"},
                {"operation_mode": unlike("off"), "power": equal("on")},
            )  # fmt: skip
        case "set_temperature":
            only(data, "temperature")
            return _temperature(device, data, state)
    return _mode(device, verb, data)


def humidifier(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch; set the humidity and the mode."""
    if verb == "set_humidity":
        return _humidity(device, data)
    if verb == "set_mode":
        return _mode(device, verb, data)
    return switch(device, decided(verb, state), data, state)


def _mode(device: Device, verb: str, data: Mapping[str, SlotValue]) -> Plan | Refusal:
    if verb not in _VERBS[device.type]:
        return unknown(device, verb)
    field, options = _MODES[verb]
    only(data, field)
    new: State = {field: chosen(device, data, field, getattr(device.features, options))}
    return planned(device, verb, new, new, {field: equal(new[field])})


def _temperature(device: Device, data: Mapping[str, SlotValue], state: State) -> Plan:
    only(data, "temperature", "target_temp_low", "target_temp_high", "hvac_mode")
    features = device.features
    if features.temperature is None:
        raise NotPossibleError("its temperature cannot be set")
    spans = {"target_temp_low", "target_temp_high"} & data.keys()
    if spans and not features.temperature_span:
        raise NotPossibleError("it takes one temperature, not a range")
    if not spans and "temperature" not in data:
        raise NotPossibleError("temperature must be given")
    new = _span_around(device, data, state) if "temperature" in data else {}
    if not new:
        fields = sorted(spans) or ["temperature"]
        new = {field: _degrees(device, data, field) for field in fields}
    low, high = new.get("target_temp_low"), new.get("target_temp_high")
    if is_number(low) and is_number(high) and as_number(low) > as_number(high):
        raise NotPossibleError(f"{low} to {high} degrees is no range")
    tolerance = max(0.26, features.temperature_step / 2 + 0.01)
    checks: list[Check] = [{key: near(as_number(new[key]), tolerance)} for key in new]
    if "hvac_mode" in data:
        new["hvac_mode"] = mode = chosen(device, data, "hvac_mode", features.modes)
        checks.append({"hvac_mode": equal(mode)})
    return planned(device, "set_temperature", new, new, *checks)


def _degrees(device: Device, data: Mapping[str, SlotValue], field: str) -> SlotValue:
    low, high = device.features.temperature or (7.0, 35.0)
    step = device.features.temperature_step
    # In steps from zero: 50 °C is 50 °C where the lowest, 110 °F, is 43.3.
    wanted = min(high, max(low, stepped(number(data, field, low, high), 0, high, step)))
    return int(wanted) if wanted.is_integer() else wanted


def _span_around(
    device: Device, data: Mapping[str, SlotValue], state: State
) -> dict[str, SlotValue]:
    """Of a thermostat that holds a range just now: the range moved, so that its middle fits."""
    low, high = state.get("target_temp_low"), state.get("target_temp_high")
    holds = device.features.temperature_span and state.get("hvac_mode") == "heat_cool"
    if not (holds and is_number(low) and is_number(high)) or "hvac_mode" in data:
        return {}
    least, most = device.features.temperature or (7.0, 35.0)
    half = (as_number(high) - as_number(low)) / 2
    middle = number(data, "temperature", least, most)
    ends = {"target_temp_low": max(least, middle - half),
            "target_temp_high": min(most, middle + half)}  # fmt: skip
    return {field: _degrees(device, ends, field) for field in ends}


def _humidity(device: Device, data: Mapping[str, SlotValue]) -> Plan:
    only(data, "humidity")
    if device.features.humidity is None and device.type != "humidifier":
        raise NotPossibleError("its humidity cannot be set")
    low, high = device.features.humidity or (0, 100)
    wanted = whole(data, "humidity", round(low), round(high))
    new: State = {"humidity": wanted}
    return planned(device, "set_humidity", new, new, {"humidity": near(wanted, 1)})
