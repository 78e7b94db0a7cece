"""Components that do something: relays, lights, covers, thermostats.

shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices: Switch, Light, RGB, RGBW, CCT, RGBCCT,
Cover; …/gen2/Devices: Wall Display (Thermostat), BLU Gateway Gen3 (BluTrv).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import GarbageError
from assistant.home.mqtt.shelly.entity import (
    Call,
    Component,
    Entity,
    Reading,
    Shelly,
    Verb,
    number,
    on_off,
    percent,
    rgb,
)
from assistant.home.mqtt.shelly.measures import channel_meters
from assistant.types import SlotValue

_KELVIN = (2700, 6500)
_COVER_STATES = ("open", "opening", "closed", "closing", "stopped")
_VALVE_RANGE = (4.0, 30.0)
_ROOM_RANGE = (5.0, 35.0)


def switch(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A relay; a light where its owner says that one hangs on it."""
    if _taken_by_thermostat(component, shelly):
        return
    place = component.number
    use = shelly.uses[place] if place < len(shelly.uses) else ""
    yield Entity(
        "light" if use.casefold().startswith("light") else "switch",
        (Reading(component.key, ("output",), "power", on_off),),
        _power("Switch.Set", component),
    )
    yield from channel_meters(component)


def _taken_by_thermostat(component: Component, shelly: Shelly) -> bool:
    """Whether the device's own thermostat works this relay: two masters are one too many."""
    own = f"{shelly.id}/c/{component.key}".casefold()
    for other in shelly.components.values():
        if other.kind == "thermostat" and component.key == f"switch:{other.number}":
            actuator = other.config.get("actuator")
            system = shelly.components.get("sys")
            if isinstance(actuator, str) and actuator.casefold().endswith(own):
                return True
            if system is not None and "relay_in_thermostat" in system.shows:
                return True
    return False


def _power(method: str, component: Component) -> dict[str, Verb]:
    return {
        "turn_on": lambda data: (method, {"id": component.number, "on": True}),
        "turn_off": lambda data: (method, {"id": component.number, "on": False}),
    }


_LIGHTS = {
    "light": ("Light.Set", False, False), "rgb": ("RGB.Set", True, False),
    "rgbw": ("RGBW.Set", True, False), "cct": ("CCT.Set", False, True),
    "rgbcct": ("RGBCCT.Set", True, True),
}  # fmt: skip
"""By kind: method, whether it has colours, whether it has shades of white."""

_ALONE: dict[str, dict[str, Any]] = {"rgbw": {"white": 0}, "rgbcct": {"mode": "rgb"}}
"""What shows a colour without any white, by kind."""


def light(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A lamp that can be dimmed; those of kind rgb… and …cct have colours and shades of white."""
    method, colorful, white = _LIGHTS[component.kind]
    readings = [
        Reading(component.key, ("output",), "power", on_off),
        Reading(component.key, ("brightness",), "brightness_pct", percent),
    ]
    if colorful:
        readings.append(Reading(component.key, ("rgb",), "rgb_color", rgb))
    if white:
        readings.append(Reading(component.key, ("ct",), "color_temp_kelvin", number))

    def turn(data: Mapping[str, SlotValue], on: bool) -> Call:
        params: dict[str, Any] = {"id": component.number, "on": on}
        if "brightness_pct" in data:
            params["brightness"] = data["brightness_pct"]
        color = data.get("rgb_color")
        if colorful and isinstance(color, tuple):
            params["rgb"] = list(color)
            params |= _ALONE.get(component.kind, {})
        if white and "color_temp_kelvin" in data:
            params["ct"] = data["color_temp_kelvin"]
            params |= {"mode": "cct"} if colorful else {}
        if "transition" in data:
            params["transition_duration"] = data["transition"]
        return method, params

    yield Entity(
        "light",
        readings,
        {"turn_on": lambda data: turn(data, True), "turn_off": lambda data: turn(data, False)},
        Features(brightness=True, color=colorful, color_temp=_kelvin(component) if white else None),
    )
    yield from channel_meters(component)


def _kelvin(component: Component) -> tuple[int, int]:
    span = component.config.get("ct_range")
    if isinstance(span, list) and len(span) == 2 and all(type(one) is int for one in span):
        low, high = span
        if 1000 <= low < high <= 20000:
            return low, high
    return _KELVIN


def cover(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A cover; its position can be set once it is calibrated, its slats if it has them."""
    where = {"id": component.number}
    positioned = "pos_control" in component.shows
    tilted = positioned and component.option("slat", "enable") is True
    readings = [
        Reading(component.key, ("state",), "cover", _cover_state),
        *([Reading(component.key, ("current_pos",), "position", percent)] if positioned else []),
        *([Reading(component.key, ("slat_pos",), "tilt", percent)] if tilted else []),
    ]

    def go(key: str, target: SlotValue) -> Call:
        return "Cover.GoToPosition", {**where, key: target}

    verbs: dict[str, Verb] = {
        "open_cover": lambda data: ("Cover.Open", where),
        "close_cover": lambda data: ("Cover.Close", where),
        "stop_cover": lambda data: ("Cover.Stop", where),
    }
    if positioned:
        verbs["set_cover_position"] = lambda data: go("pos", data["position"])
    if tilted:
        verbs |= {
            "open_cover_tilt": lambda data: go("slat_pos", 100),
            "close_cover_tilt": lambda data: go("slat_pos", 0),
            "stop_cover_tilt": lambda data: ("Cover.Stop", where),
            "set_cover_tilt_position": lambda data: go("slat_pos", data["tilt_position"]),
        }
    yield Entity("cover", readings, verbs, Features(position=positioned, tilt=tilted))
    yield from channel_meters(component)


def _cover_state(value: Any) -> SlotValue | None:
    if value == "calibrating":
        return None
    if value not in _COVER_STATES:
        raise GarbageError(f"expected one of {', '.join(_COVER_STATES)}, found {str(value)[:40]!r}")
    return str(value)


def thermostat(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A Wall Display's thermostat: it heats or cools, as it was set up to."""
    mode = "cool" if component.config.get("type") == "cooling" else "heat"

    def put(**config: Any) -> Call:
        where = {"id": component.number}
        return "Thermostat.SetConfig", {**where, "config": {**where, **config}}

    def enabled(value: Any) -> SlotValue:
        return mode if on_off(value) == "on" else "off"

    def set_mode(data: Mapping[str, SlotValue]) -> Call:
        return put(enable=data["hvac_mode"] != "off")

    def set_temperature(data: Mapping[str, SlotValue]) -> Call | None:
        if "temperature" not in data:
            return None
        changed = {"enable": data["hvac_mode"] != "off"} if "hvac_mode" in data else {}
        return put(**changed, target_C=data["temperature"])

    yield Entity(
        "climate",
        (
            Reading(component.key, ("target_C",), "temperature", number),
            Reading(component.key, ("current_C",), "current_temperature", number),
            Reading(component.key, ("enable",), "hvac_mode", enabled),
            Reading(f"humidity:{component.number}", ("rh",), "current_humidity", percent),
        ),
        {
            "turn_on": lambda data: put(enable=True),
            "turn_off": lambda data: put(enable=False),
            "set_hvac_mode": set_mode,
            "set_temperature": set_temperature,
        },
        Features(temperature=_ROOM_RANGE, modes=("off", mode), unit="°C"),
        label="" if component.name else "Thermostat",
    )


def radiator(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A BLU TRV behind its gateway: it always heats."""

    def set_temperature(data: Mapping[str, SlotValue]) -> Call | None:
        if "temperature" not in data:
            return None
        target = {"id": 0, "target_C": data["temperature"]}
        call = {"id": component.number, "method": "TRV.SetTarget", "params": target}
        return "BluTrv.Call", call

    address = component.config.get("addr")
    yield Entity(
        "climate",
        (
            Reading(component.key, ("target_C",), "temperature", number),
            Reading(component.key, ("current_C",), "current_temperature", number),
        ),
        {"set_temperature": set_temperature},
        Features(temperature=_VALVE_RANGE, temperature_step=0.1, modes=("heat",), unit="°C"),
        label="" if component.name else "Thermostat",
        presence=component.key,
        hardware=address.replace(":", "").lower() if isinstance(address, str) else "",
    )
