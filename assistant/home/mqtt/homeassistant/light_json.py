"""Lights of the JSON schema (home-assistant.io/integrations/light.mqtt, "JSON schema")."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.home.colors import Rgb, hs_to_rgb, rgb_to_hs, rgb_to_xy, xy_to_rgb
from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required
from assistant.home.mqtt.homeassistant.light_values import (
    COLOR_MODES,
    WHITE,
    as_rgb,
    color_of,
    from_kelvin,
    from_rgbw,
    from_rgbww,
    kelvin_range,
    scale_of,
    scaled,
    to_kelvin,
    to_percent,
    to_rgbw,
    to_rgbww,
)
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_float, one_of, unsaid
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import SlotValue

_POWER = one_of({"ON": "on", "OFF": "off", "on": "on", "off": "off"})


def json_light(config: Config) -> Entity:
    """A light with one topic for commands and one for its state, both JSON objects."""
    topic = required(config.command("command_topic"), "command_topic")
    scale = scale_of(config, "brightness_scale")
    white_scale = scale_of(config, "white_scale")
    modes = set(config.texts("supported_color_modes"))
    modes.update(mode for mode in (*COLOR_MODES, "color_temp") if config.document.get(mode) is True)
    colored = bool(modes & COLOR_MODES)
    # A dimmable lamp may say so by its modes alone.
    dimmable = config.flag("brightness") or bool(modes - {"onoff"})
    effects = config.texts("effect_list") if config.flag("effect") else ()

    def turn_on(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        body: dict[str, Any] = {"state": "ON"}
        percent, color = data.get("brightness_pct"), color_of(data)
        if color == WHITE and "white" in modes:
            level = percent if percent is not None else state.get("brightness_pct", 100)
            body["white"] = scaled(level, white_scale)
        else:
            if percent is not None:
                body["brightness"] = scaled(percent, scale)
            if color is not None:
                body["color"] = _color(color, modes)
        kelvin = data.get("color_temp_kelvin")
        if isinstance(kelvin, int | float):
            body["color_temp"] = from_kelvin(config, kelvin)
        if "effect" in data:
            body["effect"] = data["effect"]
        return (topic(json.dumps(body, separators=(",", ":"))),)

    def turn_off(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        return (topic('{"state":"OFF"}'),)

    features = Features(
        brightness=dimmable,
        color=colored,
        color_temp=kelvin_range(config) if "color_temp" in modes else None,
        effects=effects,
    )
    readers = Readers(config)
    if (state_topic := config.topic("state_topic")) is not None:
        keys = {
            "power": True, "brightness_pct": dimmable, "rgb_color": colored,
            "color_temp_kelvin": "color_temp" in modes, "effect": bool(effects),
        }  # fmt: skip
        readers.add_reader(
            state_topic,
            lambda text: _read(config, text, scale),
            *(key for key, told in keys.items() if told),
        )
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)


def _color(color: Rgb, modes: set[str]) -> dict[str, float]:
    if "rgb" in modes:
        return dict(zip("rgb", color, strict=True))
    if "rgbw" in modes:
        return dict(zip("rgbw", to_rgbw(color), strict=True))
    if "rgbww" in modes:
        return dict(zip("rgbcw", to_rgbww(color), strict=True))
    if "hs" in modes:
        hue, saturation = rgb_to_hs(color)
        return {"h": hue, "s": saturation}
    x, y = rgb_to_xy(color)
    return {"x": x, "y": y}


def _read(config: Config, text: str, scale: float) -> State:
    body = parse_json(text)
    if not isinstance(body, dict):
        raise GarbageError("expected a JSON object")
    state: dict[str, SlotValue] = {}
    if not unsaid(str(body.get("state"))):
        state["power"] = _POWER(str(body["state"]))
    if body.get("brightness") is not None:
        state["brightness_pct"] = to_percent(as_float(str(body["brightness"])), scale)
    mode = body.get("color_mode")
    if mode == "white":
        state["rgb_color"] = WHITE
    elif isinstance(body.get("color"), dict) and mode in (None, *COLOR_MODES):
        state |= _read_color(body["color"])
    if body.get("color_temp") is not None and mode in (None, "color_temp"):
        state["color_temp_kelvin"] = to_kelvin(config, as_float(str(body["color_temp"])))
    if isinstance(body.get("effect"), str):
        state["effect"] = anything(body["effect"])
    return state


def _read_color(color: Mapping[str, Any]) -> State:
    def numbers(keys: str) -> list[float] | None:
        if not all(color.get(key) is not None for key in keys):
            return None
        return [as_float(str(color[key])) for key in keys]

    if (rgbww := numbers("rgbcw")) is not None:
        return {"rgb_color": from_rgbww(rgbww)}
    if (rgbw := numbers("rgbw")) is not None:
        return {"rgb_color": from_rgbw(rgbw)}
    if (rgb := numbers("rgb")) is not None:
        return {"rgb_color": as_rgb(rgb)}
    if (hs := numbers("hs")) is not None:
        return {"rgb_color": hs_to_rgb(*hs)}
    if (xy := numbers("xy")) is not None:
        return {"rgb_color": xy_to_rgb(*xy)}
    return {}
