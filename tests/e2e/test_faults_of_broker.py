"""Absent, locked and vanishing brokers and mad devices, through the whole daemon and aloud."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import buses
import pytest
from brokers import Mosquitto, eventually, free_port, traffic_on
from exchange import COMMAND, Voice, command, fast_microphone, obeys, rehearsal_settings

from assistant.home.file.reading import HomeFile, load_home
from assistant.home.simulator import Simulator
from assistant.rehearsal import Rehearsal, rehearsal
from assistant.types import Request

pytestmark = [pytest.mark.engine, pytest.mark.broker]

HOME = """
areas: [{id: kitchen, name: Kitchen}, {id: bedroom, name: Bedroom}]
devices:
  - {id: kitchen_lights, name: Kitchen lights, area: kitchen, type: light}
  - {id: bedroom_lights, name: Bedroom lights, area: bedroom, type: light, state: {power: "on"}}
"""


@pytest.fixture
def home(tmp_path: Path) -> HomeFile:
    path = tmp_path / "home.yaml"
    path.write_text(HOME)
    return load_home(path)


@contextlib.asynccontextmanager
async def daemon_on(port: int, **mqtt: object) -> AsyncIterator[Rehearsal]:
    """A daemon configured for a broker."""
    settings = rehearsal_settings(
        mqtt={"host": "127.0.0.1", "port": port, "confirm_timeout_s": 1.0, **mqtt}
    )
    async with rehearsal(settings, make_source=fast_microphone) as stage:
        yield stage


@contextlib.asynccontextmanager
async def devices_on(home: HomeFile, broker: Mosquitto) -> AsyncIterator[Simulator]:
    """The devices of the home on a broker."""
    login = {"username": broker.username, "password": broker.password}
    simulator = Simulator(home, buses.settings(broker.port, **login))
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


def commanded(simulator: Simulator) -> list[str]:
    """The devices that were sent a command, in order."""
    return [topic.split("/")[1] for topic, _ in simulator.received]


async def test_a_broker_that_is_absent_at_the_start_is_told_and_found_later(
    make_mosquitto, home: HomeFile, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto()
    async with daemon_on(broker.port) as stage:
        answer = await command(stage, voice, COMMAND)
        assert answer.turn is not None
        assert answer.turn.failed
        assert "no connection to the MQTT broker" in answer.said
        assert answer.spoken_aloud
        assert f"127.0.0.1:{broker.port} cannot be reached" in caplog.text
        assert stage.household.summary().startswith("Ready, but without devices: the MQTT broker")
        assert not (await stage.household.ask(Request("what time is it"))).failed

        broker.start()
        async with devices_on(home, broker):
            await eventually(lambda: len(stage.household.home.devices) == 2, 20)
            assert (await command(stage, voice, COMMAND)).confirmed
            assert await obeys(stage, voice)
    assert "Traceback" not in caplog.text


async def test_a_refused_password_is_told_with_what_to_set(
    make_mosquitto, home: HomeFile, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto(password="right")
    broker.start()
    async with daemon_on(broker.port, username="home", password="wrong") as stage:
        answer = await command(stage, voice, COMMAND)
        assert "no connection to the MQTT broker" in answer.said
        assert answer.spoken_aloud
        assert "refuses the user name or password; set mqtt.username" in caplog.text
        assert "wrong" not in caplog.text
        assert not (await stage.household.ask(Request("set a timer for an hour"))).failed
    async with (
        devices_on(home, broker),
        daemon_on(broker.port, username="home", password="right") as stage,
    ):
        assert await obeys(stage, voice)


async def test_a_broker_that_goes_away_and_comes_back_is_told_and_no_command_comes_late(
    mosquitto: Mosquitto, home: HomeFile, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    async with devices_on(home, mosquitto) as simulator, daemon_on(mosquitto.port) as stage:
        assert await obeys(stage, voice)
        mosquitto.stop()
        await eventually(lambda: not stage.household.bus.connected)
        answer = await command(stage, voice, COMMAND)
        assert answer.turn is not None
        assert answer.turn.failed
        assert [r.status for r in answer.turn.results] == ["unavailable"]
        assert "no connection to the MQTT broker" in answer.said
        assert answer.spoken_aloud
        assert answer.turn.timings_ms["turn"] < 500
        assert "broke" in caplog.text

        mosquitto.start()
        async with traffic_on(mosquitto.port) as traffic:
            await eventually(
                lambda: (
                    stage.household.bus.connected and len(traffic.on("homeassistant/light/")) == 2
                ),
                20,
            )
            simulator.received.clear()
            assert await obeys(stage, voice)
            assert set(commanded(simulator)) == {"bedroom_lights"}
            assert traffic.on("simulated/kitchen_lights/set") == []
        assert (await command(stage, voice, COMMAND)).confirmed
    assert "Traceback" not in caplog.text


async def test_a_broker_that_vanishes_while_a_lamp_is_waited_for_ends_the_wait(
    mosquitto: Mosquitto, home: HomeFile
) -> None:
    async with devices_on(home, mosquitto) as simulator:
        simulator.silent.add("kitchen_lights")
        async with daemon_on(mosquitto.port, confirm_timeout_s=30.0) as stage:
            asking = asyncio.create_task(stage.household.ask(Request(COMMAND)))
            await eventually(lambda: commanded(simulator) == ["kitchen_lights"])
            started = time.monotonic()
            mosquitto.stop()
            turn = await asyncio.wait_for(asking, 10)
            assert time.monotonic() - started < 5
            assert turn.failed
            assert [r.status for r in turn.results] == ["no_answer"]
            assert "did not answer" in turn.reply


async def test_devices_that_answer_rubbish_or_announce_it_harm_no_other(
    mosquitto: Mosquitto, home: HomeFile, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    async with devices_on(home, mosquitto) as simulator, daemon_on(mosquitto.port) as stage:
        simulator.rubbish.add("kitchen_lights")
        answer = await command(stage, voice, COMMAND)
        assert answer.turn is not None
        assert answer.turn.failed
        assert [r.status for r in answer.turn.results] == ["no_answer"]
        assert answer.said == "The kitchen lights did not answer."
        assert answer.spoken_aloud
        assert "message of kitchen_lights ignored" in caplog.text
        assert await obeys(stage, voice)

        announcements = [
            b"{", b"\xff\xfe\x00", b"[]", b"null", b'"light"', b'{"name": {"a": 1}}',
            json.dumps({"unique_id": "evil", "command_topic": "a/#", "name": "Evil"}).encode(),
            json.dumps({"~": 7, "unique_id": ["x"], "schema": "json", "name": "\x1b[2J"}).encode(),
            b'{"state_topic": ' + b"[" * 50_000,
        ]  # fmt: skip
        async with traffic_on(mosquitto.port) as traffic:
            for number, payload in enumerate(announcements):
                topic = f"homeassistant/light/bad_{number}/config"
                await traffic.client.publish(topic, payload, qos=1)
            await eventually(lambda: len(traffic.on("homeassistant/light/bad_")) == 9)
            await eventually(lambda: "bad_8" in caplog.text)
        assert "bad_0/config ignored" in caplog.text
        assert set(stage.household.home.devices) == {"kitchen_lights", "bedroom_lights"}
        assert await obeys(stage, voice)
    assert "Traceback" not in caplog.text


async def test_a_port_that_speaks_no_mqtt_is_an_absent_broker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    port = free_port()
    server = await asyncio.start_server(babble, "127.0.0.1", port)
    with caplog.at_level(logging.INFO):
        async with server, daemon_on(port) as stage:
            turn = await stage.household.ask(Request(COMMAND))
            assert "no connection to the MQTT broker" in turn.reply
            assert not (await stage.household.ask(Request("what time is it"))).failed
            await eventually(lambda: f"127.0.0.1:{port} cannot be reached" in caplog.text, 10)
    assert "Traceback" not in caplog.text
