"""Alarm panels (home-assistant.io/integrations/alarm_control_panel.mqtt)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, Make, Verb, required
from assistant.home.mqtt.homeassistant.locks import LONGEST_CODE
from assistant.home.mqtt.homeassistant.readers import Readers, one_of
from assistant.types import SlotValue

_STATES = (
    "disarmed", "armed_home", "armed_away", "armed_night", "armed_vacation",
    "armed_custom_bypass", "pending", "triggered", "arming", "disarming",
)  # fmt: skip
_ARMING = ("arm_home", "arm_away", "arm_night", "arm_vacation", "arm_custom_bypass")
_REMOTE_CODES = {"REMOTE_CODE": "number", "REMOTE_CODE_TEXT": "text"}


def alarm_control_panel(config: Config) -> Entity:
    """An alarm panel. A code that it announces in plain text is compared here, and never shown."""
    readers = Readers(config)
    states = one_of({state: state for state in _STATES})
    readers.add("state_topic", ("value_template",), "alarm", states)
    if config.topic("state_topic") is None:
        raise AnnouncementError("state_topic is missing")
    make = required(config.command("command_topic", "command_template"), "command_topic")
    supported = config.texts("supported_features", (*_ARMING, "trigger"))
    ways = tuple(way for way in _ARMING if way in supported)
    payloads = {f"alarm_{way}": config.text(f"payload_{way}", way.upper()) for way in ways}
    payloads["alarm_disarm"] = config.text("payload_disarm", "DISARM")
    if "trigger" in supported:
        payloads["alarm_trigger"] = config.text("payload_trigger", "TRIGGER")
    code = config.text("code")
    needed = tuple(verb for verb in payloads if code and _code_needed(config, verb))
    fixed = "" if code in _REMOTE_CODES else code
    spoken = {
        verb: _coded(make, payload, fixed if verb in needed else "")
        for verb, payload in payloads.items()
    }
    kind = _REMOTE_CODES.get(code) or ("number" if code.isdecimal() else "text")
    features = Features(modes=ways, code=kind if needed else "", code_verbs=needed)
    return Entity(readers, spoken, features)


def _code_needed(config: Config, verb: str) -> bool:
    option = {"alarm_disarm": "disarm", "alarm_trigger": "trigger"}.get(verb, "arm")
    return config.flag(f"code_{option}_required", True)


def _coded(make: Make, payload: str, fixed: str) -> Verb:
    def verb(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        code = data.get("code")
        if code is not None:
            given = str(code)
            if len(given) > LONGEST_CODE:
                raise GarbageError("the code is too long")
            if fixed and not hmac.compare_digest(given.encode(), fixed.encode()):
                raise GarbageError("the code is wrong")
        return (make(payload, action=payload, code=code),)

    return verb
