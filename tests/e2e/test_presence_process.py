"""The assistant's device across restarts and sudden ends, with the daemon as a process."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
from brokers import Mosquitto, eventually, traffic_on
from processes import Process

from assistant.config import MqttSettings, Settings
from assistant.errors import ControlError
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.household import Household

pytestmark = [pytest.mark.engine, pytest.mark.broker]


@pytest.fixture
async def process(mosquitto: Mosquitto, tmp_path: Path) -> AsyncIterator[Process]:
    running = Process(tmp_path, f'host = "127.0.0.1"\nport = {mosquitto.port}')
    yield running
    if running.process is not None and running.process.returncode is None:
        await running.end(signal.SIGKILL)
    running.notify.close()


@pytest.fixture
async def seen(mosquitto: Mosquitto) -> AsyncIterator[Home]:
    """What Home Assistant sees on the broker."""
    home = Home()
    settings = MqttSettings(host="127.0.0.1", port=mosquitto.port, base_topic="homeassistant/own")
    bus = MqttBus(settings, home)
    await bus.start(required=True)
    yield home
    await bus.stop()


def reachable(home: Home) -> bool:
    return bool(home.devices) and all(home.available(device) for device in home.devices)


async def test_a_sudden_end_is_seen_and_so_is_the_return(process: Process, seen: Home) -> None:
    await process.start()
    await eventually(lambda: reachable(seen), 20)
    devices = set(seen.devices)
    await process.end(signal.SIGKILL)
    await eventually(lambda: not any(seen.available(device) for device in devices), 20)
    await process.start()
    await eventually(lambda: reachable(seen), 20)
    assert set(seen.devices) == devices


async def test_a_proper_end_is_seen(process: Process, seen: Home) -> None:
    await process.start()
    await eventually(lambda: reachable(seen), 20)
    assert await process.end() == 0
    await eventually(lambda: not any(seen.available(device) for device in seen.devices), 20)


async def test_a_last_will_that_comes_late_does_not_hide_the_assistant(
    process: Process, seen: Home, mosquitto: Mosquitto
) -> None:
    await process.start()
    await eventually(lambda: reachable(seen), 20)
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as ghost:
        await ghost.publish("assistant/status", "offline", qos=1, retain=True)
    await eventually(lambda: not reachable(seen))
    await eventually(lambda: reachable(seen))


async def test_mute_and_volume_outlive_even_a_sudden_end(
    process: Process, mosquitto: Mosquitto
) -> None:
    await process.start()
    assert await process.do(op="mute", muted=True) == {"muted": True}
    assert await process.do(op="volume", volume=35) == {"volume": 35}
    await process.end(signal.SIGKILL)
    await process.start()
    status = await process.do(op="status")
    assert (status["muted"], status["volume"]) == (True, 35)
    async with traffic_on(mosquitto.port) as traffic:
        kept = {"assistant/mute": "ON", "assistant/volume": "35", "assistant/state": "muted"}
        await eventually(lambda: kept.items() <= dict(traffic.heard).items())
    await process.end()
    text = process.settings.read_text()
    process.settings.write_text(text.replace("[audio]", "[audio]\nvolume = 80"))
    await process.start()
    assert (await process.do(op="status"))["volume"] == 80


async def test_a_button_pressed_wrongly_says_so(process: Process) -> None:
    await process.start()
    for request, sentence in [
        ({"op": "mute"}, "true nor false"),
        ({"op": "volume", "volume": 101}, "0 to 100"),
        ({"op": "volume", "volume": True}, "0 to 100"),
        ({"op": "say", "text": "  "}, "1 to 2000"),
    ]:
        with pytest.raises(ControlError, match=sentence):
            await process.do(**request)


async def test_a_muted_assistant_says_why_it_does_not_listen(process: Process) -> None:
    await process.start()
    await process.do(op="mute", muted=True)
    with pytest.raises(ControlError, match="assistant unmute"):
        await process.do(op="listen")


async def test_a_command_beside_the_assistant_says_nothing_of_it(
    process: Process, seen: Home, mosquitto: Mosquitto
) -> None:
    await process.start()
    await eventually(lambda: reachable(seen), 20)
    settings = Settings.model_validate(
        {"mqtt": {"host": "127.0.0.1", "port": mosquitto.port}, "llm": {"enabled": False}}
    )
    async with traffic_on(mosquitto.port) as traffic:
        beside = Household(settings, scratch=True)
        await beside.start()
        assert beside.bus.connected
        await beside.stop()
        await traffic.client.publish("over", "", qos=1)
        await eventually(lambda: traffic.on("over"))
        said = [payload for _, payload in traffic.on("assistant/status")]
        assert set(said) == {"online"}
    assert reachable(seen)
