"""Shelly's second and later generations, found by what they say without being asked.

They tell on `<prefix>/online` that they are there and on `<prefix>/events/rpc` what happens
(shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt); what they are they tell when asked.
The prefix is the device's id unless its owner has chosen another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError, Binding, Message
from assistant.home.mqtt.shelly.bindings import KINDS, bindings_of
from assistant.home.mqtt.shelly.entity import Component, Shelly, at
from assistant.home.mqtt.shelly.frames import (
    Statuses,
    Topic,
    complaint,
    events_of,
    listed,
    read_frame,
    request,
    statuses_of,
)
from assistant.home.mqtt.topics import valid_topic

_ID = re.compile(r"shelly[a-z0-9]+-([0-9a-f]{12})", re.IGNORECASE)
_KEY = re.compile(r"[a-z0-9]{1,20}:[0-9]{1,3}")
_ONLINE, _EVENTS = "/online", "/events/rpc"
_LEVELS = ("+", "+/+", "+/+/+")
_CHANGES = frozenset({"config_changed", "component_added", "component_removed"})
_NEWS = (b"NotifyFullStatus", *(change.encode() for change in sorted(_CHANGES)))
_TELLING = (
    "apower", "aenergy", "pos_control", "xvoltage", "xpercent", "relay_in_thermostat",
)  # fmt: skip
"""What in a status tells what a component can do."""
_MAX_DEVICES = 4096
_MAX_COMPONENTS = 400
_TRIES = 3


@dataclass(slots=True)
class _Parts:
    """What a device has told of itself so far."""

    config: Mapping[str, Any] | None = None
    """Configurations by component key, of those kinds that are made use of, `sys` and `mqtt`."""
    shows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By component key: what its status holds, of that which not all have."""
    added: Mapping[str, Any] = field(default_factory=dict)
    """Configurations of dynamic components."""
    pages: dict[str, Any] = field(default_factory=dict)
    """The same, as far as they have come by now."""
    asked: int = 0
    """How often it was asked because it spoke, since it came."""
    bindings: Sequence[Binding] = ()
    """What comes of it all."""


class ShellyDialect:
    """Shelly's RPC over MQTT; `base` begins the topics on which answers are awaited."""

    def __init__(self, base: str) -> None:
        self._start = f"{base}/shelly/"
        self._parts: dict[str, _Parts] = {}
        self._prefixes: dict[str, str] = {}
        """Ids of devices by their topics' prefix."""

    @property
    def announcements(self) -> Sequence[str]:
        """Answers to our questions, and what makes us ask: prefixes of up to three levels."""
        return (
            f"{self._start}+/rpc",
            *(f"{levels}{end}" for levels in _LEVELS for end in (_ONLINE, _EVENTS)),
        )

    def source(self, topic: str) -> str:
        """Answers of one device are of one source; all else announces nothing by itself."""
        return topic.removesuffix("/rpc") if self._about(topic) else topic

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """The device, once it has told enough. Raises `AnnouncementError`."""
        identifier = self._about(topic)
        if identifier is None:
            self._overhear(topic, payload)
            return ()
        frame = read_frame(payload)
        parts = self._known(identifier)
        about, fault = frame.get("id"), complaint(frame)
        if fault is not None and about != Topic.COMPONENTS:
            raise AnnouncementError(fault)
        before = (parts.config, parts.shows, parts.added)
        if about == Topic.CONFIG:
            config = _configs(frame.get("result"))
            _prefix(identifier, config)
            parts.config = config
        elif about == Topic.STATUS:
            parts.shows = {**parts.shows, **_shapes(statuses_of(frame))}
        elif about == Topic.COMPONENTS and fault is None:
            _add(parts, frame.get("result"))
        if not parts.bindings or before != (parts.config, parts.shows, parts.added):
            parts.bindings = self._bindings(identifier, parts)
        return parts.bindings

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Who and how it is, for a device that has come, changed, or is not known yet.

        Whatever is wrong with an announcement, `read_announcement` has raised already.
        """
        identifier = self._about(topic)
        if identifier is not None:
            return self._further(identifier, payload)
        if topic.endswith(_ONLINE):
            prefix = topic.removesuffix(_ONLINE)
            speaker = self._prefixes.get(prefix) or prefix.rpartition("/")[2]
            if payload != b"true" or not _ID.fullmatch(speaker):
                return ()
            if (parts := self._parts.get(speaker)) is not None:
                parts.asked = 0
            return self._ask(prefix, speaker)
        prefix = topic.removesuffix(_EVENTS)
        identifier = self._speaker(prefix, payload) if prefix != topic else None
        return self._ask(prefix, identifier) if identifier is not None else ()

    def _ask(self, prefix: str, identifier: str) -> Sequence[Message]:
        source = f"{self._start}{identifier}"
        return (
            request(prefix, source, Topic.CONFIG, "Shelly.GetConfig"),
            request(prefix, source, Topic.STATUS, "Shelly.GetStatus"),
        )

    def _about(self, topic: str) -> str | None:
        """The device that answers on `topic`; None: that is no topic of answers."""
        if not topic.startswith(self._start):
            return None
        identifier = topic.removeprefix(self._start).removesuffix("/rpc")
        return identifier if _ID.fullmatch(identifier) else None

    def _known(self, identifier: str) -> _Parts:
        parts = self._parts.get(identifier)
        if parts is None:
            if len(self._parts) >= _MAX_DEVICES:
                raise AnnouncementError(f"more than {_MAX_DEVICES} devices")
            parts = self._parts[identifier] = _Parts()
        return parts

    def _lives(self, identifier: str, prefix: str) -> None:
        if len(self._prefixes) >= _MAX_DEVICES and prefix not in self._prefixes:
            raise AnnouncementError(f"more than {_MAX_DEVICES} prefixes")
        self._prefixes[prefix] = identifier

    def _settled(self, prefix: str) -> bool:
        """Whether it is known who speaks there, and that those are its topics still."""
        identifier = self._prefixes.get(prefix, "")
        parts = self._parts.get(identifier)
        if parts is None or parts.config is None:
            return False
        return _prefix(identifier, parts.config) == prefix

    def _telling(self, prefix: str, payload: bytes) -> bool:
        """Whether a notification may say more than a state."""
        return not self._settled(prefix) or any(word in payload for word in _NEWS)

    def _overhear(self, topic: str, payload: bytes) -> None:
        """Learn from a notification whose topics these are, and what a sleeper shows on waking."""
        prefix = topic.removesuffix(_EVENTS)
        if prefix == topic or not self._telling(prefix, payload):
            return
        frame = read_frame(payload)
        identifier = frame.get("src")
        if isinstance(identifier, str) and _ID.fullmatch(identifier):
            parts = self._known(identifier)
            self._lives(identifier, prefix)
            if frame.get("method") == "NotifyFullStatus":
                parts.shows = {**parts.shows, **_shapes(statuses_of(frame))}

    def _speaker(self, prefix: str, payload: bytes) -> str | None:
        """The device that has spoken, if that is a reason to ask it."""
        if not self._telling(prefix, payload):
            return None
        settled, frame = self._settled(prefix), read_frame(payload)
        identifier = frame.get("src")
        if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
            return None
        if settled:
            # A thermostat keeps what it is set to in its configuration.
            changed = any(
                str(event.get("event")) in _CHANGES
                and not str(event.get("component")).startswith("thermostat:")
                for event in events_of(frame)
            )
            return identifier if changed else None
        parts = self._known(identifier)
        parts.asked += 1
        return identifier if parts.asked <= _TRIES else None

    def _further(self, identifier: str, payload: bytes) -> Sequence[Message]:
        """The next page of dynamic components, if there may be one."""
        frame = read_frame(payload)
        about, result = frame.get("id"), frame.get("result")
        if not isinstance(result, dict):
            return ()
        offset = None
        if about == Topic.CONFIG and "bthome" in result:
            offset = 0
        elif about == Topic.COMPONENTS:
            offset = _next_page(result)
        if offset is None:
            return ()
        params = {"dynamic_only": True, "include": ["config"], "offset": offset}
        prefix = _prefix(identifier, self._known(identifier).config or {})
        source = f"{self._start}{identifier}"
        return (request(prefix, source, Topic.COMPONENTS, "Shelly.GetComponents", params),)

    def _bindings(self, identifier: str, parts: _Parts) -> Sequence[Binding]:
        if parts.config is None or not parts.shows:
            return ()
        prefix = _prefix(identifier, parts.config)
        self._lives(identifier, prefix)
        return bindings_of(_shelly(identifier, prefix, parts), f"{self._start}{identifier}")


def _useful(key: str) -> bool:
    return _KEY.fullmatch(key) is not None and key.partition(":")[0] in KINDS


def _next_page(result: Mapping[str, Any]) -> int | None:
    """Where the dynamic components go on that this page has not told; None: nowhere."""
    came, total, page = result.get("offset"), result.get("total"), len(listed(result))
    if type(came) is not int or type(total) is not int or not page:
        return None
    return came + page if came + page < min(total, _MAX_COMPONENTS) else None


def _add(parts: _Parts, result: object) -> None:
    """Take in a page of dynamic components; with the last one they count."""
    if not isinstance(result, dict):
        raise AnnouncementError("the components are missing")
    if result.get("offset") == 0:
        parts.pages = {}
    for key, entry in listed(result).items():
        config = entry.get("config")
        if _useful(key) and isinstance(config, dict) and len(parts.pages) < _MAX_COMPONENTS:
            parts.pages[key] = config
    if _next_page(result) is None:
        parts.added, parts.pages = parts.pages, {}


def _configs(result: object) -> Mapping[str, Any]:
    """Raises `AnnouncementError`."""
    if not isinstance(result, dict):
        raise AnnouncementError("the configuration is missing")
    found = {
        key: config
        for key, config in result.items()
        if isinstance(config, dict) and (key in ("sys", "mqtt") or _useful(key))
    }
    if len(found) > _MAX_COMPONENTS:
        raise AnnouncementError(f"more than {_MAX_COMPONENTS} components")
    return found


def _shapes(statuses: Statuses) -> dict[str, frozenset[str]]:
    return {
        key: frozenset(
            name for name in _TELLING if status.get(name) is not None and status[name] is not False
        )
        for key, status in statuses.items()
        if key == "sys" or _useful(key)
    }


def _prefix(identifier: str, config: Mapping[str, Any]) -> str:
    """What the device's topics begin with. Raises `AnnouncementError`."""
    prefix = at(config, ("mqtt", "topic_prefix"))
    if prefix is None:
        return identifier
    if not isinstance(prefix, str) or not prefix or not valid_topic(f"{prefix}/rpc"):
        raise AnnouncementError("topic_prefix makes no topic")
    return prefix


def _shelly(identifier: str, prefix: str, parts: _Parts) -> Shelly:
    config = {**(parts.config or {}), **parts.added}
    kind, _, mac = identifier.lower().rpartition("-")
    name = at(config, ("sys", "device", "name"))
    name = " ".join(name.split()) if isinstance(name, str) else ""
    uses = at(config, ("sys", "ui_data", "consumption_types"))
    return Shelly(
        id=identifier,
        mac=mac,
        name=name or f"Shelly {kind.removeprefix('shelly').capitalize()} {mac[-4:].upper()}",
        prefix=prefix,
        uses=tuple(map(str, uses)) if isinstance(uses, list) else (),
        components={
            key: Component(key, one, parts.shows.get(key, frozenset()))
            for key, one in config.items()
            if key != "mqtt"
        },
    )
