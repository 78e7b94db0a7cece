"""The entries of `bridge/groups`: a group is what its members are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError, Binding
from assistant.home.mqtt.zigbee2mqtt.devices import (
    Speaker,
    ZigbeeDevice,
    bind_exposed,
    named,
    scenes,
)
from assistant.home.mqtt.zigbee2mqtt.exposed import Exposed
from assistant.home.mqtt.zigbee2mqtt.naming import Title

_GROUPED = ("light", "cover", "lock", "switch")


def group_bindings(
    base: str, entry: object, devices: Mapping[str, ZigbeeDevice]
) -> Iterator[Binding]:
    """A group, as what all its members are, with all that any of them can do; and its scenes.

    Raises `AnnouncementError`.
    """
    about = named(entry)
    number, members = about.get("id"), about.get("members")
    if not isinstance(number, int) or isinstance(number, bool):
        raise AnnouncementError("the group's id is missing")
    if not isinstance(members, list) or not all(isinstance(one, dict) for one in members):
        raise AnnouncementError("members are missing")
    name = about["friendly_name"]
    speaker = Speaker.of(base, name, Title.of_name(name), str(number))
    known = [
        (device, member)
        for member in members
        if (device := devices.get(str(member.get("ieee_address")).lower())) is not None
    ]
    for kind in _GROUPED if known else ():
        parts = [_part(device, member, kind) for device, member in known]
        together = [part for part in parts if part is not None]
        if len(together) == len(parts):
            whole = Exposed.union(kind, together)
            binding = bind_exposed(speaker, whole)
            ids = [
                f"{device.ieee}_{part.object_id}_{base}"
                for (device, _), part in zip(known, together, strict=True)
            ]
            unique = tuple(dict.fromkeys(ids))
            yield replace(binding, device=replace(binding.device, members=unique))
            break
    for scene in scenes(about.get("scenes")):
        yield bind_exposed(speaker, scene)


def _part(device: ZigbeeDevice, member: Mapping[str, Any], kind: str) -> Exposed | None:
    """What a member is in a group of a kind: of its endpoint, if it has several."""
    kinds = (kind, "light") if kind == "switch" else (kind,)
    parts = [one for one in device.exposed if one.component in kinds and not one.technical]
    told = member.get("endpoint")
    endpoint = device.endpoints.get(told) if isinstance(told, int) else told
    return next((one for one in parts if one.endpoint == endpoint), parts[0] if parts else None)
