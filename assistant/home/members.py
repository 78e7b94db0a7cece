"""Home room: groups and their members, so that nothing is commanded twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.types import Action


def expanded(actions: Iterable[Action], home: Home) -> tuple[Action, ...]:
    """`actions`, those for a group that only the user knows given to its members instead."""
    plain: dict[tuple[str, str], Action] = {}
    for action in actions:
        device = home.devices.get(action.device)
        if device is None or not device.virtual:
            plain[action.service, action.device] = action
            continue
        for member in device.members:
            service = _for_member(action.service, home.devices.get(member))
            plain.setdefault((service, member), replace(action, service=service, device=member))
    return tuple(plain.values())


def _for_member(service: str, member: Device | None) -> str:
    """A mixed group's "group.turn_on" in its member's own words."""
    domain, _, verb = service.partition(".")
    return f"homeassistant.{verb}" if member is not None and domain == "group" else service


def once(devices: Iterable[Device], home: Home) -> tuple[Device, ...]:
    """`devices`, so that nothing among them is reached twice.

    A group all of whose members are among them gives way to these: they tell who did not answer.
    So does a group that only the user knows. Else the group stands for those of its members.
    """
    given = {device.id: device for device in devices}
    kept = dict(given)
    for group in given.values():
        if not group.members:
            continue
        if group.virtual or set(group.members) <= given.keys():
            kept.pop(group.id, None)
            if group.virtual:
                members = (home.devices.get(member) for member in group.members)
                kept.update({m.id: m for m in members if m is not None and m.exposed})
        else:
            for member in group.members:
                kept.pop(member, None)
    return tuple(kept.values())
