"""Which topics a broker takes: one that it does not take ends the whole connection."""

from __future__ import annotations

import json

import pytest
from brokers import Mosquitto, eventually, traffic_on
from buses import connected

from assistant.home.mqtt.topics import valid_filter, valid_topic

TAKEN = (
    "a",
    "a/b",
    "/",
    "a//b",
    " a ",
    "küche/灯",
    "$SYS/broker/uptime",
    "🏠/x",
    "/".join("a" * 201),
)
REFUSED = (
    "", "a\0", "a\x01b", "a\nb", "a\x7f", "a\x85", "a\ud800", "a\ufffe", "a\uffff", "a\ufdd0",
    "a\U0001ffff", "$share/a", "$share/a/b", "a" * 65_536, "/".join("a" * 202),
)  # fmt: skip


@pytest.mark.parametrize("topic", TAKEN, ids=ascii)
def test_an_unusual_topic_is_one(topic: str) -> None:
    assert valid_topic(topic)
    assert valid_filter(topic)
    assert valid_filter("/".join((*topic.split("/")[1:], "#")))


@pytest.mark.parametrize("topic", REFUSED, ids=lambda topic: ascii(topic)[:20])
def test_what_a_broker_may_refuse_is_no_topic(topic: str) -> None:
    assert not valid_topic(topic)
    assert not valid_filter(topic)


@pytest.mark.parametrize("topic", ["a/+", "#", "a+"])
def test_nobody_publishes_to_a_wildcard(topic: str) -> None:
    assert not valid_topic(topic)
    assert valid_filter(topic) is (topic != "a+")


@pytest.mark.broker
async def test_a_device_with_a_topic_that_the_broker_refuses_does_not_cost_the_connection(
    mosquitto: Mosquitto,
) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        sendable = [topic for topic in REFUSED if topic.isascii() or topic.isprintable()]
        for number, topic in enumerate((*TAKEN, *sendable, "a\u0085b", "a\uffffb")):
            config = {"uniq_id": f"d{number}", "cmd_t": "c", "stat_t": topic}
            announcement = f"homeassistant/switch/d{number}/config"
            await traffic.client.publish(announcement, json.dumps(config), qos=1, retain=True)
        await eventually(lambda: len(home.devices) == len(TAKEN))
        await bus.publish("test/end", "")
        await eventually(lambda: traffic.on("test/end"))
        assert bus.connected
