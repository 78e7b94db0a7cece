"""A Zigbee2MQTT bridge, seen from the Zigbee side.

https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html: retained `bridge/state`,
`bridge/info`, `bridge/devices` and `bridge/groups`, `<name>/availability`; states on `<name>`, not
retained unless a device is set to; commands on `<name>/set[/<property>]` and `<name>/get`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from assistant.home.devices import Device
from assistant.home.file.reading import HomeFile
from assistant.home.groups import grouped
from assistant.home.simulator import zigbee_actors as actors
from assistant.home.simulator import zigbee_values as values
from assistant.home.simulator.station import Heard, Said
from assistant.home.simulator.thing import Thing
from assistant.home.simulator.troubles import spoiled
from assistant.home.simulator.wire import Document, document_in
from assistant.home.simulator.zigbee_form import Form

_FORMS: Mapping[str, Callable[[Device], Form]] = {
    "light": actors.light,
    "switch": actors.switch,
    "cover": actors.cover,
    "lock": actors.lock,
    "fan": actors.fan,
    "climate": actors.climate,
    "sensor": values.sensor,
    "binary_sensor": values.binary_sensor,
    "event": values.event,
    "number": values.number,
    "select": values.select,
    "text": values.text,
    "button": values.button,
}
_SYSTEM_MODES = {
    "off", "heat", "cool", "auto", "dry", "fan_only", "sleep", "emergency_heating",
}  # fmt: skip
_BASE = "zigbee2mqtt"
_GROUPED = ("light", "switch", "cover", "lock")


def why_not_zigbee(device: Device) -> str:
    """Why Zigbee2MQTT has no such device; empty where it has."""
    features = device.features
    if device.members:
        return "" if device.type in _GROUPED else f"groups of {device.type} devices"
    if device.type not in _FORMS:
        return f"{device.type} devices"
    match device.type:
        case "fan" if features.oscillation or features.direction:
            return "fans that swing or turn the other way"
        case "fan" if features.percentage and features.presets:
            return "fans with both speeds and presets"
        case "lock" if features.code:
            return "locks that want a code with every command"
        case "climate" if features.humidity:
            return "thermostats with a target humidity"
        case "climate" if not set(features.modes) <= _SYSTEM_MODES:
            return f"the modes {', '.join(sorted(set(features.modes) - _SYSTEM_MODES))}"
    return ""


def zigbee_groups(home_file: HomeFile) -> list[Device]:
    """The home file's groups that can be groups of the mesh, as devices with members."""
    plain = {device.id: device for device in home_file.devices if not device.virtual}
    shown, _ = grouped(plain, home_file.groups)
    return [
        replace(group, virtual=False)
        for group in shown.values()
        if group.id not in plain
        and group.type in _GROUPED
        and not any(why_not_zigbee(plain[member]) for member in group.members)
    ]


class ZigbeeStation:
    """The bridge and everything behind it."""

    reports = True

    def __init__(self, things: Sequence[Thing]) -> None:
        """A group is a thing whose device has members."""
        self.things = tuple(things)
        self.will: Said | None = Said(f"{_BASE}/bridge/state", '{"state":"offline"}', retain=True)
        self._forms = {
            thing.device.id: _FORMS[thing.device.type](thing.device) for thing in self.things
        }
        self._name(self.things)
        self._by_name = {thing.known_as: thing for thing in self.things}
        ends = ("set", "get", "set/+")
        self.filters = tuple(f"{_BASE}/{name}/{end}" for name in self._by_name for end in ends)

    def _name(self, things: Sequence[Thing]) -> None:
        """Give everything a friendly name that is unique and can be a topic."""
        taken: set[str] = {"bridge"}
        for thing in things:
            plain = "".join(" " if c in "+#/" else c for c in thing.device.name).strip()
            names = [plain, f"{thing.area} {plain}", *(f"{plain} {n}" for n in range(2, 1000))]
            thing.known_as = next(n for n in names if n and n.casefold() not in taken)
            taken.add(thing.known_as.casefold())

    def greeting(self) -> Iterable[Said]:
        """The bridge, its devices and groups, who is online, and the states it remembers."""
        bridge = f"{_BASE}/bridge"
        yield Said(f"{bridge}/state", '{"state":"online"}', retain=True)
        yield Said(f"{bridge}/info", json.dumps(_INFO), retain=True)
        yield Said(f"{bridge}/devices", json.dumps(self._devices()), retain=True)
        yield Said(f"{bridge}/groups", json.dumps(self._groups()), retain=True)
        for thing in self.things:
            yield from self.presence(thing)
            yield from self.show(thing, ())

    def _devices(self) -> list[Document]:
        return [_COORDINATOR, *(self._device(t) for t in self.things if not t.device.members)]

    def _device(self, thing: Thing) -> Document:
        mains = thing.device.type not in ("sensor", "binary_sensor", "event")
        form = self._forms[thing.device.id]
        return {
            "ieee_address": ieee_address(thing),
            "type": "Router" if mains else "EndDevice",
            "network_address": int(thing.address[-4:], 16),
            "supported": True,
            "friendly_name": thing.known_as,
            "disabled": False,
            "description": None,
            "definition": {
                "source": "native",
                "model": f"SIM-{thing.device.type.upper()}",
                "vendor": "Simulated",
                "description": f"Simulated {thing.device.type.replace('_', ' ')}",
                "exposes": [*form.exposes, _LINK_QUALITY],
                "options": [],
                "supports_ota": False,
            },
            "power_source": "Mains (single phase)" if mains else "Battery",
            "model_id": f"SIM-{thing.device.type.upper()}",
            "manufacturer": "Simulated",
            "interviewing": False,
            "interview_completed": True,
            "endpoints": {"1": {"bindings": [], "configured_reportings": [], "scenes": []}},
        }

    def _groups(self) -> list[Document]:
        addresses = {thing.device.id: ieee_address(thing) for thing in self.things}
        groups = (thing for thing in self.things if thing.device.members)
        return [
            {
                "id": number,
                "friendly_name": thing.known_as,
                "description": None,
                "scenes": [],
                "members": [
                    {"ieee_address": addresses[member], "endpoint": 1}
                    for member in thing.device.members
                    if member in addresses
                ],
            }
            for number, thing in enumerate(groups, 1)
        ]

    def hear(self, topic: str, payload: str) -> Sequence[Heard]:
        """`set`, `get` and `set/<property>`. Raises `NonsenseError`."""
        name, _, end = topic.removeprefix(f"{_BASE}/").rpartition("/")
        key = ""
        if name.endswith("/set"):
            name, key = name.removesuffix("/set"), end
        thing = self._by_name[name]
        if end == "get" and not key:
            return (Heard(thing, asks=True),)
        if key:
            document: Document = {key: _value(payload)}
        elif payload.lstrip().startswith("{"):
            document = document_in(payload)
        else:
            document = {"state": payload}
        return (Heard(thing, self._forms[thing.device.id].hear(document, thing.state)),)

    def show(self, thing: Thing, changed: Collection[str]) -> Sequence[Said]:
        """The whole state in one message, not retained; what a remote did with it."""
        form = self._forms[thing.device.id]
        shown = form.show(thing.state)
        if form.action and "event" in changed:
            shown["action"] = thing.state.get("event")
        elif form.action:
            return ()
        if not thing.device.members:
            shown["linkquality"] = 60 + int(thing.address[:2], 16) // 2
        return (Said(f"{_BASE}/{thing.known_as}", json.dumps(shown)),)

    def presence(self, thing: Thing) -> Sequence[Said]:
        """`<name>/availability`."""
        state = "online" if thing.online else "offline"
        topic = f"{_BASE}/{thing.known_as}/availability"
        return (Said(topic, json.dumps({"state": state}), retain=True),)

    def farewell(self) -> Sequence[Said]:
        """The bridge goes offline."""
        return () if self.will is None else (self.will,)

    def nonsense(self, fate: random.Random, count: int) -> Sequence[Said]:
        """Spoiled devices among the others, and whole lists that are none."""
        bridge = f"{_BASE}/bridge"
        devices = self._devices()
        spoiled_ones: list[object] = [None, 7, "device", [], {}]
        for index in range(count):
            copy = json.loads(json.dumps(fate.choice(devices)))
            copy |= {"ieee_address": f"0x{index:016x}", "friendly_name": f"nonsense {index}"}
            copy[fate.choice(list(copy))] = fate.choice(spoiled_ones)
            copy["definition"] = fate.choice(
                [None, {"exposes": spoiled_ones}, {"exposes": [{"type": "light"}]}, []]
            )
            devices.insert(fate.randrange(len(devices)), copy)
        whole = json.dumps([*spoiled_ones, *devices])
        lists = [Said(f"{bridge}/devices", spoiled(fate, whole), True) for _ in range(count)]
        return (*lists, Said(f"{bridge}/devices", whole, True))


def ieee_address(thing: Thing) -> str:
    """The device's address in the mesh."""
    return f"0x0017{thing.address.lower()}"


def _value(payload: str) -> object:
    try:
        value: object = json.loads(payload)
    except ValueError:
        return payload
    return value


_LINK_QUALITY = {
    "type": "numeric", "name": "linkquality", "label": "Linkquality", "property": "linkquality",
    "access": 1, "category": "diagnostic", "unit": "lqi", "value_min": 0, "value_max": 255,
}  # fmt: skip
_COORDINATOR: Document = {
    "ieee_address": "0x00124b00ffffffff", "type": "Coordinator", "network_address": 0,
    "supported": True, "friendly_name": "Coordinator", "disabled": False, "description": None,
    "definition": None, "power_source": None, "model_id": None, "manufacturer": None,
    "interviewing": False, "interview_completed": True, "endpoints": {"1": {}},
}  # fmt: skip
_INFO: Document = {
    "version": "2.1.0", "commit": "simulated", "permit_join": False, "log_level": "info",
    "coordinator": {"type": "Simulated", "ieee_address": "0x00124b00ffffffff", "meta": {}},
    "network": {"channel": 15, "pan_id": 6754, "extended_pan_id": "0xdddddddddddddddd"},
    "config": {}, "config_schema": {}, "restart_required": False,
}  # fmt: skip
