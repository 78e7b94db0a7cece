"""Covers, valves and locks."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.model import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config, Readers, as_float, one_of, tidy
from assistant.home.mqtt.homeassistant.entity import Entity, say, verbs
from assistant.types import SlotValue


def cover(config: Config) -> Entity:
    """A cover: blind, curtain, garage door, gate."""
    return _opening(config, "cover")


def valve(config: Config) -> Entity:
    """A valve; one that only reports its position is told it on its command topic."""
    return _opening(config, "valve")


def _opening(config: Config, noun: str) -> Entity:
    closed_at, open_at = config.number("position_closed", 0), config.number("position_open", 100)
    if closed_at == open_at:
        raise AnnouncementError("position_open and position_closed are the same")
    readers = Readers(config)
    words = {
        config.text(f"state_{word}", word): word
        for word in ("open", "opening", "closed", "closing", "stopped")
    }
    by_number = noun == "valve" and config.flag("reports_position")

    def position(text: str) -> SlotValue:
        share = (as_float(text) - closed_at) / (open_at - closed_at)
        if not -0.02 <= share <= 1.02:
            raise GarbageError(f"expected a position from {closed_at:g} to {open_at:g}")
        return tidy(round(min(1.0, max(0.0, share)) * 100))

    if by_number:
        readers.add("state_topic", ("value_template",), "position", position)
    else:
        readers.add("state_topic", ("value_template",), "cover", one_of(words))
    readers.add("position_topic", ("position_template", "value_template"), "position", position)
    make = config.command("command_topic", "command_template")
    set_position = config.command("set_position_topic", "set_position_template")
    if by_number:
        set_position = make

    def positioned(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        target = data.get("position")
        if set_position is None or not isinstance(target, int | float):
            return []
        native = round(closed_at + (open_at - closed_at) * target / 100)
        return [set_position(native, position=native)]

    default = (None, None) if by_number else ("OPEN", "CLOSE")
    spoken = {
        f"open_{noun}": say(make, config.payload("payload_open", default[0] or "")),
        f"close_{noun}": say(make, config.payload("payload_close", default[1] or "")),
        f"stop_{noun}": say(make, config.payload("payload_stop", "STOP")),
    }
    if set_position is not None:
        spoken[f"set_{noun}_position"] = positioned
        if make is None or by_number:
            spoken[f"open_{noun}"] = lambda data, state: positioned({"position": 100}, state)
            spoken[f"close_{noun}"] = lambda data, state: positioned({"position": 0}, state)
    elif make is None and noun == "cover":
        raise AnnouncementError("command_topic is missing")
    return Entity(readers, verbs(**spoken), Features(position=set_position is not None))


def lock(config: Config) -> Entity:
    """A lock."""
    readers = Readers(config)
    words = {
        config.text(f"state_{word}", word.upper()): word
        for word in ("locked", "unlocked", "locking", "unlocking", "jammed", "open", "opening")
    }
    readers.add("state_topic", ("value_template",), "lock", one_of(words))
    make = config.command("command_topic", "command_template")
    if make is None:
        raise AnnouncementError("command_topic is missing")
    opens = config.payload("payload_open", "") or None
    spoken = verbs(
        lock=say(make, config.payload("payload_lock", "LOCK")),
        unlock=say(make, config.payload("payload_unlock", "UNLOCK")),
        open=say(make, opens),
    )
    return Entity(readers, spoken)
