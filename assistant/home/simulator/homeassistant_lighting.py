"""Lights, fans and sirens in Home Assistant's discovery.

https://www.home-assistant.io/integrations/light.mqtt/#json-schema, …/fan.mqtt/, …/siren.mqtt/
"""

from __future__ import annotations

import json

from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.homeassistant_form import ON_OFF, Form, plain, power_form
from assistant.home.simulator.wire import (
    Document,
    document_in,
    number_in,
    on_off,
    shows,
    verb,
    words,
)
from assistant.types import SlotValue


def switch(device: Device) -> Form:
    """On and off."""
    return power_form()


def light(device: Device) -> Form:
    """The JSON schema."""
    features = device.features
    modes = ["rgb"] if features.color else []
    modes += ["color_temp"] if features.color_temp else []
    options: Document = {
        "schema": "json",
        "brightness": features.brightness,
        "supported_color_modes": modes or (["brightness"] if features.brightness else ["onoff"]),
    }
    if features.color_temp:
        low, high = features.color_temp
        options |= {"color_temp_kelvin": True, "min_kelvin": low, "max_kelvin": high}
    if features.effects:
        options |= {"effect": True, "effect_list": list(features.effects)}
    return plain(_hear_light, _show_light, options)


def _hear_light(payload: str) -> tuple[Wish, ...]:
    body = document_in(payload)
    if body.get("state") not in ("ON", "OFF"):
        raise NonsenseError(f"state must be ON or OFF, not {body.get('state')!r}")
    data: dict[str, SlotValue] = {}
    try:
        if "brightness" in body:
            data["brightness_pct"] = round(number_in(body["brightness"]) / 2.55, 1)
        if "color" in body:
            data["rgb_color"] = tuple(round(number_in(body["color"][channel])) for channel in "rgb")
        if "color_temp" in body:
            data["color_temp_kelvin"] = number_in(body["color_temp"])
        if "effect" in body:
            data["effect"] = str(body["effect"])
    except (TypeError, ValueError, KeyError) as error:
        raise NonsenseError(f"{payload[:80]!r}: {error}") from error
    return (Wish(on_off(body, "state", ""), data),)


def _show_light(state: State) -> str:
    body: Document = {"state": str(state.get("power", "off")).upper()}
    percent = state.get("brightness_pct")
    if is_number(percent):
        body["brightness"] = round(as_number(percent) * 2.55)
    color, kelvin = state.get("rgb_color"), state.get("color_temp_kelvin")
    mode = state.get("color_mode", "rgb" if color else "color_temp")
    if isinstance(color, tuple) and mode == "rgb":
        body |= {"color_mode": "rgb", "color": dict(zip("rgb", color, strict=True))}
    elif is_number(kelvin):
        body |= {"color_mode": "color_temp", "color_temp": round(as_number(kelvin))}
    if "effect" in state:
        body["effect"] = state["effect"]
    return json.dumps(body)


def fan(device: Device) -> Form:
    """Speed, presets, oscillation and direction on topics of their own."""
    features = device.features
    form = power_form()
    if features.percentage:
        speeds = max(1, round(100 / features.percentage_step))
        if speeds < 100:
            form.options |= {"speed_range_min": 1, "speed_range_max": speeds}

        def show_speed(state: State) -> str | None:
            percent = state.get("percentage")
            return str(round(as_number(percent) * speeds / 100)) if is_number(percent) else None

        def hear_speed(payload: str) -> tuple[Wish, ...]:
            percent = int(number_in(payload) * 100 // speeds)
            return (Wish("set_percentage", {"percentage": percent}),)

        form.both("percentage", "percentage", hear_speed, show_speed)
    if features.presets:
        form.options["preset_modes"] = list(features.presets)
        hear = verb("set_preset_mode", "preset_mode")
        form.both("preset_mode", "preset_mode", hear, shows("preset_mode"))
    if features.oscillation:
        swings = words(
            {
                "oscillate_on": Wish("oscillate", {"oscillating": True}),
                "oscillate_off": Wish("oscillate", {"oscillating": False}),
            }
        )
        form.both(
            "oscillation", "oscillation", swings,
            lambda state: "oscillate_on" if state.get("oscillating") else "oscillate_off",
        )  # fmt: skip
    if features.direction:
        form.both("direction", "direction", verb("set_direction", "direction"), shows("direction"))
    return form


def siren(device: Device) -> Form:
    """Commands are JSON objects, as they are by default, or plain ON and OFF."""
    features = device.features
    options: Document = {
        "support_volume_set": features.siren_volume,
        "support_duration": features.siren_duration,
    }
    if features.tones:
        options["available_tones"] = list(features.tones)
    return plain(_hear_siren, shows("power", upper=True), options)


def _hear_siren(payload: str) -> tuple[Wish, ...]:
    if payload in ("ON", "OFF"):
        return ON_OFF(payload)
    body = document_in(payload)
    data: dict[str, SlotValue] = {}
    if "tone" in body:
        data["tone"] = str(body["tone"])
    if "volume_level" in body:
        data["volume_pct"] = round(number_in(str(body["volume_level"])) * 100)
    if "duration" in body:
        data["duration"] = number_in(str(body["duration"]))
    if "state" not in body:
        raise NonsenseError("there is no state")
    return (Wish(on_off(body, "state", ""), data),)
