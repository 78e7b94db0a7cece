"""A simulated device: what it is, how it behaves and what state it is in."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant.home.devices import Device, Features, State
from assistant.home.simulator import climates, lighting, machines, openings, values
from assistant.home.simulator.behaviour import Behaviour, Pace
from assistant.home.simulator.troubles import fate_of
from assistant.types import SlotValue

_BEHAVIOURS: Mapping[str, Callable[[Device, Pace], Behaviour]] = {
    "light": lighting.light,
    "fan": lighting.fan,
    "siren": lighting.siren,
    "cover": openings.cover,
    "valve": openings.cover,
    "lock": openings.lock,
    "alarm_control_panel": openings.alarm_panel,
    "climate": climates.climate,
    "humidifier": climates.humidifier,
    "water_heater": climates.water_heater,
    "vacuum": machines.vacuum,
    "lawn_mower": machines.lawn_mower,
    "media_player": machines.media_player,
    "number": values.number,
    "select": values.select,
    "text": values.text,
    "button": values.pressed,
    "scene": values.pressed,
    "sensor": values.sensor,
    "binary_sensor": values.binary_sensor,
    "event": values.event,
}


class Thing:
    """One simulated device; types without a behaviour of their own are switches."""

    def __init__(
        self, device: Device, area: str, initial: State, pace: Pace, *, online: bool, seed: int
    ) -> None:
        self.device = device
        self._pace = pace
        self.area = area
        """Name of its room; empty: none."""
        self.behaviour = _behaviour(device, pace)
        self.state: dict[str, SlotValue] = {**self.behaviour.initial, **initial}
        self.online = online
        self.fate = fate_of(f"{seed}/{device.id}")
        """Decides on losses, drop-outs and rubbish; the same for the same seed and id."""
        self.course: asyncio.Task[None] | None = None
        """What it is doing that takes its time."""
        self.address = hashlib.sha256(device.id.encode()).hexdigest()[:12].upper()
        """Twelve hexadecimal digits from which dialects make MAC and IEEE addresses."""
        self.known_as = ""
        """How its dialect calls it: id, friendly name or topic; set by its station."""

    def widen(self, features: Features) -> None:
        """Give it what its dialect's devices have and the home file does not name."""
        self.device = replace(self.device, features=features)
        self.behaviour = _behaviour(self.device, self._pace)


def _behaviour(device: Device, pace: Pace) -> Behaviour:
    return _BEHAVIOURS.get(device.type, lighting.switch)(device, pace)


def topic_level(device_id: str) -> str:
    """An id as one level of a topic, and as a discovery object id."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in device_id)
