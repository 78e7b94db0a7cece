"""One entity's discovery message: keys in full, read with care."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from assistant.home.model import State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.abbreviations import full_device_key, full_key
from assistant.home.mqtt.homeassistant.templates import command_template, value_template
from assistant.home.mqtt.topics import valid_topic
from assistant.types import SlotValue

MAX_CONFIG = 262_144
"""Longest discovery message read, in bytes."""

_UNSAID = frozenset({"", "None", "none", "unknown", "unavailable"})


def parse_document(payload: bytes) -> dict[str, Any]:
    """A discovery message as a mapping with full keys. Raises `AnnouncementError`."""
    if len(payload) > MAX_CONFIG:
        raise AnnouncementError(f"longer than {MAX_CONFIG} bytes")
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise AnnouncementError(f"not JSON ({error})") from error
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

    def topic(self, key: str) -> str | None:
        """A topic to publish or listen to, or None where the option is absent."""
        value = self.document.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not valid_topic(value):
            raise AnnouncementError(f"{key} is not a topic: {_short(value)}")
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
        raise AnnouncementError(f"{key} is not a text: {_short(value)}")

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
        raise AnnouncementError(f"{key} is not a list of texts: {_short(value)}")

    def number(self, key: str, default: float) -> float:
        """A number; one written as text counts."""
        value = self.document.get(key)
        if value is None:
            return default
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise AnnouncementError(f"{key} is not a number: {_short(value)}") from error
        if isinstance(value, bool) or not math.isfinite(number):
            raise AnnouncementError(f"{key} is not a number: {_short(value)}")
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
        raise AnnouncementError(f"{key} is neither true nor false: {_short(value)}")

    def template(self, *keys: str) -> Callable[[str], str]:
        """The first of these value templates that is there; else the payload itself."""
        for key in keys:
            if source := self.document.get(key):
                if not isinstance(source, str):
                    raise AnnouncementError(f"{key} is not a template: {_short(source)}")
                return value_template(source)
        return lambda payload: payload

    def command(self, topic_key: str, template_key: str = "") -> Callable[..., Message] | None:
        """Makes the message for a command topic from its payload and further variables."""
        topic = self.topic(topic_key)
        if topic is None:
            return None
        retain = self.flag("retain")
        qos = min(1, max(0, int(self.number("qos", 1)))) or 1
        source = self.document.get(template_key) if template_key else None
        if source is not None and not isinstance(source, str):
            raise AnnouncementError(f"{template_key} is not a template: {_short(source)}")
        render = command_template(source) if source else None

        def message(value: object, **variables: object) -> Message:
            text = render(value=value, **variables) if render else _plain(value)
            return Message(topic, text, retain, qos)

        return message


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _short(value: object) -> str:
    return repr(value)[:60]


class Readers:
    """Collects what is to be made of payloads, topic by topic."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.by_topic: dict[str, list[Callable[[str], State]]] = {}
        self.reports: set[str] = set()

    def add(
        self,
        topic_key: str,
        template_keys: tuple[str, ...],
        key: str,
        convert: Callable[[str], SlotValue],
    ) -> None:
        """State `key` is what `convert` makes of the rendered payload on a topic, if there."""
        topic = self._config.topic(topic_key)
        if topic is None:
            return
        render = self._config.template(*template_keys)

        def read(payload: str) -> State:
            text = render(payload)
            return {} if text in _UNSAID else {key: convert(text)}

        self.add_reader(topic, read, key)

    def add_reader(self, topic: str, read: Callable[[str], State], *keys: str) -> None:
        """Add a reader of whole payloads that can tell `keys`."""
        self.by_topic.setdefault(topic, []).append(read)
        self.reports.update(keys)


def as_float(text: str) -> float:
    """A finite number. Raises `GarbageError`."""
    try:
        number = float(text)
    except ValueError as error:
        raise GarbageError(f"expected a number, found {_short(text)}") from error
    if not math.isfinite(number):
        raise GarbageError(f"expected a number, found {_short(text)}")
    return number


def tidy(number: float) -> int | float:
    """Whole numbers as int, others rounded to three places."""
    return int(number) if float(number).is_integer() else round(number, 3)


def as_number(text: str) -> int | float:
    """A finite number, whole ones as int. Raises `GarbageError`."""
    return tidy(as_float(text))


def one_of(words: Mapping[str, str]) -> Callable[[str], SlotValue]:
    """Converts payloads to our words; raises `GarbageError` for any other payload."""

    def convert(text: str) -> SlotValue:
        if text not in words:
            known = ", ".join(words)
            raise GarbageError(f"expected one of {known}, found {_short(text)}")
        return words[text]

    return convert
