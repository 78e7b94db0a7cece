"""Devices taken back while the assistant was away: they are gone when it returns."""

from __future__ import annotations

import json

import pytest
from brokers import Mosquitto, eventually, traffic_on
from buses import connected

from assistant.home.model import Home
from assistant.home.mqtt import bus as mqtt_bus
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry

CONFIG = json.dumps({"cmd_t": "x/set", "stat_t": "x"}).encode()


def topic_of(name: str) -> str:
    return f"homeassistant/switch/{name}/config"


async def announced_as_kept(registry: Registry, names: str) -> None:
    registry.connected()
    for name in names:
        await registry.take(topic_of(name), CONFIG, kept=True)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("abcd", "abc", "abc"),
        ("abcd", "abcd", "abcd"),
        ("abcd", "a", "abcd"),
        ("abcd", "", "abcd"),
        ("ab", "a", "ab"),
    ],
    ids=["one was taken back", "none was", "most are missing", "all are missing", "half is"],
)
async def test_what_is_not_kept_any_more_is_gone_unless_the_broker_lost_its_memory(
    first: str, second: str, left: str
) -> None:
    home = Home((), (), ())
    registry = Registry(home, (HomeAssistantDialect("homeassistant"),))
    await announced_as_kept(registry, first)
    await announced_as_kept(registry, second)
    registry.sweep()
    assert sorted(home.devices) == list(left)


async def test_what_the_broker_never_kept_and_what_comes_live_stays() -> None:
    home = Home((), (), ())
    registry = Registry(home, (HomeAssistantDialect("homeassistant"),))
    await announced_as_kept(registry, "abcd")
    await registry.take(topic_of("live"), CONFIG, kept=False)
    await announced_as_kept(registry, "abc")
    await registry.take(topic_of("d"), CONFIG, kept=False)
    registry.sweep()
    assert sorted(home.devices) == ["a", "b", "c", "d", "live"]


async def test_what_was_taken_back_is_found_again_when_it_announces_itself() -> None:
    home = Home((), (), ())
    registry = Registry(home, (HomeAssistantDialect("homeassistant"),))
    await announced_as_kept(registry, "abcd")
    await announced_as_kept(registry, "abc")
    registry.sweep()
    await registry.take(topic_of("d"), CONFIG, kept=True)
    assert "d" in home.devices


@pytest.mark.broker
async def test_a_device_taken_back_while_we_were_away_is_gone_on_our_return(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_bus, "_SWEEP_S", 0.5)
    async with traffic_on(mosquitto.port) as traffic:
        for name in "abcd":
            await traffic.client.publish(topic_of(name), CONFIG, qos=1, retain=True)
    async with connected(mosquitto.port) as (bus, home):
        await eventually(lambda: len(home.devices) == 4)
        mosquitto.kill()
        await eventually(lambda: not bus.connected)
        mosquitto.start()
        async with traffic_on(mosquitto.port) as traffic:
            for name in "abc":
                await traffic.client.publish(topic_of(name), CONFIG, qos=1, retain=True)
            await eventually(lambda: sorted(home.devices) == ["a", "b", "c"])
