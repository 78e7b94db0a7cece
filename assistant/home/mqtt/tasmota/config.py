"""What `tasmota/discovery/<mac>/config` says (tasmota.github.io/docs/MQTT), with keys in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.topics import valid_topic

RELAY, LIGHT, SHUTTER = 1, 2, 3
"""Kinds of relays (`rl`)."""

DIMMER, WHITES, RGB, RGBW, RGBCW = 1, 2, 3, 4, 5
"""Kinds of lights (`lt_st`), by how many channels they have."""

_MOST = 32
_FACTORY_NAME = re.compile(r"(Tasmota|Sonoff)\d*")


@dataclass(frozen=True, slots=True)
class TasmotaConfig:
    """A device's configuration."""

    mac: str
    name: str
    names: tuple[str, ...]
    relays: tuple[int, ...]
    light: int
    """Its kind; 0 for one that is only on or off."""
    linked: bool
    """Colour and white are one light."""
    tuya: bool
    """Its light is dimmed by another microcontroller."""
    fan: bool
    sleeps: bool
    """It sleeps most of the time, and says so by going offline."""
    options: Mapping[str, Any]
    buttons: tuple[int, ...]
    switch_modes: tuple[int, ...]
    """By switch; -1 where there is none to be told about."""
    switch_names: tuple[str, ...]
    shutters: tuple[int, ...]
    tilts: tuple[tuple[int, int] | None, ...]
    """By shutter: smallest and greatest angle of the slats, if they turn."""
    words: tuple[str, ...]
    """Off, on, toggle, hold."""
    online: str
    offline: str
    command: str
    status: str
    telemetry: str
    """Beginnings of topics, with the slash."""

    @property
    def mixed(self) -> bool:
        """Whether one light has colour and white."""
        return self.linked and self.light > RGB

    def option(self, number: int) -> bool:
        """Whether a `SetOption` is on."""
        return self.options.get(str(number)) == 1

    def relay_name(self, place: int, count: int) -> str:
        """What a relay is called: as its user named it, else as the device, numbered."""
        name = self.names[place] if place < len(self.names) else ""
        if name and not _FACTORY_NAME.fullmatch(name):
            return name
        return self.name if count == 1 else f"{self.name} {place + 1}"

    def inverted(self, place: int) -> bool:
        """Whether a shutter counts its position from open to closed."""
        return place < len(self.shutters) and bool(self.shutters[place] & 1)


def read_config(mac: str, document: Mapping[str, Any]) -> TasmotaConfig:
    """The configuration of the device with a MAC address. Raises `AnnouncementError`."""
    name, topic, pattern = (document.get(key) for key in ("dn", "t", "ft"))
    if not isinstance(name, str) or not isinstance(topic, str) or not isinstance(pattern, str):
        raise AnnouncementError("dn, t or ft is missing")
    words = _texts(document, "state")
    if len(words) < 2:
        raise AnnouncementError("state are not two words")
    command, status, telemetry = _beginnings(document, topic, pattern, mac)
    options = document.get("so")
    return TasmotaConfig(
        mac=mac,
        name=spoken(name) or f"Tasmota {mac[6:]}",
        names=tuple(spoken(one) for one in _texts(document, "fn")),
        relays=_numbers(document, "rl"),
        light=_numbers({"lt_st": [document.get("lt_st", 0)]}, "lt_st")[0],
        linked=document.get("lk") != 0,
        tuya=document.get("ty") == 1,
        fan=document.get("if") == 1,
        sleeps=document.get("dslp") == 1,
        options=options if isinstance(options, dict) else {},
        buttons=_numbers(document, "btn"),
        switch_modes=_numbers(document, "swc"),
        switch_names=tuple(_texts(document, "swn")),
        shutters=_numbers(document, "sho"),
        tilts=_tilts(document),
        words=tuple(words),
        online=str(document.get("onln", "Online")),
        offline=str(document.get("ofln", "Offline")),
        command=command,
        status=status,
        telemetry=telemetry,
    )


def spoken(name: str) -> str:
    """A name as it is said: `floor_lamp` is the floor lamp."""
    return " ".join(name.replace("_", " ").split())


def _beginnings(document: Mapping[str, Any], topic: str, pattern: str, mac: str) -> list[str]:
    prefixes = document.get("tp")
    if not isinstance(prefixes, list) or len(prefixes) != 3:
        raise AnnouncementError("tp are not three prefixes")
    starts = []
    for prefix in prefixes:
        start = pattern.replace("%prefix%", str(prefix)).replace("%topic%", topic)
        start = start.replace("%hostname%", str(document.get("hn"))).replace("%id%", mac[6:])
        start = start if start.endswith("/") else f"{start}/"
        if not valid_topic(f"{start}RESULT"):
            raise AnnouncementError("ft makes no topic")
        starts.append(start)
    if len(set(starts)) != 3:
        raise AnnouncementError("ft has no %prefix%")
    return starts


def _numbers(document: Mapping[str, Any], key: str) -> tuple[int, ...]:
    values = document.get(key, [])
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise AnnouncementError(f"{key} is not a list of numbers")
    return tuple(values)[:_MOST]


def _texts(document: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts; empty ones where there is something else."""
    values = document.get(key)
    if not isinstance(values, list):
        return []
    return [value if isinstance(value, str) else "" for value in values[:_MOST]]


def _tilts(document: Mapping[str, Any]) -> tuple[tuple[int, int] | None, ...]:
    """Least angle, greatest angle, and how long it takes from one to the other; 0: no tilt."""
    listed = document.get("sht")
    found: list[tuple[int, int] | None] = []
    for one in listed[:_MOST] if isinstance(listed, list) else ():
        numbers = isinstance(one, list) and all(type(part) is int for part in one)
        if numbers and len(one) == 3 and one[2] > 0 and -360 <= one[0] < one[1] <= 360:
            found.append((one[0], one[1]))
        else:
            found.append(None)
    return tuple(found)
