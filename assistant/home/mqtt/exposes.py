"""What a Zigbee2MQTT device exposes, described as Home Assistant's components.

Source: zigbee2mqtt.io/guide/usage/exposes.html. Ids are those that Zigbee2MQTT itself gives the
entities when it announces them in Home Assistant's way.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.properties import WHOLE, as_text

_PROPERTY = re.compile(r"[A-Za-z0-9_]{1,64}")
_SPEEDS = ("low", "medium", "high")
_SETPOINTS = (
    "occupied_heating_setpoint", "current_heating_setpoint", "occupied_cooling_setpoint",
)  # fmt: skip
_CLASSES = {
    "contact": "door", "occupancy": "motion", "presence": "occupancy", "water_leak": "moisture",
    "smoke": "smoke", "gas": "gas", "carbon_monoxide": "carbon_monoxide", "tamper": "tamper",
    "vibration": "vibration", "battery_low": "battery", "temperature": "temperature",
    "humidity": "humidity", "pressure": "pressure", "illuminance": "illuminance",
    "illuminance_lux": "illuminance", "battery": "battery", "power": "power", "energy": "energy",
    "voltage": "voltage", "current": "current", "co2": "carbon_dioxide", "pm25": "pm25",
}  # fmt: skip
_TECHNICAL = frozenset({"linkquality", "battery", "battery_low", "voltage"})


@dataclass(frozen=True, slots=True)
class Exposed:
    """One component of a device, with properties of its JSON in the place of topics."""

    component: str
    object_id: str
    document: Mapping[str, Any]
    """Home Assistant's options."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Properties by the names in the document, where they differ."""
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By name: the device's values by the document's."""

    def unfold(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object that the device sent, by the document's names and in its words."""
        own = dict(body)
        for name, source in self.names.items():
            own[name] = body.get(source)
        for name, words in self.words.items():
            if own.get(name) is not None:
                shown = [ours for ours, theirs in words.items() if _same(theirs, own[name])]
                own[name] = shown[0] if shown else None
        return own

    def told(self, name: str, payload: str) -> Mapping[str, Any]:
        """What to put into the object for the device: a payload meant for a name."""
        if name == WHOLE:
            return {
                self.names.get(key, key): self.words.get(key, {}).get(as_text(value), value)
                for key, value in json.loads(payload).items()
            }
        words = self.words.get(name)
        value = words.get(payload, payload) if words else _number(payload)
        return {self.names.get(name, name): value}

    @staticmethod
    def union(component: str, parts: Sequence[Exposed]) -> Exposed:
        """What several can do together, without the endpoints of their own."""
        plain = [part for part in parts if part.component == component] or parts
        document: dict[str, Any] = {}
        modes: list[str] = []
        for part in plain:
            document = {**part.document, **document}
            modes += part.document.get("supported_color_modes", ())
            document["brightness"] = document.get("brightness") or part.document.get("brightness")
        document["supported_color_modes"] = sorted(set(modes))
        document["name"] = None
        words = next((part.words for part in plain if part.words), {})
        return Exposed(component, component, document, words=words)


def described(expose: object) -> Iterator[Exposed]:
    """What one entry of `exposes` is; nothing where it is none of ours.

    Raises `AnnouncementError` where it makes no sense.
    """
    entry = _mapping(expose)
    kind = entry.get("type")
    if not isinstance(kind, str):
        raise AnnouncementError("an entry of exposes without a type")
    if kind in _SPECIFIC:
        features: dict[str, Mapping[str, Any]] = {}
        listed = entry.get("features")
        if not isinstance(listed, list):
            raise AnnouncementError(f"a {kind} without features")
        for item in listed:
            feature = _mapping(item)
            if isinstance(feature.get("name"), str):
                features[feature["name"]] = feature
        if (found := _SPECIFIC[str(kind)](features)) is not None:
            component, document, words = found
            endpoint = entry.get("endpoint")
            suffix = f"_{endpoint}" if isinstance(endpoint, str) and endpoint else ""
            document["name"] = str(endpoint).replace("_", " ").capitalize() if suffix else None
            names = {
                ("color" if name.startswith("color_") and name != "color_temp" else name): prop
                for name, feature in features.items()
                if feature.get("property") is not None and (prop := _property(feature)) != name
            }
            if suffix and "color" in names:
                names["color_mode"] = f"color_mode{suffix}"
            yield Exposed(component, f"{component}{suffix}", document, names, words)
    elif kind in ("binary", "numeric", "enum"):
        yield from _generic(str(kind), entry)


def _generic(kind: str, entry: Mapping[str, Any]) -> Iterator[Exposed]:
    if entry.get("name") == "action":
        return
    name, access = _property(entry), entry.get("access", 1)
    if not isinstance(access, int):
        raise AnnouncementError("access is not a number")
    settable = bool(access & 2)
    if not access & 1:
        return
    plain = str(entry.get("name"))
    label = entry.get("label") if isinstance(entry.get("label"), str) else plain.replace("_", " ")
    document: dict[str, Any] = {
        "name": str(label).capitalize(),
        "state_topic": name,
        "device_class": _CLASSES.get(plain) if not settable else None,
    }
    if entry.get("category") in ("config", "diagnostic") or plain in _TECHNICAL:
        document["entity_category"] = "diagnostic"
    if settable:
        document["command_topic"] = name
    if kind == "binary":
        words = _binary(entry)
        component = "switch" if settable else "binary_sensor"
        object_id = f"switch_{name}" if settable else name
        yield Exposed(component, object_id, document, words={name: words})
    elif kind == "numeric":
        document["unit_of_measurement"] = entry.get("unit")
        document["state_class"] = "measurement"
        if settable:
            document |= {"min": _limit(entry, "value_min", 0), "max": _limit(entry, "value_max", 1)}
            document["step"] = entry.get("value_step")
        yield Exposed("number" if settable else "sensor", name, document)
    else:
        values = _values(entry)
        document["options"] = list(values)
        if settable:
            yield Exposed("select", name, document, words={name: values})
        else:
            yield Exposed("sensor", name, document)


_Found = tuple[str, dict[str, Any], dict[str, dict[str, Any]]]
_Features = Mapping[str, Mapping[str, Any]]


def _light(features: _Features) -> _Found | None:
    modes = [
        mode
        for mode, name in (("color_temp", "color_temp"), ("xy", "color_xy"), ("hs", "color_hs"))
        if name in features
    ]
    if "xy" in modes and "hs" in modes:
        modes.remove("hs")
    dimmable = features.get("brightness")
    document: dict[str, Any] = {
        "schema": "json",
        "state_topic": WHOLE,
        "command_topic": WHOLE,
        "brightness": dimmable is not None,
        "brightness_scale": _limit(dimmable, "value_max", 254) if dimmable is not None else 254,
        "supported_color_modes": modes,
    }
    if (warmth := features.get("color_temp")) is not None:
        document["min_mireds"] = _limit(warmth, "value_min", 153)
        document["max_mireds"] = _limit(warmth, "value_max", 500)
    if "state" not in features:
        raise AnnouncementError("a light without state")
    return "light", document, {"state": _binary(features["state"])}


def _switch(features: _Features) -> _Found | None:
    if "state" not in features:
        raise AnnouncementError("a switch without state")
    document = {"state_topic": "state", "command_topic": "state"}
    return "switch", document, {"state": _binary(features["state"])}


def _cover(features: _Features) -> _Found | None:
    document: dict[str, Any] = {}
    if "position" in features:
        document |= {"position_topic": "position", "set_position_topic": "position"}
    elif "state" in features:
        document |= {"state_topic": "state", "state_open": "OPEN", "state_closed": "CLOSE"}
        document["state_stopped"] = "STOP"
    if "state" in features:
        document["command_topic"] = "state"
    return "cover", document, {}


def _lock(features: _Features) -> _Found | None:
    if "state" not in features:
        raise AnnouncementError("a lock without state")
    on_off = _binary(features["state"], "LOCK", "UNLOCK")
    words = {"LOCK": on_off["ON"], "UNLOCK": on_off["OFF"]}
    document = {
        "state_topic": "state", "command_topic": "state",
        "state_locked": "LOCK", "state_unlocked": "UNLOCK",
    }  # fmt: skip
    return "lock", document, {"state": words}


def _climate(features: _Features) -> _Found | None:
    document: dict[str, Any] = {}
    setpoint = next((name for name in _SETPOINTS if name in features), None)
    if setpoint is not None:
        document |= {"temperature_state_topic": setpoint, "temperature_command_topic": setpoint}
        document["min_temp"] = _limit(features[setpoint], "value_min", 5)
        document["max_temp"] = _limit(features[setpoint], "value_max", 35)
        document["temp_step"] = features[setpoint].get("value_step")
    if "local_temperature" in features:
        document["current_temperature_topic"] = "local_temperature"
    words: dict[str, dict[str, Any]] = {}
    if "system_mode" in features:
        words["system_mode"] = _values(features["system_mode"])
        document |= {"mode_state_topic": "system_mode", "mode_command_topic": "system_mode"}
        document["modes"] = list(words["system_mode"])
    return "climate", document, words


def _fan(features: _Features) -> _Found | None:
    words: dict[str, dict[str, Any]] = {}
    document: dict[str, Any] = {"state_topic": "state", "command_topic": "state"}
    if "state" in features:
        words["state"] = _binary(features["state"])
    if "mode" in features:
        values = _values(features["mode"])
        speeds = [speed for speed in _SPEEDS if speed in values]
        if "state" not in features:
            on = next((value for value in ("on", *_SPEEDS) if value in values), None)
            if on is None or "off" not in values:
                raise AnnouncementError("a fan that can be neither on nor off")
            document |= {"state_topic": "power", "command_topic": "mode"}
            document |= {"payload_on": on, "payload_off": "off"}
            document.pop("state_topic")
        if len(speeds) > 1 and "state" in features:
            words["mode"] = {str(step): speed for step, speed in enumerate(speeds, 1)}
            document |= {"percentage_state_topic": "mode", "percentage_command_topic": "mode"}
            document |= {"speed_range_min": 1, "speed_range_max": len(speeds)}
    elif "speed" in features and "state" in features:
        document |= {"percentage_state_topic": "speed", "percentage_command_topic": "speed"}
        document |= {"speed_range_min": 1}
        document["speed_range_max"] = _limit(features["speed"], "value_max", 254)
    if "state" not in features and "mode" not in features:
        raise AnnouncementError("a fan without state")
    return "fan", document, words


_SPECIFIC: dict[str, Callable[[_Features], _Found | None]] = {
    "light": _light, "switch": _switch, "cover": _cover,
    "lock": _lock, "climate": _climate, "fan": _fan,
}  # fmt: skip


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AnnouncementError("an entry of exposes is not a JSON object")
    return value


def _property(entry: Mapping[str, Any]) -> str:
    name = entry.get("property", entry.get("name"))
    if not isinstance(name, str) or not _PROPERTY.fullmatch(name):
        raise AnnouncementError(f"not a property: {str(name)[:60]!r}")
    return name


def _binary(entry: Mapping[str, Any], on: str = "ON", off: str = "OFF") -> dict[str, Any]:
    """The device's values for on and off."""
    values = {"ON": entry.get("value_on", on), "OFF": entry.get("value_off", off)}
    for value in values.values():
        if not isinstance(value, str | bool | int | float):
            raise AnnouncementError("value_on or value_off is no plain value")
    return values


def _values(entry: Mapping[str, Any]) -> dict[str, Any]:
    values = entry.get("values")
    if not isinstance(values, list) or not values:
        raise AnnouncementError("values are missing")
    if not all(isinstance(value, str | int | float) for value in values):
        raise AnnouncementError("values are not plain")
    return {as_text(value): value for value in values}


def _limit(entry: Mapping[str, Any] | None, key: str, default: float) -> float:
    value = (entry or {}).get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e9 <= value <= 1e9:
        raise AnnouncementError(f"{key} is not a number")
    return value


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _number(payload: str) -> Any:
    """A payload as JSON would have it: a number where it is one."""
    try:
        number = float(payload)
    except ValueError:
        return payload
    if not math.isfinite(number):
        return payload
    return int(number) if number.is_integer() else number
