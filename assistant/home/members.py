"""Home room: groups and their members, so that nothing is commanded twice or unseen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.types import Action


def expanded(actions: Iterable[Action], home: Home) -> tuple[Action, ...]:
    """`actions`, those for a group that is commanded member by member given to these instead.

    Such are groups that only the user knows, and groups of a bridge with a member that must not be
    commanded: the bridge would not leave it out. Who carries the actions out does.
    """
    plain: dict[tuple[str, str], Action] = {}
    for action in actions:
        for one in _commanded(action, home, frozenset()):
            if one is action:
                plain[one.service, one.device] = one
            else:
                plain.setdefault((one.service, one.device), one)
    return tuple(plain.values())


def affected(action: Action, home: Home) -> Iterator[tuple[Action, Device | None]]:
    """`action`, and what it amounts to for each member of the group it is for, with the devices."""
    return _affected(action, home, frozenset())


def _affected(
    action: Action, home: Home, above: frozenset[str]
) -> Iterator[tuple[Action, Device | None]]:
    device = home.devices.get(action.device)
    yield action, device
    if device is not None and device.id not in above:
        for member in device.members:
            yield from _affected(_for_member(action, member, home), home, above | {device.id})


def _commanded(action: Action, home: Home, above: frozenset[str]) -> Iterator[Action]:
    device = home.devices.get(action.device)
    if device is None or device.id in above or not _taken_apart(device, home):
        yield action
        return
    for member in _members(device, home):
        yield from _commanded(_for_member(action, member.id, home), home, above | {device.id})


def _taken_apart(group: Device, home: Home) -> bool:
    return group.virtual or not all(member.exposed for member in _members(group, home))


def _members(group: Device, home: Home) -> list[Device]:
    return [home.devices[member] for member in group.members if member in home.devices]


def _for_member(action: Action, member: str, home: Home) -> Action:
    """An action for a group as its member's; a mixed group's "group.turn_on" in its own words."""
    domain, _, verb = action.service.partition(".")
    mixed = domain == "group" and member in home.devices
    service = f"homeassistant.{verb}" if mixed else action.service
    return replace(action, service=service, device=member)


def once(devices: Iterable[Device], home: Home) -> tuple[Device, ...]:
    """`devices`, so that nothing among them is reached twice.

    A group all of whose members are among them gives way to these: they tell who did not answer.
    So does a group that is commanded member by member. Else the group stands for those of its
    members.
    """
    given = {device.id: device for device in devices}
    kept = dict(given)
    for group in given.values():
        if not group.members:
            continue
        if _taken_apart(group, home):
            kept.pop(group.id, None)
            kept.update({device.id: device for device in _reached(group, home, frozenset())})
        elif set(group.members) <= given.keys():
            kept.pop(group.id, None)
        else:
            for member in group.members:
                kept.pop(member, None)
    return tuple(kept.values())


def _reached(group: Device, home: Home, above: frozenset[str]) -> Iterator[Device]:
    """Whom a group that is commanded member by member reaches."""
    for member in _members(group, home):
        if not member.exposed or member.id in above:
            continue
        if member.members and _taken_apart(member, home):
            yield from _reached(member, home, above | {group.id})
        else:
            yield member
