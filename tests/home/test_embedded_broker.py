"""The embedded broker, with the Paho client as its judge."""

from __future__ import annotations

import asyncio
import os
import random
import socket

import aiomqtt
import pytest
from brokers import eventually, traffic_on

from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.topics import matches, valid_filter


async def test_retained_messages_wait_for_subscribers_and_can_be_cleared(
    embedded_broker: EmbeddedBroker,
) -> None:
    async with traffic_on(embedded_broker.port) as traffic:
        await traffic.client.publish("a/b", "kept", qos=1, retain=True)
        await traffic.client.publish("a/c", "gone", qos=1, retain=True)
        await traffic.client.publish("a/c", "", qos=1, retain=True)
        await eventually(lambda: len(traffic.heard) == 3)
    async with traffic_on(embedded_broker.port) as traffic:
        await traffic.client.publish("end", "", qos=1)
        await eventually(lambda: ("end", "") in traffic.heard)
        assert traffic.heard == [("a/b", "kept"), ("end", "")]


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_every_quality_of_service_arrives_once_and_in_order(
    embedded_broker: EmbeddedBroker, qos: int
) -> None:
    async with traffic_on(embedded_broker.port) as traffic:
        for number in range(50):
            await traffic.client.publish("n", str(number), qos=qos)
        await eventually(lambda: len(traffic.heard) >= 50)
        assert [payload for _, payload in traffic.heard] == [str(n) for n in range(50)]


async def test_a_client_that_vanishes_leaves_its_will(embedded_broker: EmbeddedBroker) -> None:
    async with traffic_on(embedded_broker.port) as traffic:
        doomed = aiomqtt.Client(
            "127.0.0.1", embedded_broker.port, will=aiomqtt.Will("will", "dead", 1, True)
        )
        async with doomed:
            connection = doomed._client.socket()
            assert isinstance(connection, socket.socket)
            connection.shutdown(socket.SHUT_RDWR)
            await eventually(lambda: ("will", "dead") in traffic.heard)
            with pytest.raises(aiomqtt.MqttError):
                async for _ in doomed.messages:
                    pass
        async with aiomqtt.Client(
            "127.0.0.1", embedded_broker.port, will=aiomqtt.Will("will", "polite", 1)
        ):
            pass
        await traffic.client.publish("end", "", qos=1)
        await eventually(lambda: ("end", "") in traffic.heard)
        assert ("will", "polite") not in traffic.heard


async def test_the_same_client_id_again_ends_the_older_connection(
    embedded_broker: EmbeddedBroker,
) -> None:
    async def wait_for_the_end() -> None:
        async with aiomqtt.Client("127.0.0.1", embedded_broker.port, identifier="me") as client:
            started.set()
            async for _ in client.messages:
                pass

    started = asyncio.Event()
    older = asyncio.create_task(wait_for_the_end())
    await asyncio.wait_for(started.wait(), 5)
    async with aiomqtt.Client("127.0.0.1", embedded_broker.port, identifier="me") as newer:
        with pytest.raises(aiomqtt.MqttError):
            await asyncio.wait_for(older, 5)
        await newer.publish("still", "here", qos=1)


async def test_a_taken_port_is_given_up_for_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        broker = EmbeddedBroker(port)
        try:
            assert await broker.start() not in (0, port)
            async with traffic_on(broker.port) as traffic:
                await traffic.client.publish("a", "b", qos=1)
                await eventually(lambda: traffic.heard == [("a", "b")])
        finally:
            await broker.stop()


async def test_it_listens_on_loopback_only(embedded_broker: EmbeddedBroker) -> None:
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.2", embedded_broker.port)


async def test_it_can_be_stopped_twice_and_lets_its_port_go() -> None:
    broker = EmbeddedBroker(0)
    port = await broker.start()
    await broker.stop()
    await broker.stop()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


async def test_garbage_on_its_port_hurts_nobody(embedded_broker: EmbeddedBroker) -> None:
    dice = random.Random(7)
    connect = bytes.fromhex("100d00044d5154540402003c000161")
    starts = [
        b"", b"GET / HTTP/1.1\r\n\r\n", connect, connect[:5], b"\x10\xff\xff\xff\xff",
        connect + b"\x82\x03\x00\x01\x05", connect + b"\x36\x02\x00\x00", connect + connect,
        connect + b"\x30\x05\x00\x03a/#", b"\x10\x0d\x00\x04MQTT\x09\x02\x00\x3c\x00\x01a",
        connect + b"\x30\xff\xff\xff\x7f",
    ]  # fmt: skip
    async with traffic_on(embedded_broker.port) as traffic:
        for round_number in range(200):
            reader, writer = await asyncio.open_connection("127.0.0.1", embedded_broker.port)
            writer.write(dice.choice(starts) + os.urandom(dice.randint(0, 400)))
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 5)
            writer.close()
            if round_number % 50 == 49:
                await traffic.client.publish("fine", str(round_number), qos=1)
        await eventually(lambda: ("fine", "199") in traffic.heard)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True), ("a/+", "a/b", True), ("a/+", "a/b/c", False), ("a/#", "a", True),
        ("a/#", "a/b/c", True), ("#", "a", True), ("#", "$SYS/x", False), ("+/b", "/b", True),
        ("+", "a/b", False), ("$SYS/#", "$SYS/x", True), ("a/b", "a", False),
    ],
)  # fmt: skip
def test_topic_filters(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@pytest.mark.parametrize("wrong", ["", "a#", "a/#/b", "a+", "a/b+/c", "a\0"])
def test_wrong_topic_filters(wrong: str) -> None:
    assert not valid_filter(wrong)
