"""Lights of the default schema (home-assistant.io/integrations/light.mqtt, "default schema")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assistant.home.colors import Rgb, hs_to_rgb, rgb_to_hs, rgb_to_xy, xy_to_rgb
from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, Make, required
from assistant.home.mqtt.homeassistant.light_values import (
    WHITE,
    as_rgb,
    channels,
    color_of,
    dimmed,
    from_kelvin,
    from_rgbw,
    from_rgbww,
    full,
    kelvin_range,
    scale_of,
    scaled,
    to_kelvin,
    to_percent,
    to_rgbw,
    to_rgbww,
)
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_float, one_of, unsaid
from assistant.types import SlotValue

Say = Callable[[Rgb, float | None], Message]
"""Says a colour at a brightness in percent (None: the brightness is said elsewhere)."""


def basic_light(config: Config) -> Entity:
    """A light with a topic for each thing that it can do."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    order = config.text("on_command_type", "last")
    if order not in ("first", "last", "brightness"):
        raise AnnouncementError("on_command_type is none of first, last, brightness")
    switch = required(config.command("command_topic"), "command_topic")
    scale = scale_of(config, "brightness_scale")
    brightness = config.command("brightness_command_topic", "brightness_command_template")
    temperature = config.command("color_temp_command_topic", "color_temp_command_template")
    effect = config.command("effect_command_topic", "effect_command_template")
    color, mixed = _color_command(config)
    # Without a topic of its own, the brightness is in the colour.
    by_color = mixed and brightness is None

    def dim(data: Mapping[str, SlotValue], state: State) -> SlotValue | None:
        percent = data.get("brightness_pct")
        if order == "brightness" and percent is None:
            return state.get("brightness_pct") or 100
        return percent

    def turn_on(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        details: list[Message] = []
        percent = dim(data, state)
        rgb = color_of(data)
        if rgb is None and by_color and data.get("brightness_pct") is not None:
            rgb = _rgb_in(state) or WHITE
        if color and rgb is not None:
            level = percent if percent is not None else state.get("brightness_pct")
            share = float(level) if isinstance(level, int | float) and level > 0 else 100.0
            details.append(color(rgb, share if by_color else None))
        kelvin = data.get("color_temp_kelvin")
        if temperature and isinstance(kelvin, int | float):
            details.append(temperature(from_kelvin(config, kelvin)))
        if effect and "effect" in data:
            details.append(effect(data["effect"]))
        if brightness and percent is not None:
            details.append(brightness(scaled(percent, scale)))
        if order == "brightness" and brightness:
            return details
        return [switch(on), *details] if order == "first" else [*details, switch(on)]

    def turn_off(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        return (switch(off),)

    features = Features(
        brightness=brightness is not None or by_color,
        color=color is not None,
        color_temp=kelvin_range(config) if temperature else None,
        effects=config.texts("effect_list") if effect else (),
    )
    readers = _readers(config, {on: "on", off: "off"}, scale, by_color)
    return Entity(readers, {"turn_on": turn_on, "turn_off": turn_off}, features)


def _rgb_in(state: State) -> Rgb | None:
    return color_of({"rgb_color": state["rgb_color"]}) if "rgb_color" in state else None


def _color_command(config: Config) -> tuple[Say | None, bool]:
    """How to say a colour, and whether its channels can say the brightness too."""

    def topics(name: str) -> Make | None:
        return config.command(f"{name}_command_topic", f"{name}_command_template")

    for name, split in (("rgb", as_rgb), ("rgbw", to_rgbw), ("rgbww", to_rgbww)):
        if (make := topics(name)) is not None:
            return _with_white(config, _levels(make, split)), True
    hs, xy = topics("hs"), topics("xy")
    if hs is not None:

        def say_hs(rgb: Rgb, percent: float | None) -> Message:
            hue, saturation = rgb_to_hs(rgb)
            return hs(f"{hue},{saturation}", hue=hue, sat=saturation)

        return _with_white(config, say_hs), False
    if xy is not None:

        def say_xy(rgb: Rgb, percent: float | None) -> Message:
            x, y = rgb_to_xy(rgb)
            return xy(f"{x},{y}", x=x, y=y)

        return _with_white(config, say_xy), False
    return None, False


def _levels(make: Make, split: Callable[[Rgb], Sequence[int]]) -> Say:
    def say(rgb: Rgb, percent: float | None) -> Message:
        levels = split(rgb if percent is None else dimmed(rgb, percent))
        names = ("red", "green", "blue", *_WHITES[len(levels)])
        return make(",".join(map(str, levels)), **dict(zip(names, levels, strict=True)))

    return say


_WHITES: dict[int, tuple[str, ...]] = {3: (), 4: ("white",), 5: ("cold_white", "warm_white")}


def _with_white(config: Config, colored: Say) -> Say:
    """White by the white channel, where there is a topic for it."""
    white = config.command("white_command_topic")
    scale = scale_of(config, "white_scale")
    if white is None:
        return colored

    def say(rgb: Rgb, percent: float | None) -> Message:
        if rgb != WHITE:
            return colored(rgb, percent)
        return white(scaled(100 if percent is None else percent, scale))

    return say


def _readers(config: Config, words: Mapping[str, str], scale: float, by_color: bool) -> Readers:
    readers = Readers(config)
    readers.add("state_topic", ("state_value_template", "value_template"), "power", one_of(words))
    readers.add(
        "brightness_state_topic", ("brightness_value_template",), "brightness_pct",
        lambda text: to_percent(as_float(text), scale),
    )  # fmt: skip
    readers.add(
        "color_temp_state_topic", ("color_temp_value_template",), "color_temp_kelvin",
        lambda text: to_kelvin(config, as_float(text)),
    )  # fmt: skip
    readers.add("effect_state_topic", ("effect_value_template",), "effect", anything)
    kelvin = kelvin_range(config)
    by_color = by_color and config.topic("brightness_state_topic") is None
    for name, convert in (
        ("rgb", lambda text: as_rgb(channels(text, 3))),
        ("rgbw", lambda text: from_rgbw(channels(text, 4))),
        ("rgbww", lambda text: from_rgbww(channels(text, 5), kelvin)),
    ):
        _add_levels(config, readers, name, convert, by_color)
    readers.add(
        "hs_state_topic", ("hs_value_template",), "rgb_color",
        lambda text: hs_to_rgb(*channels(text, 2)),
    )  # fmt: skip
    readers.add(
        "xy_state_topic", ("xy_value_template",), "rgb_color",
        lambda text: xy_to_rgb(*channels(text, 2)),
    )  # fmt: skip
    return readers


def _add_levels(
    config: Config, readers: Readers, name: str, convert: Callable[[str], Rgb], by_color: bool
) -> None:
    topic = config.topic(f"{name}_state_topic")
    if topic is None:
        return
    render = config.template(f"{name}_value_template")

    def read(payload: str) -> State:
        text = render(payload)
        if unsaid(text):
            return {}
        rgb = convert(text)
        if not by_color:
            return {"rgb_color": rgb}
        color, percent = full(rgb)
        return {"rgb_color": color, "brightness_pct": percent} if percent else {}

    readers.add_reader(topic, read, "rgb_color", *(("brightness_pct",) if by_color else ()))
