"""What thermostats, humidifiers and water heaters do."""

from __future__ import annotations

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import (
    Behaviour,
    Pace,
    Step,
    Wish,
    at_once,
    choice_of,
    number_of,
    switched,
    unknown,
)
from assistant.types import SlotValue

HVAC_MODES = ("off", "heat")
WATER_MODES = ("off", "eco", "performance")
HUMIDITY = (0.0, 100.0)
"""Percent, where a device names no range."""


def degrees(device: Device, celsius: tuple[float, float]) -> tuple[float, float]:
    """The device's range of temperature, or `celsius` in its own unit."""
    if device.features.temperature is not None:
        return device.features.temperature
    if "F" in device.features.unit:
        return celsius[0] * 1.8 + 32, celsius[1] * 1.8 + 32
    return celsius


def climate(device: Device, pace: Pace) -> Behaviour:
    """Mode, one temperature or a range, presets, fan, swing and humidity."""
    features = device.features
    modes = features.modes or HVAC_MODES
    low, high = degrees(device, (7.0, 35.0))
    comfortable = 68.0 if "F" in features.unit else 20.0
    working = next((mode for mode in modes if mode != "off"), "off")
    initial: dict[str, SlotValue] = {
        "hvac_mode": working,
        "temperature": comfortable,
        "current_temperature": comfortable,
    }
    if features.temperature_span:
        initial |= {"target_temp_low": comfortable - 2, "target_temp_high": comfortable + 4}
    lists = (
        ("set_fan_mode", "fan_mode", features.fan_modes),
        ("set_preset_mode", "preset_mode", features.presets),
        ("set_swing_mode", "swing_mode", features.swing_modes),
    )
    initial |= {key: words[0] for _, key, words in lists if words}
    if features.humidity:
        initial |= {"humidity": features.humidity[0], "current_humidity": 45}

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        for verb, key, words in lists:
            if wish.verb == verb:
                return at_once({key: choice_of(wish, key, words)})
        match wish.verb:
            case "turn_on":
                return at_once({"hvac_mode": working})
            case "turn_off":
                return at_once({"hvac_mode": "off"})
            case "set_hvac_mode":
                return at_once({"hvac_mode": choice_of(wish, "hvac_mode", (*modes, "off"))})
            case "set_humidity" if features.humidity:
                return at_once({"humidity": number_of(wish, "humidity", *features.humidity)})
            case "set_temperature":
                changes: dict[str, SlotValue] = {
                    key: number_of(wish, key, low, high)
                    for key in ("temperature", "target_temp_low", "target_temp_high")
                    if key in wish.data
                }
                if "hvac_mode" in wish.data:
                    changes["hvac_mode"] = choice_of(wish, "hvac_mode", modes)
                return at_once(changes)
        raise unknown(wish)

    return Behaviour(initial, obey)


def humidifier(device: Device, pace: Pace) -> Behaviour:
    """Power, target humidity and modes."""
    features = device.features
    initial: dict[str, SlotValue] = {"power": "off", "humidity": 50, "current_humidity": 42}
    if features.modes:
        initial["mode"] = features.modes[0]

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        power = switched(state, wish)
        if power is not None:
            return at_once(power)
        match wish.verb:
            case "set_humidity":
                span = features.humidity or HUMIDITY
                return at_once({"humidity": number_of(wish, "humidity", *span)})
            case "set_mode":
                return at_once({"mode": choice_of(wish, "mode", features.modes)})
        raise unknown(wish)

    return Behaviour(initial, obey)


def water_heater(device: Device, pace: Pace) -> Behaviour:
    """Operation mode and temperature."""
    features = device.features
    modes = features.modes or WATER_MODES
    low, high = degrees(device, (40.0, 70.0))
    working = next((mode for mode in modes if mode != "off"), "off")
    initial: State = {
        "operation_mode": working, "power": "on", "temperature": low, "current_temperature": low,
    }  # fmt: skip

    def mode(name: str) -> State:
        return {"operation_mode": name, "power": "off" if name == "off" else "on"}

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        match wish.verb:
            case "turn_on":
                return at_once(mode(working))
            case "turn_off":
                return at_once(mode("off"))
            case "set_operation_mode":
                return at_once(mode(choice_of(wish, "operation_mode", (*modes, "off"))))
            case "set_temperature":
                return at_once({"temperature": number_of(wish, "temperature", low, high)})
        raise unknown(wish)

    return Behaviour(initial, obey)
