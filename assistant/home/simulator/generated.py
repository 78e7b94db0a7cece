"""Homes of any size for trying things out: rooms, floors and varied devices with plausible names.

The same number and seed give the same home.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.errors import ConfigError
from assistant.home.devices import Area, Device, Features, Floor, State
from assistant.home.file.reading import HomeFile
from assistant.home.simulator.thing import topic_level
from assistant.home.simulator.troubles import fate_of

MOST = 10_000
"""Largest home that can be made."""

_DEVICES_PER_ROOM = 9

_FLOORS = (
    Floor("ground", "Ground floor", aliases=("downstairs",)),
    Floor("upper", "Upper floor", aliases=("upstairs",)),
    Floor("top", "Top floor", aliases=("attic",)),
    Floor("cellar", "Basement", aliases=("cellar",)),
)
_ROOMS = {
    "ground": (
        "Living room", "Kitchen", "Hallway", "Dining room", "Guest toilet", "Pantry", "Study",
        "Conservatory", "Cloakroom", "Library", "Garage", "Terrace",
    ),
    "upper": (
        "Bedroom", "Bathroom", "Nursery", "Landing", "Guest room", "Dressing room", "Playroom",
        "Balcony", "Sewing room", "Second bathroom",
    ),
    "top": ("Loft", "Studio", "Music room", "Box room", "Gallery", "Hobby room"),
    "cellar": ("Laundry", "Workshop", "Boiler room", "Wine cellar", "Sauna", "Gym", "Storeroom"),
}  # fmt: skip
_WINGS = ("", "North", "South", "East", "West", "Garden", "Courtyard", "Annex", "Tower", "Old")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of device that a room may have."""

    type: str
    names: tuple[str, ...]
    features: Features = field(default_factory=Features)
    device_class: str | None = None
    state: State | None = None
    weight: int = 2


_WHITE, _FULL = (2200, 6500), (2000, 6500)

_KINDS = (
    _Kind(
        "light", ("ceiling light", "main light", "chandelier", "pendant"),
        Features(brightness=True, color_temp=_WHITE), weight=10,
    ),
    _Kind("switch", ("socket", "coffee machine", "heater plug", "charger", "pump"),
          device_class="outlet", weight=8),
    _Kind("sensor", ("temperature", "air temperature"), Features(unit="°C"), "temperature",
          {"value": 20.5}, 7),
    _Kind(
        "light", ("floor lamp", "table lamp", "reading lamp", "corner lamp"),
        Features(brightness=True, color=True, color_temp=_FULL), weight=8,
    ),
    _Kind("cover", ("blind", "shutter", "roller blind"), Features(position=True), "shutter",
          {"cover": "open", "position": 100}, 6),
    _Kind(
        "climate", ("thermostat", "radiator"),
        Features(temperature=(5, 30), modes=("off", "heat"), unit="°C"), weight=5,
    ),
    _Kind("binary_sensor", ("window", "window contact"), device_class="window", weight=5),
    _Kind("media_player", ("speaker", "radio", "television"),
          Features(sources=("Radio", "Bluetooth", "Line in")), weight=3),
    _Kind("lock", ("door lock", "lock"), weight=2),
    _Kind("binary_sensor", ("motion", "motion detector"), device_class="motion", weight=5),
    _Kind("fan", ("fan", "ceiling fan"), Features(percentage=True, percentage_step=100 / 3),
          weight=3),
    _Kind("event", ("remote", "wall button", "dial"), Features(modes=("single", "double", "hold")),
          weight=4),
    _Kind("light", ("wall light", "spot", "downlight"), Features(brightness=True), weight=7),
    _Kind("sensor", ("humidity", "air humidity"), Features(unit="%"), "humidity", {"value": 48}, 5),
    _Kind("light", ("night light", "closet light"), weight=3),
    _Kind("cover", ("venetian blind", "slatted blind"), Features(position=True, tilt=True), "blind",
          {"cover": "closed", "position": 0, "tilt": 0}, 3),
    _Kind("binary_sensor", ("leak sensor", "water alarm"), device_class="moisture", weight=2),
    _Kind("sensor", ("brightness", "daylight"), Features(unit="lx"), "illuminance",
          {"value": 320}, 3),
    _Kind("light", ("light strip", "shelf lights", "cornice lights"),
          Features(brightness=True, color=True), weight=4),
    _Kind("siren", ("siren",), Features(tones=("fire", "burglar"), siren_duration=True), weight=1),
    _Kind("vacuum", ("robot",), Features(fan_modes=("quiet", "normal", "max")), weight=1),
    _Kind("humidifier", ("humidifier",), Features(humidity=(30, 70), modes=("normal", "sleep")),
          weight=1),
    _Kind("alarm_control_panel", ("alarm",),
          Features(modes=("arm_home", "arm_away", "arm_night"), code="number",
                   code_verbs=("alarm_disarm",)), weight=1),
    _Kind("select", ("program",), Features(modes=("quiet", "normal", "party")), weight=1),
    _Kind("number", ("target level",), Features(value_range=(0, 100)), weight=1),
    _Kind("valve", ("water valve", "tap"), weight=1),
    _Kind("button", ("bell",), weight=1),
    _Kind("scene", ("evening scene", "reading scene"), weight=2),
    _Kind(
        "fan", ("air purifier",),
        Features(percentage=True, presets=("auto", "sleep"), oscillation=True), weight=1,
    ),
    _Kind("climate", ("air conditioner",),
          Features(temperature=(16, 30), modes=("off", "cool", "heat", "auto"), unit="°C",
                   fan_modes=("low", "medium", "high"), presets=("eco", "boost")), weight=2),
    _Kind("water_heater", ("water heater",),
          Features(temperature=(40, 65), modes=("off", "eco", "performance"), unit="°C"),
          weight=1),
    _Kind("lawn_mower", ("mower",), weight=1),
    _Kind("text", ("display",), Features(value_range=(0, 40)), weight=1),
    _Kind("light", ("star lamp", "lava lamp"),
          Features(brightness=True, color=True, effects=("rainbow", "candle", "party")), weight=2),
    _Kind("sensor", ("power", "consumption"), Features(unit="W"), "power", {"value": 12.5}, 4),
)  # fmt: skip


def generated_home(count: int, seed: int = 0) -> HomeFile:
    """A home of so many devices; of every kind one before any comes twice.

    Raises `ConfigError` for less than one and more than `MOST`.
    """
    if not 1 <= count <= MOST:
        raise ConfigError(f"A home can have 1 to {MOST} devices, not {count}.")
    fate = fate_of(f"home/{seed}")
    areas = _areas(max(5, round(count / _DEVICES_PER_ROOM)))
    names: set[str] = set()
    devices: list[Device] = []
    states: dict[str, State] = {}
    rooms = itertools.cycle(areas)
    for kind in itertools.islice(_kinds(fate), count):
        area = next(rooms)
        name = _name(area, kind, names, fate)
        names.add(name)
        device_id = topic_level(name.casefold().replace(" ", "_"))
        devices.append(
            Device(
                device_id, name, kind.type, area=area.id,
                device_class=kind.device_class, features=kind.features,
            )
        )  # fmt: skip
        if kind.state:
            states[device_id] = dict(kind.state)
    floors = {area.floor for area in areas}
    return HomeFile(
        language="en",
        floors=tuple(floor for floor in _FLOORS if floor.id in floors),
        areas=tuple(areas),
        devices=tuple(devices),
        states=states,
    )


def _areas(count: int) -> list[Area]:
    """So many rooms, floor by floor, in as many wings as it takes."""
    mixed = itertools.chain.from_iterable(itertools.zip_longest(*_ROOMS.values()))
    floor_of = {room: floor for floor, rooms in _ROOMS.items() for room in rooms}
    plain = [room for room in mixed if room is not None]
    areas = []
    for number in range(count):
        wing, room = divmod(number, len(plain))
        prefix = _WINGS[wing] if wing < len(_WINGS) else f"House {wing}"
        name = f"{prefix} {plain[room].lower()}" if prefix else plain[room]
        area_id = topic_level(name.casefold().replace(" ", "_"))
        areas.append(Area(area_id, name, floor=floor_of[plain[room]]))
    return areas


def _kinds(fate: random.Random) -> Iterator[_Kind]:
    yield from _KINDS
    weights = [kind.weight for kind in _KINDS]
    while True:
        yield fate.choices(_KINDS, weights)[0]


def _name(area: Area, kind: _Kind, taken: set[str], fate: random.Random) -> str:
    """A name in this room that nothing else has."""
    nouns: Sequence[str] = fate.sample(kind.names, len(kind.names))
    numbered = (f"{noun} {number}" for number in itertools.count(2) for noun in nouns)
    names = (f"{area.name} {noun}" for noun in itertools.chain(nouns, numbered))
    return next(name for name in names if name not in taken)
