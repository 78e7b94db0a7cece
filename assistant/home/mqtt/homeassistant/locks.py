"""Locks (home-assistant.io/integrations/lock.mqtt)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, Make, Verb, required, verbs
from assistant.home.mqtt.homeassistant.patterns import CostlyPatternError, bounded_pattern
from assistant.home.mqtt.homeassistant.readers import Readers, one_of
from assistant.types import SlotValue

LONGEST_CODE = 32
"""Longest code taken for a lock or an alarm panel, in characters."""

_STATES = ("locked", "unlocked", "locking", "unlocking", "jammed", "open", "opening")


def lock(config: Config) -> Entity:
    """A lock; with a `code_format`, every command to it needs a code of that form."""
    readers = Readers(config)
    words = {config.text(f"state_{word}", word.upper()): word for word in _STATES}
    readers.add("state_topic", ("value_template",), "lock", one_of(words))
    make = required(config.command("command_topic", "command_template"), "command_topic")
    form = _code_format(config)
    spoken = verbs(
        lock=_coded(make, config.payload("payload_lock", "LOCK"), form),
        unlock=_coded(make, config.payload("payload_unlock", "UNLOCK"), form),
        open=_coded(make, config.payload("payload_open", "") or None, form),
    )
    features = Features(
        code="" if form is None else _kind(form),
        code_verbs=() if form is None else tuple(spoken),
    )
    return Entity(readers, spoken, features)


def _code_format(config: Config) -> re.Pattern[str] | None:
    source = config.text("code_format")
    if not source:
        return None
    try:
        return bounded_pattern(source, LONGEST_CODE)
    except CostlyPatternError as error:
        raise AnnouncementError(f"code_format: {error}") from error


def _kind(form: re.Pattern[str]) -> str:
    """Whether the form takes digits, and nothing but digits."""
    numbers = any(form.match("1234567890"[:length]) for length in range(1, 11))
    texts = any(form.match("abcdefghij"[:length]) for length in range(1, 11))
    return "number" if numbers and not texts else "text"


def _coded(make: Make, payload: str | None, form: re.Pattern[str] | None) -> Verb | None:
    if payload is None:
        return None

    def verb(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        code = data.get("code")
        if code is not None and (len(str(code)) > LONGEST_CODE):
            raise GarbageError("the code is too long")
        if code is not None and form is not None and form.match(str(code)) is None:
            raise GarbageError("the code has not the form that the lock wants")
        return (make(payload, code=code),)

    return verb
