"""What lights, fans, switches and sirens do."""

from __future__ import annotations

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import (
    Behaviour,
    NonsenseError,
    Pace,
    Step,
    Wish,
    at_once,
    choice_of,
    number_of,
    switched,
    unknown,
)
from assistant.types import SlotValue


def switch(device: Device, pace: Pace) -> Behaviour:
    """On and off, nothing else."""

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        changes = switched(state, wish)
        if changes is None:
            raise unknown(wish)
        return at_once(changes)

    return Behaviour({"power": "off"}, obey)


def light(device: Device, pace: Pace) -> Behaviour:
    """Brightness, colour, white in kelvin and effects; `color_mode` tells which of the last."""
    features = device.features
    initial: dict[str, SlotValue] = {"power": "off"}
    if features.brightness:
        initial["brightness_pct"] = 100

    def look(wish: Wish) -> dict[str, SlotValue]:
        changes: dict[str, SlotValue] = {}
        if "brightness_pct" in wish.data and features.brightness:
            changes["brightness_pct"] = number_of(wish, "brightness_pct", 0, 100)
        if "rgb_color" in wish.data and features.color:
            changes |= {"rgb_color": _rgb(wish), "color_mode": "rgb"}
        if "color_temp_kelvin" in wish.data and features.color_temp:
            kelvin = number_of(wish, "color_temp_kelvin", 1000, 20000)
            low, high = features.color_temp
            changes["color_temp_kelvin"] = round(min(max(kelvin, low), high))
            changes["color_mode"] = "color_temp"
        if "effect" in wish.data:
            changes["effect"] = choice_of(wish, "effect", features.effects)
        return changes

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb == "adjust":
            return at_once(look(wish))
        power = switched(state, wish)
        if power is None:
            raise unknown(wish)
        return at_once({**power, **(look(wish) if power["power"] == "on" else {})})

    return Behaviour(initial, obey)


def _rgb(wish: Wish) -> tuple[int, int, int]:
    value = wish.data["rgb_color"]
    if isinstance(value, tuple) and len(value) == 3:
        channels = [round(c) for c in value if isinstance(c, int | float) and 0 <= c <= 255]
        if len(channels) == 3:
            return channels[0], channels[1], channels[2]
    raise NonsenseError(f"rgb_color must be three numbers from 0 to 255, not {value!r}")


def fan(device: Device, pace: Pace) -> Behaviour:
    """Speed, presets, oscillation and direction."""
    features = device.features
    initial: dict[str, SlotValue] = {"power": "off"}
    if features.percentage:
        initial["percentage"] = round(features.percentage_step) if _stepped(device) else 50
    if features.presets:
        initial["preset_mode"] = features.presets[0]
    if features.oscillation:
        initial["oscillating"] = False
    if features.direction:
        initial["direction"] = "forward"

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        power = switched(state, wish)
        if power is not None and "percentage" not in wish.data:
            return at_once(power)
        match wish.verb:
            case "turn_on" | "set_percentage" if features.percentage:
                speed = number_of(wish, "percentage", 0, 100)
                return at_once({"percentage": speed, "power": "on"} if speed else {"power": "off"})
            case "set_preset_mode":
                preset = choice_of(wish, "preset_mode", features.presets)
                return at_once({"preset_mode": preset, "power": "on"})
            case "oscillate" if features.oscillation:
                return at_once({"oscillating": bool(wish.data.get("oscillating"))})
            case "set_direction" if features.direction:
                return at_once({"direction": choice_of(wish, "direction", ("forward", "reverse"))})
        raise unknown(wish)

    return Behaviour(initial, obey)


def _stepped(device: Device) -> bool:
    return device.features.percentage_step > 1


def siren(device: Device, pace: Pace) -> Behaviour:
    """Tone, volume, and silence again after the duration."""
    features = device.features

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        power = switched(state, wish)
        if power is None:
            raise unknown(wish)
        changes: dict[str, SlotValue] = dict(power)
        if power["power"] == "off":
            return at_once(changes)
        if "tone" in wish.data and features.tones:
            changes["tone"] = choice_of(wish, "tone", features.tones)
        if "volume_pct" in wish.data and features.siren_volume:
            changes["volume_pct"] = number_of(wish, "volume_pct", 0, 100)
        if "duration" in wish.data and features.siren_duration:
            duration = float(number_of(wish, "duration", 0, 86400))
            return (Step({**changes, "duration": duration}, duration), Step({"power": "off"}))
        return at_once(changes)

    return Behaviour({"power": "off"}, obey)
