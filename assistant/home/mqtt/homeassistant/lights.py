"""Lights in their three schemas: default, json and template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.home.colors import hs_to_rgb, rgb_to_hs, rgb_to_xy, xy_to_rgb
from assistant.home.model import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import (
    Config,
    Readers,
    as_float,
    as_number,
    one_of,
    tidy,
)
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, required
from assistant.home.mqtt.homeassistant.templates import command_template, parse_json
from assistant.types import SlotValue

_COLOR_MODES = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
_DEFAULT_MIREDS = (153, 500)


def light(config: Config) -> Entity:
    """A light of whichever schema it says it has."""
    schema = config.text("schema", "basic")
    makers = {"basic": _basic, "default": _basic, "json": _json, "template": _template}
    if schema not in makers:
        raise AnnouncementError(f"the schema {schema!r} is none of basic, json, template")
    return makers[schema](config)


def _kelvin_range(config: Config) -> tuple[int, int]:
    warmest = config.number("max_mireds", _DEFAULT_MIREDS[1])
    coldest = config.number("min_mireds", _DEFAULT_MIREDS[0])
    if warmest <= 0 or coldest <= 0:
        raise AnnouncementError("mireds must be above 0")
    low = config.number("min_kelvin", 1_000_000 / warmest)
    high = config.number("max_kelvin", 1_000_000 / coldest)
    if not 0 < low <= high <= 1_000_000:
        raise AnnouncementError("the range of colour temperatures is empty")
    return round(low), round(high)


def _mireds_or_kelvin(config: Config, kelvin: float) -> int:
    return round(kelvin) if config.flag("color_temp_kelvin") else round(1_000_000 / kelvin)


def _to_kelvin(config: Config, number: float) -> int:
    if number <= 0:
        raise GarbageError("a colour temperature must be above 0")
    return round(number) if config.flag("color_temp_kelvin") else round(1_000_000 / number)


def _percent(number: float, scale: float) -> int | float:
    if number < 0:
        raise GarbageError("a brightness must not be below 0")
    return tidy(min(100.0, round(number * 100 / scale, 1)))


def _scaled(percent: SlotValue, scale: float) -> int:
    return max(1, round(float(percent) * scale / 100)) if isinstance(percent, int | float) else 0


def _scale(config: Config, key: str) -> float:
    scale = config.number(key, 255)
    if scale < 1:
        raise AnnouncementError(f"{key} must be at least 1")
    return scale


def _channels(text: str, count: int) -> list[float]:
    parts = text.split(",")
    if len(parts) < count:
        raise GarbageError(f"expected {count} numbers with commas between, found {text[:40]!r}")
    return [as_float(part) for part in parts[:count]]


def _basic(config: Config) -> Entity:
    readers = Readers(config)
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    readers.add(
        "state_topic", ("state_value_template", "value_template"), "power",
        one_of({on: "on", off: "off"}),
    )  # fmt: skip
    switch = required(config.command("command_topic"), "command_topic")
    scale = _scale(config, "brightness_scale")
    readers.add(
        "brightness_state_topic", ("brightness_value_template",), "brightness_pct",
        lambda text: _percent(as_float(text), scale),
    )  # fmt: skip
    readers.add(
        "color_temp_state_topic", ("color_temp_value_template",), "color_temp_kelvin",
        lambda text: _to_kelvin(config, as_float(text)),
    )  # fmt: skip
    _basic_color_readers(readers)
    brightness = config.command("brightness_command_topic", "brightness_command_template")
    temperature = config.command("color_temp_command_topic", "color_temp_command_template")
    rgb = config.command("rgb_command_topic", "rgb_command_template")
    hs = config.command("hs_command_topic", "hs_command_template")
    xy = config.command("xy_command_topic", "xy_command_template")
    order = config.text("on_command_type", "last")

    def turn_on(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        details: list[Message] = []
        if (color := _color_of(data)) is not None:
            if rgb:
                text = ",".join(map(str, color))
                details.append(rgb(text, red=color[0], green=color[1], blue=color[2]))
            elif hs:
                hue, saturation = rgb_to_hs(color)
                details.append(hs(f"{hue},{saturation}", hue=hue, sat=saturation))
            elif xy:
                x, y = rgb_to_xy(color)
                details.append(xy(f"{x},{y}", x=x, y=y))
        kelvin = data.get("color_temp_kelvin")
        if temperature and isinstance(kelvin, int | float):
            details.append(temperature(_mireds_or_kelvin(config, kelvin)))
        percent = data.get("brightness_pct")
        if order == "brightness" and percent is None:
            percent = state.get("brightness_pct") or 100
        if brightness and percent is not None:
            details.append(brightness(_scaled(percent, scale)))
        if order == "brightness" and brightness:
            return details
        return [switch(on), *details] if order == "first" else [*details, switch(on)]

    turn_off: Verb = lambda data, state: (switch(off),)  # noqa: E731
    features = Features(
        brightness=brightness is not None,
        color=bool(rgb or hs or xy),
        color_temp=_kelvin_range(config) if temperature else None,
    )
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)


def _basic_color_readers(readers: Readers) -> None:
    def rgb(text: str) -> SlotValue:
        red, green, blue = (min(255, max(0, round(part))) for part in _channels(text, 3))
        return red, green, blue

    def hs(text: str) -> SlotValue:
        hue, saturation = _channels(text, 2)
        return hs_to_rgb(hue, saturation)

    def xy(text: str) -> SlotValue:
        x, y = _channels(text, 2)
        return xy_to_rgb(x, y)

    for name, convert in (("rgb", rgb), ("hs", hs), ("xy", xy)):
        readers.add(f"{name}_state_topic", (f"{name}_value_template",), "rgb_color", convert)


def _color_of(data: Mapping[str, SlotValue]) -> tuple[int, int, int] | None:
    color = data.get("rgb_color")
    if isinstance(color, tuple) and len(color) == 3:
        red, green, blue = (int(channel) for channel in color)
        return red, green, blue
    return None


def _json(config: Config) -> Entity:
    topic = required(config.command("command_topic"), "command_topic")
    scale = _scale(config, "brightness_scale")
    modes = set(config.texts("supported_color_modes"))
    modes.update(
        mode for mode in (*_COLOR_MODES, "color_temp") if config.document.get(mode) is True
    )
    colored = bool(modes & _COLOR_MODES)
    # A dimmable lamp may say so by its modes alone.
    dimmable = config.flag("brightness") or bool(modes - {"onoff", "white"})

    def turn_on(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        body: dict[str, Any] = {"state": "ON"}
        if (percent := data.get("brightness_pct")) is not None:
            body["brightness"] = _scaled(percent, scale)
        if (color := _color_of(data)) is not None:
            body["color"] = _json_color(color, modes)
        kelvin = data.get("color_temp_kelvin")
        if isinstance(kelvin, int | float):
            body["color_temp"] = _mireds_or_kelvin(config, kelvin)
        return [topic(json.dumps(body, separators=(",", ":")))]

    def turn_off(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [topic('{"state":"OFF"}')]

    readers = Readers(config)
    if (state_topic := config.topic("state_topic")) is not None:
        keys = ["power"]
        keys += ["brightness_pct"] if dimmable else []
        keys += ["rgb_color"] if colored else []
        keys += ["color_temp_kelvin"] if "color_temp" in modes else []
        readers.add_reader(state_topic, lambda text: _read_json(config, text, scale), *keys)
    features = Features(
        brightness=dimmable,
        color=colored,
        color_temp=_kelvin_range(config) if "color_temp" in modes else None,
    )
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)


def _json_color(color: tuple[int, int, int], modes: set[str]) -> dict[str, float]:
    if modes & {"rgb", "rgbw", "rgbww"}:
        return {"r": color[0], "g": color[1], "b": color[2]}
    if "hs" in modes:
        hue, saturation = rgb_to_hs(color)
        return {"h": hue, "s": saturation}
    x, y = rgb_to_xy(color)
    return {"x": x, "y": y}


def _read_json(config: Config, text: str, scale: float) -> State:
    body = parse_json(text)
    if not isinstance(body, dict):
        raise GarbageError("expected a JSON object")
    state: dict[str, SlotValue] = {}
    if (power := body.get("state")) is not None:
        state["power"] = one_of({"ON": "on", "OFF": "off", "on": "on", "off": "off"})(str(power))
    if body.get("brightness") is not None:
        state["brightness_pct"] = _percent(as_float(str(body["brightness"])), scale)
    mode = body.get("color_mode")
    if isinstance(body.get("color"), dict) and mode in (None, *_COLOR_MODES):
        state |= _read_color(body["color"])
    if body.get("color_temp") is not None and mode in (None, "color_temp"):
        state["color_temp_kelvin"] = _to_kelvin(config, as_float(str(body["color_temp"])))
    return state


def _read_color(color: Mapping[str, Any]) -> State:
    def numbers(*keys: str) -> list[float] | None:
        if not all(key in color for key in keys):
            return None
        return [as_float(str(color[key])) for key in keys]

    if (rgb := numbers("r", "g", "b")) is not None:
        red, green, blue = (min(255, max(0, round(channel))) for channel in rgb)
        return {"rgb_color": (red, green, blue)}
    if (hs := numbers("h", "s")) is not None:
        return {"rgb_color": hs_to_rgb(*hs)}
    if (xy := numbers("x", "y")) is not None:
        return {"rgb_color": xy_to_rgb(*xy)}
    return {}


def _template(config: Config) -> Entity:
    topic = required(config.command("command_topic"), "command_topic")
    sources = {key: config.text(f"command_{key}_template") for key in ("on", "off")}
    if not all(sources.values()):
        raise AnnouncementError("command_on_template or command_off_template is missing")
    on, off = command_template(sources["on"]), command_template(sources["off"])
    readers = Readers(config)
    readers.add("state_topic", ("state_template",), "power", one_of({"on": "on", "off": "off"}))
    has = {key: config.document.get(f"{key}_template") is not None for key in (
        "brightness", "color_temp", "red", "green", "blue",
    )}  # fmt: skip
    if has["brightness"]:
        readers.add(
            "state_topic", ("brightness_template",), "brightness_pct",
            lambda text: _percent(as_number(text), 255),
        )  # fmt: skip
    if has["color_temp"]:
        readers.add(
            "state_topic", ("color_temp_template",), "color_temp_kelvin",
            lambda text: _to_kelvin(config, as_float(text)),
        )  # fmt: skip
    colored = has["red"] and has["green"] and has["blue"]
    state_topic = config.topic("state_topic")
    if colored and state_topic:
        channels = [config.template(f"{name}_template") for name in ("red", "green", "blue")]

        def read_color(payload: str) -> State:
            red, green, blue = (round(as_float(channel(payload))) for channel in channels)
            return {"rgb_color": (red, green, blue)}

        readers.add_reader(state_topic, read_color, "rgb_color")

    def turn_on(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        variables: dict[str, object] = {"state": "on"}
        if (percent := data.get("brightness_pct")) is not None:
            variables["brightness"] = _scaled(percent, 255)
        kelvin = data.get("color_temp_kelvin")
        if isinstance(kelvin, int | float):
            variables["color_temp"] = _mireds_or_kelvin(config, kelvin)
        if (color := _color_of(data)) is not None:
            hue, saturation = rgb_to_hs(color)
            variables |= {"red": color[0], "green": color[1], "blue": color[2]}
            variables |= {"hue": hue, "sat": saturation}
        return [topic(on(**variables))]

    def turn_off(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [topic(off(state="off"))]

    features = Features(
        brightness=has["brightness"],
        color=colored,
        color_temp=_kelvin_range(config) if has["color_temp"] else None,
    )
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)
