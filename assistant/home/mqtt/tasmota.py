"""Tasmota's own announcements (tasmota.github.io/docs/MQTT, option 19 off).

`tasmota/discovery/<mac>/config` tells relays, lights and shutters, `…/sensors` what is measured.
Read as the Home Assistant integration's library (hatasmota) reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.home.model import State
from assistant.home.mqtt.dialect import AnnouncementError, Availability, Binding, Message, Reader
from assistant.home.mqtt.homeassistant.config import MAX_CONFIG
from assistant.home.mqtt.homeassistant.discovery import bind
from assistant.home.mqtt.properties import over_json
from assistant.home.mqtt.topics import valid_topic
from assistant.types import Action

_MAC = re.compile(r"[0-9A-F]{12}")
_RELAY, _LIGHT, _SHUTTER = 1, 2, 3
_DIMMABLE, _WHITES, _RGB, _RGBW, _RGBCW = 1, 2, 3, 4, 5
_NUMBERS = tuple(map(str, range(1, 17)))
_DEGREES = {"C": "°C", "F": "°F"}
_UNITS = {
    "Temperature": ("temperature", "°C"), "Humidity": ("humidity", "%"),
    "Pressure": ("pressure", "hPa"), "Illuminance": ("illuminance", "lx"),
    "CarbonDioxide": ("carbon_dioxide", "ppm"), "PM2.5": ("pm25", "µg/m³"),
    "Power": ("power", "W"), "Voltage": ("voltage", "V"), "Current": ("current", "A"),
    "Total": ("energy", "kWh"), "Today": ("energy", "kWh"), "Yesterday": ("energy", "kWh"),
}  # fmt: skip


@dataclass(slots=True)
class _Parts:
    """The two halves of an announcement."""

    config: _Config | None = None
    sensors: Mapping[str, Any] | None = None


class TasmotaDialect:
    """Tasmota's discovery."""

    def __init__(self) -> None:
        self._parts: dict[str, _Parts] = {}

    @property
    def announcements(self) -> Sequence[str]:
        """A device's configuration and its sensors."""
        return ("tasmota/discovery/+/config", "tasmota/discovery/+/sensors")

    def source(self, topic: str) -> str:
        """Configuration and sensors are of one device."""
        return topic.rpartition("/")[0]

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """All that a device is, as far as it is told. Raises `AnnouncementError`."""
        _, _, mac, half = topic.split("/")
        if not _MAC.fullmatch(mac):
            raise AnnouncementError(f"{mac[:60]!r} is not a MAC address")
        document = _document(payload)
        now = self._parts.get(mac, _Parts())
        if half == "sensors":
            now = _Parts(now.config, document)
        else:
            now = _Parts(_Config.read(mac, document) if document is not None else None, now.sensors)
        bindings = [] if now.config is None else [*_entities(now.config)]
        if now.config is not None and now.sensors is not None:
            bindings += _sensors(now.config, now.sensors)
        if now.config is None and now.sensors is None:
            self._parts.pop(mac, None)
        else:
            self._parts[mac] = now
        return bindings

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _document(payload: bytes) -> dict[str, Any] | None:
    """The JSON object; None for an empty payload."""
    if not payload.strip():
        return None
    if len(payload) > MAX_CONFIG:
        raise AnnouncementError(f"longer than {MAX_CONFIG} bytes")
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise AnnouncementError(f"not JSON ({error})") from error
    if not isinstance(document, dict):
        raise AnnouncementError("expected a JSON object")
    return document


@dataclass(frozen=True, slots=True)
class _Config:
    """What `…/config` says, with keys in words."""

    mac: str
    name: str
    names: tuple[str, ...]
    relays: tuple[int, ...]
    light: int
    linked: bool
    options: Mapping[str, Any]
    shutters: tuple[int, ...]
    words: tuple[str, str]
    """Off and on."""
    online: str
    offline: str
    command: str
    status: str
    telemetry: str
    """Beginnings of topics, with the slash."""

    def inverted(self, number: str) -> bool:
        """Whether a shutter counts its position from open to closed."""
        place = int(number) - 1 if number in _NUMBERS else -1
        return 0 <= place < len(self.shutters) and bool(self.shutters[place] & 1)

    @staticmethod
    def read(mac: str, document: Mapping[str, Any]) -> _Config:
        """Raises `AnnouncementError`."""
        name = document.get("dn")
        topic, pattern, prefixes = (document.get(key) for key in ("t", "ft", "tp"))
        if not isinstance(name, str) or not isinstance(topic, str) or not isinstance(pattern, str):
            raise AnnouncementError("dn, t or ft is missing")
        if not isinstance(prefixes, list) or len(prefixes) != 3:
            raise AnnouncementError("tp are not three prefixes")
        starts = []
        for prefix in prefixes:
            start = pattern.replace("%prefix%", str(prefix)).replace("%topic%", topic)
            start = start.replace("%hostname%", str(document.get("hn")))
            start = start.replace("%id%", mac[6:])
            start = start if start.endswith("/") else f"{start}/"
            if not valid_topic(f"{start}RESULT"):
                raise AnnouncementError("ft makes no topic")
            starts.append(start)
        if len(set(starts)) != 3:
            raise AnnouncementError("ft has no %prefix%")
        states, options = document.get("state"), document.get("so")
        if not isinstance(states, list) or len(states) < 2:
            raise AnnouncementError("state are not two words")
        names = document.get("fn")
        return _Config(
            mac=mac,
            name=" ".join(name.split()) or f"Tasmota {mac[6:]}",
            names=tuple(one if isinstance(one, str) else "" for one in names)
            if isinstance(names, list)
            else (),
            relays=_numbers(document, "rl"),
            light=_numbers({"lt_st": [document.get("lt_st", 0)]}, "lt_st")[0],
            linked=document.get("lk") != 0,
            options=options if isinstance(options, dict) else {},
            shutters=_numbers(document, "sho"),
            words=(str(states[0]), str(states[1])),
            online=str(document.get("onln", "Online")),
            offline=str(document.get("ofln", "Offline")),
            command=starts[0],
            status=starts[1],
            telemetry=starts[2],
        )


def _numbers(document: Mapping[str, Any], key: str) -> tuple[int, ...]:
    values = document.get(key, [])
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise AnnouncementError(f"{key} is not a list of numbers")
    return tuple(values)[:32]


def _entities(config: _Config) -> Iterator[Binding]:
    lights = [place for place, kind in enumerate(config.relays) if kind == _LIGHT]
    visible = sum(kind in (_RELAY, _LIGHT) for kind in config.relays)
    for place, kind in enumerate(config.relays):
        name = config.names[place] if place < len(config.names) else ""
        name = name or (config.name if visible == 1 else f"{config.name} {place + 1}")
        number = place + 1
        switch = {
            "state_topic": f"POWER{number}", "command_topic": f"POWER{number}",
            "payload_off": config.words[0], "payload_on": config.words[1],
        }  # fmt: skip
        if kind == _LIGHT:
            document = {**switch, **_light(config, lights.index(place), len(lights))}
            yield _bind(config, "light", f"LI_{number}", name, document)
        elif kind == _RELAY and config.options.get("30") == 1:
            yield _bind(config, "light", f"LI_{number}", name, switch)
        elif kind == _RELAY:
            yield _bind(config, "switch", f"RL_{number}", name, switch)
    # Every shutter has two relays.
    count = sum(kind == _SHUTTER for kind in config.relays) // 2
    for place in range(count):
        inverted = config.inverted(str(place + 1))
        shutter = f"Shutter{place + 1}"
        document = {
            "state_topic": shutter,
            "command_topic": shutter,
            "position_topic": f"{shutter}.Position",
            "set_position_topic": f"ShutterPosition{place + 1}",
            "position_open": 0 if inverted else 100,
            "position_closed": 100 if inverted else 0,
            "device_class": "shutter",
        }
        name = config.name if count == 1 else f"{config.name} {place + 1}"
        yield _bind(config, "cover", f"SHT_{place + 1}", name, document)


def _light(config: _Config, place: int, count: int) -> dict[str, Any]:
    """Options of one of a device's `count` lights."""
    if config.options.get("68") == 1:
        return _dimmer(f"Channel{place + 1}")
    if not config.linked and count > 1 and config.light in (_RGBW, _RGBCW):
        if place == 0:
            return {**_dimmer("Dimmer1"), **_color()}
        return {**_dimmer("Dimmer2"), **(_warmth(config) if config.light == _RGBCW else {})}
    return {
        **(_dimmer("Dimmer") if config.light >= _DIMMABLE else {}),
        **(_color() if config.light >= _RGB else {}),
        **(_warmth(config) if config.light in (_WHITES, _RGBCW) else {}),
    }


def _dimmer(name: str) -> dict[str, Any]:
    return {
        "brightness_state_topic": name, "brightness_command_topic": name, "brightness_scale": 100,
    }  # fmt: skip


def _color() -> dict[str, Any]:
    # Color2 keeps the brightness; HSBColor tells hue and saturation whatever it is.
    return {"rgb_command_topic": "Color2", "hs_state_topic": "HSBColor"}


def _warmth(config: _Config) -> dict[str, Any]:
    alexa = config.options.get("82") == 1
    low, high = (200, 380) if alexa else (153, 500)
    return {
        "color_temp_state_topic": "CT", "color_temp_command_topic": "CT",
        "min_mireds": low, "max_mireds": high,
    }  # fmt: skip


def _sensors(config: _Config, document: Mapping[str, Any]) -> Iterator[Binding]:
    """What is measured, where it is known what it is."""
    told = document.get("sn")
    if not isinstance(told, dict):
        raise AnnouncementError("sn is missing")
    for sensor, values in told.items():
        if not isinstance(values, dict):
            continue
        for key, value in values.items():
            if key not in _UNITS or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            device_class, unit = _UNITS[key]
            if device_class == "temperature":
                unit = _DEGREES.get(str(told.get("TempUnit")), unit)
            elif device_class == "pressure" and isinstance(told.get("PressureUnit"), str):
                unit = told["PressureUnit"]
            options = {
                "state_topic": f"{sensor}.{key}", "device_class": device_class,
                "unit_of_measurement": unit, "state_class": "measurement",
            }  # fmt: skip
            label = f"Energy {key}" if device_class == "energy" else key
            name = f"{config.name} {label}"
            yield _bind(config, "sensor", f"{sensor}_{key}", name, options)


def _bind(
    config: _Config, component: str, suffix: str, name: str, document: Mapping[str, Any]
) -> Binding:
    identifier = f"{config.mac[6:]}_{suffix}"
    binding = bind(component, suffix, {**document, "unique_id": identifier, "name": name})
    if component == "sensor":
        topics = [f"{config.telemetry}SENSOR", f"{config.status}STATUS10"]
    elif component == "cover":
        topics = [f"{config.status}RESULT", f"{config.telemetry}SENSOR", f"{config.status}STATUS10"]
    else:
        topics = [f"{config.status}RESULT", f"{config.telemetry}STATE", f"{config.status}STATUS11"]
    if config.options.get("4") == 1 and component != "sensor":
        # Answers come under the command's name instead of RESULT.
        names = {prop.partition(".")[0].upper() for prop in binding.readers}
        names |= {name.rstrip("1") for name in names if name == "POWER1"}
        names |= {"COLOR"} if "HSBCOLOR" in names else set()
        topics += [f"{config.status}{name}" for name in sorted(names)]

    def say(action: Action, state: State, messages: Sequence[Message]) -> Sequence[Message]:
        return [_command(config, message) for message in messages]

    def unfold(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return _unfold(config, body)

    found = over_json(binding, topics, unfold, say)
    readers = {
        topic: (_plain_or_json(binding, topic.removeprefix(config.status), those[0]),)
        if topic.startswith(f"{config.status}POWER")
        else those
        for topic, those in found.readers.items()
    }
    words = {config.online: True, config.offline: False}
    return replace(
        found,
        readers=readers,
        availability=Availability({f"{config.telemetry}LWT": words.get}),
        hardware=frozenset({config.mac.lower()}),
    )


def _plain_or_json(binding: Binding, name: str, read: Reader) -> Reader:
    """Reads `stat/…/POWER`, where a device says both `{"POWER":"ON"}` and `ON`."""
    plain = binding.readers.get("POWER1" if name == "POWER" else name, ())

    def reader(payload: str) -> State:
        if payload.lstrip().startswith("{"):
            return read(payload)
        return {key: value for one in plain for key, value in one(payload).items()}

    return reader


def _command(config: _Config, message: Message) -> Message:
    name, payload = message.topic, message.payload
    if name.startswith("Shutter") and not name.startswith("ShutterPosition"):
        verb = payload.capitalize()
        return Message(f"{config.command}Shutter{verb}{name.removeprefix('Shutter')}", "")
    return Message(f"{config.command}{name}", payload)


def _unfold(config: _Config, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Properties of a state: `StatusSTS` and `StatusSNS` opened, groups as `group.key`."""
    for wrapper in ("StatusSTS", "StatusSNS"):
        if isinstance(body.get(wrapper), dict):
            body = body[wrapper]
    flat: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": inmost for inner, inmost in value.items()}
            if key.startswith("Shutter") and "Direction" in value:
                flat[key] = _movement(config.inverted(key.removeprefix("Shutter")), value)
        elif key == "Channel" and isinstance(value, list):
            flat |= {f"Channel{place}": level for place, level in enumerate(value, 1)}
        else:
            flat[key] = value
    if "POWER" in flat:
        # A device with one relay leaves the number out.
        flat.setdefault("POWER1", flat["POWER"])
    if "Dimmer" in flat:
        flat.setdefault("Dimmer1", flat["Dimmer"])
    return flat


def _movement(inverted: bool, shutter: Mapping[str, Any]) -> str | None:
    """What a shutter does; its direction is told the same way round however it is mounted."""
    direction, position = shutter.get("Direction"), shutter.get("Position")
    if direction in (1, -1):
        return "opening" if direction == 1 else "closing"
    if not isinstance(position, int | float):
        return None
    return "closed" if position == (100 if inverted else 0) else "open"
