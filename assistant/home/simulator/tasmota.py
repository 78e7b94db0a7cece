"""Tasmota devices, seen from their own side.

https://tasmota.github.io/docs/MQTT/ and …/docs/Discovery/: retained `tasmota/discovery/<mac>/…`
and `tele/<topic>/LWT`; commands on `cmnd/<topic>/<command>`, answered on `stat/<topic>/RESULT`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from assistant.home.simulator.behaviour import NonsenseError
from assistant.home.simulator.station import Heard, Said
from assistant.home.simulator.tasmota_forms import FORMS, SCHEMES, Form
from assistant.home.simulator.thing import Thing
from assistant.home.simulator.troubles import spoiled
from assistant.home.simulator.wire import Document

_OPTIONS = ("4", "11", "13", "17", "20", "30", "68", "73", "82", "114", "117")
_TIME = "2026-01-01T12:00:00"


class TasmotaStation:
    """One or more devices; alone, it has the will that Tasmota has."""

    reports = True

    def __init__(self, things: Sequence[Thing]) -> None:
        self.things = tuple(things)
        for thing in self.things:
            if thing.device.type == "light" and thing.device.features.color:
                thing.widen(replace(thing.device.features, effects=SCHEMES))
        self._forms = {thing.device.id: FORMS[thing.device.type](thing.device) for thing in things}
        for thing in self.things:
            thing.known_as = f"tasmota_{thing.address[-6:]}"
        self._by_topic = {thing.known_as: thing for thing in self.things}
        alone = len(self.things) == 1
        self.will = self._last_word(self.things[0], online=False) if alone else None
        self.filters = tuple(f"cmnd/{topic}/+" for topic in self._by_topic)

    def greeting(self) -> Iterable[Said]:
        """Announcements and first telemetry."""
        for thing in self.things:
            form = self._forms[thing.device.id]
            discovery = f"tasmota/discovery/{thing.address}"
            sensors = self._sensors(thing, form)
            yield Said(f"{discovery}/config", json.dumps(self._config(thing, form)), retain=True)
            announced = {"sn": sensors, "ver": 1}
            yield Said(f"{discovery}/sensors", json.dumps(announced), retain=True)
            yield from self.presence(thing)
            if thing.online:
                yield self._state(thing, "tele", "STATE")
                yield Said(f"tele/{thing.known_as}/SENSOR", json.dumps(sensors))

    def _config(self, thing: Thing, form: Form) -> Document:
        number = int(thing.address[-2:], 16)
        document: Document = {
            "ip": f"192.168.0.{1 + number % 254}",
            "dn": thing.device.name,
            "fn": [thing.device.name, *[None] * 7],
            "hn": f"tasmota-{thing.address[-6:]}-{number:04d}",
            "mac": thing.address,
            "md": f"Simulated {thing.device.type}",
            "ty": 0,
            "if": 0,
            "cam": 0,
            "ofln": "Offline",
            "onln": "Online",
            "state": ["OFF", "ON", "TOGGLE", "HOLD"],
            "sw": "14.4.1",
            "t": thing.known_as,
            "ft": "%prefix%/%topic%/",
            "tp": ["cmnd", "stat", "tele"],
            "rl": [0] * 32,
            "swc": [-1] * 28,
            "swn": [None] * 28,
            "btn": [0] * 32,
            "so": {option: form.options.get(option, 0) for option in _OPTIONS},
            "lk": 1,
            "lt_st": 0,
            "bat": 0,
            "dslp": 0,
            "sho": [0] * 4,
            "sht": [[0, 0, 0]] * 4,
            "ver": 1,
        }
        for key, value in form.config.items():
            whole = document[key]
            if isinstance(whole, list) and isinstance(value, list):
                document[key] = [*value, *whole[len(value) :]]
            else:
                document[key] = value
        return document

    def _sensors(self, thing: Thing, form: Form) -> Document:
        return {"Time": _TIME, **(form.sensors(thing.state) if form.sensors else {})}

    def _state(self, thing: Thing, prefix: str, level: str) -> Said:
        form = self._forms[thing.device.id]
        document: Document = {
            "Time": _TIME, "Uptime": "0T00:10:00", "UptimeSec": 600, "Heap": 26, "Sleep": 50,
            "SleepMode": "Dynamic", "LoadAvg": 19, "MqttCount": 1,
            **(form.result(thing.state) if form.in_state else {}),
            "Wifi": {"AP": 1, "SSId": "home", "RSSI": 80, "Signal": -60},
        }  # fmt: skip
        return Said(f"{prefix}/{thing.known_as}/{level}", json.dumps(document))

    def hear(self, topic: str, payload: str) -> Sequence[Heard]:
        """A command; one without a payload asks. Raises `NonsenseError`."""
        _, name, command = topic.split("/")
        thing, word = self._by_topic[name], command.casefold()
        form = self._forms[thing.device.id]
        if word == "state":
            return (Heard(thing, reply=lambda done: (self._state(thing, "stat", "RESULT"),)),)
        if word == "status":
            return (Heard(thing, reply=lambda done: self._status(thing, payload)),)
        if word not in form.commands:
            answer = Said(f"stat/{name}/RESULT", '{"Command":"Unknown"}')
            return (Heard(thing, reply=lambda done: (answer,)),)
        asks = not payload.strip() and not word.startswith(
            ("shutteropen", "shutterclose", "shutterstop")
        )
        if asks:
            return (Heard(thing, asks=True),)
        try:
            wishes = form.commands[word](payload, thing.state)
        except NonsenseError:
            return (Heard(thing, reply=lambda done: (self._error(thing),)),)
        return (Heard(thing, wishes, lambda done: () if done else (self._error(thing),), True),)

    def _error(self, thing: Thing) -> Said:
        return Said(f"stat/{thing.known_as}/RESULT", '{"Command":"Error"}')

    def _status(self, thing: Thing, payload: str) -> Sequence[Said]:
        form = self._forms[thing.device.id]
        stat = f"stat/{thing.known_as}"
        if payload.strip() == "10":
            sensors = {"StatusSNS": self._sensors(thing, form)}
            return (Said(f"{stat}/STATUS10", json.dumps(sensors)),)
        if payload.strip() == "11":
            state = json.loads(str(self._state(thing, "stat", "STATUS11").payload))
            return (Said(f"{stat}/STATUS11", json.dumps({"StatusSTS": state})),)
        named = {"Status": {"DeviceName": thing.device.name, "Topic": thing.known_as}}
        return (Said(f"{stat}/STATUS", json.dumps(named)),)

    def show(self, thing: Thing, changed: Collection[str]) -> Sequence[Said]:
        """The result of a command, and POWER besides; telemetry where only that tells it."""
        form, stat = self._forms[thing.device.id], f"stat/{thing.known_as}"
        if "event" not in changed and thing.device.type == "event":
            return ()
        if thing.device.type == "sensor":
            sensors = json.dumps(self._sensors(thing, form))
            return (Said(f"tele/{thing.known_as}/SENSOR", sensors),)
        result = form.result(thing.state)
        said = [Said(f"{stat}/RESULT", json.dumps(result))]
        if form.power:
            said.append(Said(f"{stat}/POWER", str(result["POWER"])))
        return said

    def presence(self, thing: Thing) -> Sequence[Said]:
        """The last will and testament's topic."""
        return (self._last_word(thing, online=thing.online),)

    def _last_word(self, thing: Thing, *, online: bool) -> Said:
        return Said(f"tele/{thing.known_as}/LWT", "Online" if online else "Offline", retain=True)

    def farewell(self) -> Sequence[Said]:
        """All are offline."""
        return tuple(self._last_word(thing, online=False) for thing in self.things)

    def nonsense(self, fate: random.Random, count: int) -> Sequence[Said]:
        """Spoiled announcements of devices that are not there."""
        said = []
        for index in range(count):
            thing = fate.choice(self.things)
            form = self._forms[thing.device.id]
            topic = f"tasmota/discovery/{0xBAD000 + index:012X}"
            config = json.dumps(self._config(thing, form))
            said.append(Said(f"{topic}/config", spoiled(fate, config), True))
            said.append(Said(f"{topic}/sensors", spoiled(fate, '{"sn":{"Time":""}}'), True))
        return said
