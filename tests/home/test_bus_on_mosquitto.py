"""Commands and states, on a real Mosquitto."""

from __future__ import annotations

import asyncio
import json

import pytest
from brokers import Mosquitto, eventually, traffic_on
from buses import announce, connected

from assistant.types import Action, Status

pytestmark = pytest.mark.broker


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
        assert results[0].detail == "it cannot be dimmed"
        assert traffic.on("l/set") == []


async def test_a_result_tells_the_step_that_was_taken(mosquitto: Mosquitto) -> None:
    config = {"cmd_t": "n/set", "min": 0, "max": 100, "step": 5, "name": "Level"}
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        topic = "homeassistant/number/level/config"
        await traffic.client.publish(topic, json.dumps(config), qos=1)
        await eventually(lambda: "level" in home.devices)
        (result,) = await bus.perform([Action("number.set_value", "level", {"value": 37})])
        assert result.action.data["value"] == 35
