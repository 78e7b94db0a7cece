"""The home: floors, areas, devices, what each can do and what state it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assistant.types import SlotValue

State = Mapping[str, SlotValue]
"""A device's state by documented key (docs/home-file.md):

power "on"/"off" · brightness_pct 0..100 · rgb_color (r, g, b) · color_temp_kelvin · percentage
0..100 (fan speed) · cover "open"/"opening"/"closed"/"closing"/"stopped" · position 0..100 ·
lock "locked"/"unlocked"/"jammed"/… · temperature (target) · current_temperature · hvac_mode ·
media "playing"/"paused"/"idle"/"off" · volume_pct · muted · humidity (target) ·
current_humidity · value (a sensor's reading, a vacuum cleaner's state: number or text).
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A room or another named part of the home."""

    id: str
    name: str
    floor: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """What a device can do beyond the plain verbs of its type."""

    brightness: bool = False
    color: bool = False
    color_temp: tuple[int, int] | None = None
    """Range in kelvin."""
    position: bool = False
    percentage: bool = False
    """A fan's speed can be set."""
    percentage_step: float = 1.0
    """Percent between two of a fan's speeds."""
    temperature: tuple[float, float] | None = None
    """Range of the target temperature, in `unit`."""
    temperature_step: float = 0.5
    modes: tuple[str, ...] = ()
    """HVAC modes, fan presets or options."""
    unit: str = ""
    """Unit of a sensor's value or a thermostat's temperature, as announced: °C, %, W…"""


@dataclass(frozen=True, slots=True)
class Device:
    """One thing that can be commanded or asked."""

    id: str
    name: str
    type: str
    """Home Assistant's component: light, switch, fan, cover, lock, climate, sensor…"""
    area: str | None = None
    aliases: tuple[str, ...] = ()
    device_class: str | None = None
    """Home Assistant's device class: garage, blind, temperature, motion…"""
    features: Features = field(default_factory=Features)
    exposed: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The name and all aliases."""
        return (self.name, *self.aliases)


class Home:
    """The live picture of the home. Belongs to the event loop; readers never see half a change.

    A change of structure makes new mappings of devices, areas and floors, so that another thread
    (understanding's) may go through those it holds.

    `version` grows whenever names, areas or devices change (not on mere state changes), so that
    whoever built something from the structure knows to build it again.
    """

    def __init__(
        self,
        devices: Iterable[Device] = (),
        areas: Iterable[Area] = (),
        floors: Iterable[Floor] = (),
    ) -> None:
        self.devices: dict[str, Device] = {d.id: d for d in devices}
        self.areas: dict[str, Area] = {a.id: a for a in areas}
        self.floors: dict[str, Floor] = {f.id: f for f in floors}
        self.version = 0
        self._states: dict[str, dict[str, SlotValue]] = {}
        self._unavailable: set[str] = set()
        self._listeners: list[Callable[[str], None]] = []
        self._overlay: Callable[[Device], Device] = lambda device: device

    def state(self, device_id: str) -> State:
        """The last known state; empty when the device has never told."""
        return self._states.get(device_id, {})

    def available(self, device_id: str) -> bool:
        """False once the device, or its bridge, has announced that it is offline."""
        return device_id not in self._unavailable

    def on_state(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(device_id)` after each change of state; returns how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def update_state(self, device_id: str, changes: State) -> None:
        """Merge `changes` into a device's state and tell the listeners."""
        self._states.setdefault(device_id, {}).update(changes)
        for listener in tuple(self._listeners):
            listener(device_id)

    def set_available(self, device_id: str, available: bool) -> None:
        """Record that a device is online or offline, and tell the listeners."""
        (self._unavailable.discard if available else self._unavailable.add)(device_id)
        for listener in tuple(self._listeners):
            listener(device_id)

    def put(self, device: Device) -> None:
        """Add or replace a device."""
        device = self._overlay(device)
        if self.devices.get(device.id) != device:
            self.devices = {**self.devices, device.id: device}
            self.version += 1

    def overlay(self, change: Callable[[Device], Device]) -> None:
        """Let `change` have the last word on every device, those here and those to come."""
        self._overlay = change
        for device in tuple(self.devices.values()):
            self.put(device)

    def put_floor(self, floor: Floor) -> None:
        """Add or replace a floor."""
        if self.floors.get(floor.id) != floor:
            self.floors = {**self.floors, floor.id: floor}
            self.version += 1

    def remove(self, device_id: str) -> None:
        """Forget a device; unknown ids are ignored."""
        if device_id in self.devices:
            self.devices = {key: d for key, d in self.devices.items() if key != device_id}
            self._states.pop(device_id, None)
            self._unavailable.discard(device_id)
            self.version += 1

    def put_area(self, area: Area) -> None:
        """Add or replace an area."""
        if self.areas.get(area.id) != area:
            self.areas = {**self.areas, area.id: area}
            self.version += 1

    def area_named(self, name: str) -> Area | None:
        """The area whose name or alias is `name`, whatever its case."""
        wanted = name.casefold()
        for area in self.areas.values():
            if wanted in (area.id.casefold(), *(n.casefold() for n in (area.name, *area.aliases))):
                return area
        return None
