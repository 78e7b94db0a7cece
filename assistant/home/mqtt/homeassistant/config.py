"""One entity's discovery message: keys in full, read with care."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from assistant.home.model import State
from assistant.home.mqtt.announcement import parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.abbreviations import full_device_key, full_key
from assistant.home.mqtt.homeassistant.templates import command_template, value_template
from assistant.home.mqtt.topics import valid_topic
from assistant.types import SlotValue

MAX_CONFIG = 262_144
"""Longest discovery message read, in bytes."""

SECRET = frozenset({"code"})
"""Options that must not be shown, not even where they are wrong."""


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
            raise AnnouncementError(f"{key} is not a topic: {short(value)}")
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
        shown = "" if key in SECRET else f": {short(value)}"
        raise AnnouncementError(f"{key} is not a text{shown}")

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
        raise AnnouncementError(f"{key} is not a list of texts: {short(value)}")

    def number(self, key: str, default: float) -> float:
        """A number; one written as text counts."""
        value = self.document.get(key)
        if value is None:
            return default
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise AnnouncementError(f"{key} is not a number: {short(value)}") from error
        if isinstance(value, bool) or not math.isfinite(number):
            raise AnnouncementError(f"{key} is not a number: {short(value)}")
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
        raise AnnouncementError(f"{key} is neither true nor false: {short(value)}")

    def template(self, *keys: str) -> Callable[[str], str]:
        """The first of these value templates that is there; else the payload itself."""
        for key in keys:
            if source := self.document.get(key):
                if not isinstance(source, str):
                    raise AnnouncementError(f"{key} is not a template: {short(source)}")
                render, variables = value_template(source), self._seen(source)
                return lambda payload: render(payload, **variables)
        return lambda payload: payload

    def _seen(self, source: str) -> Mapping[str, object]:
        """The variables of a template."""
        return {**self.variables, "this": self._this} if "this" in source else self.variables

    def command(
        self, topic_key: str, template_key: str = "", *, secret: bool = False
    ) -> Callable[..., Message] | None:
        """Makes the message for a command topic from its payload and further variables.

        `secret`: errors do not show the template.
        """
        topic = self.topic(topic_key)
        if topic is None:
            return None
        retain = self.flag("retain")
        qos = min(2, max(1, int(self.number("qos", 1))))
        source = self.document.get(template_key) if template_key else None
        if source is not None and not isinstance(source, str):
            raise AnnouncementError(f"{template_key} is not a template: {short(source)}")
        try:
            render = command_template(source) if source else None
        except AnnouncementError:
            if secret:
                raise AnnouncementError(f"the {template_key} cannot be read") from None
            raise

        def message(value: object, **variables: object) -> Message:
            if render is None:
                return Message(topic, plain(value), retain, qos)
            seen = {"value": value, **self._seen(str(source)), **variables}
            try:
                return Message(topic, render(**seen), retain, qos)
            except GarbageError as error:
                # The template, or what it was given, may hold a code.
                raise error if not secret else GarbageError("the template failed") from None

        return message


def plain(value: object) -> str:
    """A value as a payload: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def short(value: object) -> str:
    """A value from the network, fit for a sentence."""
    return repr(value)[:60]
