"""How a simulated device announces itself, understands commands and shows its state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.home.model import Device, State
from assistant.types import SlotValue

Document = dict[str, Any]

Obey = Callable[[State, str], State]
"""Changes of state, from the present state and a payload. Raises `ValueError` for nonsense."""

Show = Callable[[State], str | None]
"""What a state topic says; None: nothing."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One kind of device, seen from its own side."""

    options: Document
    """What its announcement says besides names and availability; topics begin with `~/`."""
    commands: Mapping[str, Obey]
    """By the last level of a command topic."""
    shows: Mapping[str, Show]
    """By the last level of a state topic."""
    initial: State


def behaviour(device: Device) -> Behaviour:
    """The behaviour of a device by its type; types without one of their own are switches."""
    return _BEHAVIOURS.get(device.type, _switch)(device)


def _word(words: Mapping[str, State]) -> Obey:
    def obey(state: State, payload: str) -> State:
        if payload not in words:
            raise ValueError(payload)
        return words[payload]

    return obey


def _shows(key: str, *, upper: bool = False) -> Show:
    def show(state: State) -> str | None:
        if key not in state:
            return None
        text = str(state[key])
        return text.upper() if upper else text

    return show


_ON_OFF = _word({"ON": {"power": "on"}, "OFF": {"power": "off"}})


def _switch(device: Device) -> Behaviour:
    return Behaviour(
        {"command_topic": "~/set", "state_topic": "~/state"},
        {"set": _ON_OFF},
        {"state": _shows("power", upper=True)},
        {"power": "off"},
    )


def _light(device: Device) -> Behaviour:
    features = device.features
    modes = ["rgb"] if features.color else []
    modes += ["color_temp"] if features.color_temp else []
    options: Document = {
        "schema": "json",
        "command_topic": "~/set",
        "state_topic": "~/state",
        "brightness": features.brightness,
        "supported_color_modes": modes or (["brightness"] if features.brightness else ["onoff"]),
    }
    initial: dict[str, SlotValue] = {"power": "off"}
    if features.color_temp:
        low, high = features.color_temp
        options |= {"color_temp_kelvin": True, "min_kelvin": low, "max_kelvin": high}
    if features.brightness:
        initial["brightness_pct"] = 100

    def obey(state: State, payload: str) -> State:
        body = json.loads(payload)
        if not isinstance(body, dict) or body.get("state") not in ("ON", "OFF"):
            raise ValueError(payload)
        changes: dict[str, SlotValue] = {"power": body["state"].lower()}
        if "brightness" in body and features.brightness:
            changes["brightness_pct"] = round(float(body["brightness"]) / 2.55, 1)
        if "color" in body and features.color:
            color = body["color"]
            changes["rgb_color"] = (int(color["r"]), int(color["g"]), int(color["b"]))
            changes["color_mode"] = "rgb"
        if "color_temp" in body and features.color_temp:
            changes["color_temp_kelvin"] = round(float(body["color_temp"]))
            changes["color_mode"] = "color_temp"
        return changes

    return Behaviour(options, {"set": obey}, {"state": _show_light}, initial)


def _show_light(state: State) -> str:
    body: Document = {"state": str(state.get("power", "off")).upper()}
    percent = state.get("brightness_pct")
    if isinstance(percent, int | float):
        body["brightness"] = round(percent * 2.55)
    color, kelvin = state.get("rgb_color"), state.get("color_temp_kelvin")
    mode = state.get("color_mode", "rgb" if color else "color_temp")
    if isinstance(color, tuple) and mode == "rgb":
        body |= {"color_mode": "rgb", "color": dict(zip("rgb", color, strict=True))}
    elif isinstance(kelvin, int | float):
        body |= {"color_mode": "color_temp", "color_temp": round(kelvin)}
    return json.dumps(body)


def _fan(device: Device) -> Behaviour:
    options: Document = {"command_topic": "~/set", "state_topic": "~/state"}
    commands: dict[str, Obey] = {"set": _ON_OFF}
    shows: dict[str, Show] = {"state": _shows("power", upper=True)}
    initial: dict[str, SlotValue] = {"power": "off"}
    if device.features.percentage:
        options["percentage_command_topic"] = "~/set_percentage"
        options["percentage_state_topic"] = "~/percentage"
        commands["set_percentage"] = _fan_speed
        shows["percentage"] = _shows("percentage")
        initial["percentage"] = 50
    return Behaviour(options, commands, shows, initial)


def _fan_speed(state: State, payload: str) -> State:
    speed = int(payload)
    return {"percentage": speed, "power": "on"} if speed else {"power": "off"}


def _cover(device: Device) -> Behaviour:
    options: Document = {"command_topic": "~/set", "state_topic": "~/state"}
    commands: dict[str, Obey] = {
        "set": _word(
            {
                "OPEN": {"cover": "open", "position": 100},
                "CLOSE": {"cover": "closed", "position": 0},
                "STOP": {"cover": "stopped"},
            }
        )
    }
    shows: dict[str, Show] = {"state": _shows("cover")}
    if device.type == "valve":
        options |= {"payload_open": "OPEN", "payload_close": "CLOSE"}
    if device.features.position and device.type == "cover":
        options |= {"position_topic": "~/position", "set_position_topic": "~/set_position"}
        commands["set_position"] = _position
        shows["position"] = _shows("position")
    return Behaviour(options, commands, shows, {"cover": "closed", "position": 0})


def _position(state: State, payload: str) -> State:
    position = int(payload)
    if not 0 <= position <= 100:
        raise ValueError(payload)
    return {"position": position, "cover": "open" if position else "closed"}


def _lock(device: Device) -> Behaviour:
    words: dict[str, State] = {"LOCK": {"lock": "locked"}, "UNLOCK": {"lock": "unlocked"}}
    words["OPEN"] = {"lock": "open"}
    return Behaviour(
        {"command_topic": "~/set", "state_topic": "~/state", "payload_open": "OPEN"},
        {"set": _word(words)},
        {"state": _shows("lock", upper=True)},
        {"lock": "locked"},
    )


def _climate(device: Device) -> Behaviour:
    features = device.features
    modes = features.modes or ("off", "heat")
    low, high = features.temperature or (7.0, 35.0)
    options: Document = {
        "mode_command_topic": "~/set_mode",
        "mode_state_topic": "~/mode",
        "temperature_command_topic": "~/set_temperature",
        "temperature_state_topic": "~/temperature",
        "current_temperature_topic": "~/current_temperature",
        "modes": list(modes),
        "min_temp": low,
        "max_temp": high,
        "temp_step": features.temperature_step,
        "temperature_unit": "F" if "F" in features.unit else "C",
    }
    commands: dict[str, Obey] = {
        "set_mode": _word({mode: {"hvac_mode": mode} for mode in (*modes, "off")}),
        "set_temperature": lambda state, payload: {"temperature": float(payload)},
    }
    shows = {
        "mode": _shows("hvac_mode"),
        "temperature": _shows("temperature"),
        "current_temperature": _shows("current_temperature"),
    }
    comfortable = 68.0 if "F" in features.unit else 20.0
    mode = next((mode for mode in modes if mode != "off"), "off")
    initial: State = {
        "hvac_mode": mode,
        "temperature": comfortable,
        "current_temperature": comfortable,
    }
    return Behaviour(options, commands, shows, initial)


def _sensor(device: Device) -> Behaviour:
    options: Document = {"state_topic": "~/state"}
    if device.features.unit:
        options["unit_of_measurement"] = device.features.unit
    return Behaviour(options, {}, {"state": _shows("value")}, {})


def _binary_sensor(device: Device) -> Behaviour:
    show = _shows("value", upper=True)
    return Behaviour({"state_topic": "~/state"}, {}, {"state": show}, {"value": "off"})


def _pressed(device: Device) -> Behaviour:
    return Behaviour({"command_topic": "~/set"}, {"set": lambda state, payload: {}}, {}, {})


def _media_player(device: Device) -> Behaviour:
    words: dict[str, State] = {
        "PLAY": {"media": "playing"},
        "PAUSE": {"media": "paused"},
        "STOP": {"media": "idle"},
        "NEXT": {},
        "PREVIOUS": {},
        "ON": {"media": "idle"},
        "OFF": {"media": "off"},
    }
    options: Document = {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "volume_command_topic": "~/set_volume",
        "volume_state_topic": "~/volume",
        "mute_command_topic": "~/set_mute",
        "mute_state_topic": "~/mute",
    }
    commands: dict[str, Obey] = {
        "set": _word(words),
        "set_volume": lambda state, payload: {"volume_pct": int(payload)},
        "set_mute": _word({"ON": {"muted": True}, "OFF": {"muted": False}}),
    }
    shows: dict[str, Show] = {
        "state": _shows("media"),
        "volume": _shows("volume_pct"),
        "mute": lambda state: "ON" if state.get("muted") else "OFF",
    }
    return Behaviour(options, commands, shows, {"media": "idle", "volume_pct": 50, "muted": False})


def _vacuum(device: Device) -> Behaviour:
    words: dict[str, State] = {
        "start": {"value": "cleaning"},
        "pause": {"value": "paused"},
        "stop": {"value": "idle"},
        "return_to_base": {"value": "docked"},
        "locate": {},
    }
    return Behaviour(
        {"command_topic": "~/set", "state_topic": "~/state"},
        {"set": _word(words)},
        {"state": lambda state: json.dumps({"state": state.get("value")})},
        {"value": "docked"},
    )


def _humidifier(device: Device) -> Behaviour:
    options: Document = {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "target_humidity_command_topic": "~/set_humidity",
        "target_humidity_state_topic": "~/humidity",
    }
    commands: dict[str, Obey] = {
        "set": _ON_OFF,
        "set_humidity": lambda state, payload: {"humidity": int(payload)},
    }
    shows = {"state": _shows("power", upper=True), "humidity": _shows("humidity")}
    return Behaviour(options, commands, shows, {"power": "off", "humidity": 50})


def _number(device: Device) -> Behaviour:
    low, high = device.features.temperature or (0.0, 100.0)
    options: Document = {
        "command_topic": "~/set", "state_topic": "~/state", "min": low, "max": high,
        "step": device.features.temperature_step,
    }  # fmt: skip
    if device.features.unit:
        options["unit_of_measurement"] = device.features.unit
    commands: dict[str, Obey] = {"set": lambda state, payload: {"value": float(payload)}}
    return Behaviour(options, commands, {"state": _shows("value")}, {"value": low})


def _select(device: Device) -> Behaviour:
    choices = device.features.modes or ("off", "on")
    return Behaviour(
        {"command_topic": "~/set", "state_topic": "~/state", "options": list(choices)},
        {"set": _word({choice: {"value": choice} for choice in choices})},
        {"state": _shows("value")},
        {"value": choices[0]},
    )


_BEHAVIOURS: dict[str, Callable[[Device], Behaviour]] = {
    "light": _light,
    "fan": _fan,
    "cover": _cover,
    "valve": _cover,
    "lock": _lock,
    "climate": _climate,
    "sensor": _sensor,
    "binary_sensor": _binary_sensor,
    "button": _pressed,
    "scene": _pressed,
    "media_player": _media_player,
    "vacuum": _vacuum,
    "humidifier": _humidifier,
    "number": _number,
    "select": _select,
}
