"""One kind of device as Zigbee2MQTT has it, and the entries of `exposes`.

https://www.zigbee2mqtt.io/guide/usage/exposes.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.home.devices import State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.wire import Document

PUBLISHED = 0b001
SETTABLE = 0b010
READABLE = 0b100
ALL = PUBLISHED | SETTABLE | READABLE
"""Bits of `access`."""

ZigbeeHear = Callable[[Document, State], tuple[Wish, ...]]


@dataclass(frozen=True, slots=True)
class Form:
    """What a device exposes, hears in a `set` payload and shows in its state."""

    exposes: Sequence[Document]
    hear: ZigbeeHear
    show: Callable[[State], Document]
    action: bool = False
    """Whether its state key `event` is told as `action`, in the moment only."""


def deaf(document: Document, state: State) -> tuple[Wish, ...]:
    """What cannot be set."""
    raise NonsenseError("it has nothing that can be set")


def specific(kind: str, *features: Document) -> Document:
    """An entry such as `light`, with its features."""
    return {"type": kind, "features": list(features)}


def binary(name: str, on: object, off: object, access: int = ALL, **more: object) -> Document:
    """An entry with two values."""
    return _generic("binary", name, access) | {"value_on": on, "value_off": off, **more}


def numeric(name: str, low: float | None, high: float | None, access: int = ALL,
            **more: object) -> Document:  # fmt: skip
    """An entry that is a number; without limits for what is measured."""
    limits = {} if low is None else {"value_min": _plain(low), "value_max": _plain(high or 0)}
    return _generic("numeric", name, access) | limits | more


def choice(name: str, options: Sequence[str], access: int = ALL, **more: object) -> Document:
    """An entry that is one of several words."""
    return _generic("enum", name, access) | {"values": list(options), **more}


def words(name: str, access: int = ALL) -> Document:
    """An entry that is free text."""
    return _generic("text", name, access)


def composite(name: str, key: str, *features: Document) -> Document:
    """An entry that is an object, published under `key`."""
    return _generic("composite", name, ALL) | {"property": key, "features": list(features)}


def _generic(kind: str, name: str, access: int) -> Document:
    label = name.replace("_", " ").capitalize()
    return {"type": kind, "name": name, "label": label, "property": name, "access": access}


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() else number
