"""Zigbee2MQTT's own announcements: exact topics and payloads, and one device, never two."""

from __future__ import annotations

import json
from typing import Any

import pytest
from brokers import Mosquitto, eventually, traffic_on
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from zigbee import (
    IEEE,
    LIGHT,
    OTHER,
    announce,
    device,
    enum,
    home_of,
    measured,
    numeric,
    of,
    state,
    told,
)

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action, Status


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


DIMMER = of("light", state(), numeric("brightness", 0, 254))
MEMBERS = [{"ieee_address": IEEE, "endpoint": 1}, {"ieee_address": OTHER, "endpoint": 1}]


def test_a_group_can_do_what_its_members_can_and_knows_them() -> None:
    groups = [{"id": 7, "friendly_name": "All", "members": MEMBERS}]
    home, registry = home_of(device(LIGHT), device(DIMMER, name="B", ieee=OTHER), groups=groups)
    group = home.devices["7_light_zigbee2mqtt"]
    assert (group.name, group.features.brightness, group.features.color) == ("All", True, True)
    assert group.members == (f"{IEEE}_light_zigbee2mqtt", f"{OTHER}_light_zigbee2mqtt")
    assert set(group.members) < set(home.devices)
    registry.receive("zigbee2mqtt/All", b'{"state":"ON"}')
    assert home.state(group.id) == {"power": "on"}
    off = told(registry, group.id, "light.turn_off", {}, {})
    assert off == [("zigbee2mqtt/All/set", {"state": "OFF"})]
    registry.receive("zigbee2mqtt/All/availability", b'{"state":"offline"}')
    assert not home.available(group.id)
    announce(registry, [], "groups")
    assert len(home.devices) == 2


GANGS = [of("switch", state(prop=f"state_{end}"), endpoint=end) for end in ("l1", "l2")]
ENDPOINTS = {"1": {"name": "l1", "scenes": []}, "2": {"name": "l2", "scenes": []}}


@pytest.mark.parametrize(("endpoint", "member"), [(1, "l1"), (2, "l2"), ("l2", "l2")])
def test_a_member_with_several_switches_is_in_the_group_with_one(
    endpoint: Any, member: str
) -> None:
    members = [{"ieee_address": IEEE, "endpoint": endpoint}]
    groups = [{"id": 3, "friendly_name": "Two", "members": members}]
    home, registry = home_of(device(*GANGS, endpoints=ENDPOINTS), groups=groups)
    assert home.devices["3_switch_zigbee2mqtt"].members == (f"{IEEE}_switch_{member}_zigbee2mqtt",)
    on = told(registry, "3_switch_zigbee2mqtt", "switch.turn_on", {}, {})
    assert on == [("zigbee2mqtt/Two/set", {"state": "ON"})]


def test_members_that_are_disabled_or_unknown_do_not_count() -> None:
    gone = {"ieee_address": "0x" + "9" * 16, "endpoint": 1}
    groups = [{"id": 7, "friendly_name": "All", "members": [*MEMBERS, gone]}]
    off = device(LIGHT, name="B", ieee=OTHER, disabled=True)
    home, _ = home_of(device(LIGHT), off, groups=groups)
    assert sorted(home.devices) == [f"{IEEE}_light_zigbee2mqtt", "7_light_zigbee2mqtt"]
    assert home.devices["7_light_zigbee2mqtt"].members == (f"{IEEE}_light_zigbee2mqtt",)


def test_scenes_of_devices_and_groups_are_recalled() -> None:
    scenes = {"scenes": [{"id": 1, "name": "Relax"}, {"id": "x"}, {"id": 4}]}
    groups = [{"id": 7, "friendly_name": "All", "members": MEMBERS[:1],
               "scenes": [{"id": 2, "name": "Movie night"}]}]  # fmt: skip
    home, registry = home_of(device(LIGHT, endpoints={"11": scenes}), groups=groups)
    found = {one.id: one.name for one in home.devices.values() if one.type == "scene"}
    assert found == {
        f"{IEEE}_scene_1_zigbee2mqtt": "Lamp Relax", f"{IEEE}_scene_4_zigbee2mqtt": "Lamp Scene 4",
        "7_scene_2_zigbee2mqtt": "All Movie night",
    }  # fmt: skip
    for identifier, topic, number in (
        (f"{IEEE}_scene_1_zigbee2mqtt", "zigbee2mqtt/Lamp/set", 1),
        ("7_scene_2_zigbee2mqtt", "zigbee2mqtt/All/set", 2),
    ):
        body = told(registry, identifier, "scene.turn_on", {}, {})
        assert body == [(topic, {"scene_recall": number})]


def test_a_scene_of_one_of_several_endpoints_is_recalled_there() -> None:
    ends = {**ENDPOINTS, "2": {"name": "l2", "scenes": [{"id": 5, "name": "Night"}]}}
    _, registry = home_of(device(*GANGS, endpoints=ends))
    body = told(registry, f"{IEEE}_scene_5_zigbee2mqtt", "scene.turn_on", {}, {})
    assert body == [("zigbee2mqtt/Lamp/l2/set", {"scene_recall": 5})]


ASKED = {"state": "", "brightness": "", "color_temp": "", "color": {"x": "", "y": ""}}


@pytest.mark.parametrize(
    ("exposes", "about", "asked"),
    [
        ([LIGHT], {}, ASKED),
        ([LIGHT, measured("linkquality")], {"type": "EndDevice", "power_source": "Battery"}, None),
        ([DIMMER], {"type": "EndDevice", "power_source": "Mains (single phase)"},
         {"state": "", "brightness": ""}),
        ([*GANGS, measured("power", "W", 5), measured("temperature", "°C")], {},
         {"state_l1": "", "state_l2": "", "power": ""}),
        ([of("cover", enum("state", "OPEN", "CLOSE", access=3), numeric("position", 0, 100))], {},
         {"position": ""}),
        ([measured("temperature", "°C")], {}, None),
        ([enum("power_on_behavior", "on", "off")], {}, None),
    ],
)  # fmt: skip
def test_a_device_that_listens_is_asked_once_for_all_it_can_tell(
    exposes: Any, about: Any, asked: Any
) -> None:
    home, registry = home_of(device(*exposes, **about))
    bindings = [registry.binding(one) for one in home.devices]
    questions = [one for binding in bindings if binding for one in binding.questions]
    if asked is None:
        assert questions == []
        return
    (question,) = questions
    assert question.topic == "zigbee2mqtt/Lamp/get"
    assert json.loads(question.payload) == asked


@pytest.mark.parametrize(
    ("about", "name", "aliases", "area"),
    [
        ({"friendly_name": "Ceiling"}, "Ceiling", (), None),
        ({"friendly_name": "floor_lamp_2"}, "floor lamp 2", (), None),
        ({"friendly_name": "kitchen/floor_lamp"}, "floor lamp", ("kitchen floor lamp",), "kitchen"),
        ({"friendly_name": "home/Bath room/Bath room mirror"}, "Bath room mirror", (), "bath_room"),
        ({"friendly_name": "lights/hallway"}, "hallway", (), None),
        ({"friendly_name": "attic/1"}, "attic 1", (), "attic"),
        ({"friendly_name": "Lamp \u200b \u2028 " + "x" * 90}, "Lamp " + "x" * 90, (), None),
        ({"friendly_name": "Desk", "description": "Lamp of the twins"}, "Desk",
         ("Lamp of the twins",), None),
        ({"friendly_name": "Desk", "description": "x" * 80}, "Desk", (), None),
        ({"friendly_name": IEEE, "description": "Bedside"}, "Bedside", (), None),
        ({"friendly_name": IEEE}, "Smart bulb", (), None),
    ],
)  # fmt: skip
def test_a_device_is_called_as_people_would(
    about: Any, name: str, aliases: tuple[str, ...], area: str | None
) -> None:
    entry = device(DIMMER) | about
    entry["definition"]["description"] = "Smart bulb"
    home, registry = home_of(entry)
    (found,) = home.devices.values()
    assert (found.name, found.aliases, found.area) == (name, aliases, area)
    topic = f"zigbee2mqtt/{entry['friendly_name']}"
    registry.receive(topic, b'{"state":"ON"}')
    assert home.state(found.id) == {"power": "on"}
    off = told(registry, found.id, "light.turn_off", {}, {})
    assert off == [(f"{topic}/set", {"state": "OFF"})]


def test_several_of_a_kind_are_told_apart_by_name() -> None:
    power = [measured("power", "W", property=f"power_{end}", endpoint=end) for end in ("l1", "l2")]
    side = of("light", state(prop="state_left"), endpoint="left")
    home, _ = home_of(device(*GANGS, *power, side))
    assert sorted(one.name for one in home.devices.values()) == [
        "Lamp 1", "Lamp 2", "Lamp Left", "Lamp Power 1", "Lamp Power 2",
    ]  # fmt: skip


def test_two_networks_live_side_by_side() -> None:
    home, registry = home_of(device(DIMMER))
    announce(registry, [device(DIMMER, name="Lamp", ieee=OTHER)], base="upstairs")
    registry.receive("upstairs/bridge/state", b'{"state":"offline"}')
    assert home.available(f"{IEEE}_light_zigbee2mqtt")
    assert not home.available(f"{OTHER}_light_upstairs")
    on = told(registry, f"{OTHER}_light_upstairs", "light.turn_on", {}, {})
    assert on == [("upstairs/Lamp/set", {"state": "ON"})]
    announce(registry, [], base="zigbee2mqtt")
    assert list(home.devices) == [f"{OTHER}_light_upstairs"]


@pytest.mark.parametrize(
    "about",
    [
        {"disabled": True}, {"definition": None}, {"type": "Coordinator", "definition": None},
        {"supported": False, "definition": None, "interview_completed": False},
    ],
)  # fmt: skip
def test_what_is_disabled_or_not_known_yet_is_left_out_until_it_is(about: Any) -> None:
    home, registry = home_of(device(DIMMER) | about)
    assert not home.devices
    announce(registry, [device(DIMMER)])
    assert list(home.devices) == [f"{IEEE}_light_zigbee2mqtt"]


def test_one_malformed_part_leaves_the_rest_of_the_device(caplog: pytest.LogCaptureFixture) -> None:
    broken = [{"type": "enum", "name": "mode", "property": "mode", "values": 7}, 5, {"name": "x"}]
    home, registry = home_of(device(*broken, DIMMER))
    assert list(home.devices) == [f"{IEEE}_light_zigbee2mqtt"]
    announce(registry, [device(*broken, DIMMER, last_seen=1)])
    assert sum("'Lamp' of 'zigbee2mqtt' ignored" in line for line in caplog.messages) == 3


def test_devices_that_have_not_changed_are_not_read_again() -> None:
    dialect = Zigbee2MqttDialect()
    entries = [device(DIMMER), device(DIMMER, name="B", ieee=OTHER)]
    groups = [{"id": 7, "friendly_name": "All", "members": MEMBERS}]
    topic = "zigbee2mqtt/bridge/devices"
    dialect.read_announcement("zigbee2mqtt/bridge/groups", json.dumps(groups).encode())
    first = dialect.read_announcement(topic, json.dumps(entries).encode())
    entries[0]["last_seen"] = 1
    again = dialect.read_announcement(topic, json.dumps(entries).encode())
    assert [one is other for one, other in zip(first, again, strict=True)] == [True, True, True]
    entries[1]["friendly_name"] = "C"
    second = dialect.read_announcement(topic, json.dumps(entries).encode())
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, False, False]


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
    sensor = measured("power", "W")
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
    announce(registry, [device(LIGHT, name="New")])
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
async def test_a_lamp_is_found_asked_commanded_and_confirmed_on_a_real_broker(
    tmp_path: Any,
) -> None:
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
            asked = ("zigbee2mqtt/Lamp/get", json.dumps(ASKED, separators=(",", ":")))
            traffic.answers[asked] = [("zigbee2mqtt/Lamp", '{"state":"OFF"}')]
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


@pytest.mark.parametrize("first", ["homeassistant", "zigbee2mqtt"])
def test_a_group_that_home_assistants_discovery_announces_too_keeps_its_members(first):
    """Zigbee2MQTT announces groups there without saying who is in them."""
    cover = of("cover", enum("state", "OPEN", "CLOSE", "STOP"))
    devices = [device(cover), device(cover, name="Left", ieee=OTHER)]
    members = [{"ieee_address": ieee, "endpoint": 1} for ieee in (IEEE, OTHER)]
    groups = [{"id": 7, "friendly_name": "Both", "members": members}]
    document = {"name": "Both", "unique_id": "7_cover_zigbee2mqtt", "cmd_t": "zigbee2mqtt/Both/set"}
    topic = "homeassistant/cover/1221051039810110150109113116116_7/cover/config"
    home, registry = home_of(*([] if first == "homeassistant" else devices),
                             groups=None if first == "homeassistant" else groups)  # fmt: skip
    registry.receive(topic, json.dumps(document).encode())
    if first == "homeassistant":
        announce(registry, devices)
        announce(registry, groups, "groups")
    shown = home.devices["7_cover_zigbee2mqtt"]
    assert shown.members == tuple(f"{ieee}_cover_zigbee2mqtt" for ieee in (IEEE, OTHER))
    binding = registry.binding(shown.id)
    assert binding is not None
    assert binding.commands(Action("cover.open_cover", shown.id), {})[0].payload == "OPEN"


def test_home_assistants_discovery_may_say_itself_who_is_in_a_group():
    home, registry = home_of()
    document = {"name": "Both", "uniq_id": "both", "cmd_t": "b/set", "group": ["left", "right"]}
    registry.receive("homeassistant/light/both/config", json.dumps(document).encode())
    assert home.devices["both"].members == ("left", "right")
