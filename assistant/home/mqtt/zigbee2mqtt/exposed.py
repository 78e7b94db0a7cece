"""What a Zigbee2MQTT device exposes, described as one of Home Assistant's components."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.properties import WHOLE, as_text

Path = tuple[str, ...]
"""Where a value lies in the device's JSON object."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """One component of a device, with properties of its JSON in the place of topics."""

    component: str
    object_id: str
    """Its part of the id, as Zigbee2MQTT gives it in Home Assistant's discovery."""
    document: Mapping[str, Any]
    """Home Assistant's options."""
    label: str = ""
    """What it is called beside the device's name; empty where it is the device itself."""
    endpoint: str = ""
    technical: bool = False
    """A setting or a diagnosis: nothing to speak about."""
    names: Mapping[str, str | Path] = field(default_factory=dict)
    """Properties by the names in the document, where they differ."""
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By name: the device's values by the document's."""
    readable: Mapping[str, Any] = field(default_factory=dict)
    """What to put into `get` for its state."""
    unconfirming: frozenset[str] = frozenset()
    """State keys that follow from others and so confirm nothing."""
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Further values by the document's names, from those there are."""
    tell: Callable[[str, Any, State], Mapping[str, Any]] | None = None
    """What to put into `set` for a name and a value, where it is not just that."""

    def unfold(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object that the device sent, by the document's names and in its words."""
        own = dict(body)
        for name, source in self.names.items():
            own[name] = _at(body, source)
        for name, words in self.words.items():
            if own.get(name) is not None:
                shown = [ours for ours, theirs in words.items() if _same(theirs, own[name])]
                own[name] = shown[0] if shown else None
        return {**own, **self.derive(own)} if self.derive else own

    def told(self, name: str, payload: str, state: State) -> Mapping[str, Any]:
        """What to put into the object for the device: a payload meant for a name.

        Nothing, where the device has no word for it.
        """
        if name == WHOLE:
            return {
                self._property(key): self.words.get(key, {}).get(as_text(value), value)
                for key, value in json.loads(payload).items()
            }
        words = self.words.get(name)
        if words and payload not in words:
            return {}
        value = words[payload] if words else payload
        if self.tell:
            return self.tell(name, value, state)
        return {self._property(name): value if words else as_number(payload)}

    def _property(self, name: str) -> str:
        source = self.names.get(name, name)
        return source if isinstance(source, str) else source[0]

    @staticmethod
    def union(component: str, parts: Sequence[Exposed]) -> Exposed:
        """What several can do together, by the names that a group has: without endpoints."""
        plain = [part for part in parts if part.component == component] or list(parts)
        document: dict[str, Any] = {}
        modes: set[str] = set()
        effects: list[str] = []
        for part in plain:
            document = {**part.document, **document}
            modes |= set(part.document.get("supported_color_modes", ()))
            effects += part.document.get("effect_list", ())
            document["brightness"] = document.get("brightness") or part.document.get("brightness")
            for key, widest in (("min_mireds", min), ("max_mireds", max)):
                if key in part.document:
                    document[key] = widest(document[key], part.document[key])
        if {"xy", "hs"} <= modes:
            modes.discard("hs")
        document["supported_color_modes"] = sorted(modes)
        document["effect_list"] = list(dict.fromkeys(effects))
        first = plain[0]
        words = next((part.words for part in plain if part.words), {})
        return replace(
            first, component=component, object_id=component, document=document, label="",
            endpoint="", names={}, words=words, readable={}, tell=None,
        )  # fmt: skip


def as_number(payload: str) -> Any:
    """A payload as JSON would have it: a number where it is one."""
    try:
        number = float(payload)
    except ValueError:
        return payload
    if not math.isfinite(number):
        return payload
    return int(number) if number.is_integer() else number


def _at(body: Mapping[str, Any], source: str | Path) -> Any:
    if isinstance(source, str):
        return body.get(source)
    found: Any = body
    for step in source:
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
