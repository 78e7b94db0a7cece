"""Zigbee2MQTT's own announcements (zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html).

`bridge/devices` lists devices with what they expose, `bridge/groups` groups with their members.
What they expose: zigbee2mqtt.io/guide/usage/exposes.html.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.home.mqtt.dialect import (
    AnnouncementError,
    Availability,
    Binding,
    Message,
)
from assistant.home.mqtt.exposes import Exposed, described
from assistant.home.mqtt.homeassistant.discovery import bind
from assistant.home.mqtt.properties import over_json
from assistant.home.mqtt.topics import valid_topic

MAX_LIST = 16_777_216
"""Longest list of devices or groups read, in bytes."""

_LOG = logging.getLogger(__name__)
_IEEE = re.compile(r"0x[0-9a-f]{16}")
_GROUPED = ("light", "cover", "lock", "switch")


@dataclass(slots=True)
class _Network:
    """What one Zigbee2MQTT, known by its base topic, has told."""

    devices: Sequence[Any] = ()
    groups: Sequence[Any] = ()
    skipped: set[str] = field(default_factory=set)


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
        entries = _list(payload)
        network = self._networks.setdefault(base, _Network())
        if topic.endswith("/devices"):
            network.devices = entries
        else:
            network.groups = entries
        bindings: list[Binding] = []
        exposed: dict[str, list[Exposed]] = {}
        for entry in network.devices:
            try:
                ieee, own = _capabilities(entry)
                exposed[ieee] = own
            except AnnouncementError as error:
                _skip(network, base, entry, error)
                continue
            for one in own:
                try:
                    bindings.append(_bind(base, entry["friendly_name"], ieee, one, ieee))
                except AnnouncementError as error:
                    _skip(network, base, entry, error)
        for entry in network.groups:
            try:
                bindings += _group(base, entry, exposed)
            except AnnouncementError as error:
                _skip(network, base, entry, error)
        return bindings

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _skip(network: _Network, base: str, entry: object, error: AnnouncementError) -> None:
    """Say once why a device is left out."""
    name = entry.get("friendly_name") if isinstance(entry, dict) else None
    sentence = f"{str(name)[:60]!r} of {base[:60]!r} ignored: {error}"
    if sentence not in network.skipped and len(network.skipped) < 1000:
        network.skipped.add(sentence)
        _LOG.warning("Zigbee2MQTT: %s", sentence)


def _list(payload: bytes) -> Sequence[Any]:
    if not payload.strip():
        return ()
    if len(payload) > MAX_LIST:
        raise AnnouncementError(f"longer than {MAX_LIST} bytes")
    try:
        entries = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise AnnouncementError(f"not JSON ({error})") from error
    if not isinstance(entries, list):
        raise AnnouncementError("expected a JSON list")
    return entries


def _named(base: str, entry: object) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise AnnouncementError("expected a JSON object")
    name = entry.get("friendly_name")
    if not isinstance(name, str) or not name.strip() or not valid_topic(f"{base}/{name}/set"):
        raise AnnouncementError("friendly_name is missing, or no part of a topic")
    return entry


def _capabilities(entry: object) -> tuple[str, list[Exposed]]:
    """A device's address and what it exposes: nothing, if it is not to be commanded."""
    about = _named("x", entry)
    ieee = str(about.get("ieee_address")).lower()
    if not _IEEE.fullmatch(ieee):
        raise AnnouncementError("ieee_address is missing")
    definition = about.get("definition")
    if about.get("type") == "Coordinator" or about.get("disabled") is True or definition is None:
        return ieee, []
    exposes = definition.get("exposes") if isinstance(definition, dict) else None
    if not isinstance(exposes, list):
        raise AnnouncementError("exposes are missing")
    found: dict[str, Exposed] = {}
    fault: AnnouncementError | None = None
    for expose in exposes:
        try:
            for one in described(expose):
                found.setdefault(one.object_id, one)
        except AnnouncementError as error:
            fault = error
    if fault is not None and not found:
        raise fault
    return ieee, list(found.values())


def _bind(base: str, friendly_name: str, owner: str, one: Exposed, ieee: str = "") -> Binding:
    topic = f"{base}/{friendly_name}"
    document = {
        **one.document,
        "unique_id": f"{owner}_{one.object_id}_{base}",
        "device": {"name": friendly_name},
    }
    binding = bind(one.component, one.object_id, document)

    def unfold(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return one.unfold(body)

    def say(messages: Sequence[Message]) -> Sequence[Message]:
        body: dict[str, Any] = {}
        for message in messages:
            body |= one.told(message.topic, message.payload)
        return [Message(f"{topic}/set", json.dumps(body, separators=(",", ":")))] if body else []

    availability = {f"{base}/bridge/state": _online, f"{topic}/availability": _online}
    return replace(
        over_json(binding, (topic,), unfold, say),
        availability=Availability(availability, "all"),
        hardware=frozenset({ieee} if ieee else ()),
    )


def _online(payload: str) -> bool | None:
    """What `online`, or `{"state": "online"}`, says."""
    text = payload.strip()
    if text.startswith("{"):
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return None
        text = body.get("state")
    return {"online": True, "offline": False}.get(text) if isinstance(text, str) else None


def _group(base: str, entry: object, exposed: Mapping[str, Sequence[Exposed]]) -> Iterator[Binding]:
    """A group, as what all its members are, with all that any of them can do."""
    about = _named(base, entry)
    number, members = about.get("id"), about.get("members")
    if not isinstance(number, int) or isinstance(number, bool):
        raise AnnouncementError("the group's id is missing")
    if not isinstance(members, list) or not all(isinstance(one, dict) for one in members):
        raise AnnouncementError("members are missing")
    can = [exposed.get(str(one.get("ieee_address")).lower(), ()) for one in members]
    if not can:
        return
    for kind in _GROUPED:
        kinds = (kind, "light") if kind == "switch" else (kind,)
        parts = [next((e for e in own if e.component in kinds), None) for own in can]
        together = [part for part in parts if part is not None]
        if len(together) == len(can):
            yield _bind(base, about["friendly_name"], str(number), Exposed.union(kind, together))
            return
