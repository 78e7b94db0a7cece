"""Things that tell or keep a value: sensors, numbers, choices, thermostats."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.model import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config, Readers, as_number, one_of
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, required, say, verbs
from assistant.types import SlotValue

_LONGEST_TEXT = 255
_HVAC_MODES = ("auto", "off", "cool", "heat", "dry", "fan_only")


def sensor(config: Config) -> Entity:
    """A sensor: a number where it has a unit, else a text."""
    unit = config.text("unit_of_measurement")
    numeric = bool(unit) or "state_class" in config.document
    readers = Readers(config)
    readers.add("state_topic", ("value_template",), "value", as_number if numeric else _text)
    _needs(config, "state_topic")
    return Entity(readers, {}, Features(unit=unit))


def binary_sensor(config: Config) -> Entity:
    """A sensor that says on or off."""
    shown = {config.text("payload_on", "ON"): "on", config.text("payload_off", "OFF"): "off"}
    readers = Readers(config)
    readers.add("state_topic", ("value_template",), "value", one_of(shown))
    _needs(config, "state_topic")
    return Entity(readers, {})


def number(config: Config) -> Entity:
    """A number that can be set, within its range."""
    low, high = config.number("min", 1), config.number("max", 100)
    if low >= high:
        raise AnnouncementError("max must be above min")
    readers = Readers(config)
    readers.add("state_topic", ("value_template",), "value", as_number)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    features = Features(
        temperature=(low, high),
        temperature_step=config.number("step", 1),
        unit=config.text("unit_of_measurement"),
    )
    return Entity(readers, {"set_value": lambda data, state: [make(data["value"])]}, features)


def select(config: Config) -> Entity:
    """A choice among options."""
    options = config.texts("options")
    if not options:
        raise AnnouncementError("options are missing")
    readers = Readers(config)
    readers.add(
        "state_topic", ("value_template",), "value", one_of({name: name for name in options})
    )
    make = required(config.command("command_topic", "command_template"), "command_topic")
    spoken: dict[str, Verb] = {"select_option": lambda data, state: [make(data["option"])]}
    return Entity(readers, spoken, Features(modes=options))


def climate(config: Config) -> Entity:
    """A thermostat or air conditioner."""
    readers = Readers(config)
    readers.add(
        "temperature_state_topic", ("temperature_state_template", "value_template"),
        "temperature", as_number,
    )  # fmt: skip
    readers.add(
        "current_temperature_topic", ("current_temperature_template", "value_template"),
        "current_temperature", as_number,
    )  # fmt: skip
    modes = config.texts("modes", _HVAC_MODES)
    readers.add(
        "mode_state_topic", ("mode_state_template", "value_template"), "hvac_mode",
        one_of({mode: mode for mode in (*modes, "off")}),
    )  # fmt: skip
    readers.add("current_humidity_topic", ("current_humidity_template",), "humidity", as_number)
    target = config.command("temperature_command_topic", "temperature_command_template")
    mode = config.command("mode_command_topic", "mode_command_template")
    power = config.command("power_command_topic", "power_command_template")
    fahrenheit = "F" in config.text("temperature_unit", "C").upper()
    low = config.number("min_temp", 45 if fahrenheit else 7)
    high = config.number("max_temp", 95 if fahrenheit else 35)
    if low >= high:
        raise AnnouncementError("max_temp must be above min_temp")

    def set_mode(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [mode(data["hvac_mode"])] if mode and "hvac_mode" in data else []

    def set_temperature(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [*set_mode(data, state), *([target(data["temperature"])] if target else [])]

    def turn_on(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        if power:
            return [power(config.text("payload_on", "ON"))]
        usual: str | None = next((m for m in ("heat_cool", "auto", "heat") if m in modes), None)
        best = usual or next((m for m in modes if m != "off"), None)
        return [mode(best)] if mode and best else []

    turn_off = say(power, config.text("payload_off", "OFF"))
    if turn_off is None and "off" in modes:
        turn_off = say(mode, "off")
    spoken = verbs(
        set_hvac_mode=set_mode if mode else None,
        set_temperature=set_temperature if target else None,
        turn_on=turn_on if power or mode else None,
        turn_off=turn_off,
    )
    features = Features(
        temperature=(low, high) if target else None,
        temperature_step=config.number("temp_step", 1.0 if fahrenheit else 0.5),
        modes=modes if mode else (),
        unit="°F" if fahrenheit else "°C",
    )
    return Entity(readers, spoken, features)


def _text(text: str) -> SlotValue:
    if len(text) > _LONGEST_TEXT:
        raise GarbageError(f"expected at most {_LONGEST_TEXT} characters")
    return text


def _needs(config: Config, key: str) -> None:
    if config.topic(key) is None:
        raise AnnouncementError(f"{key} is missing")
