"""One entity's discovery message: keys in full, read with care."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.announcement import parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.abbreviations import full_device_key, full_key
from assistant.home.mqtt.homeassistant.templates import Render, command_template, value_template
from assistant.home.mqtt.topics import valid_topic
from assistant.types import SlotValue

MAX_CONFIG = 262_144
"""Longest discovery message read, in bytes."""

GUARDED = frozenset({"alarm_control_panel", "lock"})
"""Components that may announce a code: none of their values is shown, not even a wrong one."""


def parse_document(payload: bytes) -> dict[str, Any]:
    """A discovery message as a mapping with full keys. Raises `AnnouncementError`."""
    document = parse_announcement(payload, MAX_CONFIG)
    if not isinstance(document, dict):
        raise AnnouncementError("expected a JSON object")
    return expand(document)


def expand(document: Mapping[str, Any]) -> dict[str, Any]:
    """Spell keys in full and put `~` into topics."""
    full = {full_key(key): value for key, value in document.items()}
    if isinstance(full.get("device"), dict):
        full["device"] = {full_device_key(k): v for k, v in full["device"].items()}
    if isinstance(full.get("availability"), dict):
        full["availability"] = [full["availability"]]
    if isinstance(full.get("availability"), list):
        full["availability"] = [
            {full_key(k): v for k, v in item.items()} if isinstance(item, dict) else item
            for item in full["availability"]
        ]
    start = full.get("~")
    if isinstance(start, str) and start:
        full = {key: _put_start(key, value, start) for key, value in full.items()}
        if isinstance(full.get("availability"), list):
            full["availability"] = [
                {k: _put_start(k, v, start) for k, v in item.items()}
                if isinstance(item, dict)
                else item
                for item in full["availability"]
            ]
    return full


def _put_start(key: str, value: Any, start: str) -> Any:
    if not isinstance(value, str) or not key.endswith("topic"):
        return value
    if value.startswith("~"):
        return start + value[1:]
    return value[:-1] + start if value.endswith("~") else value


class Config:
    """An entity's options, checked as they are asked for; all raise `AnnouncementError`."""

    def __init__(self, component: str, document: Mapping[str, Any]) -> None:
        self.component = component
        self.document = document
        self.variables: dict[str, object] = {}
        """What the entity's templates see besides `value`."""
        self._attributes: dict[str, SlotValue] = {}
        self._this: dict[str, object] = {"state": "unknown", "attributes": self._attributes}

    def _found(self, value: object) -> str:
        return "" if self.component in GUARDED else f": {short(value)}"

    def note(self, state: State) -> None:
        """Keep what the entity has shown, for templates with `this`."""
        self._attributes.update(state)
        for value in list(state.values())[:1]:
            self._this["state"] = value

    def topic(self, key: str) -> str | None:
        """A topic to publish or listen to, or None where the option is absent."""
        value = self.document.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not valid_topic(value):
            raise AnnouncementError(f"{key} is not a topic{self._found(value)}")
        return value

    def text(self, key: str, default: str = "") -> str:
        """A text; numbers and truth values are taken for theirs."""
        value = self.document.get(key, default)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str | int | float):
            return str(value)
        if value is None:
            return default
        raise AnnouncementError(f"{key} is not a text{self._found(value)}")

    def payload(self, key: str, default: str) -> str | None:
        """A payload; None where it is null, that is, not supported."""
        if key in self.document and self.document[key] is None:
            return None
        return self.text(key, default)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self.document.get(key)
        if value is None:
            return default
        if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
            return tuple(str(item) for item in value)
        raise AnnouncementError(f"{key} is not a list of texts{self._found(value)}")

    def number(self, key: str, default: float) -> float:
        """A number; one written as text counts."""
        value = self.document.get(key)
        if value is None:
            return default
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise AnnouncementError(f"{key} is not a number{self._found(value)}") from error
        if isinstance(value, bool) or not math.isfinite(number):
            raise AnnouncementError(f"{key} is not a number{self._found(value)}")
        return number

    def flag(self, key: str, default: bool = False) -> bool:
        """A truth value."""
        value = self.document.get(key, default)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "yes", "on", "1"):
            return True
        if value is None or (
            isinstance(value, str) and value.lower() in ("false", "no", "off", "0")
        ):
            return False
        raise AnnouncementError(f"{key} is neither true nor false{self._found(value)}")

    def template(self, *keys: str) -> Callable[[str], str]:
        """The first of these value templates that is there; else the payload itself."""
        for key in keys:
            if source := self.document.get(key):
                render, variables = self._render(key, source, value_template), self._seen(source)
                return lambda payload: render(payload, **variables)
        return lambda payload: payload

    def command(self, topic_key: str, template_key: str = "") -> Callable[..., Message] | None:
        """Makes the message for a command topic from its payload and further variables."""
        topic = self.topic(topic_key)
        if topic is None:
            return None
        retain = self.flag("retain")
        qos = min(2, max(1, int(self.number("qos", 1))))
        source = self.document.get(template_key) if template_key else None
        if not source:
            return lambda value, **variables: Message(topic, plain(value), retain, qos)
        render, seen = self._render(template_key, source, command_template), self._seen(source)

        def message(value: object, **variables: object) -> Message:
            return Message(topic, render(**{"value": value, **seen, **variables}), retain, qos)

        return message

    def _seen(self, source: str) -> Mapping[str, object]:
        """The variables of a template."""
        return {**self.variables, "this": self._this} if "this" in source else self.variables

    def _render(self, key: str, source: object, read: Callable[[str], Render]) -> Render:
        if not isinstance(source, str):
            raise AnnouncementError(f"{key} is not a template{self._found(source)}")
        if self.component not in GUARDED:
            return read(source)
        try:
            render = read(source)
        except AnnouncementError:
            raise AnnouncementError(f"the {key} cannot be read") from None

        def silent(*arguments: str, **variables: object) -> str:
            try:
                return render(*arguments, **variables)
            except GarbageError:
                raise GarbageError(f"the {key} failed") from None

        return silent


def plain(value: object) -> str:
    """A value as a payload: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def short(value: object) -> str:
    """A value from the network, fit for a sentence."""
    return repr(value)[:60]
