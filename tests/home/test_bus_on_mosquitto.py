"""The bus, on a real Mosquitto."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from brokers import Mosquitto, eventually, free_port, traffic_on

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status

pytestmark = pytest.mark.broker


def settings(port: int, **more: Any) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=port, **{"confirm_timeout_s": 0.6, **more})


@asynccontextmanager
async def connected(port: int, **more: Any) -> AsyncIterator[tuple[MqttBus, Home]]:
    home = Home()
    bus = MqttBus(settings(port, **more), home)
    await bus.start()
    try:
        yield bus, home
    finally:
        await bus.stop()


LAMP = {"name": "Lamp", "unique_id": "lamp", "cmd_t": "l/set", "stat_t": "l/state"}

CASES: dict[str, dict[str, Any]] = {
    "light, default schema": {
        "topic": "homeassistant/light/lamp/config",
        "config": {
            **LAMP, "bri_cmd_t": "l/bri", "bri_stat_t": "l/bri/state",
            "rgb_cmd_t": "l/rgb", "rgb_stat_t": "l/rgb/state",
        },
        "says": [("l/state", "OFF"), ("l/bri/state", "128"), ("l/rgb/state", "1,2,3")],
        "state": {"power": "off", "brightness_pct": 50.2, "rgb_color": (1, 2, 3)},
        "action": ("light.turn_on", {"brightness_pct": 40, "color_name": "blue"}),
        "told": [("l/rgb", "0,0,255"), ("l/bri", "102"), ("l/set", "ON")],
        "answers": [("l/state", "ON"), ("l/bri/state", "102"), ("l/rgb/state", "0,0,255")],
    },
    "light, JSON schema, with ~": {
        "topic": "homeassistant/light/node/lamp/config",
        "config": {
            "schema": "json", "~": "z/lamp", "cmd_t": "~/set", "stat_t": "~",
            "brightness": True, "sup_clrm": ["color_temp", "xy"], "uniq_id": "lamp",
        },
        "says": [("z/lamp", '{"state":"OFF","brightness":255,"color_temp":370,'
                            '"color_mode":"color_temp"}')],
        "state": {"power": "off", "brightness_pct": 100, "color_temp_kelvin": 2703},
        "action": ("light.turn_on", {"brightness_pct": 20, "color_temp_kelvin": 4000}),
        "told": [("z/lamp/set", '{"state":"ON","brightness":51,"color_temp":250}')],
        "answers": [("z/lamp", '{"state":"ON","brightness":51,"color_temp":250,'
                               '"color_mode":"color_temp"}')],
    },
    "light, template schema": {
        "topic": "homeassistant/light/lamp/config",
        "config": {
            "schema": "template", "cmd_t": "t/set", "stat_t": "t", "uniq_id": "lamp",
            "cmd_on_tpl": "on{% if brightness is defined %},{{ brightness }}{% endif %}",
            "cmd_off_tpl": "off", "stat_tpl": "{{ value.split(',')[0] }}",
            "bri_tpl": "{{ value.split(',')[1] }}",
        },
        "says": [("t", "off,255")],
        "state": {"power": "off", "brightness_pct": 100},
        "action": ("light.turn_on", {"brightness_pct": 100}),
        "told": [("t/set", "on,255")],
        "answers": [("t", "on,255")],
    },
    "switch with templates": {
        "topic": "homeassistant/switch/plug/config",
        "config": {
            "uniq_id": "plug", "cmd_t": "p/cmnd", "stat_t": "p/tele",
            "val_tpl": "{{ value_json.POWER }}", "cmd_tpl": '{"POWER":"{{ value }}"}',
        },
        "says": [("p/tele", '{"POWER":"OFF"}')],
        "state": {"power": "off"},
        "action": ("switch.turn_on", {}),
        "told": [("p/cmnd", '{"POWER":"ON"}')],
        "answers": [("p/tele", '{"POWER":"ON"}')],
    },
    "fan with three speeds": {
        "topic": "homeassistant/fan/fan/config",
        "config": {
            "uniq_id": "fan", "cmd_t": "f/set", "stat_t": "f", "pct_cmd_t": "f/speed/set",
            "pct_stat_t": "f/speed", "spd_rng_max": 3,
        },
        "says": [("f", "ON"), ("f/speed", "1")],
        "state": {"power": "on", "percentage": 33},
        "action": ("fan.set_percentage", {"percentage": 66}),
        "told": [("f/speed/set", "2")],
        "answers": [("f/speed", "2")],
    },
    "cover with an upside-down position": {
        "topic": "homeassistant/cover/blind/config",
        "config": {
            "uniq_id": "blind", "cmd_t": "b/set", "pos_t": "b/pos", "set_pos_t": "b/pos/set",
            "pos_open": 0, "pos_clsd": 100, "dev_cla": "blind",
        },
        "says": [("b/pos", "100")],
        "state": {"position": 0},
        "action": ("cover.set_cover_position", {"position": 30}),
        "told": [("b/pos/set", "70")],
        "answers": [("b/pos", "70")],
    },
    "garage door": {
        "topic": "homeassistant/cover/door/config",
        "config": {"uniq_id": "door", "cmd_t": "g/set", "stat_t": "g", "dev_cla": "garage"},
        "says": [("g", "closed")],
        "state": {"cover": "closed"},
        "action": ("cover.open_cover", {}),
        "told": [("g/set", "OPEN")],
        "answers": [("g", "opening")],
    },
    "lock": {
        "topic": "homeassistant/lock/lock/config",
        "config": {"uniq_id": "lock", "cmd_t": "k/set", "stat_t": "k"},
        "says": [("k", "UNLOCKED")],
        "state": {"lock": "unlocked"},
        "action": ("lock.lock", {}),
        "told": [("k/set", "LOCK")],
        "answers": [("k", "LOCKING"), ("k", "LOCKED")],
    },
    "thermostat": {
        "topic": "homeassistant/climate/heating/config",
        "config": {
            "uniq_id": "heating", "temp_cmd_t": "h/t/set", "temp_stat_t": "h/t",
            "curr_temp_t": "h/now", "mode_cmd_t": "h/m/set", "mode_stat_t": "h/m",
            "modes": ["off", "heat"], "max_temp": 30,
        },
        "says": [("h/t", "19.5"), ("h/now", "18.1"), ("h/m", "heat")],
        "state": {"temperature": 19.5, "current_temperature": 18.1, "hvac_mode": "heat"},
        "action": ("climate.set_temperature", {"temperature": 21}),
        "told": [("h/t/set", "21")],
        "answers": [("h/t", "21.0")],
    },
    "sensor": {
        "topic": "homeassistant/sensor/s/config",
        "config": {"uniq_id": "s", "stat_t": "s", "val_tpl": "{{ value_json.t | round(1) }}",
                   "unit_of_meas": "°C", "dev_cla": "temperature"},
        "says": [("s", '{"t":20.46}')],
        "state": {"value": 20.5},
        "action": ("sensor.turn_on", {}),
        "told": [],
        "status": Status.REFUSED,
    },
    "binary sensor": {
        "topic": "homeassistant/binary_sensor/s/config",
        "config": {"uniq_id": "s", "stat_t": "s", "pl_on": "true", "pl_off": "false"},
        "says": [("s", "true")],
        "state": {"value": "on"},
        "action": ("homeassistant.turn_on", {}),
        "told": [],
        "status": Status.REFUSED,
    },
    "button": {
        "topic": "homeassistant/button/bell/config",
        "config": {"uniq_id": "bell", "cmd_t": "bell/ring", "pl_prs": "RING"},
        "says": [],
        "state": {},
        "action": ("button.press", {}),
        "told": [("bell/ring", "RING")],
        "status": Status.SENT,
    },
    "scene": {
        "topic": "homeassistant/scene/film/config",
        "config": {"uniq_id": "film", "cmd_t": "scene/film"},
        "says": [],
        "state": {},
        "action": ("scene.turn_on", {}),
        "told": [("scene/film", "ON")],
        "status": Status.SENT,
    },
    "vacuum cleaner": {
        "topic": "homeassistant/vacuum/robot/config",
        "config": {"uniq_id": "robot", "cmd_t": "v/cmd", "stat_t": "v"},
        "says": [("v", '{"state":"docked","battery_level":80}')],
        "state": {"value": "docked"},
        "action": ("vacuum.start", {}),
        "told": [("v/cmd", "start")],
        "answers": [("v", '{"state":"cleaning"}')],
    },
    "number": {
        "topic": "homeassistant/number/n/config",
        "config": {"uniq_id": "n", "cmd_t": "n/set", "stat_t": "n", "min": 0, "max": 10},
        "says": [("n", "3")],
        "state": {"value": 3},
        "action": ("number.set_value", {"value": 7}),
        "told": [("n/set", "7")],
        "answers": [("n", "7")],
    },
    "select": {
        "topic": "homeassistant/select/c/config",
        "config": {"uniq_id": "c", "cmd_t": "c/set", "stat_t": "c", "ops": ["low", "high"]},
        "says": [("c", "low")],
        "state": {"value": "low"},
        "action": ("select.select_option", {"option": "high"}),
        "told": [("c/set", "high")],
        "answers": [("c", "high")],
    },
    "media player (extension)": {
        "topic": "homeassistant/media_player/radio/config",
        "config": {"uniq_id": "radio", "cmd_t": "r/set", "stat_t": "r",
                   "volume_command_topic": "r/vol/set", "volume_state_topic": "r/vol"},
        "says": [("r", "playing"), ("r/vol", "30")],
        "state": {"media": "playing", "volume_pct": 30},
        "action": ("media_player.volume_set", {"volume_level": 0.5}),
        "told": [("r/vol/set", "50")],
        "answers": [("r/vol", "50")],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_a_device_is_discovered_commanded_and_confirmed(
    name: str, mosquitto: Mosquitto
) -> None:
    case = CASES[name]
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await traffic.client.publish(case["topic"], json.dumps(case["config"]), retain=True)
        await eventually(lambda: home.devices)
        (device,) = home.devices.values()
        for topic, payload in case["says"]:
            await traffic.client.publish(topic, payload, qos=1, retain=True)
        await eventually(lambda: dict(home.state(device.id)) == case["state"])
        if case["told"]:
            traffic.answers[case["told"][-1]] = case.get("answers", [])
        traffic.heard.clear()

        service, data = case["action"]
        (result,) = await bus.perform([Action(service, device.id, data)])

        assert (result.status, result.detail) == (
            case.get("status", Status.CONFIRMED),
            result.detail if case.get("status") else "",
        )
        answered = case.get("answers", [])
        await eventually(lambda: len(traffic.heard) >= len(case["told"]) + len(answered))
        assert [m for m in traffic.heard if m not in answered] == case["told"]


async def announce(traffic: Any, **more: Any) -> None:
    await traffic.client.publish(
        "homeassistant/light/lamp/config", json.dumps({**LAMP, **more}), qos=1, retain=True
    )


async def test_a_lamp_that_does_not_answer_is_reported(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic)
        await traffic.client.publish("l/state", "OFF", qos=1, retain=True)
        await eventually(lambda: home.state("lamp"))
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.NO_ANSWER
        assert result.detail == "it shows power=off"
        await eventually(lambda: ("l/set", "ON") in traffic.heard)


async def test_rubbish_is_no_confirmation_and_is_logged_once(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic)
        await eventually(lambda: "lamp" in home.devices)
        traffic.answers[("l/set", "ON")] = [("l/state", "BANANA"), ("l/state", "BANANA")]
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.NO_ANSWER
        assert result.detail == "it has shown no state"
        assert [r.message for r in caplog.records if "BANANA" in r.message] == [
            "MQTT: message of lamp ignored: expected one of ON, OFF, found 'BANANA'"
        ]
        traffic.answers[("l/set", "ON")] = [("l/state", "ON")]
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.CONFIRMED


async def test_a_device_that_said_it_is_offline_gets_no_command(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic, avty_t="l/av")
        await eventually(lambda: "lamp" in home.devices)
        await traffic.client.publish("l/av", "offline", qos=1, retain=True)
        await eventually(lambda: not home.available("lamp"))
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert (result.status, result.detail) == (Status.UNAVAILABLE, "it is offline")
        assert ("l/set", "ON") not in traffic.heard
        await traffic.client.publish("l/av", "online", qos=1, retain=True)
        await eventually(lambda: home.available("lamp"))


async def test_a_lamp_already_on_is_told_again_and_believed(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic)
        await traffic.client.publish("l/state", "ON", qos=1, retain=True)
        await eventually(lambda: home.state("lamp"))
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.CONFIRMED
        await eventually(lambda: ("l/set", "ON") in traffic.heard)


async def test_actions_run_at_once_not_one_after_the_other(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        for i in range(5):
            config = {"uniq_id": f"s{i}", "cmd_t": f"s{i}/set", "stat_t": f"s{i}"}
            await traffic.client.publish(
                f"homeassistant/switch/s{i}/config", json.dumps(config), qos=1
            )
        await eventually(lambda: len(home.devices) == 5)
        traffic.answers[("s4/set", "ON")] = [("s4", "ON")]
        started = asyncio.get_running_loop().time()
        results = await bus.perform([Action("switch.turn_on", f"s{i}") for i in range(5)])
        assert asyncio.get_running_loop().time() - started < 2 * 0.6
        assert [r.status for r in results] == [Status.NO_ANSWER] * 4 + [Status.CONFIRMED]


async def test_a_device_without_a_state_topic_is_sent_to_and_assumed(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic, stat_t=None)
        await eventually(lambda: "lamp" in home.devices)
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.SENT
        assert home.state("lamp") == {"power": "on"}


async def test_an_empty_announcement_removes_the_device(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (_, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic, device={"name": "Lamp", "sa": "Den"})
        await eventually(lambda: "lamp" in home.devices)
        assert home.devices["lamp"].area == "den"
        assert home.areas["den"].name == "Den"
        await traffic.client.publish("homeassistant/light/lamp/config", "", qos=1, retain=True)
        await eventually(lambda: not home.devices)


async def test_a_malformed_announcement_is_one_line_in_the_log_and_nothing_else(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(mosquitto.port) as (_, home), traffic_on(mosquitto.port) as traffic:
        await traffic.client.publish("homeassistant/light/bad/config", "{", qos=1)
        await announce(traffic)
        await eventually(lambda: "lamp" in home.devices)
        assert list(home.devices) == ["lamp"]
        complaints = [r.message for r in caplog.records if "bad/config" in r.message]
        assert len(complaints) == 1
        assert "not JSON" in complaints[0]


async def test_without_a_broker_it_goes_on_and_finds_it_later(
    make_mosquitto: Callable[..., Mosquitto], caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto()
    with caplog.at_level(logging.INFO):
        async with connected(broker.port) as (bus, home):
            assert not bus.connected
            assert f"127.0.0.1:{broker.port} cannot be reached" in bus.fault
            with pytest.raises(BrokerError, match="Not connected"):
                await bus.publish("a", "b")
            broker.start()
            async with traffic_on(broker.port) as traffic:
                await announce(traffic)
                await eventually(lambda: "lamp" in home.devices, 10)
    lines = [r.message for r in caplog.records if r.name.endswith("connection")]
    assert len(lines) == 2
    assert "trying again" in lines[0]
    assert lines[1].startswith("connected to")


async def test_a_first_check_can_be_required() -> None:
    bus = MqttBus(settings(free_port()), Home())
    with pytest.raises(BrokerError, match="cannot be reached"):
        await bus.start(required=True)


async def test_a_refused_password_is_said_clearly(
    make_mosquitto: Callable[..., Mosquitto], caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto("right")
    broker.start()
    async with connected(broker.port, username="home", password="wrong") as (bus, _):
        assert not bus.connected
        assert "refuses the user name or password" in bus.fault
        assert "wrong" not in caplog.text
    async with connected(broker.port, username="home", password="right") as (bus, _):
        assert bus.connected


async def test_a_broker_that_goes_and_returns_leaves_no_stale_command(
    mosquitto: Mosquitto,
) -> None:
    seen: list[bool] = []
    async with connected(mosquitto.port) as (bus, home):
        bus.on_connection(seen.append)
        async with traffic_on(mosquitto.port) as traffic:
            await announce(traffic)
            await traffic.client.publish("l/state", "OFF", qos=1, retain=True)
            await eventually(lambda: home.state("lamp"))
        acting = asyncio.create_task(bus.perform([Action("light.turn_on", "lamp")]))
        mosquitto.stop()
        (broken,) = await acting
        assert broken.status in (Status.NO_ANSWER, Status.UNAVAILABLE)
        await eventually(lambda: not bus.connected)
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert (result.status, result.detail) == (
            Status.UNAVAILABLE,
            "not connected to the broker",
        )
        mosquitto.start()
        async with traffic_on(mosquitto.port) as traffic:
            await eventually(lambda: bus.connected, 10)
            await traffic.client.publish("l/state", "ON", qos=1, retain=True)
            await eventually(lambda: home.state("lamp") == {"power": "on"})
            assert traffic.on("l/set") == []
            traffic.answers[("l/set", "OFF")] = [("l/state", "OFF")]
            (result,) = await bus.perform([Action("light.turn_off", "lamp")])
            assert result.status is Status.CONFIRMED
    assert seen[:2] == [False, True]


async def test_other_rooms_hear_and_say_things_before_and_after_a_reconnection(
    mosquitto: Mosquitto,
) -> None:
    heard: list[tuple[str, bytes]] = []
    async with connected(mosquitto.port) as (bus, _):
        bus.subscribe("assistant/say/+", lambda topic, payload: heard.append((topic, payload)))
        await eventually(lambda: bus.connected)
        mosquitto.restart()
        await eventually(lambda: not bus.connected)
        await eventually(lambda: bus.connected, 10)
        async with traffic_on(mosquitto.port) as traffic:
            await traffic.client.publish("assistant/say/hall", b"\xff\x00", qos=1)
            await eventually(lambda: heard)
            await bus.publish("assistant/reply", "yes", retain=True)
            await eventually(lambda: ("assistant/reply", "yes") in traffic.heard)
    assert heard == [("assistant/say/hall", b"\xff\x00")]


async def test_what_cannot_be_done_is_refused_and_not_sent(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic)
        await eventually(lambda: "lamp" in home.devices)
        results = await bus.perform(
            [
                Action("light.turn_on", "lamp", {"brightness_pct": 40}),
                Action("lock.lock", "lamp"),
                Action("light.turn_on", "nobody"),
            ]
        )
        assert [r.status for r in results] == [Status.REFUSED] * 3
        assert results[0].detail == "Lamp cannot be dimmed"
        assert traffic.on("l/set") == []


async def test_it_stops_in_the_middle_of_a_subscription(mosquitto: Mosquitto) -> None:
    for rounds in range(0, 40, 2):
        bus = MqttBus(settings(mosquitto.port), Home())
        await bus.start()
        for number in range(200):
            bus.subscribe(f"some/topic/{number}", lambda topic, payload: None)
        for _ in range(rounds):
            await asyncio.sleep(0)
        stopping = asyncio.create_task(bus.stop())
        await asyncio.wait([stopping], timeout=3)
        assert stopping.done()
