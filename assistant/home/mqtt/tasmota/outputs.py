"""What a Tasmota device can be told to do: relays, lights, shutters, fans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.home.mqtt.tasmota.config import (
    LIGHT,
    RELAY,
    RGB,
    RGBCW,
    RGBW,
    SHUTTER,
    WHITES,
    TasmotaConfig,
)
from assistant.home.mqtt.tasmota.messages import EFFECTS, Part

_LIGHT_OPTION, _CHANNELS_OPTION, _SHORT_RANGE_OPTION = 30, 68, 82
_FAN_SPEEDS = 3
_USUAL_SPEED = "2"


def outputs(config: TasmotaConfig) -> Iterator[Part]:
    """All that can be commanded."""
    if config.fan:
        yield _fan(config)
    lights = [place for place, kind in enumerate(config.relays) if kind == LIGHT]
    count = sum(kind in (RELAY, LIGHT) for kind in config.relays)
    for place, kind in enumerate(config.relays):
        name, number = config.relay_name(place, count), place + 1
        switch = {
            "state_topic": f"POWER{number}", "command_topic": f"POWER{number}",
            "payload_off": config.words[0], "payload_on": config.words[1],
        }  # fmt: skip
        if kind == LIGHT:
            more = {} if config.fan else _light(config, number, lights.index(place), len(lights))
            yield Part("light", f"LI_{number}", name, {**switch, **more})
        elif kind == RELAY and config.option(_LIGHT_OPTION):
            yield Part("light", f"LI_{number}", name, switch)
        elif kind == RELAY:
            yield Part("switch", f"RL_{number}", name, switch)
    # Every shutter has two relays.
    pairs = [place for place, kind in enumerate(config.relays) if kind == SHUTTER][::2]
    for shutter, place in enumerate(pairs):
        name = config.relay_name(place, len(pairs))
        if len(pairs) > 1 and name == f"{config.name} {place + 1}":
            name = f"{config.name} {shutter + 1}"
        yield _shutter(config, shutter, name)


def _light(config: TasmotaConfig, number: int, place: int, count: int) -> dict[str, Any]:
    """Options of the relay `number`, one of a device's `count` lights."""
    if config.option(_CHANNELS_OPTION):
        return _dimmer(f"Channel{number}", f"Channel{number}")
    if not config.linked and count > 1 and config.light in (RGBW, RGBCW):
        dimmer = _dimmer(f"Dimmer{number}", f"Dimmer{place + 1}")
        if place == 0:
            return {**dimmer, **_color()}
        return {**dimmer, **(_warmth(config) if config.light == RGBCW else {})}
    return {
        **(_dimmer("Dimmer", "Dimmer3" if config.tuya else "Dimmer") if config.light else {}),
        **(_color() if config.light >= RGB else {}),
        **(_warmth(config) if config.light in (WHITES, RGBCW) else {}),
        **(_white() if config.light == RGBW else {}),
    }


def _dimmer(shown: str, told: str) -> dict[str, Any]:
    return {
        "brightness_state_topic": shown, "brightness_command_topic": told, "brightness_scale": 100,
    }  # fmt: skip


def _color() -> dict[str, Any]:
    # Color2 keeps the brightness; HSBColor tells hue and saturation whatever it is.
    return {
        "rgb_command_topic": "Color2", "hs_state_topic": "HSBColor",
        "effect_command_topic": "Scheme", "effect_state_topic": "Scheme",
        "effect_list": list(EFFECTS),
    }  # fmt: skip


def _white() -> dict[str, Any]:
    return {"white_command_topic": "White", "white_scale": 100}


def _warmth(config: TasmotaConfig) -> dict[str, Any]:
    low, high = (200, 380) if config.option(_SHORT_RANGE_OPTION) else (153, 500)
    return {
        "color_temp_state_topic": "CT", "color_temp_command_topic": "CT",
        "min_mireds": low, "max_mireds": high,
    }  # fmt: skip


def _fan(config: TasmotaConfig) -> Part:
    document = {
        "state_topic": "running", "command_topic": "FanSpeed",
        "payload_off": "0", "payload_on": _USUAL_SPEED,
        "percentage_state_topic": "FanSpeed", "percentage_command_topic": "FanSpeed",
        "speed_range_min": 1, "speed_range_max": _FAN_SPEEDS,
    }  # fmt: skip

    def derive(flat: Mapping[str, Any]) -> Mapping[str, Any]:
        speed = flat.get("FanSpeed")
        if not isinstance(speed, int | float):
            return {}
        return {"running": _USUAL_SPEED if speed else "0"}

    return Part("fan", "FN_1", config.name, document, derive=derive)


def _shutter(config: TasmotaConfig, place: int, name: str) -> Part:
    inverted, shutter = config.inverted(place), f"Shutter{place + 1}"
    document: dict[str, Any] = {
        "state_topic": "shown",
        "command_topic": shutter,
        "position_topic": f"{shutter}.Position",
        "set_position_topic": f"ShutterPosition{place + 1}",
        "position_open": 0 if inverted else 100,
        "position_closed": 100 if inverted else 0,
        "device_class": "shutter",
    }
    angles = config.tilts[place] if place < len(config.tilts) else None
    if angles is not None:
        least, greatest = angles
        document |= {
            "tilt_status_topic": f"{shutter}.Tilt", "tilt_command_topic": f"ShutterTilt{place + 1}",
            "tilt_min": least, "tilt_max": greatest,
            "tilt_closed_value": least, "tilt_opened_value": greatest,
        }  # fmt: skip

    def derive(flat: Mapping[str, Any]) -> Mapping[str, Any]:
        """The direction is told the same way round however the shutter is mounted."""
        direction, position = flat.get(f"{shutter}.Direction"), flat.get(f"{shutter}.Position")
        if direction in (1, -1):
            return {"shown": "opening" if direction == 1 else "closing"}
        if direction is None or not isinstance(position, int | float):
            return {}
        return {"shown": "closed" if position == document["position_closed"] else "open"}

    return Part("cover", f"SHT_{place + 1}", name, document, sensed=True, derive=derive)
