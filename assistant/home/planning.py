"""What the planners of all kinds of device have in common: fields, ranges, refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.errors import AssistantError
from assistant.home.expectations import Check, Plan, Refusal, as_number, equal, is_number
from assistant.home.model import Device, State
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
    return Refusal(f"{device.name} cannot do {device.type}.{verb}")


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
        raise NotPossibleError(f"{field} {number:g} is not within {low:g} to {high:g}")
    return number


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


def one_of(device: Device, data: Mapping[str, SlotValue], field: str) -> str:
    """A field that must be one of the device's modes. Raises `NotPossibleError`."""
    value = str(data.get(field, ""))
    if value not in device.features.modes:
        known = ", ".join(device.features.modes) or "none"
        raise NotPossibleError(f'{device.name} has no {field} "{value}" (it has: {known})')
    return value


def switch(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch on and off, nothing else."""
    verb = decided(verb, state)
    if verb not in ("turn_on", "turn_off"):
        return unknown(device, verb)
    only(data)
    return power_only(device, verb)
