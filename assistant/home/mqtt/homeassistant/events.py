"""Events and device triggers: buttons of a remote control, a doorbell.

home-assistant.io/integrations/event.mqtt, /device_trigger.mqtt.
"""

from __future__ import annotations

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.home.mqtt.homeassistant.entity import Entity
from assistant.home.mqtt.homeassistant.readers import Readers, unsaid
from assistant.home.mqtt.homeassistant.templates import parse_json


def event(config: Config) -> Entity:
    """An event entity: a JSON object whose `event_type` is one of its types."""
    types = config.texts("event_types")
    topic = config.topic("state_topic")
    if topic is None:
        raise AnnouncementError("state_topic is missing")
    if not types:
        raise AnnouncementError("event_types are missing")
    render = config.template("value_template")

    def read(payload: str) -> State:
        text = render(payload)
        if unsaid(text) or text == "{}":
            return {}
        body = parse_json(text)
        kind = body.get("event_type") if isinstance(body, dict) else None
        if kind not in types:
            raise GarbageError(f"expected event_type, one of {', '.join(types[:20])}")
        return {"event": str(kind)}

    readers = Readers(config)
    readers.add_reader(topic, read, "event")
    return Entity(readers, {}, Features(modes=types))


def device_trigger(config: Config) -> Entity:
    """A trigger: fires when its payload, or any if it names none, comes in on its topic."""
    if config.text("automation_type") != "trigger":
        raise AnnouncementError("automation_type is not trigger")
    topic, kind = config.topic("topic"), config.text("type")
    if topic is None or not kind or not config.text("subtype"):
        raise AnnouncementError("topic, type or subtype is missing")
    wanted = config.text("payload")
    render = config.template("value_template")

    def read(payload: str) -> State:
        text = render(payload)
        fires = text == wanted if wanted else not unsaid(text)
        return {"event": kind} if fires else {}

    readers = Readers(config)
    readers.add_reader(topic, read, "event")
    return Entity(readers, {}, Features(modes=(kind,)))


def trigger_name(config: Config) -> str:
    """What a trigger is called: "button 1 short press"."""
    words = f"{config.text('subtype')} {config.text('type')}"
    return short(words.replace("_", " ")).strip("'\"")
