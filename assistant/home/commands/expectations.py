"""What a device must show before a command counts as done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from assistant.home.devices import State
from assistant.types import Action, SlotValue

Accepts = Callable[[SlotValue], bool]

Check = Mapping[str, Accepts]
"""State keys that can show one and the same thing; the first one the device reports decides."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action cannot be done; nothing is sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An action that the device can do, and what it is meant to bring about."""

    action: Action
    """Plain: toggles decided, names of colours in RGB, numbers within the device's range."""
    state: State
    """What changes in the device's state if it does as it is told."""
    checks: tuple[Check, ...] = ()
    """All must hold before the action is confirmed; empty where no state shows it."""

    def confirmable(self, reports: Collection[str]) -> tuple[tuple[str, Accepts], ...]:
        """The checks that a device can answer which reports these state keys."""
        decided = (
            next(((key, accepts) for key, accepts in check.items() if key in reports), None)
            for check in self.checks
        )
        return tuple(check for check in decided if check is not None)


def satisfied(checks: Collection[tuple[str, Accepts]], state: State) -> bool:
    """Whether `state` shows all that was wanted."""
    return all(key in state and accepts(state[key]) for key, accepts in checks)


def equal(*values: SlotValue) -> Accepts:
    """Accept any of `values`."""
    return lambda value: value in values


def unlike(*values: SlotValue) -> Accepts:
    """Accept anything but `values`."""
    return lambda value: value not in values


def near(wanted: float, tolerance: float) -> Accepts:
    """Accept a number not further than `tolerance` from `wanted`."""
    return lambda value: is_number(value) and abs(as_number(value) - wanted) <= tolerance


def above(limit: float) -> Accepts:
    """Accept a number greater than `limit`."""
    return lambda value: is_number(value) and as_number(value) > limit


def below(limit: float) -> Accepts:
    """Accept a number smaller than `limit`."""
    return lambda value: is_number(value) and as_number(value) < limit


def near_color(wanted: tuple[int, int, int], tolerance: int) -> Accepts:
    """Accept a colour none of whose channels is further than `tolerance` off.

    Both are taken at full brightness, which many lights tell apart from the colour.
    """
    bright = _at_full_brightness(wanted)
    return lambda value: (
        isinstance(value, tuple)
        and len(value) == 3
        and all(map(is_number, value))
        and all(
            abs(a - b) <= tolerance for a, b in zip(_at_full_brightness(value), bright, strict=True)
        )
    )


def _at_full_brightness(color: Sequence[object]) -> list[float]:
    channels = [as_number(channel) for channel in color]
    return [channel * 255 / max(1.0, *channels) for channel in channels]


def is_number(value: object) -> bool:
    """Whether `value` is a number (a truth value is none)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(value: object) -> float:
    """`value` as a float; call `is_number` first."""
    return float(value) if isinstance(value, int | float) else float("nan")
