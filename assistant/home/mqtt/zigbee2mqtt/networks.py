"""Zigbee2MQTT's own announcements (zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html).

`bridge/devices` lists devices with what they expose, `bridge/groups` groups with their members.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.home.mqtt.announcement import parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError, Binding, Message
from assistant.home.mqtt.zigbee2mqtt.devices import ZigbeeDevice, bindings, read_device
from assistant.home.mqtt.zigbee2mqtt.groups import group_bindings

MAX_LIST = 16_777_216
"""Longest list of devices or groups read, in bytes."""

_LOG = logging.getLogger(__name__)
_MOST_COMPLAINTS = 1000
_MOVING = frozenset({"last_seen", "interviewing", "interview_completed", "interview_state"})


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A device as it was when its entry was last read."""

    digest: bytes
    device: ZigbeeDevice | None
    bindings: Sequence[Binding]


@dataclass(slots=True)
class _Network:
    """What one Zigbee2MQTT, known by its base topic, has told."""

    groups: Sequence[Any] = ()
    known: Mapping[str, _Known] = field(default_factory=dict)
    """By IEEE address. The whole list comes again whenever anything about one of them changes."""
    grouped: Mapping[bytes, Sequence[Binding]] = field(default_factory=dict)
    """By digest of their entry, as long as all devices are as they were."""
    complaints: set[str] = field(default_factory=set)


class Zigbee2MqttDialect:
    """Zigbee2MQTT, under any base topic of one level."""

    def __init__(self) -> None:
        self._networks: dict[str, _Network] = {}

    @property
    def announcements(self) -> Sequence[str]:
        """The lists of devices and of groups."""
        return ("+/bridge/devices", "+/bridge/groups")

    def source(self, topic: str) -> str:
        """Devices and groups are told together: a group can do what its members can."""
        return topic.rpartition("/")[0]

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """All devices and groups of the network. Raises `AnnouncementError`."""
        base, _, _ = topic.partition("/")
        entries = parse_announcement(payload, MAX_LIST) if payload.strip() else []
        if not isinstance(entries, list):
            raise AnnouncementError("expected a JSON list")
        network = self._networks.setdefault(base, _Network())
        if topic.endswith("/devices"):
            before, network.known = network.known, _read(base, network, entries)
            if list(before.values()) != list(network.known.values()):
                network.grouped = {}
        else:
            network.groups = entries
        found = [one for known in network.known.values() for one in known.bindings]
        devices = {ieee: one.device for ieee, one in network.known.items() if one.device}
        grouped: dict[bytes, Sequence[Binding]] = {}
        for entry in network.groups:
            digest = _digest(entry)
            try:
                grouped[digest] = network.grouped.get(digest) or list(
                    group_bindings(base, entry, devices)
                )
            except AnnouncementError as error:
                _complain(network, base, entry, str(error))
        network.grouped = grouped
        found += [one for those in grouped.values() for one in those]
        if not network.known and not network.groups:
            del self._networks[base]
        return found

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _read(base: str, network: _Network, entries: Sequence[Any]) -> Mapping[str, _Known]:
    """All devices of the list; those whose entry has not changed as they were."""
    known: dict[str, _Known] = {}
    for entry in entries:
        ieee = str(entry.get("ieee_address")).lower() if isinstance(entry, dict) else ""
        digest = _digest(entry)
        before = network.known.get(ieee)
        if before is not None and before.digest == digest:
            known.setdefault(ieee, before)
            continue
        faults: list[str] = []
        try:
            device = read_device(entry)
            found = list(bindings(base, device, faults)) if device else []
            faults += device.faults if device else ()
        except AnnouncementError as error:
            faults.append(str(error))
        else:
            known.setdefault(ieee, _Known(digest, device, found))
        for fault in faults:
            _complain(network, base, entry, fault)
    return known


def _digest(entry: object) -> bytes:
    """Tells whether an entry says something new; when the device was last seen is nothing."""
    if isinstance(entry, dict):
        entry = {key: value for key, value in entry.items() if key not in _MOVING}
    return hashlib.blake2b(json.dumps(entry).encode(), digest_size=16).digest()


def _complain(network: _Network, base: str, entry: object, reason: str) -> None:
    """Say once why a device, or a part of it, is left out."""
    name = entry.get("friendly_name") if isinstance(entry, dict) else None
    sentence = f"{str(name)[:60]!r} of {base[:60]!r} ignored: {reason}"
    if sentence not in network.complaints and len(network.complaints) < _MOST_COMPLAINTS:
        network.complaints.add(sentence)
        _LOG.warning("Zigbee2MQTT: %s", sentence)
