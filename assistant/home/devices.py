"""Floors, areas and devices: what they are called, what they can do, what state they can be in."""

from __future__ import annotations

from collections.abc import Mapping
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


_REPORTING = frozenset({"sensor", "binary_sensor", "event"})


class _Named:
    """What has a name, and others."""

    __slots__ = ()

    name: str
    aliases: tuple[str, ...]
    local_names: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name and all aliases, in every language."""
        return (self.name, *self.aliases, *(name for _, name in self.local_names))

    def name_in(self, language: str) -> str:
        """What it is called in a language ("de_AT" is "de", where nothing else is said)."""
        by_language = dict(self.local_names)
        tag = language.replace("_", "-").casefold()
        return by_language.get(tag) or by_language.get(tag.partition("-")[0]) or self.name


@dataclass(frozen=True, slots=True)
class Floor(_Named):
    """A storey."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    local_names: tuple[tuple[str, str], ...] = ()
    """Language and name, for languages in which it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Area(_Named):
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
class Device(_Named):
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
    hidden: bool = False
    """The user does not want to see it; never exposed."""
    local_names: tuple[tuple[str, str], ...] = ()
    """Language and name, for languages in which it is called otherwise."""
    hardware: str = ""
    """The physical device that this is a part of (IEEE address, MAC, identifier), if known."""

    @property
    def commandable(self) -> bool:
        """Whether it does things, rather than only tell what it measures."""
        return self.type not in _REPORTING
