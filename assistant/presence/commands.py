"""What others may send to the assistant's topics: read with care, and not too much of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import AssistantError
from assistant.presence.events import MQTT
from assistant.types import Request

MAX_BYTES = 8192
"""Longest payload read, in bytes."""

MAX_TEXT = 1000
"""Longest request or text to say, in characters."""

_TURNS = {"ON": True, "OFF": False}


class PayloadError(AssistantError):
    """A payload on one of the assistant's own topics makes no sense; says what was expected."""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
    area: Annotated[str, Field(max_length=100)] | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$")] | None = None
    conversation: Annotated[str, Field(pattern=r"^[\w.-]{0,64}$")] = ""


def read_request(payload: bytes) -> Request:
    """A request: its text, or a JSON object with `text`, `area`, `language`, `conversation`.

    Whatever conversation it names, it cannot take part in one that is not held by MQTT.
    Raises `PayloadError`.
    """
    text = _decoded(payload).strip()
    if not text.startswith("{"):
        return Request(read_text(payload), conversation=MQTT)
    try:
        asked = _Asked.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PayloadError(
            f'expected {{"text": …}} with area, language or conversation: {where} {first["msg"]}'
        ) from error
    return Request(
        _one_line(asked.text),
        area=asked.area or None,
        language=asked.language,
        conversation=f"{MQTT}:{asked.conversation}" if asked.conversation else MQTT,
    )


def read_text(payload: bytes) -> str:
    """One line of text. Raises `PayloadError`."""
    text = _one_line(_decoded(payload))
    if not 0 < len(text) <= MAX_TEXT:
        raise PayloadError(f"expected a text of 1 to {MAX_TEXT} characters")
    return text


def read_mute(payload: bytes) -> bool:
    """`ON` or `OFF`. Raises `PayloadError`."""
    text = _decoded(payload).strip().upper()
    if text not in _TURNS:
        raise PayloadError("expected ON or OFF")
    return _TURNS[text]


def read_object(payload: bytes) -> dict[str, Any]:
    """A JSON object. Raises `PayloadError`."""
    try:
        told = json.loads(_decoded(payload))
    except (ValueError, RecursionError) as error:
        raise PayloadError("expected a JSON object") from error
    if not isinstance(told, dict):
        raise PayloadError("expected a JSON object")
    return told


def read_volume(payload: bytes) -> int:
    """Percent, a number from 0 to 100. Raises `PayloadError`."""
    try:
        volume = float(_decoded(payload))
    except ValueError as error:
        raise PayloadError("expected a number from 0 to 100") from error
    if not 0 <= volume <= 100:
        raise PayloadError("expected a number from 0 to 100")
    return round(volume)


def _decoded(payload: bytes) -> str:
    if len(payload) > MAX_BYTES:
        raise PayloadError(f"longer than {MAX_BYTES} bytes")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PayloadError("expected UTF-8 text") from error


def _one_line(text: str) -> str:
    """Without signs that can be neither said nor shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
