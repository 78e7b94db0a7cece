"""Thermostats, humidifiers and water heaters in Home Assistant's discovery.

https://www.home-assistant.io/integrations/climate.mqtt/, …/humidifier.mqtt/,
…/water_heater.mqtt/
"""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.home.simulator.climates import HUMIDITY, HVAC_MODES, WATER_MODES, degrees
from assistant.home.simulator.homeassistant_form import ON_OFF, Form, power_form
from assistant.home.simulator.wire import number_in, shows, verb


def climate(device: Device) -> Form:
    """Everything on topics of its own."""
    features = device.features
    low, high = degrees(device, (7.0, 35.0))
    form = Form(
        {
            "modes": list(features.modes or HVAC_MODES), "min_temp": low, "max_temp": high,
            "temp_step": features.temperature_step, "temperature_unit": _unit(device),
        }
    )  # fmt: skip
    form.both("mode", "mode", verb("set_hvac_mode", "hvac_mode"), shows("hvac_mode"))
    targets = {"temperature": "temperature"}
    if features.temperature_span:
        targets = {"temperature_low": "target_temp_low", "temperature_high": "target_temp_high"}
    for name, key in targets.items():
        form.both(name, name, verb("set_temperature", key, number_in), shows(key))
    form.state("current_temperature_topic", "current_temperature", shows("current_temperature"))
    lists = (
        ("fan_mode", "fan_modes", features.fan_modes),
        ("preset_mode", "preset_modes", features.presets),
        ("swing_mode", "swing_modes", features.swing_modes),
    )
    for name, option, known in lists:
        if known:
            form.options[option] = list(known)
            form.both(name, name, verb(f"set_{name}", name), shows(name))
    if features.humidity:
        form.options |= {"min_humidity": features.humidity[0], "max_humidity": features.humidity[1]}
        _target_humidity(form)
        form.state("current_humidity_topic", "current_humidity", shows("current_humidity"))
    return form


def humidifier(device: Device) -> Form:
    """Power, target humidity and modes."""
    features = device.features
    form = power_form()
    _target_humidity(form)
    low, high = features.humidity or HUMIDITY
    form.options |= {"min_humidity": low, "max_humidity": high}
    form.state("current_humidity_topic", "current_humidity", shows("current_humidity"))
    if features.modes:
        form.options["modes"] = list(features.modes)
        form.both("mode", "mode", verb("set_mode", "mode"), shows("mode"))
    return form


def _target_humidity(form: Form) -> None:
    hear = verb("set_humidity", "humidity", number_in)
    form.both("target_humidity", "humidity", hear, shows("humidity"))


def water_heater(device: Device) -> Form:
    """Operation mode and temperature."""
    low, high = degrees(device, (40.0, 70.0))
    form = Form(
        {
            "modes": list(device.features.modes or WATER_MODES),
            "min_temp": low, "max_temp": high, "temperature_unit": _unit(device),
        }
    )  # fmt: skip
    form.both("mode", "mode", verb("set_operation_mode", "operation_mode"), shows("operation_mode"))
    hear = verb("set_temperature", "temperature", number_in)
    form.both("temperature", "temperature", hear, shows("temperature"))
    form.state("current_temperature_topic", "current_temperature", shows("current_temperature"))
    form.command("power_command_topic", "set_power", ON_OFF)
    return form


def _unit(device: Device) -> str:
    return "F" if "F" in device.features.unit else "C"
