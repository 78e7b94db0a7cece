"""Every case of every dialect once more, by a real Mosquitto and one connection.

What the tables of the dialects' own tests say is put on the wire: the announcement goes in, the
state is told, each command must come out with exactly its topic and payload, and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiomqtt
import pytest
import test_esphome_discovery as esphome
import test_homeassistant_components as components
import test_homeassistant_lights as lights
import test_shelly_components as shellies
import test_tasmota_components as tasmota
import test_zigbee2mqtt_components as zigbee2mqtt
from brokers import Mosquitto, Traffic, eventually
from shelly_double import ID, MAC, ShellyDouble, device_config, device_status
from shelly_world import CALIBRATED
from zigbee import device

from assistant.config import ConfirmTimeouts, MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.homeassistant.discovery import components as bindable
from assistant.types import Action, Status

pytestmark = pytest.mark.broker

Told = tuple[str, Any]
"""A topic and a payload, as JSON where it is that."""

UNPLANNED = (
    ("siren.turn_on", {"tone": "x"}),  # a tone that it has not announced is refused before
    ("light.turn_on", {"brightness_pct": 0.1}),  # less than half a percent is off
)
"""Commands of the tables that no action becomes."""
SLATTED = (
    {"cover_0": shellies.SLATS}, {"cover_0": {**CALIBRATED, "slat_pos": 20}}, "cover_0", {},
    {"cover": "open", "position": 70, "tilt": 20},
)  # fmt: skip
AT_ONCE = ConfirmTimeouts(**dict.fromkeys(ConfirmTimeouts.model_fields, 0.01))
DONE = (Status.CONFIRMED, Status.SENT, Status.NO_ANSWER)
"""Outcomes of a command that was sent; nobody is behind these topics."""


@dataclass
class Scene:
    """What goes in and what has to come out."""

    announced: Sequence[tuple[str, str]]
    device: str
    says: Sequence[tuple[Sequence[tuple[str, str]], Mapping[str, Any]]] = ()
    """Messages, and the state keys that they change, step by step."""
    orders: Sequence[tuple[str, Mapping[str, Any], Sequence[Told]]] = ()
    double: ShellyDouble | None = None


def homeassistants() -> Iterator[Scene]:
    """The components and the lights of Home Assistant's discovery."""
    for number, case in enumerate((*components.CASES, *lights.CASES)):
        name = f"thing{number}"
        topic = f"homeassistant/{case.component}/{name}/config"
        announced = [(topic, json.dumps({"uniq_id": name, **case.config}))]
        steps = [([(on, payload)], shown) for on, payload, shown in case.states]
        yield Scene(announced, name, steps)
        kind = "event" if case.component == "device_automation" else case.component
        orders = [(f"{kind}.{verb}", data, told) for verb, data, told in case.commands]
        yield Scene(announced, name, orders=[one for one in orders if one[:2] not in UNPLANNED])


def esphomes() -> Iterator[Scene]:
    cases = esphome.CASES
    sensors = [
        (component, options, {"state": payload}, {"value": value}, "", {}, [])
        for component, options, payload, value, _ in esphome.SENSORS
    ]
    event = ("event", {"evt_typ": ["hold"]}, {"state": {"event_type": "hold"}}, {"event": "hold"})
    for component, options, says, shown, verb, data, told in (
        *cases,
        *sensors,
        (*event, "", {}, []),
    ):
        own = f"{esphome.NODE}/{component}/thing"
        topic, body = esphome.message(component, **options)
        yield Scene(
            [(topic, body)],
            f"ESP{component}thing",
            [([(f"{own}/{on}", _text(payload)) for on, payload in says.items()], shown)],
            [(f"{component}.{verb}", data, [(f"{own}/{t}", p) for t, p in told])] if verb else [],
        )


def zigbees() -> Iterator[Scene]:
    for number, (exposes, object_id, says, shown, services) in enumerate(zigbee2mqtt.CASES):
        ieee = f"0x00158d00{number:08x}"
        yield Scene(
            [("zigbee2mqtt/bridge/devices", json.dumps([device(*exposes, ieee=ieee)]))],
            f"{ieee}_{object_id}_zigbee2mqtt",
            [([("zigbee2mqtt/Lamp", json.dumps(says))], shown)],
            [(service, data, [("zigbee2mqtt/Lamp/set", body)]) for service, data, body in services],
        )


def tasmotas() -> Iterator[Scene]:
    for number, (more, suffix, on, says, shown, services) in enumerate(tasmota.CASES):
        mac, root = f"DC4F22{number:06X}", f"tasmota_{number}"
        body = tasmota.config(**{**more, "mac": mac, "t": root})
        yield Scene(
            [(f"tasmota/discovery/{mac}/config", json.dumps(body))],
            f"{number:06X}_{suffix}",
            [([(on.format(root), json.dumps(says))], shown)],
            [
                (service, data, [(f"cmnd/{root}/{command}", payload) for command, payload in told])
                for service, data, told in services
            ],
        )


def shellys() -> Iterator[Scene]:
    cases = [
        *shellies.CASES,
        *((*SLATTED, f"cover.{v}", data, [("Cover.GoToPosition", {"id": 0, "slat_pos": to})])
          for v, data, to in shellies.TILTS),
    ]  # fmt: skip
    for number, (config, status, suffix, says, shown, service, data, calls) in enumerate(cases):
        mac = f"A8032AB{number:05X}"
        identifier = f"shellyplus1pm-{mac.lower()}"
        renamed = json.dumps(device_config(**config)).replace(MAC, mac).replace(ID, identifier)
        state = json.dumps(device_status(**status)).replace(MAC, mac)
        double = ShellyDouble(json.loads(renamed), json.loads(state), identifier=identifier)
        told = [(f"{identifier}/rpc", {"method": method, "params": p}) for method, p in calls]
        yield Scene(
            [(f"{identifier}/online", "true")],
            f"{mac.lower()}_{suffix}",
            [([double.notify(says)], shown)],
            [(service, data, told)],
            double,
        )


NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
MEASURED = ("sensor", "binary_sensor", "event")
LIKE_A_SWITCH = {"automation", "group", "input_boolean", "remote", "script"}
KINDS = {
    "homeassistant": bindable() - LIKE_A_SWITCH,
    "esphome": (
        *MEASURED, "alarm_control_panel", "button", "climate", "cover", "fan", "light", "lock",
        "number", "select", "switch", "text", "valve",
    ),
    "zigbee2mqtt": (
        *MEASURED, "button", "climate", "cover", "fan", "light", "lock", "number", "select",
        "siren", "switch", "text",
    ),
    "tasmota": ("binary_sensor", "cover", "event", "fan", "light", "switch"),
    "shelly": ("climate", "cover", "light", "switch"),
}  # fmt: skip
"""Types of device that each has to bring."""
DIALECTS = {
    "homeassistant": homeassistants, "esphome": esphomes, "zigbee2mqtt": zigbees,
    "tasmota": tasmotas, "shelly": shellys,
}  # fmt: skip


def _text(payload: Any) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)


class Stage(Traffic):
    """Listens in, lets Shellys answer, and marks where one thing ends and the next begins."""

    def __init__(self, client: aiomqtt.Client) -> None:
        super().__init__(client)
        self.doubles: dict[str, ShellyDouble] = {}
        self.marks = 0

    async def listen(self) -> None:
        async for message in self.client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            topic, text = message.topic.value, payload.decode("utf-8", "replace")
            self.heard.append((topic, text))
            if (double := self.doubles.get(topic)) is not None:
                for answer in double.receive(text):
                    await self.client.publish(*answer, qos=1)

    async def mark(self) -> str:
        """Publish a mark, which comes after all that is on the broker by now."""
        self.marks += 1
        await self.client.publish("test/mark", str(self.marks), qos=1)
        await eventually(lambda: ("test/mark", str(self.marks)) in self.heard)
        return str(self.marks)


class Play:
    """Plays scenes on a stage, and writes down what is not as they say."""

    def __init__(self, stage: Stage, bus: MqttBus, home: Home) -> None:
        self.faults: list[object] = []
        self.kinds: Counter[str] = Counter()
        self._stage, self._bus, self._home = stage, bus, home
        self._marks: list[str] = []
        self._questions: set[tuple[str, str]] = set()
        bus.subscribe("test/mark", lambda topic, payload: self._marks.append(payload.decode()))

    async def play(self, scene: Scene) -> None:
        stage, home = self._stage, self._home
        if scene.double is not None:
            stage.doubles[f"{scene.double.prefix}/rpc"] = scene.double
        for announcement in scene.announced:
            await stage.client.publish(*announcement, qos=1)
        await eventually(lambda: scene.device in home.devices)
        if scene.double is not None:
            await eventually(lambda: home.state(scene.device))
        self.kinds[home.devices[scene.device].type] += 1
        for messages, shown in scene.says:
            await self._say(scene.device, messages, shown)
        for _, binding in self._bus._registry.bindings:
            self._questions |= {(one.topic, one.payload) for one in binding.questions}
        for service, data, expected in scene.orders:
            stage.heard.clear()
            (result,) = await self._bus.perform([Action(service, scene.device, dict(data))])
            await stage.mark()
            told = [one for one in stage.heard if self._commands(one, scene)]
            if result.status not in DONE or not _as_expected(told, expected):
                self.faults.append((scene.device, service, data, result, told, expected))
        for topic, _ in scene.announced:
            await stage.client.publish(topic, "", qos=1)

    async def _say(
        self, device: str, messages: Sequence[tuple[str, str]], shown: Mapping[str, Any]
    ) -> None:
        wanted = {**self._home.state(device), **shown}
        for _ in range(50):  # until the bus has subscribed to the device's own topics
            for message in messages:
                await self._stage.client.publish(*message, qos=1)
            mark = await self._stage.mark()
            await eventually(lambda mark=mark: mark in self._marks)
            if self._home.state(device) == wanted:
                return
        self.faults.append((device, messages, dict(self._home.state(device)), wanted))

    def _commands(self, one: tuple[str, str], scene: Scene) -> bool:
        """Whether a message is a command, and not a question, an answer or a mark."""
        topic, payload = one
        if scene.double is not None:
            return topic == f"{scene.double.prefix}/rpc" and "Shelly.Get" not in payload
        return topic != "test/mark" and one not in self._questions


def _as_expected(told: Sequence[tuple[str, str]], expected: Sequence[Told]) -> bool:
    if [topic for topic, _ in told] != [topic for topic, _ in expected]:
        return False
    for (_, payload), (_, wanted) in zip(told, expected, strict=True):
        if isinstance(wanted, str):
            if payload != wanted:
                return False
            continue
        body = json.loads(payload)
        if {key: body.get(key) for key in wanted} != wanted or body.keys() - wanted.keys() - _FRAME:
            return False
    return True


_FRAME = {"id", "src"}
"""What every call to a Shelly has besides."""


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_case_of_a_dialect_holds_on_the_wire(
    mosquitto: Mosquitto, dialect: str
) -> None:
    home = Home()
    settings = MqttSettings(
        host="127.0.0.1", port=mosquitto.port, confirm_timeout_s=0.01, confirm_timeouts=AT_ONCE
    )
    bus = MqttBus(settings, home)
    await bus.start()
    try:
        async with aiomqtt.Client("127.0.0.1", mosquitto.port, socket_options=(NODELAY,)) as client:
            await client.subscribe("#", qos=1)
            stage = Stage(client)
            listening = asyncio.create_task(stage.listen())
            playing = Play(stage, bus, home)
            for scene in DIALECTS[dialect]():
                await playing.play(scene)
            await end([listening])
    finally:
        await bus.stop()
    assert playing.faults == []
    assert playing.kinds.keys() == set(KINDS[dialect]), "all that the dialect has"
