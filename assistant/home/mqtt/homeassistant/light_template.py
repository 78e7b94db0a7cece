"""Lights of the template schema (home-assistant.io/integrations/light.mqtt, "template schema")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.home.colors import rgb_to_hs
from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required
from assistant.home.mqtt.homeassistant.light_values import (
    as_rgb,
    color_of,
    from_kelvin,
    kelvin_range,
    scaled,
    to_kelvin,
    to_percent,
)
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_float, one_of, unsaid
from assistant.types import SlotValue

_CHANNELS = ("red", "green", "blue")


def template_light(config: Config) -> Entity:
    """A light whose commands are written by templates, and whose state is read by them."""
    if not all(config.text(f"command_{word}_template") for word in ("on", "off")):
        raise AnnouncementError("command_on_template or command_off_template is missing")
    on = required(config.command("command_topic", "command_on_template"), "command_topic")
    off = required(config.command("command_topic", "command_off_template"), "command_topic")
    readers = Readers(config)
    readers.add("state_topic", ("state_template",), "power", one_of({"on": "on", "off": "off"}))
    dimmable, tinted, effective, *colors = (
        config.document.get(f"{name}_template") is not None
        for name in ("brightness", "color_temp", "effect", *_CHANNELS)
    )
    if dimmable:
        readers.add(
            "state_topic", ("brightness_template",), "brightness_pct",
            lambda text: to_percent(as_float(text), 255),
        )  # fmt: skip
    if tinted:
        readers.add(
            "state_topic", ("color_temp_template",), "color_temp_kelvin",
            lambda text: to_kelvin(config, as_float(text)),
        )  # fmt: skip
    if effective:
        readers.add("state_topic", ("effect_template",), "effect", anything)
    if all(colors):
        _read_color(config, readers)

    def turn_on(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        variables: dict[str, object] = {"state": "on"}
        if (percent := data.get("brightness_pct")) is not None:
            variables["brightness"] = scaled(percent, 255)
        kelvin = data.get("color_temp_kelvin")
        if isinstance(kelvin, int | float):
            variables["color_temp"] = from_kelvin(config, kelvin)
        if (color := color_of(data)) is not None:
            hue, saturation = rgb_to_hs(color)
            variables |= dict(zip(_CHANNELS, color, strict=True))
            variables |= {"hue": hue, "sat": saturation}
        if "effect" in data:
            variables["effect"] = data["effect"]
        return (on("on", **variables),)

    def turn_off(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        return (off("off", state="off"),)

    features = Features(
        brightness=dimmable,
        color=all(colors),
        color_temp=kelvin_range(config) if tinted else None,
        effects=config.texts("effect_list"),
    )
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)


def _read_color(config: Config, readers: Readers) -> None:
    topic = config.topic("state_topic")
    if topic is None:
        return
    renders = [config.template(f"{name}_template") for name in _CHANNELS]

    def read(payload: str) -> State:
        texts = [render(payload) for render in renders]
        if any(unsaid(text) for text in texts):
            return {}
        return {"rgb_color": as_rgb([as_float(text) for text in texts])}

    readers.add_reader(topic, read, "rgb_color")
