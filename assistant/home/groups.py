"""Groups of devices that no other program knows: what they are, can do, and what state they show.

Home Assistant's groups decide likewise: on while any member is on
(https://www.home-assistant.io/integrations/group/).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.types import SlotValue

if TYPE_CHECKING:
    from assistant.home.devices import Device, Features, State

MIXED = "group"
"""The type of a group whose members are of several types."""

_FIRST_OF = {
    "power": ("on",),
    "cover": ("opening", "closing", "open", "stopped"),
    "lock": ("jammed", "unlocking", "locking", "open", "unlocked"),
    "media": ("playing", "buffering", "paused", "idle"),
    "value": ("on", "cleaning", "mowing", "returning"),
}
"""By state key: a value that is the whole group's as soon as one member has it."""

_STEPS = ("temperature_step", "percentage_step", "value_step")


def grouped(
    devices: Mapping[str, Device], groups: Sequence[Device]
) -> tuple[dict[str, Device], dict[str, tuple[str, ...]]]:
    """The devices with those groups of which there is a member, and by member its groups' ids.

    Virtual devices among `devices` are left out: they are made anew.
    """
    real = {key: device for key, device in devices.items() if not device.virtual}
    find = _by_name(real.values())
    inner = _by_name(groups)
    shown = dict(real)
    membership: dict[str, tuple[str, ...]] = {}
    for group in groups:
        members = _flattened(group.members, inner, find, frozenset({group.id}))
        if members and group.id not in real:
            shown[group.id] = assembled(group, tuple(members.values()))
            for member in members:
                membership[member] = (*membership.get(member, ()), group.id)
    return shown, membership


def _by_name(devices: Iterable[Device]) -> dict[str, Device]:
    """Devices by casefolded id, name and alias; an id goes before a name."""
    found: dict[str, Device] = {}
    for device in devices:
        for name in device.names:
            found.setdefault(name.casefold(), device)
    return found | {device.id.casefold(): device for device in devices}


def _flattened(
    references: Iterable[str],
    groups: Mapping[str, Device],
    find: Mapping[str, Device],
    above: frozenset[str] = frozenset(),
) -> dict[str, Device]:
    """The devices meant, by id; groups are taken apart, and what is unknown is left out."""
    found: dict[str, Device] = {}
    for reference in references:
        key = reference.casefold()
        if (device := find.get(key)) is not None:
            found[device.id] = device
        elif (group := groups.get(key)) is not None and group.id not in above:
            found |= _flattened(group.members, groups, find, above | {group.id})
    return found


def assembled(group: Device, members: Sequence[Device]) -> Device:
    """The group as a device of its members' common type, with all that any of them can do."""
    types = {member.type for member in members}
    classes = {member.device_class for member in members}
    return dataclasses.replace(
        group,
        type=types.pop() if len(types) == 1 else MIXED,
        device_class=classes.pop() if len(classes) == 1 else None,
        features=union([member.features for member in members]),
        members=tuple(member.id for member in members),
        virtual=True,
    )


def union(all_features: Sequence[Features]) -> Features:
    """What any of several devices can do: the widest ranges, the finest steps."""
    first = all_features[0]
    merged: dict[str, Any] = {}
    for field in dataclasses.fields(first):
        values = [getattr(features, field.name) for features in all_features]
        merged[field.name] = _widest(field.name, values)
    return dataclasses.replace(first, **merged)


def _widest(name: str, values: list[Any]) -> Any:
    if isinstance(values[0], bool):
        return any(values)
    if name in _STEPS:
        return min(values)
    known = [value for value in values if value]
    if not known:
        return values[0]
    if isinstance(known[0], tuple):
        if isinstance(known[0][0], str):
            return tuple(dict.fromkeys(item for value in known for item in value))
        return min(low for low, _ in known), max(high for _, high in known)
    return known[0]


def group_state(states: Sequence[State]) -> State:
    """What a group shows, given what its members show.

    Something is on, open, unlocked or playing if any member is; levels and colours are those of
    the members that are on; numbers are the mean, anything else is said only if all agree.
    """
    shown: dict[str, SlotValue] = {}
    lit = [state for state in states if state.get("power") == "on"] or states
    for key in dict.fromkeys(key for state in states for key in state):
        values = [state[key] for state in (states if key in _FIRST_OF else lit) if key in state]
        value = _agreed(key, values)
        if value is not None:
            shown[key] = value
    return shown


def _agreed(key: str, values: Sequence[SlotValue]) -> SlotValue | None:
    if not values:
        return None
    for word in _FIRST_OF.get(key, ()):
        if word in values:
            return word
    if all(value == values[0] for value in values):
        return values[0]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) == len(values):
        return round(sum(numbers) / len(numbers), 1 if any(n % 1 for n in numbers) else None)
    return None
