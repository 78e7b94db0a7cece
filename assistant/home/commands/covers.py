"""What can be asked of covers and valves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.home.commands.expectations import (
    Check,
    Plan,
    Refusal,
    above,
    as_number,
    below,
    equal,
    is_number,
    near,
    unlike,
)
from assistant.home.commands.planning import NotPossibleError, only, planned, unknown, whole
from assistant.home.devices import Device, State
from assistant.types import SlotValue


def cover(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Open, close, stop, move to a position, tilt the slats."""
    if verb.endswith(("_tilt", "_tilt_position")) and device.type == "cover":
        return _tilt(device, verb, data, state)
    noun = "valve" if device.type == "valve" else "cover"
    start = _known(state, "position")
    if verb in ("toggle", "turn_on", "turn_off"):
        opened = state.get("cover") in ("open", "opening")
        opens = verb == "turn_on" or (verb == "toggle" and not opened)
        verb = f"{'open' if opens else 'close'}_{noun}"
    match verb.removesuffix(f"_{noun}"):
        case "open":
            only(data)
            moving = above(99 if start is None else min(start, 99))
            return planned(
                device, verb, {}, {"cover": "open", "position": 100},
                {"cover": equal("open", "opening"), "position": moving},
            )  # fmt: skip
        case "close":
            only(data)
            moving = below(1 if start is None else max(start, 1))
            return planned(
                device, verb, {}, {"cover": "closed", "position": 0},
                {"cover": equal("closed", "closing"), "position": moving},
            )  # fmt: skip
        case "stop":
            only(data)
            stopped: Check = {"cover": unlike("opening", "closing")}
            return planned(device, verb, {}, {"cover": "stopped"}, stopped)
    if verb != f"set_{noun}_position":
        return unknown(device, verb)
    only(data, "position")
    if not device.features.position:
        raise NotPossibleError("its position cannot be set")
    target = whole(data, "position", 0, 100)
    new: State = {"position": target, "cover": "open" if target else "closed"}
    return planned(device, verb, {"position": target}, new, {"position": _towards(start, target)})


def _tilt(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    if not device.features.tilt:
        raise NotPossibleError("its slats cannot be tilted")
    start = _known(state, "tilt")
    match verb:
        case "open_cover_tilt" | "close_cover_tilt":
            only(data)
            target = 100 if verb == "open_cover_tilt" else 0
            return planned(device, verb, {}, {"tilt": target}, {"tilt": _towards(start, target)})
        case "stop_cover_tilt":
            only(data)
            return planned(device, verb, {}, {})
        case "set_cover_tilt_position":
            only(data, "tilt_position")
            target = whole(data, "tilt_position", 0, 100)
            return planned(
                device, verb, {"tilt_position": target}, {"tilt": target},
                {"tilt": _towards(start, target)},
            )  # fmt: skip
    return unknown(device, verb)


def _known(state: State, key: str) -> float | None:
    value = state.get(key)
    return as_number(value) if is_number(value) else None


def _towards(start: float | None, target: int) -> Callable[[SlotValue], bool]:
    """Accept a position that is there, or clearly on its way."""
    there = near(target, 3)
    if start is None or abs(start - target) <= 3:
        return there
    low, high = (start + 0.5, target) if target > start else (target, start - 0.5)
    return lambda value: there(value) or (is_number(value) and low <= as_number(value) <= high)
