"""Zigbee2MQTT's own announcements: exact topics and payloads, and one device, never two."""

from __future__ import annotations

import json
from typing import Any

import pytest
from brokers import Mosquitto, eventually, traffic_on
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.config import MqttSettings
from assistant.home.commands import plan
from assistant.home.expectations import Plan
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action, Status

IEEE = "0x00158d0001234567"


def state(on: Any = "ON", off: Any = "OFF", prop: str = "state") -> dict[str, Any]:
    return {"type": "binary", "name": "state", "property": prop, "access": 7,
            "value_on": on, "value_off": off}  # fmt: skip


def numeric(name: str, low: float, high: float, prop: str = "") -> dict[str, Any]:
    return {"type": "numeric", "name": name, "property": prop or name, "access": 7,
            "value_min": low, "value_max": high}  # fmt: skip


def color(name: str, prop: str = "color") -> dict[str, Any]:
    return {"type": "composite", "name": name, "property": prop, "access": 7, "features": []}


def enum(name: str, *values: str) -> dict[str, Any]:
    return {"type": "enum", "name": name, "property": name, "access": 7, "values": list(values)}


def device(*exposes: Any, name: str = "Lamp", ieee: str = IEEE) -> dict[str, Any]:
    return {"ieee_address": ieee, "type": "Router", "friendly_name": name, "disabled": False,
            "definition": {"model": "X", "exposes": list(exposes)}}  # fmt: skip


def home_of(*entries: Any, groups: Any = None) -> tuple[Home, Registry]:
    home = Home()
    registry = Registry(home, [HomeAssistantDialect(), Zigbee2MqttDialect()])
    if groups is not None:
        registry.receive("zigbee2mqtt/bridge/groups", json.dumps(groups).encode())
    registry.receive("zigbee2mqtt/bridge/devices", json.dumps(entries).encode())
    return home, registry


LIGHT = {"type": "light", "features": [
    state(), numeric("brightness", 0, 254), numeric("color_temp", 250, 454), color("color_xy"),
]}  # fmt: skip
HS_LIGHT = {"type": "light", "features": [state(), color("color_hs")]}
LEFT = {"type": "light", "endpoint": "left", "features": [
    state(prop="state_left"), numeric("brightness", 0, 254, "brightness_left"),
]}  # fmt: skip
COVER = {"type": "cover", "features": [
    enum("state", "OPEN", "CLOSE", "STOP"), numeric("position", 0, 100),
]}  # fmt: skip
CLIMATE = {"type": "climate", "features": [
    numeric("occupied_heating_setpoint", 5, 30),
    {"type": "numeric", "name": "local_temperature", "property": "local_temperature", "access": 5},
    enum("system_mode", "off", "heat", "auto"),
]}  # fmt: skip
FAN = {"type": "fan", "features": [
    state(prop="fan_state"), {**enum("mode", "off", "low", "medium", "high", "auto"),
                              "property": "fan_mode"},
]}  # fmt: skip

CASES: list[tuple[Any, str, Any, Any, str, dict[str, Any], Any]] = [
    (LIGHT, "light", {"state": "OFF", "brightness": 127, "color_temp": 250,
                      "color_mode": "color_temp", "color": {"x": 0.3, "y": 0.3}},
     {"power": "off", "brightness_pct": 50, "color_temp_kelvin": 4000},
     "light.turn_on", {"brightness_pct": 100, "color_temp_kelvin": 2500},
     {"state": "ON", "brightness": 254, "color_temp": 400}),
    (HS_LIGHT, "light", {"state": "ON", "color": {"hue": 0, "h": 240, "s": 100}},
     {"power": "on", "rgb_color": (0, 0, 255)},
     "light.turn_on", {"rgb_color": (255, 0, 0)}, {"state": "ON", "color": {"h": 0, "s": 100}}),
    (LEFT, "light_left", {"state_left": "ON", "brightness_left": 254},
     {"power": "on", "brightness_pct": 100},
     "light.turn_on", {"brightness_pct": 50}, {"state_left": "ON", "brightness_left": 127}),
    ({"type": "switch", "endpoint": "l2", "features": [state(prop="state_l2")]}, "switch_l2",
     {"state_l2": "OFF"}, {"power": "off"}, "switch.turn_on", {}, {"state_l2": "ON"}),
    ({"type": "switch", "features": [state(True, False)]}, "switch",
     {"state": True}, {"power": "on"}, "switch.turn_off", {}, {"state": False}),
    (COVER, "cover", {"position": 20, "state": "OPEN"}, {"position": 20, "cover": "open"},
     "cover.set_cover_position", {"position": 70}, {"position": 70}),
    (COVER, "cover", {"position": 0}, {"position": 0, "cover": "closed"},
     "cover.open_cover", {}, {"state": "OPEN"}),
    ({"type": "lock", "features": [state("LOCK", "UNLOCK")]}, "lock",
     {"state": "UNLOCK"}, {"lock": "unlocked"}, "lock.lock", {}, {"state": "LOCK"}),
    (CLIMATE, "climate", {"occupied_heating_setpoint": 20.5, "local_temperature": 19,
                          "system_mode": "heat"},
     {"temperature": 20.5, "current_temperature": 19, "hvac_mode": "heat"},
     "climate.set_temperature", {"temperature": 21.5, "hvac_mode": "auto"},
     {"system_mode": "auto", "occupied_heating_setpoint": 21.5}),
    (FAN, "fan", {"fan_state": "ON", "fan_mode": "low"}, {"power": "on", "percentage": 33},
     "fan.set_percentage", {"percentage": 100}, {"fan_mode": "high"}),
    ({"type": "numeric", "name": "temperature", "property": "temperature", "access": 1,
      "unit": "°C"}, "temperature", {"temperature": 21.25}, {"value": 21.25}, "", {}, None),
    ({"type": "binary", "name": "contact", "property": "contact", "access": 1,
      "value_on": False, "value_off": True}, "contact", {"contact": False}, {"value": "on"},
     "", {}, None),
    ({"type": "binary", "name": "occupancy", "property": "occupancy", "access": 1,
      "value_on": True, "value_off": False}, "occupancy", {"occupancy": True}, {"value": "on"},
     "", {}, None),
    (numeric("occupancy_timeout", 0, 600), "occupancy_timeout", {"occupancy_timeout": 30},
     {"value": 30}, "number.set_value", {"value": 60}, {"occupancy_timeout": 60}),
    (enum("effect_mode", "calm", "wild"), "effect_mode", {"effect_mode": "calm"},
     {"value": "calm"}, "select.select_option", {"option": "wild"}, {"effect_mode": "wild"}),
]  # fmt: skip


@pytest.mark.parametrize(("expose", "object_id", "says", "shown", "service", "data", "told"), CASES)
def test_what_is_exposed_is_read_and_commanded(
    expose: Any, object_id: str, says: Any, shown: Any, service: str, data: Any, told: Any
) -> None:
    home, registry = home_of(device(expose))
    identifier = f"{IEEE}_{object_id}_zigbee2mqtt"
    assert list(home.devices) == [identifier]
    registry.receive("zigbee2mqtt/Lamp", json.dumps(says).encode())
    assert home.state(identifier) == shown
    if not service:
        return
    planned = plan(home.devices[identifier], Action(service, identifier, data), shown)
    assert isinstance(planned, Plan)
    binding = registry.binding(identifier)
    assert binding is not None
    (message,) = binding.commands(planned.action, shown)
    assert (message.topic, json.loads(message.payload)) == ("zigbee2mqtt/Lamp/set", told)


@pytest.mark.parametrize(
    ("topic", "payload", "available"),
    [
        ("zigbee2mqtt/Lamp/availability", "offline", False),
        ("zigbee2mqtt/Lamp/availability", '{"state":"offline"}', False),
        ("zigbee2mqtt/Lamp/availability", '{"state":"online"}', True),
        ("zigbee2mqtt/Lamp/availability", "{", True),
        ("zigbee2mqtt/bridge/state", '{"state":"offline"}', False),
        ("zigbee2mqtt/bridge/state", "offline", False),
    ],
)
def test_bridge_and_device_tell_whether_it_can_be_reached(
    topic: str, payload: str, available: bool
) -> None:
    home, registry = home_of(device(LIGHT))
    registry.receive(topic, payload.encode())
    assert home.available(f"{IEEE}_light_zigbee2mqtt") is available


def test_a_group_can_do_what_its_members_can() -> None:
    dimmer = {"type": "light", "features": [state(), numeric("brightness", 0, 254)]}
    other = "0x00158d0001234568"
    members = [{"ieee_address": IEEE, "endpoint": 1}, {"ieee_address": other, "endpoint": 1}]
    groups = [{"id": 7, "friendly_name": "All", "members": members}]
    home, registry = home_of(device(LIGHT), device(dimmer, name="B", ieee=other), groups=groups)
    group = home.devices["7_light_zigbee2mqtt"]
    assert (group.name, group.features.brightness, group.features.color) == ("All", True, True)
    registry.receive("zigbee2mqtt/All", b'{"state":"ON"}')
    assert home.state(group.id) == {"power": "on"}
    registry.receive("zigbee2mqtt/bridge/groups", b"[]")
    assert len(home.devices) == 2


HA_TOPIC = f"homeassistant/light/{IEEE}/light/config"
HA = {
    "name": None, "schema": "json", "command_topic": "zigbee2mqtt/Lamp/set",
    "state_topic": "zigbee2mqtt/Lamp", "unique_id": f"{IEEE}_light_zigbee2mqtt",
    "device": {"identifiers": [f"zigbee2mqtt_{IEEE}"], "name": "Ceiling"},
}  # fmt: skip


@pytest.mark.parametrize("native_first", [True, False])
@pytest.mark.parametrize("unique_id", [HA["unique_id"], "something_else"])
def test_a_device_announced_in_both_ways_is_one(native_first: bool, unique_id: str) -> None:
    home = Home()
    registry = Registry(home, [HomeAssistantDialect(), Zigbee2MqttDialect()])
    discovery = (HA_TOPIC, json.dumps({**HA, "unique_id": unique_id}).encode())
    sensor = {"type": "numeric", "name": "power", "property": "power", "access": 1, "unit": "W"}
    native = ("zigbee2mqtt/bridge/devices", json.dumps([device(LIGHT, sensor)]).encode())
    for topic, payload in (native, discovery) if native_first else (discovery, native):
        registry.receive(topic, payload)
    assert [(one.id, one.name) for one in home.devices.values()] == [(unique_id, "Ceiling")]
    registry.receive(HA_TOPIC, b"")
    assert sorted(home.devices) == [f"{IEEE}_light_zigbee2mqtt", f"{IEEE}_power_zigbee2mqtt"]
    registry.receive("zigbee2mqtt/Lamp", b'{"state":"ON","power":3}')
    assert home.state(f"{IEEE}_light_zigbee2mqtt")["power"] == "on"
    registry.receive("zigbee2mqtt/bridge/devices", b"")
    assert not home.devices
    assert not list(registry.topics)


def test_a_renamed_device_keeps_its_id_and_a_removed_one_goes() -> None:
    home, registry = home_of(device(LIGHT))
    registry.receive("zigbee2mqtt/bridge/devices", json.dumps([device(LIGHT, name="New")]).encode())
    assert [(one.id, one.name) for one in home.devices.values()] == [
        (f"{IEEE}_light_zigbee2mqtt", "New")
    ]
    assert "zigbee2mqtt/Lamp" not in list(registry.topics)
    registry.receive("zigbee2mqtt/bridge/devices", b"[]")
    assert not home.devices


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from(["light", "state", "brightness", "enum", "numeric", 10**400]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(
        ["type", "name", "property", "features", "values", "value_min", "value_max", "access",
         "value_on", "endpoint", "label", "unit"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip
KINDS = st.sampled_from(["light", "switch", "cover", "lock", "climate", "fan", "binary", "enum"])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rubbish=ANYTHING,
    kind=KINDS,
    key=st.sampled_from(["exposes", "features", "feature", "entry", "name", "ieee", "groups"]),
)
@example(rubbish=[{"type": []}], kind="light", key="exposes")
def test_malformed_announcements_harm_no_other_device(rubbish: Any, kind: str, key: str) -> None:
    bad: Any = {
        "exposes": device(ieee="0x" + "2" * 16) | {"definition": {"exposes": rubbish}},
        "features": device({"type": kind, "features": rubbish}, ieee="0x" + "2" * 16),
        "feature": device(
            {"type": kind, "features": [rubbish, {**state(), "value_on": rubbish},
             {**numeric("brightness", 0, 1), "value_max": rubbish}]}, ieee="0x" + "2" * 16),
        "name": device(LIGHT, name=rubbish, ieee="0x" + "2" * 16),
        "ieee": device(LIGHT, name="Other", ieee=rubbish),
    }.get(key, rubbish)  # fmt: skip
    groups = [rubbish, {"id": 1, "friendly_name": "G", "members": rubbish}]
    home, registry = home_of(bad, device(LIGHT), groups=groups)
    registry.receive("zigbee2mqtt/Lamp", json.dumps(rubbish).encode())
    registry.receive("zigbee2mqtt/Lamp", b'{"state":"ON"}')
    assert home.state(f"{IEEE}_light_zigbee2mqtt")["power"] == "on"


@pytest.mark.parametrize("payload", [b"{", b"{}", b"\xff", b"[" * 100_000, b"7"])
def test_a_broken_list_changes_nothing(payload: bytes) -> None:
    home, registry = home_of(device(LIGHT))
    registry.receive("zigbee2mqtt/bridge/devices", payload)
    registry.receive("zigbee2mqtt/bridge/groups", payload)
    assert len(home.devices) == 1


@pytest.mark.broker
async def test_a_lamp_is_found_commanded_and_confirmed_on_a_real_broker(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    home = Home()
    bus = MqttBus(MqttSettings(host="127.0.0.1", port=broker.port), home)
    identifier = f"{IEEE}_light_zigbee2mqtt"
    try:
        async with traffic_on(broker.port) as traffic:
            body = json.dumps([device(LIGHT)])
            await traffic.client.publish("zigbee2mqtt/bridge/devices", body, qos=1, retain=True)
            await traffic.client.publish("zigbee2mqtt/bridge/state", "online", retain=True)
            await traffic.client.publish("zigbee2mqtt/Lamp", '{"state":"OFF"}', retain=True)
            told = ("zigbee2mqtt/Lamp/set", '{"state":"ON","brightness":127}')
            traffic.answers[told] = [("zigbee2mqtt/Lamp", '{"state":"ON","brightness":127}')]
            await bus.start()
            await eventually(lambda: home.state(identifier).get("power") == "off")
            action = Action("light.turn_on", identifier, {"brightness_pct": 50})
            (result,) = await bus.perform([action])
            assert result.status is Status.CONFIRMED
            assert told in traffic.heard
    finally:
        await bus.stop()
        broker.stop()
