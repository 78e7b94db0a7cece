"""The home: floors, areas, devices, what each can do and what state it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assistant.types import SlotValue

State = Mapping[str, SlotValue]
"""A device's state by documented key (docs/home-file.md):

power "on"/"off" · brightness_pct 0..100 · rgb_color (r, g, b) · color_temp_kelvin · effect ·
percentage 0..100 (fan speed) · preset_mode (fan, climate) · oscillating · direction
"forward"/"reverse" · cover "open"/"opening"/"closed"/"closing"/"stopped" · position 0..100 · tilt
0..100 · lock "locked"/"unlocked"/"jammed"/… · temperature (target) · target_temp_low ·
target_temp_high · current_temperature · hvac_mode · fan_mode · swing_mode · operation_mode (water
heater) · mode (humidifier) · media "playing"/"paused"/"idle"/"off" · volume_pct · muted · source ·
humidity (target) · current_humidity · alarm "disarmed"/"armed_home"/"armed_away"/"armed_night"/
"arming"/"pending"/"triggered"/… · event (the last one of an event or trigger) · value (a sensor's
reading, a vacuum cleaner's or lawn mower's state, a number, a text, a choice).
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    local_names: tuple[tuple[str, str], ...] = ()
    """Language and name, for languages in which it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Area:
    """A room or another named part of the home."""

    id: str
    name: str
    floor: str | None = None
    aliases: tuple[str, ...] = ()
    local_names: tuple[tuple[str, str], ...] = ()
    """Language and name, for languages in which it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a device can do beyond the plain verbs of its type."""

    brightness: bool = False
    color: bool = False
    color_temp: tuple[int, int] | None = None
    """Range in kelvin."""
    effects: tuple[str, ...] = ()
    """Effects of a light (`light.turn_on` with `effect`)."""
    position: bool = False
    tilt: bool = False
    """The slats of a cover can be tilted (`cover.set_cover_tilt_position`, `tilt_position`)."""
    percentage: bool = False
    """A fan's speed can be set."""
    percentage_step: float = 1.0
    """Percent between two of a fan's speeds."""
    oscillation: bool = False
    """`fan.oscillate` with `oscillating`, true or false."""
    direction: bool = False
    """`fan.set_direction` with `direction`, forward or reverse."""
    presets: tuple[str, ...] = ()
    """Preset modes of a fan or thermostat (`set_preset_mode` with `preset_mode`)."""
    fan_modes: tuple[str, ...] = ()
    """A thermostat's fan (`climate.set_fan_mode`), a vacuum cleaner's (`vacuum.set_fan_speed`)."""
    swing_modes: tuple[str, ...] = ()
    """`climate.set_swing_mode` with `swing_mode`."""
    temperature: tuple[float, float] | None = None
    """Range of the target temperature, in `unit`."""
    temperature_step: float = 0.5
    temperature_span: bool = False
    """Takes `target_temp_low` and `target_temp_high`."""
    humidity: tuple[float, float] | None = None
    """Range of the target humidity, in percent."""
    modes: tuple[str, ...] = ()
    """HVAC modes, a humidifier's modes, a water heater's operation modes, options of a choice,
    an alarm panel's ways to arm (`arm_home`, `arm_away`, …), types of an event."""
    sources: tuple[str, ...] = ()
    """`media_player.select_source` with `source`."""
    tones: tuple[str, ...] = ()
    """`siren.turn_on` with `tone`."""
    siren_volume: bool = False
    """`siren.turn_on` with `volume_pct`."""
    siren_duration: bool = False
    """`siren.turn_on` with `duration` in seconds."""
    value_range: tuple[float, float] | None = None
    """Range of a number; shortest and longest text."""
    value_step: float = 1.0
    value_pattern: str = ""
    """Regular expression that a text must match."""
    code: str = ""
    """Kind of code that a lock or alarm panel wants: empty, "number" or "text"."""
    code_verbs: tuple[str, ...] = ()
    """Verbs that need the code, given as `code`: unlock, open, alarm_disarm, alarm_arm_away, …"""
    unit: str = ""
    """Unit of a value or a temperature, as announced: °C, %, W…"""


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
    members: tuple[str, ...] = ()
    """Ids of the devices of a group."""
    virtual: bool = False
    """A group that no other program knows: it is commanded member by member."""
    local_names: tuple[tuple[str, str], ...] = ()
    """Language and name, for languages in which it is called otherwise."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and all aliases, in every language."""
        return (self.name, *self.aliases, *(name for _, name in self.local_names))


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
