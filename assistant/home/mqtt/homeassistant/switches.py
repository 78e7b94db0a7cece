"""Things that are on or off, or pressed: switches, buttons, scenes.

home-assistant.io/integrations/switch.mqtt, /button.mqtt, /scene.mqtt.
"""

from __future__ import annotations

from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required, say, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, one_of


def switch(config: Config) -> Entity:
    """A switch, or anything else that is just on or off."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    readers = Readers(config)
    shown = {config.text("state_on", on): "on", config.text("state_off", off): "off"}
    readers.add("state_topic", ("value_template",), "power", one_of(shown))
    make = required(config.command("command_topic", "command_template"), "command_topic")
    return Entity(readers, verbs(turn_on=say(make, on), turn_off=say(make, off)))


def button(config: Config) -> Entity:
    """A button: pressed, and nothing to see."""
    make = required(config.command("command_topic", "command_template"), "command_topic")
    press = say(make, config.text("payload_press", "PRESS"))
    return Entity(Readers(config), verbs(press=press))


def scene(config: Config) -> Entity:
    """A scene: turned on, and nothing to see."""
    make = required(config.command("command_topic", "command_template"), "command_topic")
    return Entity(Readers(config), verbs(turn_on=say(make, config.text("payload_on", "ON"))))
