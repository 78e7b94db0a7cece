"""What all components of a Shelly have in common: how they are described, read and told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import GarbageError
from assistant.home.mqtt.shelly.frames import Statuses
from assistant.types import SlotValue


@dataclass(frozen=True, slots=True)
class Component:
    """A functional part of a device, such as `switch:0`.

    shelly-api-docs.shelly.cloud/gen2/General/ComponentConcept
    """

    key: str
    config: Mapping[str, Any]
    shows: frozenset[str]
    """Keys of its status that hold something (not null, not false)."""

    @property
    def kind(self) -> str:
        """The key without its number: `switch`."""
        return self.key.partition(":")[0]

    @property
    def number(self) -> int:
        """Its number among the device's components of this kind; add-ons' begin with 100."""
        return int(self.key.partition(":")[2])

    @property
    def name(self) -> str:
        """What its owner calls it; mostly empty."""
        name = self.config.get("name")
        return " ".join(name.split()) if isinstance(name, str) else ""

    def option(self, *path: str) -> Any:
        """An option of its configuration, or None."""
        return at(self.config, path)


@dataclass(frozen=True, slots=True)
class Shelly:
    """A device: who it is and what it consists of."""

    id: str
    mac: str
    """Twelve hexadecimal digits, lower case."""
    name: str
    prefix: str
    """Its topics begin with this."""
    uses: tuple[str, ...]
    """What hangs on its channels, as the owner told the app: "lights", "heating"…"""
    components: Mapping[str, Component]
    """By key."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of state: where it stands in the status of a component, and what it means."""

    component: str
    path: tuple[str, ...]
    key: str
    """Key of the `State`."""
    convert: Callable[[Any], SlotValue | None]
    """None: this says nothing. Raises `GarbageError`."""


Call = tuple[str, Mapping[str, Any]]
"""A method and its parameters."""

Verb = Callable[[Mapping[str, SlotValue]], Call | None]
"""The call for one service, from its fields; None: it has no way."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One of our devices, made of a component or a part of it."""

    type: str
    """Home Assistant's component."""
    readings: Sequence[Reading] = ()
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    features: Features = field(default_factory=Features)
    device_class: str | None = None
    label: str = ""
    """What it is or measures, if that has to be said beside the name."""
    suffix: str = ""
    """Tells it from the component's other entities."""
    exposed: bool = True
    events: frozenset[str] = frozenset()
    """Components whose events are this entity's."""
    presence: str = ""
    """Component whose `connected` tells whether it can be reached, beside the device itself."""
    hardware: str = ""
    """Its own address, if it is a device behind the device."""

    def read(self, statuses: Statuses) -> State:
        """The state, as far as `statuses` tell it. Raises `GarbageError`."""
        state: dict[str, SlotValue] = {}
        for reading in self.readings:
            raw = at(statuses.get(reading.component, {}), reading.path)
            value = reading.convert(raw) if raw is not None else None
            if value is not None:
                state[reading.key] = value
        return state

    def fired(self, events: Sequence[Mapping[str, Any]]) -> State:
        """The last of these events that is of this entity."""
        state: dict[str, SlotValue] = {}
        for event in events:
            if event.get("component") in self.events and event.get("event") in self.features.modes:
                state["event"] = str(event["event"])
        return state


def at(value: Any, path: Sequence[str]) -> Any:
    """What stands in nested objects at `path`; None where there is nothing."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def on_off(value: Any) -> SlotValue:
    """A truth value as "on" or "off"."""
    if not isinstance(value, bool):
        raise GarbageError(f"expected true or false, found {str(value)[:40]!r}")
    return "on" if value else "off"


def number(value: Any) -> int | float:
    """A finite number, whole ones as int, others to three places."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise GarbageError(f"expected a number, found {str(value)[:40]!r}")
    return int(value) if float(value).is_integer() else round(value, 3)


def percent(value: Any) -> int | float:
    """A number from 0 to 100."""
    share = number(value)
    if not 0 <= share <= 100:
        raise GarbageError(f"expected 0 to 100, found {share}")
    return share


def kilo(value: Any) -> int | float:
    """Thousands, of watt-hours say."""
    return number(number(value) / 1000)


def rgb(value: Any) -> SlotValue:
    """Three numbers from 0 to 255."""
    channels = [number(one) for one in value] if isinstance(value, list) else []
    if len(channels) != 3 or not all(0 <= one <= 255 for one in channels):
        raise GarbageError(f"expected red, green and blue, found {str(value)[:40]!r}")
    return tuple(round(one) for one in channels)


def word(value: Any) -> SlotValue:
    """A short text."""
    if not isinstance(value, str) or len(value) > 255:
        raise GarbageError(f"expected a short text, found {str(value)[:40]!r}")
    return value
