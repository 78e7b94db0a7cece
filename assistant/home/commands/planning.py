"""What the planners of all kinds of device have in common: fields, ranges, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from assistant.errors import AssistantError
from assistant.home.commands.expectations import Check, Plan, Refusal, as_number, equal, is_number
from assistant.home.devices import Device, State
from assistant.types import Action, SlotValue

Planner = Callable[[Device, str, Mapping[str, SlotValue], State], Plan | Refusal]
"""Decides on a device, a verb, the command's fields and the device's state."""


class NotPossibleError(AssistantError):
    """Carries the reason out of a planner's depths."""


def planned(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State, *checks: Check
) -> Plan:
    """A plan for one of the device's own verbs."""
    return Plan(Action(f"{device.type}.{verb}", device.id, data), state, checks)


def unknown(device: Device, verb: str) -> Refusal:
    """The refusal of a verb that this type of device does not have."""
    return Refusal(f"it cannot do {device.type}.{verb}")


def only(data: Mapping[str, SlotValue], *allowed: str) -> None:
    """Raise `NotPossibleError` for fields that the command does not have."""
    for field in data:
        if field not in allowed:
            raise NotPossibleError(f'there is no field "{field}" in this command')


def number(data: Mapping[str, SlotValue], field: str, low: float, high: float) -> float:
    """A field as a number within a range. Raises `NotPossibleError`."""
    value = data.get(field)
    if not is_number(value):
        raise NotPossibleError(f"{field} must be a number from {low:g} to {high:g}")
    number = as_number(value)
    if not low <= number <= high:
        raise NotPossibleError(f"its {_said(field)} goes from {low:g} to {high:g}")
    return number


def _said(field: str) -> str:
    """A field in words: `brightness_pct` is "brightness"."""
    words = {"target_temp_low": "temperature", "target_temp_high": "temperature"}
    return words.get(field, field.removesuffix("_pct").replace("_", " "))


def whole(data: Mapping[str, SlotValue], field: str, low: int, high: int) -> int:
    """A field as a whole number within a range. Raises `NotPossibleError`."""
    return round(number(data, field, low, high))


def decided(verb: str, state: State) -> str:
    """The verb, with "toggle" decided by the state."""
    if verb == "toggle":
        return "turn_off" if state.get("power") == "on" else "turn_on"
    return verb


def power_only(device: Device, verb: str) -> Plan:
    """A plan to do no more than switch."""
    power = verb.removeprefix("turn_")
    return planned(device, verb, {}, {"power": power}, {"power": equal(power)})


def chosen(
    device: Device, data: Mapping[str, SlotValue], field: str, options: Sequence[str]
) -> str:
    """A field as the one of `options` that it means, as the device spells it.

    Case, underscores and spaces do not matter. Raises `NotPossibleError`, saying what there is.
    """
    value = str(data.get(field, ""))
    if value in options:
        return value
    for option in options:
        if option_key(option) == option_key(value):
            return option
    known = ", ".join(options) or "none"
    what = field.replace("_", " ")
    raise NotPossibleError(f'it has no {what} "{value}" (it has: {known})')


def option_key(option: str) -> str:
    """What two spellings of the same option have in common: "Eco_Mode" and "eco mode"."""
    return " ".join(option.casefold().replace("_", " ").replace("-", " ").split())


def truth(data: Mapping[str, SlotValue], field: str) -> bool:
    """A field that is true or false. Raises `NotPossibleError`."""
    value = data.get(field)
    if isinstance(value, bool):
        return value
    raise NotPossibleError(f"{field} must be true or false")


def stepped(value: float, low: float, high: float, step: float) -> float:
    """The value within `low` to `high` nearest to `value` that is a whole number of steps up."""
    if step <= 0:
        return float(value)
    steps = min(math.floor((high - low) / step + 1e-9), round((value - low) / step))
    return round(float(low + steps * step), 6)


def coded(device: Device, verb: str, data: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """The field `code`, if it was given. Raises `NotPossibleError` where one is wanted."""
    only(data, "code")
    code = str(data.get("code", ""))
    if needs_code(device, verb) and not code:
        raise NotPossibleError("it wants its code")
    if code and device.features.code == "number" and not code.isdigit():
        raise NotPossibleError("its code is made of digits")
    return {"code": code} if code else {}


def needs_code(device: Device, verb: str) -> bool:
    """Whether `device` does `verb` only for who gives its code."""
    return bool(device.features.code) and verb in device.features.code_verbs


def switch(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch on and off, nothing else."""
    verb = decided(verb, state)
    if verb not in ("turn_on", "turn_off"):
        return unknown(device, verb)
    only(data)
    return power_only(device, verb)
