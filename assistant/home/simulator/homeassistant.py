"""Home Assistant's MQTT discovery, seen from the device.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery: each device as a component of its
own, or (device-based) with its components inside one announcement.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from assistant.home.devices import Device
from assistant.home.simulator import homeassistant_climates as climates
from assistant.home.simulator import homeassistant_lighting as lighting
from assistant.home.simulator import homeassistant_openings as openings
from assistant.home.simulator import homeassistant_others as others
from assistant.home.simulator.homeassistant_form import Form
from assistant.home.simulator.station import Heard, Said
from assistant.home.simulator.thing import Thing, topic_level
from assistant.home.simulator.troubles import spoiled
from assistant.home.simulator.wire import Document

_FORMS: Mapping[str, Callable[[Device], Form]] = {
    "light": lighting.light,
    "fan": lighting.fan,
    "siren": lighting.siren,
    "cover": openings.cover,
    "valve": openings.valve,
    "lock": openings.lock,
    "alarm_control_panel": openings.alarm_panel,
    "climate": climates.climate,
    "humidifier": climates.humidifier,
    "water_heater": climates.water_heater,
    "vacuum": others.vacuum,
    "lawn_mower": others.lawn_mower,
    "media_player": others.media_player,
    "number": others.number,
    "select": others.select,
    "text": others.text,
    "button": others.button,
    "scene": others.scene,
    "event": others.event,
    "sensor": others.sensor,
    "binary_sensor": others.binary_sensor,
}
_BASE = "simulated"


class HomeAssistantStation:
    """Things under `simulated/<id>/…`; alone, or several that share a connection."""

    reports = False

    def __init__(self, things: Sequence[Thing], prefix: str, *, device_based: bool) -> None:
        """`prefix` is of announcements."""
        self.things = tuple(things)
        self._prefix, self._device_based = prefix, device_based
        self._forms = {
            thing.device.id: _FORMS.get(thing.device.type, lighting.switch)(thing.device)
            for thing in self.things
        }
        for thing in self.things:
            thing.known_as = self._topic(thing)
        shared = len(self.things) > 1
        name = f"{_BASE}/home/connected" if shared else f"{self._topic(self.things[0])}/available"
        self.will: Said | None = Said(name, "offline", retain=True)
        self._commands = {
            f"{self._topic(thing)}/{level}": (thing, level)
            for thing in self.things
            for level in self._forms[thing.device.id].hears
        }
        self.filters = tuple(self._commands)

    def _topic(self, thing: Thing) -> str:
        return f"{_BASE}/{topic_level(thing.device.id)}"

    def greeting(self) -> Iterable[Said]:
        """Announcements, presence and states."""
        if len(self.things) > 1 and self.will is not None:
            yield Said(self.will.topic, "online", retain=True)
        for thing in self.things:
            yield self._announcement(thing)
            yield from self.presence(thing)
            yield from self.show(thing, ())

    def _announcement(self, thing: Thing) -> Said:
        device, form = thing.device, self._forms[thing.device.id]
        about: Document = {"identifiers": [device.id], "name": device.name}
        if thing.area:
            about["suggested_area"] = thing.area
        document: Document = {"name": None, "unique_id": device.id}
        if device.device_class:
            document["device_class"] = device.device_class
        will = () if self.will is None else (self.will.topic,)
        topics = dict.fromkeys((*will, f"{self._topic(thing)}/available"))
        shared: Document = {
            "availability": [{"topic": topic} for topic in topics],
            "availability_mode": "all",
        }
        level = topic_level(device.id)
        if self._device_based:
            spelled = json.loads(json.dumps(form.options).replace('"~/', f'"{self._topic(thing)}/'))
            component = {"platform": device.type, **document, **spelled}
            whole = {
                "device": about, "origin": {"name": "simulated home"},
                "components": {"main": component}, **shared,
            }  # fmt: skip
            return Said(f"{self._prefix}/device/{level}/config", json.dumps(whole), retain=True)
        document |= {"~": self._topic(thing), "device": about, **shared, **form.options}
        topic = f"{self._prefix}/{device.type}/{level}/config"
        return Said(topic, json.dumps(document), retain=True)

    def hear(self, topic: str, payload: str) -> Sequence[Heard]:
        """A command for one thing. Raises `NonsenseError`."""
        thing, level = self._commands[topic]
        return (Heard(thing, self._forms[thing.device.id].hears[level](payload)),)

    def show(self, thing: Thing, changed: Collection[str]) -> Sequence[Said]:
        """All state topics, retained; events when they happen, not retained."""
        said = []
        form = self._forms[thing.device.id]
        for level, show in form.shows.items():
            passing = level in form.events
            if passing and level not in changed:
                continue
            text = show(thing.state)
            if text is not None:
                said.append(Said(f"{self._topic(thing)}/{level}", text, retain=not passing))
        return said

    def presence(self, thing: Thing) -> Sequence[Said]:
        """`online` or `offline` on the thing's own topic."""
        text = "online" if thing.online else "offline"
        return (Said(f"{self._topic(thing)}/available", text, retain=True),)

    def farewell(self) -> Sequence[Said]:
        """The same as the will says."""
        return () if self.will is None else (self.will,)

    def nonsense(self, fate: random.Random, count: int) -> Sequence[Said]:
        """Spoiled copies of real announcements, under ids of their own."""
        said = []
        for index in range(count):
            thing = fate.choice(self.things)
            topic = f"{self._prefix}/{thing.device.type}/nonsense_{index}/config"
            said.append(Said(topic, spoiled(fate, str(self._announcement(thing).payload)), True))
        return said
