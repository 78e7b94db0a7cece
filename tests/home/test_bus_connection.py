"""The connection: lost, found again, refused, on a real Mosquitto."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
from brokers import Mosquitto, eventually, free_port, traffic_on
from buses import announce, connected, settings

from assistant.errors import BrokerError
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status

pytestmark = pytest.mark.broker


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
                await eventually(lambda: "lamp" in home.devices and bus.connected, 10)
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
