"""What can be asked of lights."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.colors import COLORS, WHITES, Rgb, color_key, kelvin_to_rgb
from assistant.home.commands.expectations import (
    Check,
    Plan,
    Refusal,
    as_number,
    equal,
    is_number,
    near,
    near_color,
)
from assistant.home.commands.planning import (
    NotPossibleError,
    chosen,
    decided,
    number,
    only,
    planned,
    power_only,
    unknown,
    whole,
)
from assistant.home.devices import Device, State
from assistant.types import SlotValue


def light(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Switch, dim, colour, effects; white light in kelvin, within what the lamp can show."""
    verb = decided(verb, state)
    if verb == "turn_off":
        return power_only(device, verb)
    if verb != "turn_on":
        return unknown(device, verb)
    only(
        data, "brightness_pct", "brightness_step_pct", "rgb_color", "color_name",
        "color_temp_kelvin", "effect",
    )  # fmt: skip
    plain: dict[str, SlotValue] = {}
    checks: list[Check] = [{"power": equal("on")}]
    brightness = _brightness(device, data, state)
    if brightness == 0:
        return power_only(device, "turn_off")
    if brightness is not None:
        plain["brightness_pct"] = brightness
        checks.append({"brightness_pct": near(brightness, 2)})
    rgb, kelvin = _color(device, data)
    if rgb is not None:
        plain["rgb_color"] = rgb
        checks.append({"rgb_color": near_color(rgb, 12)})
    elif kelvin is not None:
        plain["color_temp_kelvin"] = kelvin
        checks.append({"color_temp_kelvin": near(kelvin, kelvin * 0.04)})
    if "effect" in data:
        plain["effect"] = effect = chosen(device, data, "effect", device.features.effects)
        checks.append({"effect": equal(effect)})
    return planned(device, verb, plain, {"power": "on", **plain}, *checks)


def _brightness(device: Device, data: Mapping[str, SlotValue], state: State) -> int | None:
    if not {"brightness_pct", "brightness_step_pct"} & data.keys():
        return None
    if not device.features.brightness:
        raise NotPossibleError("it cannot be dimmed")
    if "brightness_pct" in data:
        return whole(data, "brightness_pct", 0, 100)
    step = whole(data, "brightness_step_pct", -100, 100)
    known = state.get("brightness_pct", 50)
    before = 0.0 if state.get("power") == "off" else as_number(known) if is_number(known) else 50.0
    return min(100, max(1 if before > 1 else 0, round(before + step)))


def _color(device: Device, data: Mapping[str, SlotValue]) -> tuple[Rgb | None, int | None]:
    """The colour asked for, as this lamp can show it: RGB or kelvin."""
    kelvin: float | None = None
    rgb: Rgb | None = None
    if "color_name" in data:
        key = color_key(str(data["color_name"]))
        if key in WHITES and (device.features.color_temp or key not in COLORS):
            kelvin = WHITES[key]
        elif key in COLORS:
            rgb = COLORS[key]
        else:
            raise NotPossibleError(f'"{data["color_name"]}" is not a known colour')
    elif "rgb_color" in data:
        rgb = _rgb(data["rgb_color"])
    elif "color_temp_kelvin" in data:
        kelvin = number(data, "color_temp_kelvin", 1000, 20000)
    if kelvin is not None:
        if device.features.color_temp:
            warmest, coldest = device.features.color_temp
            return None, round(min(max(kelvin, warmest), coldest))
        rgb = kelvin_to_rgb(kelvin)
    if rgb is not None and not device.features.color:
        raise NotPossibleError("it cannot show colours")
    return rgb, None


def _rgb(value: SlotValue) -> Rgb:
    if isinstance(value, tuple | list) and len(value) == 3:
        channels = [int(c) for c in value if isinstance(c, int | float) and 0 <= c <= 255]
        if len(channels) == 3:
            return channels[0], channels[1], channels[2]
    raise NotPossibleError("rgb_color must be three numbers from 0 to 255")
