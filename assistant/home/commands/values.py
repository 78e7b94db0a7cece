"""What can be asked of numbers, texts, choices, buttons and scenes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.home.commands.expectations import Plan, Refusal, equal, near
from assistant.home.commands.planning import (
    NotPossibleError,
    Planner,
    chosen,
    number,
    only,
    planned,
    stepped,
    unknown,
)
from assistant.home.devices import Device, State
from assistant.types import SlotValue

_LONGEST_TEXT = 255
_LONGEST_PATTERN = 100
_REPEATS = re.compile(r"[*+?{]")
_GROUP_REPEATS = re.compile(r"\)[*+?{]")


def number_entity(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Set a number within its range, in its steps."""
    if verb != "set_value":
        return unknown(device, verb)
    only(data, "value")
    step = device.features.value_step
    if device.features.value_range is None:
        wanted = number(data, "value", -1e9, 1e9)
    else:
        low, high = device.features.value_range
        wanted = stepped(number(data, "value", low, high), low, high, step)
    value = int(wanted) if float(wanted).is_integer() else wanted
    new: State = {"value": value}
    return planned(device, verb, new, new, {"value": near(wanted, max(1e-6, step / 2))})


def text(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Write a text of a permitted length and form."""
    if verb != "set_value":
        return unknown(device, verb)
    only(data, "value")
    value = str(data.get("value", ""))
    shortest, longest = device.features.value_range or (0, _LONGEST_TEXT)
    if not shortest <= len(value) <= min(longest, _LONGEST_TEXT):
        raise NotPossibleError(f"it takes a text of {shortest:g} to {longest:g} characters")
    pattern = device.features.value_pattern
    if pattern and _is_harmless(pattern) and re.fullmatch(pattern, value) is None:
        raise NotPossibleError("it does not take this text")
    new: State = {"value": value}
    return planned(device, verb, new, new, {"value": equal(value)})


def _is_harmless(pattern: str) -> bool:
    """Whether an announced pattern cannot keep us busy; if it could, the device is to judge."""
    return (
        len(pattern) <= _LONGEST_PATTERN
        and len(_REPEATS.findall(pattern)) <= 2
        and pattern.count("|") <= 4
        and not _GROUP_REPEATS.search(pattern)
        and _compiles(pattern)
    )


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def select(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Choose one of the options."""
    if verb != "select_option":
        return unknown(device, verb)
    only(data, "option")
    option = chosen(device, data, "option", device.features.modes)
    return planned(device, verb, {"option": option}, {"value": option}, {"value": equal(option)})


def stateless(verbs: tuple[str, ...]) -> Planner:
    """Devices that do one thing, whichever of `verbs` they are told; nothing shows it."""

    def planner(
        device: Device, verb: str, data: Mapping[str, SlotValue], state: State
    ) -> Plan | Refusal:
        only(data)
        return planned(device, verbs[0], {}, {}) if verb in verbs else unknown(device, verb)

    return planner
