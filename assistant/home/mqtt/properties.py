"""Devices that tell all about themselves in one JSON object, seen as one topic a property.

Zigbee2MQTT and Tasmota do so. Their devices are described as Home Assistant's components would be,
with properties of the object in the place of topics; this module puts the real topics in.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import Binding, GarbageError, Message, Reader
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import Action, SlotValue

_LOG = logging.getLogger(__name__)

WHOLE = "*"
"""In the place of a property: the whole object."""

Unfold = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes a flat mapping of properties from the object that came."""

Say = Callable[[Action, State, Sequence[Message]], Sequence[Message]]
"""Makes what is really sent from messages for properties, for an action in a state."""


def over_json(
    binding: Binding,
    state_topics: Iterable[str],
    unfold: Unfold,
    say: Say,
) -> Binding:
    """The binding with `state_topics` for its properties and `say` for its commands."""
    readers = binding.readers

    def read(payload: str) -> State:
        body = _object(payload)
        if body is None:
            return {}
        properties = unfold(body)
        state: dict[str, SlotValue] = {}
        faults: list[GarbageError] = []
        for name, those in readers.items():
            value: Any = properties if name == WHOLE else properties.get(name)
            if value is not None:
                for reader in those:
                    try:
                        state |= reader(as_text(value))
                    except GarbageError as error:
                        faults.append(error)
        if faults and not state:
            raise faults[0]
        for fault in faults:
            _LOG.debug("%s: part of a message ignored: %s", binding.device.id, fault)
        return state

    inner = binding.commands

    def commands(action: Action, state: State) -> Sequence[Message]:
        return say(action, state, inner(action, state))

    by_topic: dict[str, Sequence[Reader]] = dict.fromkeys(state_topics, (read,))
    return replace(binding, readers=by_topic if readers else {}, commands=commands)


def as_text(value: Any) -> str:
    """A JSON value as a payload of its own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=8)
def _object(payload: str) -> Mapping[str, Any] | None:
    """A JSON object, None for no payload; kept, for several devices may read the same message."""
    if not payload.strip():
        return None
    body = parse_json(payload)
    if not isinstance(body, dict):
        raise GarbageError("expected a JSON object")
    return body
