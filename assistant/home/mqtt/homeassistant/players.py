"""Vacuum cleaners, and media players (an extension; Home Assistant has no discovery for them)."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.model import State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config, Readers, as_float, one_of, tidy
from assistant.home.mqtt.homeassistant.entity import Entity, required, say, verbs
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import SlotValue

_VACUUM_STATES = ("cleaning", "docked", "paused", "idle", "returning", "error")
_MEDIA_STATES = ("playing", "paused", "idle", "off", "on", "buffering", "standby", "stopped")


def vacuum(config: Config) -> Entity:
    """A vacuum cleaner; its state is JSON with `state`."""
    readers = Readers(config)
    words = one_of({word: word for word in _VACUUM_STATES})

    def read(text: str) -> State:
        body = parse_json(text)
        if not isinstance(body, dict):
            raise GarbageError("expected a JSON object")
        return {"value": words(str(body["state"]))} if body.get("state") is not None else {}

    if (topic := config.topic("state_topic")) is not None:
        readers.add_reader(topic, read, "value")
    make = required(config.command("command_topic"), "command_topic")
    spoken = verbs(
        start=say(make, config.payload("payload_start", "start")),
        pause=say(make, config.payload("payload_pause", "pause")),
        stop=say(make, config.payload("payload_stop", "stop")),
        return_to_base=say(make, config.payload("payload_return_to_base", "return_to_base")),
        locate=say(make, config.payload("payload_locate", "locate")),
    )
    return Entity(readers, spoken)


def media_player(config: Config) -> Entity:
    """A media player, announced in the style of the other components (docs/mqtt-devices.md)."""
    scale = config.number("volume_scale", 100)
    if scale <= 0:
        raise AnnouncementError("volume_scale must be above 0")
    readers = Readers(config)
    readers.add(
        "state_topic", ("value_template",), "media", one_of({word: word for word in _MEDIA_STATES})
    )

    def volume(text: str) -> SlotValue:
        percent = as_float(text) * 100 / scale
        if not -1 <= percent <= 101:
            raise GarbageError(f"expected a volume from 0 to {scale:g}")
        return tidy(round(min(100, max(0, percent))))

    readers.add("volume_state_topic", ("volume_value_template",), "volume_pct", volume)
    muted, heard = config.text("payload_mute", "ON"), config.text("payload_unmute", "OFF")

    def silence(text: str) -> SlotValue:
        return one_of({muted: "muted", heard: "heard"})(text) == "muted"

    readers.add("mute_state_topic", ("mute_value_template",), "muted", silence)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    louder = config.command("volume_command_topic", "volume_command_template")
    mute = config.command("mute_command_topic", "mute_command_template")

    def volume_set(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        level = data.get("volume_level")
        if louder is None or not isinstance(level, int | float):
            return []
        # A volume of 0 to 1 needs its fraction.
        return [louder(round(level * scale) if scale > 1 else round(level * scale, 3))]

    def volume_mute(data: Mapping[str, SlotValue], state: State) -> list[Message]:
        return [mute(muted if data.get("is_volume_muted") else heard)] if mute else []

    spoken = verbs(
        media_play=say(make, config.payload("payload_play", "PLAY")),
        media_pause=say(make, config.payload("payload_pause", "PAUSE")),
        media_stop=say(make, config.payload("payload_stop", "STOP")),
        media_next_track=say(make, config.payload("payload_next", "NEXT")),
        media_previous_track=say(make, config.payload("payload_previous", "PREVIOUS")),
        turn_on=say(make, config.payload("payload_on", "ON")),
        turn_off=say(make, config.payload("payload_off", "OFF")),
        volume_set=volume_set if louder else None,
        volume_mute=volume_mute if mute else None,
    )
    return Entity(readers, spoken)
