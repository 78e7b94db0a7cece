"""What the tests of Home Assistant's discovery share: announce, command, listen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import Binding, Message
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.types import Action

DIALECT = HomeAssistantDialect()


@dataclass
class Case:
    """An announcement, what commands become, what payloads mean, what it can do."""

    component: str
    config: Mapping[str, Any]
    commands: Sequence[tuple[str, Mapping[str, Any], Sequence[tuple[str, str]]]] = ()
    states: Sequence[tuple[str, str, State]] = ()
    features: Mapping[str, Any] = field(default_factory=dict)
    cannot: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.component}-{'-'.join(list(self.config)[:3])}"


def announced(component: str, config: Mapping[str, Any]) -> Binding:
    """The one device that an announcement gives."""
    topic = f"homeassistant/{component}/thing/config"
    (binding,) = DIALECT.read_announcement(topic, json.dumps(config).encode())
    return binding


def told(
    binding: Binding, verb: str, data: Mapping[str, Any], state: State | None = None
) -> list[tuple[str, str]]:
    """Topics and payloads of a command."""
    action = Action(f"{binding.device.type}.{verb}", binding.device.id, data)
    return [(one.topic, one.payload) for one in binding.commands(action, state or {})]


def seen(binding: Binding, topic: str, payload: str) -> State:
    """What a payload on a topic says."""
    state: dict[str, Any] = {}
    for reader in binding.readers[topic]:
        state |= reader(payload)
    return state


def check(case: Case) -> None:
    """Everything that the case says about its announcement."""
    binding = announced(case.component, case.config)
    for verb, data, messages in case.commands:
        assert told(binding, verb, data) == list(messages), verb
    for topic, payload, state in case.states:
        assert seen(binding, topic, payload) == state, payload
        assert set(state) <= binding.reports
    for name, value in case.features.items():
        assert getattr(binding.device.features, name) == value, name
    for verb in case.cannot:
        assert told(binding, verb, {}) == [], verb


class Ears:
    """Takes note of what the registry says about devices."""

    def __init__(self) -> None:
        self.questions: list[Message] = []

    def bound(self, rank: int, binding: Binding) -> None:
        """Nothing to do."""

    def unbound(self, binding: Binding) -> None:
        """Nothing to do."""

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        """Nothing to do."""

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        """Keep what is to be asked."""
        self.questions += messages
