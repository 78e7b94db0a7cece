"""Vacuum cleaners and lawn mowers.

home-assistant.io/integrations/vacuum.mqtt, /lawn_mower.mqtt.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import GarbageError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, anything, one_of, unsaid
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import SlotValue

_VACUUM_STATES = ("cleaning", "docked", "paused", "idle", "returning", "error")
_MOWER_STATES = ("mowing", "paused", "docked", "returning", "error")
_VERBS: Mapping[str, tuple[str, str]] = {
    "start": ("start", "start"),
    "pause": ("pause", "pause"),
    "stop": ("stop", "stop"),
    "return_to_base": ("return_home", "return_to_base"),
    "locate": ("locate", "locate"),
    "clean_spot": ("clean_spot", "clean_spot"),
}
"""By verb: the feature that it needs, and its payload unless another is announced."""


def vacuum(config: Config) -> Entity:
    """A vacuum cleaner; its state is JSON with `state` and `fan_speed`.

    One that does not list its `supported_features` is believed to have them all.
    """
    readers = Readers(config)
    speeds = config.texts("fan_speed_list")
    words = one_of({word: word for word in _VACUUM_STATES})

    def read(text: str) -> State:
        body = parse_json(text)
        if not isinstance(body, dict):
            raise GarbageError("expected a JSON object")
        state: dict[str, SlotValue] = {}
        if not unsaid(str(body.get("state"))):
            state["value"] = words(str(body["state"]))
        if not unsaid(str(body.get("fan_speed"))):
            state["fan_mode"] = anything(str(body["fan_speed"]))
        return state

    if (topic := config.topic("state_topic")) is not None:
        readers.add_reader(topic, read, "value", *(("fan_mode",) if speeds else ()))
    features = (*(feature for feature, _ in _VERBS.values()), "fan_speed")
    supported = config.texts("supported_features", features)
    make = config.command("command_topic")
    spoken: dict[str, Verb | None] = {
        verb: say(make, config.payload(f"payload_{verb}", payload))
        for verb, (feature, payload) in _VERBS.items()
        if feature in supported
    }
    speed = config.command("set_fan_speed_topic") if "fan_speed" in supported else None
    spoken["set_fan_speed"] = tell(speed, "fan_speed")
    return Entity(readers, verbs(**spoken), Features(fan_modes=speeds if speed else ()))


def lawn_mower(config: Config) -> Entity:
    """A lawn mower: a topic for each command, one for what it is doing."""
    readers = Readers(config)
    readers.add(
        "activity_state_topic", ("activity_value_template",), "value",
        one_of({word: word for word in _MOWER_STATES}),
    )  # fmt: skip
    spoken = {
        verb: say(config.command(f"{verb}_command_topic", f"{verb}_command_template"), verb)
        for verb in ("start_mowing", "pause", "dock")
    }
    return Entity(readers, verbs(**spoken))
