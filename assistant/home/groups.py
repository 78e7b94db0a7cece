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
    from assistant.home.model import Device, Features, State

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


def flattened(
    references: Iterable[str],
    groups: Mapping[str, Device],
    find: Mapping[str, Device],
    _above: frozenset[str] = frozenset(),
) -> dict[str, Device]:
    """The devices that are meant, by id; groups within the group are taken apart.

    `references` are ids or names, `find` knows the devices by their casefolded ids and names,
    `groups` the groups of the home file. What is unknown is left out.
    """
    found: dict[str, Device] = {}
    for reference in references:
        key = reference.casefold()
        if key in groups:
            inner = groups[key]
            if inner.id not in _above:
                found |= flattened(inner.members, groups, find, _above | {inner.id})
        elif (device := find.get(key)) is not None:
            found[device.id] = device
    return found


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
