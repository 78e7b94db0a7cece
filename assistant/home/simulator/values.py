"""What numbers, texts, choices, buttons, sensors and remote controls do."""

from __future__ import annotations

import re

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import (
    Behaviour,
    NonsenseError,
    Pace,
    Step,
    Wish,
    at_once,
    choice_of,
    number_of,
    unknown,
)

TEXT_LENGTH = (0.0, 255.0)
"""Shortest and longest text, where a device names neither."""


def number_range(device: Device) -> tuple[float, float]:
    """The least and the greatest value of a number."""
    return device.features.value_range or device.features.temperature or (0.0, 100.0)


def number(device: Device, pace: Pace) -> Behaviour:
    """A number within its range."""
    low, high = number_range(device)

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb != "set_value":
            raise unknown(wish)
        return at_once({"value": number_of(wish, "value", low, high)})

    return Behaviour({"value": low}, obey)


def choices(device: Device) -> tuple[str, ...]:
    """The options of a choice."""
    return device.features.modes or ("off", "on")


def select(device: Device, pace: Pace) -> Behaviour:
    """One of several options."""

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb != "select_option":
            raise unknown(wish)
        return at_once({"value": choice_of(wish, "option", choices(device))})

    return Behaviour({"value": choices(device)[0]}, obey)


def text(device: Device, pace: Pace) -> Behaviour:
    """A text of so many characters that matches the pattern."""
    shortest, longest = device.features.value_range or TEXT_LENGTH
    pattern = re.compile(device.features.value_pattern or r"[\s\S]*")

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        value = wish.data.get("value")
        if wish.verb != "set_value":
            raise unknown(wish)
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise NonsenseError(f"value must be {shortest:g} to {longest:g} characters")
        if not pattern.fullmatch(value):
            raise NonsenseError(f"value must match {device.features.value_pattern}")
        return at_once({"value": value})

    return Behaviour({"value": ""}, obey)


def pressed(device: Device, pace: Pace) -> Behaviour:
    """Buttons and scenes, which have no state."""

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb not in ("press", "turn_on"):
            raise unknown(wish)
        return at_once({})

    return Behaviour({}, obey)


def _measures(initial: State) -> Behaviour:
    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        raise unknown(wish)

    return Behaviour(initial, obey)


def sensor(device: Device, pace: Pace) -> Behaviour:
    """A reading; it changes when somebody changes it."""
    return _measures({})


def binary_sensor(device: Device, pace: Pace) -> Behaviour:
    """On or off, as somebody sets it."""
    return _measures({"value": "off"})


def event(device: Device, pace: Pace) -> Behaviour:
    """A remote control; `event` is what was pressed last."""
    return _measures({})


def event_types(device: Device) -> tuple[str, ...]:
    """What can happen to a remote control."""
    return device.features.modes or ("single", "double", "hold")
