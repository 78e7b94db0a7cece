"""What all components have in common: who an entity is, whether it can be reached, its topics."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import Any

from assistant.home.commands.plan import SWITCH_LIKE
from assistant.home.devices import Device
from assistant.home.mqtt.dialect import AnnouncementError, Availability, Binding
from assistant.home.mqtt.homeassistant import (
    alarm_panels,
    cleaning,
    climates,
    covers,
    events,
    fans,
    humidifiers,
    lights,
    locks,
    media_players,
    sensors,
    sirens,
    switches,
    values,
    water_heaters,
)
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.home.mqtt.homeassistant.entity import Entity

_COMPONENTS: dict[str, Callable[[Config], Entity]] = {
    "light": lights.light,
    "fan": fans.fan,
    "cover": covers.cover,
    "valve": covers.valve,
    "lock": locks.lock,
    "alarm_control_panel": alarm_panels.alarm_control_panel,
    "climate": climates.climate,
    "humidifier": humidifiers.humidifier,
    "water_heater": water_heaters.water_heater,
    "sensor": sensors.sensor,
    "binary_sensor": sensors.binary_sensor,
    "number": values.number,
    "select": values.select,
    "text": values.text,
    "button": switches.button,
    "scene": switches.scene,
    "event": events.event,
    "vacuum": cleaning.vacuum,
    "lawn_mower": cleaning.lawn_mower,
    "media_player": media_players.media_player,
    **dict.fromkeys(SWITCH_LIKE, switches.switch),
    "siren": sirens.siren,
}
_TRIGGER = "device_automation"
_IEEE = re.compile(r"0x[0-9a-fA-F]{16}")
_AVAILABILITY_MODES = ("all", "any", "latest")
_VALVE = re.compile(r"\bvalves?\b", re.IGNORECASE)
_LONGEST_ID = 512
_LONGEST_NAME = 200


def components() -> frozenset[str]:
    """The components that can be bound: the types of device that can be reached by MQTT."""
    return frozenset(_COMPONENTS)


def is_component(name: str) -> bool:
    """Whether an announcement of this component is read; others are no concern of ours."""
    return name in _COMPONENTS or name == _TRIGGER


def bind(component: str, name: str, document: Mapping[str, Any], *, node: str = "") -> Binding:
    """What an entity's discovery document with full keys means.

    `name` is for want of a better id, `node` what groups such names. Raises `AnnouncementError`.
    """
    config = Config(component, document)
    _check_encoding(config)
    trigger = component == _TRIGGER
    identifier = _identifier(config) or (f"{node}_{name}" if trigger and node else name)
    config.variables |= {"entity_id": f"{component}.{identifier}", "name": name}
    entity = events.device_trigger(config) if trigger else _COMPONENTS[component](config)
    about = document.get("device")
    about = about if isinstance(about, dict) else {}
    own_name = events.trigger_name(config) if trigger else _text(document.get("name"))
    hidden = trigger or config.text("entity_category") in ("config", "diagnostic")
    device = Device(
        id=identifier,
        name=_full_name(own_name, _text(about.get("name"))) or _from_id(name),
        type="event" if trigger else component,
        device_class=config.text("device_class") or _class_of_model(component, about),
        features=entity.features,
        exposed=config.flag("enabled_by_default", True) and not hidden,
        members=config.texts("group"),
        hardware=_known_by(about),
    )
    optimistic = config.flag("optimistic")
    return Binding(
        device=device,
        readers=entity.readers.together(),
        reports=frozenset() if optimistic else frozenset(entity.readers.reports),
        commands=entity.commands,
        availability=_availability(config),
        area_name=_text(about.get("suggested_area")),
        hardware=_hardware(about),
        expires=entity.readers.expires,
    )


def _class_of_model(component: str, about: Mapping[str, Any]) -> str | None:
    """A switch that is a valve by its model is to be asked about like one."""
    model = _text(about.get("model"))
    return "valve" if component == "switch" and _VALVE.search(model) else None


def _identifier(config: Config) -> str:
    """`unique_id`, else `object_id`, else the end of `default_entity_id`; or nothing."""
    default = config.text("default_entity_id").rpartition(".")[2]
    found = config.text("unique_id") or config.text("object_id") or default
    if len(found) > _LONGEST_ID:
        raise AnnouncementError("unique_id is too long")
    return found


def _check_encoding(config: Config) -> None:
    encoding = config.text("encoding", "utf-8")
    try:
        known = not encoding or codecs.lookup(encoding).name in ("utf-8", "ascii")
    except (LookupError, ValueError):
        known = False
    if not known:
        raise AnnouncementError(f"only the encoding utf-8 is read, not {short(encoding)}")


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


def _known_by(about: Mapping[str, Any]) -> str:
    """What its parts have in common that have no address: the first identifier of the device."""
    identifiers = about.get("identifiers")
    listed = identifiers if isinstance(identifiers, list) else [identifiers]
    return next((text for one in listed if (text := _text(one))), "")


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    printable = "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(printable.split())[:_LONGEST_NAME]


def _full_name(name: str, device_name: str) -> str:
    """Home Assistant's friendly name: the device's, then the entity's own if it has one."""
    if not name or not device_name:
        return name or device_name
    if name.casefold().startswith(device_name.casefold()):
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
    elif entries is not None:
        raise AnnouncementError("availability is not a list")
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
