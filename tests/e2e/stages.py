"""The running assistant on a broker, and a second home there that looks at it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import buses
from brokers import Mosquitto, Traffic, eventually, traffic_on
from exchange import fast_microphone, rehearsal_settings

from assistant.config import MqttSettings
from assistant.home.devices import Device
from assistant.home.file.reading import load_home
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator
from assistant.rehearsal import Rehearsal, rehearsal
from assistant.types import Action, ActionResult

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
async def on_stage(broker: Mosquitto, folder: Path, **mqtt: Any) -> AsyncIterator[Stage]:
    path = folder / "home.yaml"
    path.write_text(HOME)
    simulator = Simulator(load_home(path), buses.settings(broker.port))
    await simulator.start()
    settings = rehearsal_settings(
        mqtt={"host": "127.0.0.1", "port": broker.port, "confirm_timeout_s": 1.0, **mqtt}
    )
    home = Home()
    seeing = MqttSettings(host="127.0.0.1", port=broker.port, base_topic="homeassistant/itself")
    bus = MqttBus(seeing, home)
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
