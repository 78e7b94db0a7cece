"""What the dialects' payloads have in common: words, JSON objects, numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from assistant.home.devices import State
from assistant.home.simulator.behaviour import NonsenseError, Wish

Document = dict[str, Any]

Hear = Callable[[str], tuple[Wish, ...]]
"""Turns a payload into wishes. Raises `NonsenseError`."""

Show = Callable[[State], str | None]
"""What a state topic says; None: nothing."""


def words(by_payload: Mapping[str, Wish]) -> Hear:
    """Understand exactly these payloads."""

    def hear(payload: str) -> tuple[Wish, ...]:
        if payload not in by_payload:
            raise NonsenseError(f"expected one of {', '.join(by_payload)}, not {payload[:40]!r}")
        return (by_payload[payload],)

    return hear


def verb(name: str, key: str, read: Callable[[str], Any] = str) -> Hear:
    """Understand a payload as the only field of a verb."""

    def hear(payload: str) -> tuple[Wish, ...]:
        return (Wish(name, {key: read(payload)}),)

    return hear


def shows(key: str, *, upper: bool = False) -> Show:
    """Show one key of the state as it is."""

    def show(state: State) -> str | None:
        if key not in state:
            return None
        said = str(state[key])
        return said.upper() if upper else said

    return show


def number_in(payload: object) -> float:
    """A payload, or a value out of one, as a finite number. Raises `NonsenseError`."""
    try:
        number = float(payload) if isinstance(payload, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(payload, bool):
        raise NonsenseError(f"expected a number, not {str(payload)[:40]!r}")
    return number


def document_in(payload: str) -> Document:
    """A payload as a JSON object. Raises `NonsenseError`."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise NonsenseError(f"expected a JSON object, not {payload[:40]!r}")
    return document


def on_off(document: Mapping[str, Any], key: str, present: object) -> str:
    """The verb that ON, OFF or TOGGLE under a key means; `present` is the state's power."""
    wanted = str(document[key]).upper()
    if wanted == "TOGGLE":
        wanted = "OFF" if present == "on" else "ON"
    if wanted not in ("ON", "OFF"):
        raise NonsenseError(f"{key} must be ON, OFF or TOGGLE, not {document[key]!r}")
    return f"turn_{wanted.lower()}"
