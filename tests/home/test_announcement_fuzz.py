"""Malformed announcements of every dialect: one line in the log, and all else goes on working.

Valid announcements, written from each program's public schema, are spoiled in thousands of ways.
"""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest
from homeassistant_cases import Ears
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelly_double import MAC, ShellyDouble, device_config, device_status
from test_homeassistant_components import CASES as COMPONENTS
from test_homeassistant_lights import CASES as LIGHTS

from assistant.config import MqttSettings
from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.dialect import Dialect, GarbageError
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action

Sent = tuple[str, str]
"""Topic and payload."""

BATCH = 12
EXAMPLES = 500
FEWEST = 5000

GOOD_IEEE, OTHER_IEEE = "0x00124b0000000001", "0x00124b0000000002"
OTHER_MAC = "A8032AB1FFFF"
JUNK = (
    "null", "true", "false", "0", "-1", "3.5", "1e999", "-1e308", "NaN", "Infinity", "9" * 400,
    "9" * 5000, '""', '"x"', '"a/b"', '"a/+"', '"#"', '"~"', '"\\ud800"', '"\\u0000"',
    '"\\u202e\\u001b[31m"', '"{{ value_json.x }}"', '"{{"', '"{{ 1 / 0 }}"', '"(a+)+$"', '"["',
    '"ON"', '"none"', '"' + "x" * 70_000 + '"', "[]", "{}", "[null]", "[[]]", "[1, 2]",
    '["a", "a"]', '{"a": {"b": []}}', "[" * 70 + "]" * 70, "[" * 3000 + "]" * 3000,
    '{"x":' * 200 + "1" + "}" * 200, '[["mac", null]]', '{"topic": 5}', '{"p": "switch"}',
)  # fmt: skip
"""Values, as JSON or something like it, in the place of others."""
SPLICES = ("", "{", "}", "]", '"', ",", ":", "\\", "\x00", "\ufeff", "\ud7ff", "NaN", "\n" * 50)
PAYLOADS = (
    b"", b"ON", b"OFF", b"online", b"{}", b"[]", b"null", b"NaN", b"1e999", b"-5", b"50", b"1,2,3",
    b'{"state":"ON","brightness":1e999}', b"\xff\xfe", b'{"state":{}}', b"9" * 5000,
    b'{"x":' * 2000, b"[" * 100_000, b'{"color":{"r":"x"},"color_temp":0}', b'"\\ud800"',
    b'{"StatusSTS":5,"POWER":[],"Dimmer":"x"}', b'{"params":{"switch:0":5}}',
)  # fmt: skip
"""What a device may say, and what none should."""
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("turn_on", {}), ("turn_on", {"brightness_pct": 50, "rgb_color": (1, 2, 3)}),
    ("turn_off", {}), ("set_percentage", {"percentage": 40}), ("open_cover", {}),
    ("set_cover_position", {"position": 30}), ("set_cover_tilt_position", {"tilt_position": 9}),
    ("set_temperature", {"temperature": 21.0}), ("unlock", {"code": "1234"}),
    ("alarm_disarm", {"code": "1234"}), ("set_value", {"value": 5}), ("press", {}), ("start", {}),
)  # fmt: skip


def schemas() -> list[list[Sent]]:
    """Valid announcements: each a list of messages that come in this order."""
    found = [
        [(f"homeassistant/{case.component}/victim/config", json.dumps({
            **case.config, "dev": {"name": "Victim", "ids": ["v"], "cns": [["mac", "x"]]},
            "avty": [{"t": "v/a"}], "uniq_id": "victim",
        }))]
        for case in (*COMPONENTS, *LIGHTS)
    ]  # fmt: skip
    whole = {
        "~": "v", "dev": {"ids": "v", "name": "Victim", "sa": "Den"}, "o": {"name": "x"},
        "avty_t": "~/online",
        "cmps": {"a": {"p": "sensor", "uniq_id": "va", "stat_t": "~/a", "unit_of_meas": "W"},
                 "b": {"p": "light", "uniq_id": "vb", "schema": "json", "cmd_t": "~/b"}},
    }  # fmt: skip
    found += [[("homeassistant/device/victim/config", json.dumps(whole))]] * 4
    lists = zigbee_lists()
    found += [
        [("other/bridge/devices", lists[0])],
        [("other/bridge/devices", lists[0]), ("other/bridge/groups", lists[1])],
    ] * 8
    found += [tasmota("DC4F220E7AFF", extra) for extra in TASMOTAS] * 4
    return found + [shelly(OTHER_MAC)] * 12


def zigbee_lists(ieee: str = OTHER_IEEE) -> tuple[str, str]:
    """zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html: bridge/devices, bridge/groups."""

    def numeric(name: str, **more: Any) -> dict[str, Any]:
        return {"type": "numeric", "name": name, "property": name, "access": 7, **more}

    state = {"type": "binary", "name": "state", "property": "state", "access": 7,
             "value_on": "ON", "value_off": "OFF"}  # fmt: skip
    xy = {"type": "composite", "name": "color_xy", "property": "color", "access": 7,
          "features": [numeric("x"), numeric("y")]}  # fmt: skip
    mode = {"type": "enum", "name": "system_mode", "property": "system_mode", "access": 7,
            "values": ["off", "heat"]}  # fmt: skip
    exposes = [
        {"type": "light", "features": [state, numeric("brightness", value_max=254), xy]},
        {"type": "climate", "features": [
            numeric("occupied_heating_setpoint", value_min=5, value_max=30, value_step=0.5), mode]},
        {"type": "cover", "features": [numeric("position"), numeric("tilt")]},
        {"type": "enum", "name": "action", "property": "action", "access": 1, "values": ["single"]},
        numeric("temperature", access=1, unit="°C"),
    ]  # fmt: skip
    device = {
        "ieee_address": ieee, "friendly_name": "Victim", "type": "Router", "disabled": False,
        "power_source": "Mains (single phase)", "supported": True,
        "definition": {"model": "M", "vendor": "V", "description": "d", "exposes": exposes},
        "endpoints": {"1": {"name": "l1", "scenes": [{"id": 1, "name": "Relax"}]}},
    }  # fmt: skip
    group = {"id": 7, "friendly_name": "All", "scenes": [{"id": 2, "name": "Film"}],
             "members": [{"ieee_address": ieee, "endpoint": 1}]}  # fmt: skip
    return json.dumps([device]), json.dumps([group])


TASMOTAS: tuple[dict[str, Any], ...] = (
    {"rl": [1, 1]}, {"rl": [2], "lt_st": 5}, {"rl": [3, 3], "sho": [1, 0]},
    {"rl": [1], "if": 1}, {"swc": [0, 1], "swn": ["Door", None], "btn": [1]},
)  # fmt: skip


def tasmota(mac: str, extra: dict[str, Any]) -> list[Sent]:
    """tasmota.github.io/docs/MQTT/#discovery: config and sensors."""
    config = {
        "ip": "10.0.0.2", "dn": "Victim", "fn": ["Lamp", None], "hn": "t", "mac": mac,
        "md": "Generic", "ofln": "Offline", "onln": "Online", "state": ["OFF", "ON", "TOGGLE"],
        "sw": "12.0", "t": f"t_{mac}", "ft": "%prefix%/%topic%/", "tp": ["cmnd", "stat", "tele"],
        "rl": [1], "swc": [-1], "swn": [None], "btn": [0], "lk": 1, "lt_st": 0, "sho": [0],
        "so": {"4": 0, "30": 0, "68": 0, "82": 0}, "ver": 1, **extra,
    }  # fmt: skip
    sensors = {"sn": {"Time": "x", "BME280": {"Temperature": 1, "Humidity": 2}, "TempUnit": "C",
                      "ENERGY": {"Total": 1, "Power": [1, 2]}}, "ver": 1}  # fmt: skip
    base = f"tasmota/discovery/{mac}"
    return [(f"{base}/config", json.dumps(config)), (f"{base}/sensors", json.dumps(sensors))]


def shelly(mac: str) -> list[Sent]:
    """shelly-api-docs.shelly.cloud/gen2: what it answers when it is asked what it is."""
    parts = {"switch_0": {"name": "Lamp"}, "cover_0": {}, "light_0": {}, "input_0": {}}
    cover = {"state": "open", "current_pos": 4, "pos_control": True}
    light = {"output": True, "brightness": 5}
    status = {"switch_0": {"output": False}, "cover_0": cover, "light_0": light, "input_0": {}}
    double = ShellyDouble(device_config(**parts), device_status(**status))
    home, ears = Home(), Ears()
    registry = Registry(home, dialects(), listener=ears)
    said: list[Sent] = []

    waiting: list[Sent] = [(f"{double.prefix}/online", "true")]
    while waiting:
        topic, payload = waiting.pop(0)
        said.append((topic, payload))
        registry.receive(topic, payload.encode())
        for question in ears.questions:
            waiting += double.receive(question.payload)
        ears.questions.clear()
    assert home.devices
    own = ((MAC, mac), (MAC.lower(), mac.lower()))
    return [(_replaced(topic, own), _replaced(payload, own)) for topic, payload in said]


def _replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def dialects() -> tuple[Dialect, ...]:
    return (HomeAssistantDialect(), Zigbee2MqttDialect(), TasmotaDialect(), ShellyDialect("a"))


class World:
    """A home with a good device of every dialect."""

    def __init__(self) -> None:
        self.home = Home()
        self.ears = Ears()
        self.registry = Registry(self.home, dialects(), listener=self.ears)
        self.turn = 0

    def say(self, topic: str, payload: str | bytes) -> list[str]:
        raw = payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass")
        return list(self.registry.receive(topic, raw))

    def furnish(self) -> None:
        good = {"uniq_id": "good", "cmd_t": "good/set", "stat_t": "good"}
        self.say("homeassistant/switch/good/config", json.dumps(good))
        self.say("zigbee2mqtt/bridge/devices", zigbee_lists(GOOD_IEEE)[0])
        for message in (*tasmota("DC4F220E7A3B", {}), *SHELLY):
            self.say(*message)

    def works(self) -> None:
        """Every good device is still there, is heard, and can be told something."""
        self.turn += 1
        on = bool(self.turn % 2)
        word = "ON" if on else "OFF"
        self.say("good", word)
        self.say("zigbee2mqtt/Victim", json.dumps({"state": word}))
        self.say("stat/t_DC4F220E7A3B/RESULT", json.dumps({"POWER": word}))
        params = {"ts": 1, "switch:0": {"id": 0, "output": on}}
        frame = {"src": SHELLY_ID, "dst": "x", "method": "NotifyStatus", "params": params}
        self.say(f"{SHELLY_ID}/events/rpc", json.dumps(frame))
        for device_id in GOOD:
            assert self.home.state(device_id).get("power") == word.lower(), device_id
            device = self.home.devices[device_id]
            planned = plan(device, Action(f"{device.type}.turn_on", device_id), {})
            binding = self.registry.binding(device_id)
            assert isinstance(planned, Plan)
            assert binding is not None
            assert binding.commands(planned.action, {})

    def command_all(self) -> None:
        """Tell whatever has been found to do things: it may refuse, and no more."""
        for device in self.home.devices.values():
            binding = self.registry.binding(device.id)
            for verb, data in COMMANDS:
                state = self.home.state(device.id)
                planned = plan(device, Action(f"{device.type}.{verb}", device.id, data), state)
                if binding is None or not isinstance(planned, Plan):
                    continue
                try:
                    binding.commands(planned.action, state)
                except GarbageError:
                    continue


SHELLY_ID = f"shellyplus1pm-{MAC.lower()}"
SHELLY = shelly(MAC)
SEEDS = schemas()
GOOD = (
    "good", f"{GOOD_IEEE}_light_zigbee2mqtt", "0E7A3B_RL_1", f"{MAC.lower()}_switch_0",
)  # fmt: skip

BLOWS = ("replace", "replace", "replace", "delete", "add", "truncate", "splice", "bytes")


def spoiling(dice: random.Random) -> tuple[list[Sent], list[tuple[str, int, int]], int]:
    """A valid announcement, what is to be done to it, and a number for all other choices."""
    count = dice.choice((1, 1, 2, 3))
    blows = [(dice.choice(BLOWS), dice.randrange(10_000), dice.randrange(10_000))
             for _ in range(count)]  # fmt: skip
    return dice.choice(SEEDS), blows, dice.randrange(100)


def places(node: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """All containers and keys of a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in list(entries):
        found.append((node, key))
        if isinstance(child, dict | list):
            places(child, found)
    return found


def spoil(payload: str, blows: list[tuple[str, int, int]]) -> bytes:
    """A payload with something wrong."""
    try:
        document = json.loads(payload)
    except ValueError:
        document = None
    if isinstance(document, dict | list):
        document = copy.deepcopy(document)
        for kind, where, what in blows:
            if spots := places(document, []):
                node, key = spots[where % len(spots)]
                mark = f"@{what % len(JUNK)}@"
                if kind == "replace":
                    node[key] = mark
                elif kind == "delete":
                    del node[key]
                elif kind == "add" and isinstance(node, dict):
                    node[str(mark)] = node.pop(key)
        payload = json.dumps(document, ensure_ascii=False)
        for number, junk in enumerate(JUNK):
            payload = payload.replace(f'"@{number}@"', junk)
    raw = payload.encode("utf-8", "surrogatepass")
    for kind, where, what in blows:
        spot = where % (len(raw) + 1)
        if kind == "truncate":
            raw = raw[:spot]
        elif kind == "splice":
            raw = raw[:spot] + SPLICES[what % len(SPLICES)].encode() + raw[spot:]
        elif kind == "bytes":
            raw = raw[:spot] + bytes([what % 256]) + raw[spot + 1 :]
    return raw


@pytest.mark.thorough
def test_thousands_of_malformed_announcements_leave_the_other_devices_working() -> None:
    valid = {payload.encode() for seed in SEEDS for _, payload in seed}
    tried: set[bytes] = set()

    def survive(dice: random.Random) -> None:
        world = World()
        world.furnish()
        for _ in range(BATCH):
            messages, blows, chance = spoiling(dice)
            victim = chance % len(messages)
            wanted: list[str] = []
            for number, (topic, payload) in enumerate(messages):
                raw = spoil(payload, blows) if number == victim else payload.encode()
                tried.add(raw)
                wanted += world.say(topic, raw)
            for topic in wanted[:6]:
                world.say(topic, PAYLOADS[(chance + len(topic)) % len(PAYLOADS)])
            world.command_all()
        world.works()
        world.works()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="CI" in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=True))
    def survived(dice: random.Random) -> None:
        survive(dice)

    survived()
    assert len(tried - valid) >= FEWEST


def test_the_dialects_tried_are_those_of_the_bus() -> None:
    bus = MqttBus(MqttSettings(), Home())
    spoken = {type(dialect) for dialect in bus._registry._dialects}
    assert spoken == {type(dialect) for dialect in dialects()}
