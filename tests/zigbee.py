"""Announcements of Zigbee2MQTT as its public pages describe them, for the tests of its dialect.

Schema: zigbee2mqtt.io/guide/usage/exposes.html, …/mqtt_topics_and_messages.html. Access: 1 told,
2 can be set, 4 can be asked for.
"""

from __future__ import annotations

import json
from typing import Any

from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.model import Home
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action

IEEE = "0x00158d0001234567"
OTHER = "0x00158d0001234568"


def binary(name: str, on: Any = True, off: Any = False, access: int = 1, **more: Any) -> Any:
    return {"type": "binary", "name": name, "property": name, "access": access,
            "value_on": on, "value_off": off, **more}  # fmt: skip


def state(on: Any = "ON", off: Any = "OFF", prop: str = "state") -> Any:
    return binary("state", on, off, 7, property=prop)


def numeric(name: str, low: float, high: float, prop: str = "", access: int = 7) -> Any:
    return {"type": "numeric", "name": name, "property": prop or name, "access": access,
            "value_min": low, "value_max": high}  # fmt: skip


def measured(name: str, unit: str = "", access: int = 1, **more: Any) -> Any:
    unit_of = {"unit": unit} if unit else {}
    return {"type": "numeric", "name": name, "property": name, "access": access, **unit_of, **more}


def enum(name: str, *values: Any, access: int = 7, **more: Any) -> Any:
    return {"type": "enum", "name": name, "property": name, "access": access,
            "values": list(values), **more}  # fmt: skip


def color(name: str, prop: str = "color") -> Any:
    return {"type": "composite", "name": name, "property": prop, "access": 7, "features": []}


def of(kind: str, *features: Any, endpoint: str = "") -> Any:
    return {"type": kind, "features": list(features)} | ({"endpoint": endpoint} if endpoint else {})


def device(*exposes: Any, name: str = "Lamp", ieee: str = IEEE, **more: Any) -> dict[str, Any]:
    return {"ieee_address": ieee, "type": "Router", "friendly_name": name, "disabled": False,
            "definition": {"model": "X", "exposes": list(exposes)}, **more}  # fmt: skip


def announce(
    registry: Registry, entries: Any, what: str = "devices", base: str = "zigbee2mqtt"
) -> None:
    registry.receive(f"{base}/bridge/{what}", json.dumps(entries).encode())


def home_of(*entries: Any, groups: Any = None) -> tuple[Home, Registry]:
    home = Home()
    registry = Registry(home, [HomeAssistantDialect(), Zigbee2MqttDialect()])
    if groups is not None:
        announce(registry, groups, "groups")
    announce(registry, list(entries))
    return home, registry


def told(registry: Registry, device_id: str, service: str, data: Any, shown: Any) -> list[Any]:
    """Topic and object of all messages that an action makes, as it is planned in a state."""
    binding = registry.binding(device_id)
    assert binding is not None
    planned = plan(binding.device, Action(service, device_id, data), shown)
    assert isinstance(planned, Plan), planned
    messages = binding.commands(planned.action, shown)
    return [(message.topic, json.loads(message.payload)) for message in messages]


LIGHT = of("light", state(), numeric("brightness", 0, 254), numeric("color_temp", 250, 454),
           color("color_xy"))  # fmt: skip
