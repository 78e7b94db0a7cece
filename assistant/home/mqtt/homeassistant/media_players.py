"""Media players: an extension in the style of the other components (docs/mqtt-devices.md).

Home Assistant has no discovery for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_float, one_of, tidy
from assistant.types import SlotValue

_MEDIA_STATES = ("playing", "paused", "idle", "off", "on", "buffering", "standby", "stopped")


def media_player(config: Config) -> Entity:
    """A media player, with volume, mute and sources where it has topics for them."""
    scale = config.number("volume_scale", 100)
    if not 0 < scale <= 1e9:
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
    silence = one_of({muted: "muted", heard: "heard"})
    readers.add(
        "mute_state_topic", ("mute_value_template",), "muted",
        lambda text: silence(text) == "muted",
    )  # fmt: skip
    readers.add("source_state_topic", ("source_value_template",), "source", anything)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    louder = config.command("volume_command_topic", "volume_command_template")
    mute = config.command("mute_command_topic", "mute_command_template")
    source = config.command("source_command_topic", "source_command_template")

    def volume_set(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        level = data.get("volume_level")
        if louder is None or not isinstance(level, int | float):
            return ()
        # A volume of 0 to 1 needs its fraction.
        return (louder(round(level * scale) if scale > 1 else round(level * scale, 3)),)

    spoken = verbs(
        media_play=say(make, config.payload("payload_play", "PLAY")),
        media_pause=say(make, config.payload("payload_pause", "PAUSE")),
        media_stop=say(make, config.payload("payload_stop", "STOP")),
        media_next_track=say(make, config.payload("payload_next", "NEXT")),
        media_previous_track=say(make, config.payload("payload_previous", "PREVIOUS")),
        turn_on=say(make, config.payload("payload_on", "ON")),
        turn_off=say(make, config.payload("payload_off", "OFF")),
        volume_set=volume_set if louder else None,
        volume_mute=tell(mute, "is_volume_muted", lambda value: muted if value else heard),
        select_source=tell(source, "source"),
    )
    return Entity(readers, spoken, Features(sources=config.texts("source_list") if source else ()))
