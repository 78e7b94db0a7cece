"""Shelly over MQTT RPC: it is found by what it says, and asked what it is.

Messages follow shelly-api-docs.shelly.cloud/gen2: RPCProtocol, Notifications, Mqtt.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelly_double import ID, ShellyDouble, device_config, device_status, keyed
from shelly_world import CALIBRATED, METERED, PREFIX, World, shelly

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.home.mqtt.topics import matches
from assistant.types import Action

NAMES: list[tuple[Any, dict[str, Any], list[str]]] = [
    ("Kitchen", {"switch_0": {"name": None}}, ["Kitchen"]),
    ("Kitchen", {"switch_0": {"name": "Counter lamp"}}, ["Counter lamp"]),
    ("Kitchen", {"switch_0": {}, "switch_1": {"name": "Oven"}, "light_0": {}},
     ["Kitchen 2", "Oven", "Kitchen 1"]),
    (None, {"switch_0": {}}, ["Shelly Plus1pm 2345"]),
    ("Kitchen", {"temperature_100": {}, "temperature_101": {"name": "Boiler"}},
     ["Kitchen Temperature 1", "Boiler Temperature"]),
    ("Kitchen", {"input_0": {"type": "button"}, "input_1": {"type": "button", "name": "Bell"}},
     ["Kitchen Button 1", "Bell"]),
]  # fmt: skip


@pytest.mark.parametrize(("device", "components", "names"), NAMES)
async def test_names_are_the_owners(device: Any, components: Any, names: list[str]) -> None:
    shown = {key: {"output": False} for key in components}
    world = World(ShellyDouble(device_config(device, **components), device_status(**shown)))
    assert [one.name for one in (await world.come()).home.devices.values()] == names


async def test_a_renamed_channel_is_called_by_its_new_name() -> None:
    world = await shelly({"switch_0": {"name": "Lamp"}}, {"switch_0": {"output": True}})
    world.double.config["switch:0"]["name"] = "Ceiling"
    await world.say(*world.double.fire("switch:0", "config_changed"))
    assert [one.name for one in world.home.devices.values()] == ["Ceiling"]
    asked = len(world.questions)
    await world.say(*world.double.fire("thermostat:0", "config_changed"))
    await world.say(*world.double.fire("switch:0", "single_push"))
    assert len(world.questions) == asked


async def test_availability_is_what_its_last_will_says_but_a_sleeper_is_never_gone() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    for payload, available in [("false", False), ("rubbish", False), ("true", True)]:
        await world.say(f"{ID}/online", payload)
        assert world.home.available(f"{PREFIX}_switch_0") is available
    sleeper = await shelly(
        {"temperature_0": {}, "devicepower_0": {}}, {"temperature_0": {"tC": 20}}
    )
    await sleeper.say(f"{ID}/online", "false")
    assert sleeper.home.available(f"{PREFIX}_temperature_0")
    assert not sleeper.home.devices[f"{PREFIX}_devicepower_0"].exposed


async def test_a_sleeper_is_found_in_the_moment_that_it_is_awake() -> None:
    # shelly-api-docs.shelly.cloud/gen2/Devices/Gen3/ShellyHTG3: it tells all at once on waking.
    config = device_config("Balcony", temperature_0={}, devicepower_0={})
    world = World(ShellyDouble(config, device_status(temperature_0={"tC": 4.5})))
    world.double.refuses["Shelly.GetStatus"] = {"code": -104, "message": "too late"}
    full = world.double.notify(world.double.status, "NotifyFullStatus")
    await world.say(*full)
    assert world.home.devices[f"{PREFIX}_temperature_0"].name == "Balcony Temperature"
    await world.say(*full)
    assert world.home.state(f"{PREFIX}_temperature_0") == {"value": 4.5}
    assert world.methods.count("Shelly.GetConfig") == 1


async def test_a_device_set_up_anew_is_what_it_is_now() -> None:
    world = await shelly({"switch_0": {}, "switch_1": {}}, {"switch_0": {"output": True}})
    assert set(world.home.devices) == {f"{PREFIX}_switch_0", f"{PREFIX}_switch_1"}
    world.double.config = device_config(cover_0={})
    world.double.status = device_status(cover_0=CALIBRATED)
    await world.come()
    assert set(world.home.devices) == {f"{PREFIX}_cover_0"}
    assert world.home.devices[f"{PREFIX}_cover_0"].features.position


async def test_what_has_not_changed_is_not_bound_anew() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True, **METERED}})
    before = [world.registry.binding(one) for one in world.home.devices]
    world.double.status["switch:0"] |= {"output": False, "apower": 0}
    await world.come()
    assert [world.registry.binding(one) for one in world.home.devices] == before
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}


async def test_a_custom_prefix_gives_itself_away_by_the_first_event() -> None:
    config = device_config(switch_0={})
    config["mqtt"]["topic_prefix"] = "home/kitchen"
    world = await World(ShellyDouble(config, device_status(switch_0={"output": True}))).come()
    assert not world.questions and not world.home.devices
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.methods == ["Shelly.GetConfig", "Shelly.GetStatus", "Shelly.GetStatus"]
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "on"}
    await world.say("home/kitchen/status/switch:0", '{"id":0,"output":false}')
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}
    before = len(world.questions)
    await world.say("home/kitchen/online", "true")
    assert len(world.questions) == before + 2


async def test_no_topic_is_subscribed_to_that_its_announcements_are_heard_on_anyway() -> None:
    # Brokers may deliver what two subscriptions match twice, and what they keep once more.
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    topics = set(world.registry.topics)
    assert f"{ID}/status/switch:0" in topics
    assert not any(
        matches(pattern, topic) for pattern in world.dialect.announcements for topic in topics
    )
    told = json.dumps({"id": 2, "src": ID, "result": world.double.status}).encode()
    assert f"{ID}/online" not in await world.registry.take(
        f"assistant/shelly/{ID}/rpc", told, kept=False
    )


async def test_topics_that_its_owner_has_changed_are_followed() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    world.double.prefix = world.double.config["mqtt"]["topic_prefix"] = "attic"
    await world.say(*world.double.notify({"sys": {"uptime": 1}}))
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}
    binding = world.registry.binding(f"{PREFIX}_switch_0")
    assert binding is not None
    (order,) = binding.commands(Action("switch.turn_on", f"{PREFIX}_switch_0"), {})
    assert order.topic == "attic/rpc"


async def test_what_the_whole_device_refuses_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"switch_0": {}, "switch_1": {}}, {"switch_0": {"output": True}})
    error = {"id": 2, "src": ID, "error": {"code": -109, "message": "shutting down"}}
    with caplog.at_level(logging.WARNING):
        await world.say(f"assistant/shelly/{ID}/state/rpc", json.dumps(error))
    assert len(caplog.records) == 1 and "shutting down" in caplog.text


def test_nobody_can_fill_the_memory_with_devices_that_are_none() -> None:
    dialect = ShellyDialect("assistant")
    told = json.dumps({"src": ID, "method": "NotifyStatus", "params": {}}).encode()
    with pytest.raises(AnnouncementError, match="4096 prefixes"):
        for number in range(4097):
            dialect.read_announcement(f"p{number}/events/rpc", told)
    dialect = ShellyDialect("assistant")
    with pytest.raises(AnnouncementError, match="4096 devices"):
        for number in range(4097):
            topic = f"assistant/shelly/shellyx-{number:012x}/rpc"
            dialect.read_announcement(topic, b'{"id":2,"result":{}}')


STRANGERS = [
    ("heating/online", "true"), ("shelly-lamp/online", "true"), ("a/b/c/online", "true"),
    (f"{ID}/online", "false"), (f"{ID}/online", "online"), ("bridge/events/rpc", '{"src":"x"}'),
    ("bridge/events/rpc", "rubbish"), ("esp/events/rpc", '{"src":"esp32-a8032ab12345"}'),
    ("assistant/shelly/x/rpc", "{}"),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "payload"), STRANGERS)
async def test_other_programs_are_not_asked(topic: str, payload: str) -> None:
    world = World(ShellyDouble(device_config(), device_status()))
    await world.say(topic, payload)
    assert not world.questions and not world.home.devices


async def test_one_that_never_answers_is_not_asked_for_ever() -> None:
    dialect = ShellyDialect("assistant")
    topic, payload = ShellyDouble(device_config(), device_status()).notify({"sys": {}})
    asked = [len(dialect.questions(topic, payload.encode())) for _ in range(10)]
    assert asked == [2, 2, 2, *[0] * 7]


async def test_an_error_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    world.double.refuses["Switch.Set"] = {"code": -114, "message": "Overpower"}
    binding = world.registry.binding(f"{PREFIX}_switch_0")
    assert binding is not None
    (order,) = binding.commands(Action("switch.turn_off", f"{PREFIX}_switch_0"), {})
    with caplog.at_level(logging.WARNING):
        for answer in world.double.receive(order.payload):
            await world.say(*answer)
    assert "error -114: Overpower" in caplog.text and len(caplog.records) == 1
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "on"}


async def test_a_device_that_wants_a_password_says_so_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    double = ShellyDouble(device_config(switch_0={}), device_status())
    double.refuses["Shelly.GetConfig"] = {"code": 401, "message": "auth required"}
    with caplog.at_level(logging.WARNING):
        world = await World(double).come()
    assert "password" in caplog.text and not world.home.devices


async def test_the_state_is_asked_for_once_a_device_and_read_from_the_answer() -> None:
    channels: Any = {"switch_0": {}, "switch_1": {}}
    world = await shelly(channels, {"switch_0": {"output": False}, "switch_1": {"output": False}})
    bindings = [world.registry.binding(one) for one in world.home.devices]
    questions = [one for binding in bindings if binding for one in binding.questions]
    assert len(questions) == 2 and len(set(questions)) == 1
    world.double.status["switch:1"]["output"] = True
    for answer in world.double.receive(questions[0].payload):
        assert not any(matches(one, answer[0]) for one in world.dialect.announcements)
        await world.say(*answer)
    assert world.home.state(f"{PREFIX}_switch_1") == {"power": "on"}


async def test_what_home_assistants_discovery_announces_is_not_there_twice() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    document = {
        "name": "Lamp", "unique_id": "other", "command_topic": "c",
        "device": {"connections": [["mac", "A8:03:2A:B1:23:45"]]},
    }  # fmt: skip
    await world.say("homeassistant/switch/x/config", json.dumps(document))
    assert list(world.home.devices) == ["other"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["switch", "\ud800", 10**400, "a/#", "", "analog"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["name", "device", "ui", "ui_data", "consumption_types", "type", "id",
                         "topic_prefix", "meta", "enable", "unit", "components", "offset"]),
        inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
KINDS = [
    "switch:0", "light:0", "rgb:0", "cct:0", "cover:0", "thermostat:0", "input:0", "em:0",
    "voltmeter:100", "bthomesensor:200", "number:200", "enum:200", "text:200", "boolean:200",
    "sys", "mqtt", "id", "result", "method", "params", "error",
]  # fmt: skip
OTHER = "shellyplus2pm-aaaaaaaaaaaa"


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(key=st.sampled_from(KINDS), rubbish=ANYTHING, about=st.sampled_from([1, 2, 3, 4, "x"]))
def test_malformed_answers_harm_no_other_device(key: str, rubbish: Any, about: Any) -> None:
    asyncio.run(_malformed(key, rubbish, about))


async def _malformed(key: str, rubbish: Any, about: Any) -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    config = {**device_config(switch_0={}), "mqtt": {"topic_prefix": OTHER}, key: rubbish}
    config["bthome"] = {}
    frames = [
        {"id": 1, "src": OTHER, "result": config},
        {"id": 2, "src": OTHER, "result": {**keyed({"switch_0": {"output": 1}}), key: rubbish}},
        {"id": about, "src": OTHER, "result": rubbish, "method": rubbish},
        {"id": 3, "src": OTHER, "result": {"components": [
            {"key": "enum:200", "config": rubbish, "status": rubbish}, rubbish,
            {"key": key, "config": {"options": rubbish, "min": rubbish, "obj_id": rubbish}},
        ], "offset": rubbish, "total": 9}},
        {"id": about, "src": OTHER, key: rubbish},
    ]  # fmt: skip
    for frame in frames:
        body = json.dumps(frame).encode()
        topic = f"assistant/shelly/{OTHER}/rpc"
        await world.registry.take(topic, body, kept=False)
    notes: list[Any] = [
        rubbish,
        {"src": OTHER, "method": "NotifyStatus", "params": rubbish},
        {"src": ID, "method": "NotifyEvent", "params": {"events": rubbish}},
        {"src": ID, "method": "NotifyStatus", "params": {"switch:0": rubbish}},
    ]
    await world.say(f"{ID}/events/rpc", '{"config_changed": ')
    for note in notes:
        for prefix in (OTHER, ID):
            body = json.dumps(note).encode()
            await world.registry.take(f"{prefix}/events/rpc", body, kept=False)
            await world.registry.take(f"{prefix}/status/switch:0", body, kept=False)
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}
