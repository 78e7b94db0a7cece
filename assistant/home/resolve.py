"""Home room: which devices a name, a place and a kind of thing mean. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.home.devices import Area, Device, Floor
from assistant.home.members import once
from assistant.home.model import Home
from assistant.types import SlotValue

_WRITTEN_TOGETHER = "\u1100"
"""Hangul and Chinese characters come after this: their words are not set apart by spaces."""
_ARTICLES = ("the ", "my ", "our ", "a ")


class Problem(StrEnum):
    """Why nothing was found."""

    NO_DEVICE = "no_device"
    """No exposed device bears the name."""
    NO_AREA = "no_area"
    NO_FLOOR = "no_floor"
    NONE_THERE = "none_there"
    """The area or floor has nothing of that kind."""
    NONE = "none"
    """The home has nothing of that kind."""
    AMBIGUOUS = "ambiguous"
    """Several devices bear the name, and nothing says which."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The devices meant, or why there are none."""

    devices: tuple[Device, ...] = ()
    problem: Problem | None = None
    candidates: tuple[Device, ...] = ()
    """With AMBIGUOUS: those between which nothing decides."""


def resolve(
    home: Home,
    slots: Mapping[str, SlotValue],
    *,
    domains: Collection[str] = (),
    among: Collection[str] = (),
    preferred_area: str | None = None,
) -> Resolved:
    """The exposed devices that `slots` mean: `name`, `area`, `floor`, `domain`, `device_class`,
    less what `except_name`, `except_area` and `except_floor` leave out.

    `domains` narrow further; `among` limits the search to those ids. A name means one device, and
    may be the end of its name: "lamp" for "Desk lamp". Of several, those in `preferred_area` (an
    area's id) come first, then the one that bears just this name; of several that nobody could
    tell apart, the only one that can be reached is meant; where more than one is left the answer
    is AMBIGUOUS. Without a name, all that fit are meant, groups and their members once.
    """
    area = _area(home, slots)
    floor = _floor(home, slots)
    if "area" in slots and area is None:
        return Resolved(problem=Problem.NO_AREA)
    if "floor" in slots and floor is None:
        return Resolved(problem=Problem.NO_FLOOR)
    wanted_domains = {str(slots["domain"])} if "domain" in slots else set(domains)
    wanted_class = slots.get("device_class")
    fitting = [
        device
        for device in home.devices.values()
        if device.exposed
        and (not among or device.id in among)
        and (not wanted_domains or device.type in wanted_domains)
        and (wanted_class is None or device.device_class == wanted_class)
    ]
    name = _key(str(slots.get("name", "")))
    if "name" in slots and not among:
        fitting = [d for d in fitting if _bears(d, name) or _ends_in(d, name)]
        if not fitting:
            return Resolved(problem=Problem.NO_DEVICE)
    left_out = _left_out(home, slots)
    there = [
        d
        for d in fitting
        if _is_in(home, d, area, floor) and left_out.isdisjoint((d.id, *d.members))
    ]
    if not there:
        placed = fitting and (area is not None or floor is not None)
        return Resolved(problem=Problem.NONE_THERE if placed else _none(slots, area, floor))
    if "name" not in slots:
        return Resolved(once(there, home))
    if len(there) == 1:
        return Resolved(tuple(there))
    near = [d for d in there if preferred_area is not None and d.area == preferred_area]
    if len(near) == 1:
        return Resolved((near[0],))
    alike = near or there
    bearing = [d for d in alike if _bears(d, name)]
    if len(bearing) == 1:
        return Resolved((bearing[0],))
    alike = bearing or alike
    if len({(d.type, d.area) for d in alike}) == 1:
        reachable = [d for d in alike if home.available(d.id)]
        if len(reachable) == 1:
            return Resolved((reachable[0],))
    return Resolved(problem=Problem.AMBIGUOUS, candidates=tuple(alike))


def _left_out(home: Home, slots: Mapping[str, SlotValue]) -> set[str]:
    """Ids of the devices that `except_name`, `except_area` and `except_floor` leave out."""
    ids: set[str] = set()
    for kind in ("name", "area", "floor"):
        value = slots.get(f"except_{kind}", ())
        for one in value if isinstance(value, tuple) else (value,):
            for device in home.devices.values():
                named = kind == "name" and _bears(device, _key(str(one)))
                if named or (kind != "name" and is_in_place(home, device, {kind: str(one)})):
                    ids |= {device.id, *device.members}
    return ids


def _none(slots: Mapping[str, SlotValue], area: Area | None, floor: Floor | None) -> Problem:
    if area is not None or floor is not None:
        return Problem.NONE_THERE
    return Problem.NO_DEVICE if "name" in slots else Problem.NONE


def _bears(device: Device, key: str) -> bool:
    return key in {_key(own) for own in (device.id, *device.names)}


def _ends_in(device: Device, key: str) -> bool:
    end = key if key[:1] >= _WRITTEN_TOGETHER else f" {key}"
    return bool(key) and any(_key(own).endswith(end) for own in device.names)


def is_in_place(home: Home, device: Device, slots: Mapping[str, SlotValue]) -> bool:
    """Whether `device` is in the area and on the floor that `slots` name."""
    return _is_in(home, device, _area(home, slots), _floor(home, slots))


def _is_in(home: Home, device: Device, area: Area | None, floor: Floor | None) -> bool:
    if area is not None and device.area != area.id:
        return False
    if floor is None:
        return True
    place = home.areas.get(device.area or "")
    return place is not None and place.floor == floor.id


def _area(home: Home, slots: Mapping[str, SlotValue]) -> Area | None:
    wanted = _key(str(slots.get("area", "")))
    return next((area for area in home.areas.values() if _is_called(area, wanted)), None)


def _floor(home: Home, slots: Mapping[str, SlotValue]) -> Floor | None:
    wanted = _key(str(slots.get("floor", "")))
    return next((floor for floor in home.floors.values() if _is_called(floor, wanted)), None)


def _is_called(place: Area | Floor, wanted: str) -> bool:
    return bool(wanted) and wanted in {_key(own) for own in (place.id, *place.names)}


def _key(name: str) -> str:
    key = " ".join(name.casefold().split())
    for article in _ARTICLES:
        key = key.removeprefix(article)
    return key
