"""A home with a Shelly in it, at the level of the registry."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from shelly_double import ShellyDouble, device_config, device_status

from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.model import Home
from assistant.home.mqtt.dialect import Binding, Message
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.types import Action

PREFIX = "a8032ab12345"


class World:
    """A home with one Shelly and no broker between them: all that is asked is answered at once."""

    def __init__(self, double: ShellyDouble) -> None:
        self.double = double
        self.home = Home()
        self.dialect = ShellyDialect("assistant")
        self.registry = Registry(self.home, [HomeAssistantDialect(), self.dialect], listener=self)
        self.questions: list[Message] = []
        """What the bus would have sent by now."""
        self.waiting: list[Message] = []

    def bound(self, rank: int, binding: Binding) -> None:
        self.asked(rank, binding.questions)

    def unbound(self, binding: Binding) -> None:
        pass

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        pass

    def refused(self, binding: Binding, reason: str) -> None:
        pass

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        self.waiting += [one for one in messages if one not in self.waiting]

    @property
    def methods(self) -> list[str]:
        """What the device was asked, in order."""
        return [json.loads(one.payload)["method"] for one in self.questions]

    async def say(self, topic: str, payload: str) -> None:
        """Let a message come in, and the device answer what is asked because of it."""
        await self.registry.take(topic, payload.encode(), kept=False)
        while self.waiting:
            message = self.waiting.pop(0)
            self.questions.append(message)
            if message.topic == f"{self.double.prefix}/rpc":
                for answer in self.double.receive(message.payload):
                    await self.say(*answer)

    async def come(self) -> World:
        await self.say(f"{self.double.prefix}/online", "true")
        return self

    def do(self, identifier: str, service: str, data: Any) -> Sequence[tuple[str, Any]]:
        """The calls that a command makes, by way of planning it."""
        state = self.home.state(identifier)
        planned = plan(self.home.devices[identifier], Action(service, identifier, data), state)
        assert isinstance(planned, Plan), planned
        binding = self.registry.binding(identifier)
        assert binding is not None
        frames = [json.loads(one.payload) for one in binding.commands(planned.action, state)]
        assert all(one["src"].startswith(f"assistant/shelly/{self.double.id}/") for one in frames)
        return [(one["method"], one["params"]) for one in frames]


async def shelly(config: Any, status: Any) -> World:
    return await World(ShellyDouble(device_config(**config), device_status(**status))).come()


METERED = {"apower": 3.5, "voltage": 230.1, "current": 0.02, "aenergy": {"total": 1234.5}}
LIGHT = {"output": True, "brightness": 40}
CALIBRATED = {"state": "open", "current_pos": 70, "target_pos": None, "pos_control": True}
WARM = {"enable": True, "target_C": 21.5, "current_C": 20.9, "output": True}
