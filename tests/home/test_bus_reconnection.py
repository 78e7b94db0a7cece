"""Brokers that die, vanish and return: nothing is lost, nothing is done twice or late."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from brokers import Mosquitto, Traffic, eventually, traffic_on
from buses import announce, connected
from wires import Wire

from assistant.types import Action, Status

pytestmark = pytest.mark.broker

DEVICES = 12
RETURN_S = 5.0


async def announce_lamps(traffic: Traffic, state: str) -> None:
    """Lamps with kept announcements and states, as bridges publish them anew on a new broker."""
    for i in range(DEVICES):
        config = {"uniq_id": f"s{i}", "cmd_t": f"s{i}/set", "stat_t": f"s{i}"}
        topic = f"homeassistant/switch/s{i}/config"
        await traffic.client.publish(topic, json.dumps(config), qos=1, retain=True)
        await traffic.client.publish(f"s{i}", state, qos=1, retain=True)


async def test_a_broker_killed_ten_times_loses_no_subscription_and_doubles_no_command(
    mosquitto: Mosquitto,
) -> None:
    asked: list[bytes] = []
    returns_s = []
    async with connected(mosquitto.port) as (bus, home):
        bus.subscribe("assistant/ask", lambda topic, payload: asked.append(payload))
        async with traffic_on(mosquitto.port) as traffic:
            await announce_lamps(traffic, "OFF")
            await eventually(lambda: len(home.devices) == DEVICES)
        for round_ in range(10):
            state, other = ("ON", "OFF") if round_ % 2 == 0 else ("OFF", "ON")
            acting = asyncio.create_task(bus.perform([Action("switch.turn_on", f"s{round_}")]))
            await asyncio.sleep(0)
            mosquitto.kill()
            (broken,) = await acting
            assert broken.status in (Status.NO_ANSWER, Status.UNAVAILABLE)
            await eventually(lambda: not bus.connected)
            (late,) = await bus.perform([Action("switch.turn_on", f"s{round_}")])
            assert late.status is Status.UNAVAILABLE
            mosquitto.start()
            async with traffic_on(mosquitto.port) as traffic:
                returned = time.monotonic()
                await announce_lamps(traffic, state)
                await eventually(
                    lambda state=state: (
                        bus.connected
                        and all(
                            home.state(f"s{i}").get("power") == state.lower()
                            for i in range(DEVICES)
                        )
                    ),
                    RETURN_S,
                )
                returns_s.append(time.monotonic() - returned)
                one = f"s{round_ + 1}"
                traffic.answers[(f"{one}/set", other)] = [(one, other)]
                verb = f"switch.turn_{other.lower()}"
                (result,) = await bus.perform([Action(verb, one)])
                assert result.status is Status.CONFIRMED
                await traffic.client.publish("assistant/ask", str(round_), qos=1)
                await eventually(lambda n=round_: asked and asked[-1] == str(n).encode())
                commands = [topic for topic, _ in traffic.heard if topic.endswith("/set")]
                assert commands == [f"{one}/set"], "nothing from before, nothing twice"
    assert asked == [str(n).encode() for n in range(10)]
    print(f"\nstates right after {max(returns_s):.2f} s at most")


async def test_a_line_that_swallows_everything_is_noticed_and_left(mosquitto: Mosquitto) -> None:
    async with Wire(mosquitto.port).running() as wire, connected(wire.port) as (bus, home):  # noqa: SIM117
        async with traffic_on(mosquitto.port) as traffic:
            await announce(traffic)
            await traffic.client.publish("l/state", "OFF", qos=1, retain=True)
            await eventually(lambda: home.state("lamp"))
            wire.cut = True
            began = time.monotonic()
            (result,) = await bus.perform([Action("light.turn_on", "lamp")])
            assert result.status is Status.NO_ANSWER
            await eventually(lambda: not bus.connected, 7)
            assert time.monotonic() - began < 7, "a command without acknowledgement tells at once"
            await traffic.client.publish("l/state", "ON", qos=1, retain=True)
            wire.cut = False
            await eventually(
                lambda: bus.connected and home.state("lamp") == {"power": "on"}, RETURN_S
            )
            assert traffic.on("l/set") == []

            wire.cut = True
            began = time.monotonic()
            await eventually(lambda: not bus.connected, 14)
            print(f"\na silent line is noticed after {time.monotonic() - began:.1f} s")
            await traffic.client.publish("l/state", "OFF", qos=1, retain=True)
            wire.cut = False
            await eventually(lambda: home.state("lamp") == {"power": "off"}, RETURN_S)
            assert traffic.on("l/set") == []


async def test_a_failed_publication_is_no_confirmation_of_what_was_so_before(
    mosquitto: Mosquitto,
) -> None:
    async with Wire(mosquitto.port).running() as wire, connected(wire.port) as (bus, home):
        async with traffic_on(mosquitto.port) as traffic:
            await announce(traffic)
            await traffic.client.publish("l/state", "ON", qos=1, retain=True)
            await eventually(lambda: home.state("lamp"))
        wire.cut = True
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert (result.status, result.detail) == (
            Status.NO_ANSWER,
            "the connection to the broker broke",
        )


@pytest.mark.parametrize("protocol", ["auto", "5", "3.1.1"])
async def test_a_broker_that_keeps_nothing_will_do(
    protocol: str, make_mosquitto: Callable[..., Mosquitto]
) -> None:
    broker = make_mosquitto(lines=["retain_available false"])
    broker.start()
    async with (
        traffic_on(broker.port) as traffic,
        connected(broker.port, protocol=protocol) as (
            bus,
            home,
        ),
    ):
        await eventually(lambda: bus.connected, 8)
        await announce_unkept(traffic)
        await eventually(lambda: "lamp" in home.devices)
        if protocol != "3.1.1":
            await bus.publish("assistant/reply", "yes", retain=True)
            await eventually(lambda: ("assistant/reply", "yes") in traffic.heard)
        traffic.answers[("l/set", "ON")] = [("l/state", "ON")]
        (result,) = await bus.perform([Action("light.turn_on", "lamp")])
        assert result.status is Status.CONFIRMED


async def announce_unkept(traffic: Traffic) -> None:
    config = {"uniq_id": "lamp", "cmd_t": "l/set", "stat_t": "l/state"}
    await traffic.client.publish("homeassistant/light/lamp/config", json.dumps(config), qos=1)


async def test_a_message_too_long_for_the_broker_is_refused_with_a_sentence(
    make_mosquitto: Callable[..., Mosquitto],
) -> None:
    broker = make_mosquitto(lines=["max_packet_size 2000"])
    broker.start()
    async with connected(broker.port) as (bus, _):
        action = Action("mqtt.publish", "a/b", {"payload": "x" * 3000})
        (result,) = await bus.perform([action])
        assert result.status is Status.REFUSED
        assert "is 3013 bytes long, and the broker takes 2000 at most" in result.detail
        for number in range(300):
            bus.subscribe(f"some/long/topic/of/a/device/{number}", lambda topic, payload: None)
        await bus.publish("a/b", "short")
        assert bus.connected
