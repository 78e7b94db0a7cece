"""Water heaters (home-assistant.io/integrations/water_heater.mqtt)."""

from __future__ import annotations

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, as_number, one_of

_MODES = ("off", "eco", "electric", "gas", "heat_pump", "high_demand", "performance")


def water_heater(config: Config) -> Entity:
    """A water heater: target temperature, operation mode, power."""
    modes = config.texts("modes", _MODES)
    readers = Readers(config)
    readers.add(
        "temperature_state_topic", ("temperature_state_template", "value_template"),
        "temperature", as_number,
    )  # fmt: skip
    readers.add(
        "current_temperature_topic", ("current_temperature_template", "value_template"),
        "current_temperature", as_number,
    )  # fmt: skip
    readers.add(
        "mode_state_topic", ("mode_state_template", "value_template"), "operation_mode",
        one_of({mode: mode for mode in (*modes, "off")}),
    )  # fmt: skip
    target = config.command("temperature_command_topic", "temperature_command_template")
    mode = config.command("mode_command_topic", "mode_command_template")
    power = config.command("power_command_topic", "power_command_template")
    usual = next((one for one in modes if one != "off"), None)
    spoken = verbs(
        set_temperature=tell(target, "temperature"),
        set_operation_mode=tell(mode, "operation_mode"),
        turn_on=say(power, config.text("payload_on", "ON")) or say(mode, usual),
        turn_off=say(power, config.text("payload_off", "OFF"))
        or say(mode, "off" if "off" in modes else None),
    )
    fahrenheit = "F" in config.text("temperature_unit", "C").upper()
    low = config.number("min_temp", 110 if fahrenheit else 43.3)
    high = config.number("max_temp", 140 if fahrenheit else 60)
    if low >= high:
        raise AnnouncementError("max_temp must be above min_temp")
    features = Features(
        temperature=(low, high) if target else None,
        temperature_step=1.0,
        modes=modes if mode else (),
        unit="°F" if fahrenheit else "°C",
    )
    return Entity(readers, spoken, features)
