"""How the bus behaves towards brokers, devices and other controllers, on a real Mosquitto."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from brokers import Mosquitto, eventually, traffic_on
from buses import announce, announce_as, connected, settings
from wires import Wire

from assistant.config import MqttSettings
from assistant.home.devices import Device, Features
from assistant.home.model import Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.dialect import Binding, Message
from assistant.home.mqtt.pace import Pace, TokenBucket
from assistant.home.mqtt.questions import Questions
from assistant.types import Action, Status

pytestmark = pytest.mark.broker


async def test_it_says_that_it_is_there_and_its_last_will_that_it_is_not(
    mosquitto: Mosquitto,
) -> None:
    async with traffic_on(mosquitto.port) as traffic:
        async with connected(mosquitto.port, base_topic="hal"):
            await eventually(lambda: ("hal/status", "online") in traffic.heard)
        await eventually(lambda: traffic.on("hal/status")[-1:] == [("hal/status", "offline")])
        async with connected(mosquitto.port, base_topic="hal") as (bus, _):
            await eventually(lambda: traffic.on("hal/status")[-1][1] == "online")
            connection = bus._connection._client
            assert connection is not None
            connection.abandon()
            await eventually(lambda: len(traffic.on("hal/status")) >= 5, 10)
    said = [payload for _, payload in traffic.on("hal/status")]
    assert said == ["online", "offline", "online", "offline", "online"]


@pytest.mark.parametrize("somebody", [False, True])
async def test_devices_are_made_to_announce_themselves_unless_somebody_else_does_it(
    somebody: bool, mosquitto: Mosquitto
) -> None:
    status = ("homeassistant/status", "online")
    async with traffic_on(mosquitto.port) as traffic:
        if somebody:
            await traffic.client.publish(*status, qos=1, retain=True)
            await eventually(lambda: traffic.heard)
        async with connected(mosquitto.port) as (bus, _):
            await bus.publish("test/end", "")
            await eventually(lambda: traffic.on("test/end"))
    assert traffic.heard.count(status) == 1


@pytest.mark.parametrize("line", ["stopped", "torn"])
async def test_nobody_is_told_that_home_assistant_is_gone_when_the_assistant_goes(
    mosquitto: Mosquitto, line: str
) -> None:
    async with traffic_on(mosquitto.port) as traffic:
        async with Wire(mosquitto.port).running() as wire, connected(wire.port):
            await eventually(lambda: ("homeassistant/status", "online") in traffic.heard)
            if line == "torn":
                wire.tear()
                await eventually(lambda: ("assistant/status", "offline") in traffic.heard)
        await eventually(lambda: ("assistant/status", "offline") in traffic.heard)
        await traffic.client.publish("test/end", "", qos=1)
        await eventually(lambda: traffic.on("test/end"))
    assert traffic.on("homeassistant/status") == [("homeassistant/status", "online")]
    async with traffic_on(mosquitto.port) as later:
        await later.client.publish("test/end", "", qos=1)
        await eventually(lambda: later.on("test/end"))
    assert later.on("homeassistant/status") == [], "nothing is kept there either"


class Asking:
    """A dialect of devices that keep quiet until they are asked."""

    announcements: Sequence[str] = ("found/+",)

    def source(self, topic: str) -> str:
        return topic

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        name = topic.rpartition("/")[2]
        return [
            Binding(
                Device(name, name, "switch", features=Features()),
                {f"{name}/state": (lambda text: {"power": text.lower()},)},
                frozenset({"power"}),
                lambda action, state: [Message(f"{name}/set", action.service)],
                questions=(Message(f"{name}/get", "state"), Message("all/get", "")),
                expires={"power": (0.3, None)} if name == "brief" else {},
            )
        ]

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        return (Message(f"{topic}/details", "?"),)


async def test_devices_are_asked_once_and_only_if_they_keep_quiet(mosquitto: Mosquitto) -> None:
    home = Home()
    bus = MqttBus(settings(mosquitto.port), home, [Asking()])
    async with traffic_on(mosquitto.port) as traffic:
        await traffic.client.publish("found/talker", "", qos=1, retain=True)
        await traffic.client.publish("found/talker", "x", qos=1, retain=True)
        await traffic.client.publish("talker/state", "ON", qos=1, retain=True)
        await traffic.client.publish("found/quiet", "x", qos=1, retain=True)
        traffic.answers["quiet/get", "state"] = [("quiet/state", "OFF")]
        await bus.start()
        try:
            await eventually(lambda: home.state("quiet") == {"power": "off"})
            await traffic.client.publish("found/quiet", "x", qos=1)
            await eventually(lambda: traffic.heard.count(("found/quiet/details", "?")) == 2)
            await asyncio.sleep(0.5)
            asked = [topic for topic, _ in traffic.heard if topic.endswith("/get")]
            assert sorted(asked) == ["all/get", "quiet/get"]
            traffic.heard.clear()
            mosquitto.kill()
            await eventually(lambda: not bus.connected)
        finally:
            mosquitto.start()
            async with traffic_on(mosquitto.port) as later:
                later.answers["talker/get", "state"] = [("talker/state", "OFF")]
                await eventually(lambda: home.state("talker") == {"power": "off"}, 5)
            await bus.stop()


async def test_behind_a_bridge_what_can_be_commanded_is_asked_before_sensors_and_at_its_pace() -> (
    None
):
    clock = asyncio.get_running_loop().time
    sent: list[tuple[str, float]] = []

    async def send(message: Message) -> None:
        sent.append((message.topic, clock()))

    def quiet(name: str, kind: str, hardware: str) -> Binding:
        return Binding(
            Device(name, name, kind), {}, frozenset(), lambda action, state: (),
            hardware=frozenset({hardware}), questions=(Message(f"home/{name}/get", ""),),
        )  # fmt: skip

    asking = Questions(send, Pace(clock))
    asking.start()
    try:
        for number in range(10):
            asking.about(quiet(f"s{number}", "sensor", f"0x00124b00000000{number:02}"))
        for number in range(10):
            asking.about(quiet(f"l{number}", "light", f"0x00124b00000001{number:02}"))
            asking.about(quiet(f"w{number}", "switch", f"aabbccddee{number:02}"))
        await eventually(lambda: len(sent) == 30)
    finally:
        await asking.stop()
    bridged = [topic for topic, _ in sent if "/w" not in topic]
    assert bridged == [f"home/{kind}{n}/get" for kind in "ls" for n in range(10)]
    at = dict(sent)
    assert at["home/s9/get"] - at["home/l0/get"] > 0.5, "12 more than the burst, 20 a second"
    assert at["home/w9/get"] < at["home/s0/get"], "who is behind no bridge need not wait"


async def test_a_reading_that_is_not_repeated_is_forgotten(mosquitto: Mosquitto) -> None:
    home = Home()
    bus = MqttBus(settings(mosquitto.port), home, [Asking()])
    async with traffic_on(mosquitto.port) as traffic:
        await bus.start()
        try:
            await traffic.client.publish("found/brief", "x", qos=1)
            await eventually(lambda: home.devices)
            await traffic.client.publish("brief/state", "ON", qos=1)
            await eventually(lambda: home.state("brief") == {"power": "on"})
            await eventually(lambda: home.state("brief") == {})
        finally:
            await bus.stop()


async def test_a_flood_of_commands_to_one_device_is_refused(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic, stat_t=None)
        await announce_as(traffic, "switch", "other", {"uniq_id": "other", "cmd_t": "o/set"})
        await eventually(lambda: len(home.devices) == 2)
        flood = asyncio.create_task(bus.perform([Action("light.toggle", "lamp")] * 16))
        await eventually(lambda: len(traffic.on("l/set")) == 10)
        (other,) = await bus.perform([Action("switch.turn_on", "other")])
        assert other.status is Status.SENT
        assert not flood.done()
        results = await flood
        statuses = [result.status for result in results]
        assert statuses == [Status.SENT] * 12 + [Status.REFUSED] * 4
        assert results[-1].detail == "too many commands for Lamp in a short time; try again in 2 s"
        assert len(traffic.on("l/set")) == 12


async def test_who_repeats_a_command_over_and_over_waits_but_is_not_refused() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    began = asyncio.get_running_loop().time()
    for _ in range(12):
        before = asyncio.get_running_loop().time()
        assert await pace.device("lamp") == 0
        now[0] += asyncio.get_running_loop().time() - before
    assert asyncio.get_running_loop().time() - began >= 0.95


async def test_a_command_that_waited_is_not_sent_after_a_lost_connection(
    mosquitto: Mosquitto,
) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await announce(traffic, stat_t=None)
        await eventually(lambda: bool(home.devices))
        flood = asyncio.create_task(bus.perform([Action("light.toggle", "lamp")] * 12))
        await eventually(lambda: len(traffic.on("l/set")) == 10)
        mosquitto.kill()
        statuses = [result.status for result in await flood]
        mosquitto.start()
        assert statuses[10:] == [Status.UNAVAILABLE] * 2


def test_tokens_come_back_at_their_rate() -> None:
    bucket = TokenBucket(burst=5, per_second=1.0)
    for _ in range(5):
        assert bucket.wait_s(100.0) == 0
        bucket.take(100.0)
    assert bucket.wait_s(100.0) == 1.0
    assert bucket.wait_s(101.0) == 0
    bucket.take(101.0)
    assert not bucket.full(105.9)
    assert bucket.full(106.0)


async def test_many_commands_through_one_zigbee_bridge_go_one_after_the_other() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    binding = Binding(
        Device("a", "A", "light"), {}, frozenset(), lambda action, state: (),
        hardware=frozenset({"0x00124b0000000001"}),
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.bridge(binding, "zigbee2mqtt/lamp/set") for _ in range(16)))
    assert 0.35 < loop.time() - began < 2
    began = loop.time()
    await asyncio.gather(*(pace.bridge(binding, "another/lamp/set") for _ in range(8)))
    assert loop.time() - began < 0.3


async def test_slow_kinds_of_device_have_more_time_unless_told_otherwise(
    mosquitto: Mosquitto,
) -> None:
    limits = MqttSettings().confirm_timeouts
    assert limits.lock > MqttSettings().confirm_timeout_s
    assert limits.of("light") is None
    for seconds, status in ((2.0, Status.CONFIRMED), (0.1, Status.NO_ANSWER)):
        quick = limits.model_copy(update={"lock": seconds})
        async with (
            connected(mosquitto.port, confirm_timeout_s=0.1, confirm_timeouts=quick) as (bus, home),
            traffic_on(mosquitto.port) as traffic,
        ):
            config = {"uniq_id": "lock", "cmd_t": "k/set", "stat_t": "k"}
            await announce_as(traffic, "lock", "lock", config)
            await traffic.client.publish("k", "UNLOCKED", qos=1)
            await eventually(lambda home=home: home.state("lock"))
            acting = asyncio.create_task(bus.perform([Action("lock.lock", "lock")]))
            await eventually(lambda traffic=traffic: traffic.on("k/set"))
            await asyncio.sleep(0.3)
            await traffic.client.publish("k", "LOCKED", qos=1)
            ((result,),) = (await acting,)
            assert result.status is status


@pytest.mark.parametrize("protocol", ["auto", "3.1.1", "5"])
async def test_a_broker_of_3_1_1_is_spoken_to_in_its_version(protocol: str) -> None:
    broker = EmbeddedBroker(0)
    await broker.start()
    try:
        async with connected(broker.port, protocol=protocol) as (bus, _):
            if protocol == "5":
                assert bus.fault.endswith("knows no MQTT 5; set mqtt.protocol")
            else:
                assert bus.connected
    finally:
        await broker.stop()


async def test_a_lock_is_not_opened_by_its_topic(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        config = {"uniq_id": "lock", "name": "Door", "cmd_t": "k/set", "stat_t": "k"}
        await announce_as(traffic, "lock", "lock", config)
        await eventually(lambda: home.devices)
        (result,) = await bus.perform([Action("mqtt.publish", "k/set", {"payload": "UNLOCK"})])
        assert result.status is Status.REFUSED
        assert result.detail == "this commands Door: name it as the device of a service"
        await announce_as(traffic, "lock", "lock", {**config, "cmd_t": "other/set"})
        await eventually(lambda: bus._registry.binding("lock") is not None)
        await bus.publish("test/end", "")
        await eventually(lambda: traffic.on("test/end"))
        (result,) = await bus.perform([Action("mqtt.publish", "other/set", {"payload": "UNLOCK"})])
        assert result.status is Status.REFUSED


async def test_what_the_broker_forbids_is_said(
    make_mosquitto: Callable[..., Mosquitto], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite homeassistant/#\ntopic readwrite l/#\n")
    rules.chmod(0o644)
    broker = make_mosquitto(lines=[f"acl_file {rules}"])
    broker.start()
    async with connected(broker.port) as (bus, _):
        assert bus.connected
        assert "does not take the message for assistant/status: Not authorized" in caplog.text
        (result,) = await bus.perform([Action("mqtt.publish", "secret", {"payload": "x"})])
        assert result.status is Status.REFUSED
        assert "The broker does not take the message for secret" in result.detail
