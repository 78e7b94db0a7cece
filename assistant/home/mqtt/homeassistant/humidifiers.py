"""Humidifiers and dehumidifiers (home-assistant.io/integrations/humidifier.mqtt)."""

from __future__ import annotations

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, as_number, one_of

_ACTIONS = ("off", "humidifying", "drying", "idle")


def humidifier(config: Config) -> Entity:
    """A humidifier or dehumidifier, with its target humidity and its modes."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    modes = config.texts("modes")
    readers = Readers(config)
    readers.add("state_topic", ("state_value_template",), "power", one_of({on: "on", off: "off"}))
    readers.add(
        "target_humidity_state_topic", ("target_humidity_state_template",), "humidity",
        as_number, reset=config.text("payload_reset_humidity", "None"),
    )  # fmt: skip
    readers.add(
        "current_humidity_topic", ("current_humidity_template",), "current_humidity", as_number
    )
    readers.add(
        "mode_state_topic", ("mode_state_template",), "mode",
        one_of({mode: mode for mode in modes}),
        reset=config.text("payload_reset_mode", "None"), none="",
    )  # fmt: skip
    readers.add(
        "action_topic", ("action_template",), "action", one_of({word: word for word in _ACTIONS})
    )
    make = required(config.command("command_topic", "command_template"), "command_topic")
    target = config.command("target_humidity_command_topic", "target_humidity_command_template")
    mode = config.command("mode_command_topic", "mode_command_template")
    low, high = config.number("min_humidity", 0), config.number("max_humidity", 100)
    if not 0 <= low < high <= 100:
        raise AnnouncementError("max_humidity must be above min_humidity")
    spoken = verbs(
        turn_on=say(make, on),
        turn_off=say(make, off),
        set_humidity=tell(target, "humidity"),
        set_mode=tell(mode, "mode"),
    )
    features = Features(humidity=(low, high) if target else None, modes=modes if mode else ())
    return Entity(readers, spoken, features)
