"""Tasmota's own announcements: exact topics and payloads out, state back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from brokers import Mosquitto, eventually, traffic_on
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.types import Action, Status

MAC = "DC4F220E7A3B"
CONFIG = f"tasmota/discovery/{MAC}/config"
SENSORS = f"tasmota/discovery/{MAC}/sensors"


def config(**more: Any) -> dict[str, Any]:
    return {
        "ip": "192.168.1.20", "dn": "Kitchen", "fn": ["Lamp", None], "hn": "tasmota-0E7A3B",
        "mac": MAC, "md": "Generic", "ofln": "Offline", "onln": "Online",
        "state": ["OFF", "ON", "TOGGLE", "HOLD"], "sw": "12.0.2", "t": "tasmota_0E7A3B",
        "ft": "%prefix%/%topic%/", "tp": ["cmnd", "stat", "tele"], "rl": [1, 0, 0, 0],
        "so": {"4": 0, "30": 0, "68": 0, "82": 0}, "lk": 1, "lt_st": 0, "sho": [0, 0], "ver": 1,
        **more,
    }  # fmt: skip


def home_of(**more: Any) -> tuple[Home, Registry]:
    home = Home()
    registry = Registry(home, [HomeAssistantDialect(), TasmotaDialect()])
    registry.receive(CONFIG, json.dumps(config(**more)).encode())
    return home, registry


def test_names_availability_and_the_place_of_the_prefix() -> None:
    home, registry = home_of(rl=[1, 1], ft="%topic%/%prefix%/")
    assert [one.name for one in home.devices.values()] == ["Lamp", "Kitchen 2"]
    registry.receive("tasmota_0E7A3B/tele/LWT", b"Offline")
    assert not home.available("0E7A3B_RL_1")
    registry.receive("tasmota_0E7A3B/tele/LWT", b"Online")
    assert home.available("0E7A3B_RL_1")
    registry.receive(CONFIG, b"")
    assert not home.devices


@pytest.mark.parametrize("sensors_first", [True, False])
def test_sensors_are_found_whichever_half_comes_first(sensors_first: bool) -> None:
    told = {"sn": {"Time": "x", "AM2301": {"Temperature": 20.1, "Id": "a"}, "TempUnit": "F",
                   "ENERGY": {"Power": 3, "Factor": [1]}}, "ver": 1}  # fmt: skip
    home = Home()
    registry = Registry(home, [TasmotaDialect()])
    halves = [(CONFIG, config()), (SENSORS, told)]
    for topic, body in reversed(halves) if sensors_first else halves:
        registry.receive(topic, json.dumps(body).encode())
    ids = ["0E7A3B_AM2301_Temperature", "0E7A3B_ENERGY_Power"]
    assert sorted(home.devices) == [ids[0], "0E7A3B_ENERGY_Factor_0", ids[1], "0E7A3B_RL_1"]
    assert home.devices[ids[0]].features.unit == "°F"
    body = b'{"AM2301":{"Temperature":68.5},"ENERGY":{"Power":7}}'
    registry.receive("tele/tasmota_0E7A3B/SENSOR", body)
    assert (home.state(ids[0]), home.state(ids[1])) == ({"value": 68.5}, {"value": 7})


def test_what_home_assistants_discovery_announces_is_not_there_twice() -> None:
    home, registry = home_of()
    document = {
        "name": "Lamp", "unique_id": "other", "command_topic": "c",
        "device": {"connections": [["mac", "DC:4F:22:0E:7A:3B"]]},
    }  # fmt: skip
    registry.receive("homeassistant/switch/x/config", json.dumps(document).encode())
    assert list(home.devices) == ["other"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["%prefix%", "\ud800", 10**400, 2, 3]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["Temperature", "Shutter1", "Position", "Direction", "30", "POWER"]),
        inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    key=st.sampled_from([*config(), "sn"]), rubbish=ANYTHING, kind=st.sampled_from([1, 2, 3]),
)  # fmt: skip
def test_malformed_announcements_harm_no_other_device(key: str, rubbish: Any, kind: int) -> None:
    home, registry = home_of()
    other = "tasmota/discovery/AAAAAAAAAAAA"
    bad = {"t": "bad", "rl": [kind, kind], "lt_st": 5, key: rubbish}
    registry.receive(f"{other}/config", json.dumps(config(**bad)).encode())
    registry.receive(f"{other}/sensors", json.dumps({"sn": rubbish}).encode())
    for topic in ("stat/bad/RESULT", "tele/bad/SENSOR", "stat/tasmota_0E7A3B/RESULT"):
        registry.receive(topic, json.dumps(rubbish).encode())
        registry.receive(topic, json.dumps({"Shutter1": rubbish, "POWER": rubbish}).encode())
    registry.receive("stat/tasmota_0E7A3B/RESULT", b'{"POWER":"ON"}')
    assert home.state("0E7A3B_RL_1")["power"] == "on"


@pytest.mark.broker
async def test_a_dimmer_is_found_asked_commanded_and_confirmed_on_a_real_broker(
    tmp_path: Any,
) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    home = Home()
    bus = MqttBus(MqttSettings(host="127.0.0.1", port=broker.port), home)
    root = "tasmota_0E7A3B"
    try:
        async with traffic_on(broker.port) as traffic:
            body = json.dumps(config(rl=[2], lt_st=1))
            await traffic.client.publish(CONFIG, body, qos=1, retain=True)
            await traffic.client.publish(f"tele/{root}/LWT", "Online", retain=True)
            told = (f"cmnd/{root}/Dimmer", "70")
            traffic.answers[told] = [(f"stat/{root}/RESULT", '{"POWER":"ON","Dimmer":70}')]
            asked = (f"cmnd/{root}/State", "")
            traffic.answers[asked] = [(f"stat/{root}/RESULT", '{"POWER":"OFF","Dimmer":5}')]
            await bus.start()
            await eventually(lambda: home.state("0E7A3B_LI_1").get("power") == "off")
            action = Action("light.turn_on", "0E7A3B_LI_1", {"brightness_pct": 70})
            (result,) = await bus.perform([action])
            assert result.status is Status.CONFIRMED
            assert told in traffic.heard
    finally:
        await bus.stop()
        broker.stop()
