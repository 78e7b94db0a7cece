"""The running assistant as Home Assistant sees it, by a broker: its document, and all it offers.

The document is the device-based form of
https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload; here it is read by our
own reading of that form, in a second home that is on the same broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from brokers import Mosquitto, Traffic, eventually, traffic_on
from exchange import COMMAND, Voice, command, fast_microphone, rehearsal_settings

from assistant.config import MqttSettings
from assistant.home.file import load_home
from assistant.home.model import Device, Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator
from assistant.rehearsal import Rehearsal, rehearsal
from assistant.types import Action, ActionResult

pytestmark = [pytest.mark.engine, pytest.mark.broker]

HOME = """
areas: [{id: hall, name: Hallway}, {id: kitchen, name: Kitchen}]
devices:
  - {id: kitchen_lights, name: Kitchen lights, area: kitchen, type: light}
  - {id: front_door, name: Front door, area: hall, type: lock}
"""


@dataclass
class Stage:
    """An assistant on a broker, what others say there, and a second home that looks at it."""

    assistant: Rehearsal
    traffic: Traffic
    simulator: Simulator
    home: Home
    bus: MqttBus
    documents: dict[str, Any] = field(default_factory=dict)

    def device(self, name: str) -> Device:
        """What Home Assistant would call by this name."""
        return next(d for d in self.home.devices.values() if d.name == f"Assistant {name}")

    def shows(self, name: str) -> object:
        state = self.home.state(self.device(name).id)
        return state.get("value", state.get("power"))

    async def do(self, service: str, name: str, **data: Any) -> ActionResult:
        (result,) = await self.bus.perform([Action(service, self.device(name).id, data)])
        return result

    async def send(self, topic: str, payload: str | bytes, retain: bool = False) -> None:
        await self.traffic.client.publish(f"assistant/{topic}", payload, qos=1, retain=retain)

    def told(self, topic: str) -> list[Any]:
        """All that the assistant said on one of its topics."""
        return [json.loads(p) for t, p in self.traffic.heard if t == f"assistant/{topic}"]

    async def reply_to(self, topic: str, payload: str) -> Any:
        """The reply that a message leads to."""
        before = len(self.told("reply"))
        await self.send(topic, payload)
        await eventually(lambda: len(self.told("reply")) > before)
        return self.told("reply")[-1]


@contextlib.asynccontextmanager
async def on_stage(broker: Mosquitto, folder: Any, **mqtt: Any) -> AsyncIterator[Stage]:
    path = folder / "home.yaml"
    path.write_text(HOME)
    simulator = Simulator(load_home(path), "127.0.0.1", broker.port)
    await simulator.start()
    settings = rehearsal_settings(
        mqtt={"host": "127.0.0.1", "port": broker.port, "confirm_timeout_s": 1.0, **mqtt}
    )
    home = Home()
    bus = MqttBus(MqttSettings(host="127.0.0.1", port=broker.port), home)
    async with (
        traffic_on(broker.port) as traffic,
        rehearsal(settings, make_source=fast_microphone) as assistant,
    ):
        await bus.start(required=True)
        try:
            await eventually(
                lambda: any(d.name == "Assistant Volume" for d in home.devices.values())
            )
            yield Stage(assistant, traffic, simulator, home, bus)
        finally:
            await bus.stop()
            await simulator.stop()


@pytest.fixture
async def stage(mosquitto: Mosquitto, tmp_path: Any) -> AsyncIterator[Stage]:
    async with on_stage(mosquitto, tmp_path) as made:
        yield made


async def test_home_assistant_finds_one_device_and_commands_it(stage: Stage) -> None:
    await eventually(lambda: stage.shows("Mute microphone") == "off")
    assert stage.shows("Volume") == 100

    muted = await stage.do("switch.turn_on", "Mute microphone")
    assert muted.status == "confirmed"
    assert stage.assistant.daemon.muted

    softer = await stage.do("number.set_value", "Volume", value=30)
    assert softer.status == "confirmed"
    assert stage.assistant.daemon.mouth.speaker is not None
    assert stage.assistant.daemon.mouth.speaker.volume == 30

    await eventually(lambda: stage.shows("State") == "muted")
    await stage.do("switch.turn_off", "Mute microphone")
    await eventually(lambda: stage.shows("State") == "idle")


async def test_a_text_typed_in_home_assistant_is_a_request(stage: Stage) -> None:
    asked = await stage.do("text.set_value", "Ask", value='turn on the "kitchen" lights')
    assert asked.status == "sent"
    await eventually(lambda: stage.told("reply"))
    await eventually(lambda: stage.shows("Last request") == 'turn on the "kitchen" lights')
    assert stage.told("reply")[0]["conversation"] == "mqtt:homeassistant"
    assert stage.told("reply")[0]["actions"][0]["outcome"] == "confirmed"
    assert stage.shows("Last reply") == stage.told("reply")[0]["reply"]
    assert [e["event_type"] for e in stage.told("event")] == ["done"]


async def test_the_assistant_is_no_device_of_its_own_home(stage: Stage) -> None:
    names = {d.name for d in stage.assistant.household.home.devices.values()}
    assert names == {"Kitchen lights", "Front door"}


async def test_only_the_conversation_that_was_asked_can_say_yes(stage: Stage) -> None:
    asked = await stage.reply_to("ask", '{"text": "unlock the front door", "conversation": "one"}')
    assert asked["question"]
    assert asked["actions"][0]["outcome"] == "awaiting_confirmation"
    await eventually(lambda: stage.shows("State") == "asking")
    for other in ('{"text": "yes", "conversation": "two"}', "yes", '{"text": "yes"}'):
        assert (await stage.reply_to("ask", other))["actions"] == []
    answer = await stage.reply_to("ask", '{"text": "yes", "conversation": "one"}')
    assert [a["outcome"] for a in answer["actions"]] == ["confirmed"]
    await eventually(lambda: stage.shows("State") == "idle")


async def test_what_is_to_be_said_is_spoken_and_never_understood(stage: Stage) -> None:
    await stage.send("say", "unlock the front door")
    await eventually(lambda: stage.told("speech") == [{"text": "unlock the front door"}])
    await eventually(lambda: len(stage.assistant.sink.written) > 3, 20)
    await eventually(lambda: stage.shows("State") == "idle", 20)
    assert stage.told("reply") == []
    assert stage.simulator.received == []


async def test_a_muted_microphone_is_closed_and_opens_again(stage: Stage, voice: Voice) -> None:
    daemon = stage.assistant.daemon
    await eventually(lambda: daemon.hears, 20)
    closed = stage.assistant.source
    assert closed is not None
    await stage.do("switch.turn_on", "Mute microphone")
    await eventually(lambda: not daemon.hears)
    closed.feed(voice("okay nabu"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(closed.drained(), 0.5)
    await stage.send("listen", "")  # a muted microphone stays closed

    await stage.do("switch.turn_off", "Mute microphone")
    await eventually(lambda: daemon.hears, 20)
    assert stage.assistant.source is not closed
    answer = await command(stage.assistant, voice, COMMAND)
    assert answer.confirmed
    await eventually(lambda: stage.told("reply"))
    assert [reply["conversation"] for reply in stage.told("reply")] == ["voice"]

    def states() -> list[str]:
        return [p for t, p in stage.traffic.heard if t == "assistant/state"]

    await eventually(lambda: states()[-1] == "idle")
    assert states()[-6:] == ["muted", "idle", "listening", "thinking", "speaking", "idle"]
