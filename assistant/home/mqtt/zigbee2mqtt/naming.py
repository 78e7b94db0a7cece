"""What people call a device that Zigbee2MQTT knows by its friendly name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{16}")
_LONGEST = 200
_LONGEST_ALIAS = 60
_KINDS = frozenset({
    "blind", "blinds", "bulb", "bulbs", "button", "buttons", "cover", "covers", "device", "devices",
    "group", "groups", "home", "house", "lamp", "lamps", "light", "lights", "lock", "locks",
    "outlet", "outlets", "plug", "plugs", "remote", "remotes", "sensor", "sensors", "socket",
    "sockets", "switch", "switches", "thermostat", "thermostats", "zigbee",
})  # fmt: skip
"""Levels of names that sort devices by what they are, not by where."""


@dataclass(frozen=True, slots=True)
class Title:
    """A name to be spoken, further names, and the room the name tells."""

    name: str
    aliases: tuple[str, ...] = ()
    area: str = ""

    @staticmethod
    def of_device(entry: Mapping[str, Any], definition: Mapping[str, Any]) -> Title:
        """From the friendly name, the user's description, and what the device is."""
        described = _words(entry.get("description"))
        if _ADDRESS.fullmatch(str(entry["friendly_name"]).strip()):
            model = _words(definition.get("description")) or _words(definition.get("model"))
            return Title(described or model or "Zigbee device")
        title = Title.of_name(entry["friendly_name"])
        known = {name.casefold() for name in (title.name, *title.aliases)}
        if not described or len(described) > _LONGEST_ALIAS or described.casefold() in known:
            return title
        return Title(title.name, (*title.aliases, described), title.area)

    @staticmethod
    def of_name(friendly_name: str) -> Title:
        """`upstairs/bathroom/mirror_light` is the mirror light in the bathroom."""
        levels = [words for part in friendly_name.split("/") if (words := _words(part))]
        name, *outer = reversed(levels or ["Zigbee device"])
        if not outer:
            return Title(name)
        area = outer[0]
        if name.isdigit():
            name = f"{area} {name}"
        if area.casefold() in _KINDS:
            return Title(name)
        if name.casefold().startswith(area.casefold()):
            return Title(name, (), area)
        return Title(name, (f"{area} {name}",), area)


def _words(text: object) -> str:
    """A text on one line, as it can be spoken; nothing if it is none."""
    if not isinstance(text, str):
        return ""
    shown = "".join(c if c.isprintable() else " " for c in text[:_LONGEST].replace("_", " "))
    return " ".join(shown.split())
