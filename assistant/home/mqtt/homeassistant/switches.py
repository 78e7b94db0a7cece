"""Things that are on or off, or pressed: switches, sirens, fans, humidifiers, buttons, scenes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assistant.home.model import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config, Readers, as_float, as_number, one_of
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, required, say, verbs
from assistant.types import SlotValue


def switch(config: Config) -> Entity:
    """A switch, or anything else that is just on or off."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    readers = Readers(config)
    shown = {config.text("state_on", on): "on", config.text("state_off", off): "off"}
    readers.add("state_topic", ("value_template",), "power", one_of(shown))
    make = required(config.command("command_topic", "command_template"), "command_topic")
    return Entity(readers, verbs(turn_on=say(make, on), turn_off=say(make, off)))


def siren(config: Config) -> Entity:
    """A siren; its state may come as JSON."""
    if "value_template" not in config.document and "state_value_template" in config.document:
        source = config.document["state_value_template"]
        config = Config(config.component, {**config.document, "value_template": source})
    return switch(config)


def button(config: Config) -> Entity:
    """A button: pressed, and nothing to see."""
    make = required(config.command("command_topic", "command_template"), "command_topic")
    press = say(make, config.text("payload_press", "PRESS"))
    return Entity(Readers(config), verbs(press=press))


def scene(config: Config) -> Entity:
    """A scene: turned on, and nothing to see."""
    make = required(config.command("command_topic"), "command_topic")
    return Entity(Readers(config), verbs(turn_on=say(make, config.text("payload_on", "ON"))))


def fan(config: Config) -> Entity:
    """A fan. Speeds in percent, mapped to the device's range as Home Assistant maps them."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    low = int(config.number("speed_range_min", 1))
    high = int(config.number("speed_range_max", 100))
    if high <= low or low < 1:
        raise AnnouncementError("speed_range_max must be above speed_range_min")
    steps, offset = high - low + 1, low - 1
    readers = Readers(config)
    readers.add("state_topic", ("state_value_template",), "power", one_of({on: "on", off: "off"}))
    reset = config.text("payload_reset_percentage", "None")

    def percentage(text: str) -> SlotValue:
        if text == reset:
            return 0
        speed = as_float(text)
        if speed == 0:
            return 0
        if not low <= speed <= high:
            raise GarbageError(f"expected a speed from {low} to {high}, found {text[:40]!r}")
        return int((speed - offset) * 100 // steps)

    readers.add("percentage_state_topic", ("percentage_value_template",), "percentage", percentage)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    speed = config.command("percentage_command_topic", "percentage_command_template")

    def set_percentage(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        wanted = data.get("percentage")
        if speed is None or not isinstance(wanted, int | float):
            return []
        return [speed(math.ceil(steps * wanted / 100 + offset))]

    def turn_on(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [make(on), *set_percentage(data, state)]

    spoken: dict[str, Verb] = {"turn_on": turn_on}
    spoken |= verbs(turn_off=say(make, off))
    if speed is not None:
        spoken["set_percentage"] = set_percentage
    features = Features(percentage=speed is not None, percentage_step=round(100 / steps, 2))
    return Entity(readers, spoken, features)


def humidifier(config: Config) -> Entity:
    """A humidifier or dehumidifier."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    readers = Readers(config)
    readers.add("state_topic", ("state_value_template",), "power", one_of({on: "on", off: "off"}))
    readers.add(
        "target_humidity_state_topic", ("target_humidity_state_template",), "humidity", as_number
    )
    readers.add(
        "current_humidity_topic", ("current_humidity_template",), "current_humidity", as_number
    )
    make = required(config.command("command_topic", "command_template"), "command_topic")
    target = config.command("target_humidity_command_topic", "target_humidity_command_template")

    def set_humidity(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [target(data["humidity"])] if target else []

    spoken = verbs(turn_on=say(make, on), turn_off=say(make, off), set_humidity=set_humidity)
    return Entity(readers, spoken, Features(modes=config.texts("modes")))
