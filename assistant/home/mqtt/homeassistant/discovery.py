"""Discovery topics and documents (home-assistant.io/integrations/mqtt/#mqtt-discovery)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError, Binding, Message
from assistant.home.mqtt.homeassistant.binding import bind, components, is_component
from assistant.home.mqtt.homeassistant.config import expand, parse_document, short

__all__ = ["HomeAssistantDialect", "bind", "components"]

_LOG = logging.getLogger(__name__)
_ID = re.compile(r"[a-zA-Z0-9_-]+")


class HomeAssistantDialect:
    """Home Assistant's MQTT discovery, read as Home Assistant would."""

    def __init__(self, prefix: str = "homeassistant") -> None:
        self._prefix = prefix.strip("/")

    @property
    def announcements(self) -> Sequence[str]:
        """`<prefix>/<component>/<object>/config`, with or without a node before the object."""
        return (f"{self._prefix}/+/+/config", f"{self._prefix}/+/+/+/config")

    def source(self, topic: str) -> str:
        """Every topic announces for itself."""
        return topic

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """The devices announced; none for an empty payload. Raises `AnnouncementError`."""
        component, *path = topic.removeprefix(f"{self._prefix}/").split("/")[:-1]
        if component != "device" and not is_component(component):
            return ()
        for part in path:
            if not _ID.fullmatch(part):
                raise AnnouncementError(f"the id {part[:60]!r} has other signs than a-z0-9_-")
        if not payload.strip():
            return ()
        document = parse_document(payload)
        if document.get("migrate_discovery") is True:
            return ()  # it is about to announce itself on another topic
        if component == "device":
            return tuple(_components(path[-1], document))
        return (bind(component, path[-1], document, node=path[0] if len(path) > 1 else ""),)

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _components(name: str, document: Mapping[str, Any]) -> Iterator[Binding]:
    """The bindings of a whole device announced in one message.

    A component that makes no sense is left out; an entry with nothing but its platform removes
    the component.
    """
    entries = document.get("components")
    if not isinstance(entries, dict):
        raise AnnouncementError("components are missing")
    shared = {key: value for key, value in document.items() if key != "components"}
    found = 0
    fault: AnnouncementError | None = None
    for key, raw in entries.items():
        try:
            binding = _component(f"{name}_{key}", raw, shared)
        except AnnouncementError as error:
            fault = fault or error
            _LOG.warning("MQTT: %s of %s ignored: %s", short(key), short(name), error)
            continue
        found += 1
        if binding is not None:
            yield binding
    if fault is not None and not found:
        raise fault


def _component(name: str, raw: object, shared: Mapping[str, Any]) -> Binding | None:
    if not isinstance(raw, dict):
        raise AnnouncementError("it is not a JSON object")
    start = {"~": shared["~"]} if "~" in shared else {}
    entry = expand({**start, **raw})
    entry.pop("~", None)
    platform = entry.pop("platform", None)
    if not isinstance(platform, str):
        raise AnnouncementError("the platform is missing")
    if not entry or not is_component(platform):
        return None
    return bind(platform, name, {**shared, **entry})
