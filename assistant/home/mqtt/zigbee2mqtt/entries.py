"""The entries of `exposes` (zigbee2mqtt.io/guide/usage/exposes.html), read with care."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.properties import as_text

_PROPERTY = re.compile(r"[A-Za-z0-9_ -]{1,64}")
_STATE, _SET, _GET = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a device exposes. All of its methods raise `AnnouncementError`."""

    kind: str
    """binary, numeric, enum, text, composite, list; or light, switch, cover…"""
    name: str
    key: str
    """Its place in the device's JSON object; empty for what has features only."""
    endpoint: str
    access: int
    raw: Mapping[str, Any]

    @property
    def published(self) -> bool:
        """Whether it is in the messages of the device."""
        return bool(self.access & _STATE)

    @property
    def settable(self) -> bool:
        """Whether it can be set."""
        return bool(self.access & _SET)

    @property
    def readable(self) -> bool:
        """Whether it can be asked for (`get`)."""
        return bool(self.access & _GET)

    @property
    def suffix(self) -> str:
        """What ids get where a device has several of a kind."""
        return f"_{self.endpoint}" if self.endpoint else ""

    @property
    def place(self) -> str:
        """The endpoint in words: "left", "2" for l2; empty where there is but one."""
        numbered = re.fullmatch(r"l(\d+)", self.endpoint)
        return numbered[1] if numbered else self.endpoint.replace("_", " ")

    @property
    def label(self) -> str:
        """What it is called, with the endpoint if it has one."""
        label = self.raw.get("label")
        text = label if isinstance(label, str) and label.strip() else self.name.replace("_", " ")
        text = " ".join(text.split())[:80]
        text = text[:1].upper() + text[1:]
        return f"{text} {self.place}" if self.place else text

    @property
    def category(self) -> str:
        """ "config", "diagnostic" or nothing."""
        category = self.raw.get("category")
        return category if category in ("config", "diagnostic") else ""

    def features(self) -> dict[str, Entry]:
        """Its parts by name."""
        listed = self.raw.get("features")
        if not isinstance(listed, list):
            raise AnnouncementError(f"a {self.kind} without features")
        entries = [read_entry(one) for one in listed]
        return {entry.name: entry for entry in entries}

    def binary(self, on: str = "ON", off: str = "OFF") -> dict[str, Any]:
        """The device's values for on and off, by those words."""
        values = {"ON": self.raw.get("value_on", on), "OFF": self.raw.get("value_off", off)}
        for value in values.values():
            if not isinstance(value, str | bool | int | float):
                raise AnnouncementError("value_on or value_off is no plain value")
        return values

    def values(self) -> dict[str, Any]:
        """The device's values of a choice, by how they are written."""
        values = self.raw.get("values")
        if not isinstance(values, list) or not values:
            raise AnnouncementError("values are missing")
        if not all(isinstance(value, str | int | float) for value in values):
            raise AnnouncementError("values are not plain")
        return {as_text(value): value for value in values}

    def limit(self, key: str, default: float) -> float:
        """A number of the entry."""
        value = self.raw.get(key, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not -1e9 <= value <= 1e9
        ):
            raise AnnouncementError(f"{key} is not a number")
        return value

    @property
    def unit(self) -> str:
        """The unit of a number; empty where there is none."""
        unit = self.raw.get("unit")
        return unit.strip() if isinstance(unit, str) else ""


def read_entry(raw: object) -> Entry:
    """An entry of `exposes` or of the features of one. Raises `AnnouncementError`."""
    if not isinstance(raw, dict):
        raise AnnouncementError("an entry of exposes is not a JSON object")
    kind = raw.get("type")
    if not isinstance(kind, str):
        raise AnnouncementError("an entry of exposes without a type")
    name = raw.get("name", kind)
    access = raw.get("access", _STATE)
    if not isinstance(name, str) or isinstance(access, bool) or not isinstance(access, int):
        raise AnnouncementError("name is not a text, or access is not a number")
    prop = raw.get("property", "" if "features" in raw and kind != "composite" else name)
    if not isinstance(prop, str) or (prop and not _PROPERTY.fullmatch(prop)):
        raise AnnouncementError(f"not a property: {str(prop)[:60]!r}")
    endpoint = raw.get("endpoint")
    given = isinstance(endpoint, str) and _PROPERTY.fullmatch(endpoint)
    return Entry(kind, name, prop, str(endpoint) if given else "", access, raw)
