"""Sirens (home-assistant.io/integrations/siren.mqtt)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, one_of, unsaid
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import SlotValue


def siren(config: Config) -> Entity:
    """A siren: told in JSON, or what its templates make of it; so is its state."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    power = one_of({config.text("state_on", on): "on", config.text("state_off", off): "off"})
    readers = Readers(config)
    if (topic := config.topic("state_topic")) is not None:
        render = config.template("state_value_template", "value_template")

        def read(payload: str) -> State:
            text = render(payload)
            if text.lstrip().startswith("{"):
                body = parse_json(text)
                if not isinstance(body, dict):
                    raise GarbageError("expected a JSON object")
                text = str(body.get("state", ""))
            return {} if unsaid(text) else {"power": power(text)}

        readers.add_reader(topic, read, "power")
    plain = config.document.get("command_template") is None
    make = required(config.command("command_topic", "command_template"), "command_topic")
    off_template = (
        "command_off_template"
        if config.document.get("command_off_template") is not None
        else "command_template"
    )
    make_off = required(config.command("command_topic", off_template), "command_topic")
    off_plain = config.document.get(off_template) is None

    def turn_on(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        details: dict[str, object] = {key: data[key] for key in ("tone", "duration") if key in data}
        volume = data.get("volume_pct")
        if isinstance(volume, int | float):
            details["volume_level"] = round(volume / 100, 2)
        if plain:
            return (make(json.dumps({"state": on, **details}, separators=(",", ":"))),)
        return (make(on, state=on, **details),)

    def turn_off(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        if off_plain:
            return (make_off(json.dumps({"state": off}, separators=(",", ":"))),)
        return (make_off(off, state=off),)

    features = Features(
        tones=config.texts("available_tones"),
        siren_volume=config.flag("support_volume_set", True),
        siren_duration=config.flag("support_duration", True),
    )
    return Entity(readers, verbs(turn_on=turn_on, turn_off=turn_off), features)
