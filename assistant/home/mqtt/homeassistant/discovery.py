"""Discovery topics and documents, and what all components have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.home.commands import SWITCH_LIKE
from assistant.home.model import Device
from assistant.home.mqtt.dialect import AnnouncementError, Availability, Binding, Message
from assistant.home.mqtt.homeassistant import lights, measures, openings, players, switches
from assistant.home.mqtt.homeassistant.config import Config, expand, parse_document
from assistant.home.mqtt.homeassistant.entity import Entity

_COMPONENTS: dict[str, Callable[[Config], Entity]] = {
    "light": lights.light,
    "fan": switches.fan,
    "cover": openings.cover,
    "valve": openings.valve,
    "lock": openings.lock,
    "climate": measures.climate,
    "sensor": measures.sensor,
    "binary_sensor": measures.binary_sensor,
    "number": measures.number,
    "select": measures.select,
    "button": switches.button,
    "scene": switches.scene,
    "humidifier": switches.humidifier,
    "vacuum": players.vacuum,
    "media_player": players.media_player,
    **dict.fromkeys(SWITCH_LIKE, switches.switch),
    "siren": switches.siren,
}

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_IEEE = re.compile(r"0x[0-9a-fA-F]{16}")
_AVAILABILITY_MODES = ("all", "any", "latest")


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
        parts = topic.removeprefix(f"{self._prefix}/").split("/")
        component, name = parts[0], parts[-2]
        if not _ID.fullmatch(name):
            raise AnnouncementError(f"the object id {name[:60]!r} has other signs than a-z0-9_-")
        if component != "device" and component not in _COMPONENTS:
            return ()
        if not payload.strip():
            return ()
        document = parse_document(payload)
        if component != "device":
            return (bind(component, name, document),)
        return tuple(_components(name, document))

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _components(name: str, document: Mapping[str, Any]) -> Sequence[Binding]:
    """The bindings of a whole device announced in one message."""
    components = document.get("components")
    if not isinstance(components, dict):
        raise AnnouncementError("components are missing")
    shared = {key: value for key, value in document.items() if key != "components"}
    bindings = []
    for key, raw in components.items():
        if not isinstance(raw, dict):
            raise AnnouncementError(f"the component {key[:60]!r} is not a JSON object")
        entry = expand({**raw, **({"~": document["~"]} if "~" in document else {})})
        platform = entry.pop("platform", None)
        if platform in _COMPONENTS and entry:
            bindings.append(bind(str(platform), f"{name}_{key}", {**shared, **entry}))
    return bindings


def components() -> frozenset[str]:
    """The component types that can be announced."""
    return frozenset(_COMPONENTS)


def bind(component: str, name: str, document: Mapping[str, Any]) -> Binding:
    """What an entity's discovery document with full keys means; `name` is for want of a better id.

    Raises `AnnouncementError`.
    """
    config = Config(component, document)
    entity = _COMPONENTS[component](config)
    about = document.get("device")
    about = about if isinstance(about, dict) else {}
    device_name = _text(about.get("name"))
    identifier = config.text("unique_id") or config.text("object_id") or name
    hidden = config.text("entity_category") in ("config", "diagnostic")
    device = Device(
        id=identifier,
        name=_full_name(_text(document.get("name")), device_name) or _from_id(name),
        type=component,
        device_class=config.text("device_class") or None,
        features=entity.features,
        exposed=config.flag("enabled_by_default", True) and not hidden,
    )
    return Binding(
        device=device,
        readers={topic: tuple(readers) for topic, readers in entity.readers.by_topic.items()},
        reports=frozenset(entity.readers.reports),
        commands=entity.commands,
        availability=_availability(config),
        area_name=_text(about.get("suggested_area")),
        hardware=_hardware(about),
    )


def _hardware(about: Mapping[str, Any]) -> frozenset[str]:
    """Zigbee and network addresses by which other dialects may know the same device."""
    found: set[str] = set()
    identifiers = about.get("identifiers")
    for one in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(one, str) and (match := _IEEE.search(one)):
            found.add(match.group().lower())
    connections = about.get("connections")
    for pair in connections if isinstance(connections, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and pair[0] == "mac":
            address = re.sub(r"[^0-9a-f]", "", str(pair[1]).lower())
            if len(address) == 12:
                found.add(address)
    return frozenset(found)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _full_name(name: str, device_name: str) -> str:
    """Home Assistant's friendly name: the device's, then the entity's own if it has one."""
    if not name or not device_name:
        return name or device_name
    own = name.casefold()
    if own.startswith(device_name.casefold()):
        return name
    return f"{device_name} {name}"


def _from_id(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize() or name


def _availability(config: Config) -> Availability:
    mode = config.text("availability_mode", "latest")
    if mode not in _AVAILABILITY_MODES:
        raise AnnouncementError(f"availability_mode is none of {', '.join(_AVAILABILITY_MODES)}")
    topics: dict[str, Callable[[str], bool | None]] = {}
    entries = config.document.get("availability")
    if isinstance(entries, list):
        for entry in entries:
            if not isinstance(entry, dict):
                raise AnnouncementError("an entry of availability is not a JSON object")
            one = Config(config.component, entry)
            _add_availability(one, "topic", "value_template", topics)
    elif config.document.get("availability_topic") is not None:
        _add_availability(config, "availability_topic", "availability_template", topics)
    return Availability(topics, mode)


def _add_availability(
    config: Config,
    topic_key: str,
    template_key: str,
    topics: dict[str, Callable[[str], bool | None]],
) -> None:
    topic = config.topic(topic_key)
    if topic is None:
        raise AnnouncementError("an entry of availability has no topic")
    render = config.template(template_key)
    words = {
        config.text("payload_available", "online"): True,
        config.text("payload_not_available", "offline"): False,
    }
    topics[topic] = lambda payload: words.get(render(payload))
