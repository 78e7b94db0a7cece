"""What a device does when it is told something, whatever language it was told in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from assistant.errors import AssistantError
from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import State
from assistant.types import SlotValue

CODE = "1234"
"""What simulated locks and alarm panels take, where they want a code."""

Fields = Mapping[str, SlotValue]


class NonsenseError(AssistantError):
    """A device was told something that it does not understand, or that it cannot do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a device is told: a verb of Home Assistant's for its type, with its fields.

    One is not Home Assistant's: `adjust` changes a light's look without switching it.
    """

    verb: str
    data: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One change in what a device shows, and how long it takes until the next."""

    changes: State
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take that take their time; 0: no time at all."""

    travel_s: float = 0.0
    """A cover's way from one end to the other end, a robot's way home."""
    arming_s: float = 0.0
    """From "arming" to "armed"."""


Obey = Callable[[State, Wish], tuple[Step, ...]]
"""What happens, from the present state and a wish. Raises `NonsenseError`."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One kind of device, seen from its own side."""

    initial: State
    obey: Obey


def at_once(changes: State) -> tuple[Step, ...]:
    """A single change that takes no time."""
    return (Step(changes),)


def unknown(wish: Wish) -> NonsenseError:
    """What to raise for a verb that the device does not have."""
    return NonsenseError(f"it does not know {wish.verb}")


def switched(state: State, wish: Wish) -> State | None:
    """The change that turn_on, turn_off or toggle makes; None for other verbs."""
    match wish.verb:
        case "turn_on" | "turn_off":
            return {"power": wish.verb.removeprefix("turn_")}
        case "toggle":
            return {"power": "off" if state.get("power") == "on" else "on"}
    return None


def number_of(wish: Wish, name: str, low: float, high: float) -> int | float:
    """A field as a number within a range. Raises `NonsenseError`."""
    value = wish.data.get(name)
    if not is_number(value) or not low <= as_number(value) <= high:
        raise NonsenseError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")
    exact = as_number(value)
    return int(exact) if exact.is_integer() else exact


def choice_of(wish: Wish, name: str, choices: Collection[str]) -> str:
    """A field as one of the words a device knows. Raises `NonsenseError`."""
    value = wish.data.get(name)
    if not isinstance(value, str) or value not in choices:
        raise NonsenseError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def check_code(wish: Wish, kind: str, verbs: Collection[str]) -> None:
    """Raise `NonsenseError` where a code is wanted and it is not the right one."""
    if kind and wish.verb in verbs and str(wish.data.get("code", "")) != CODE:
        raise NonsenseError("the code is wrong")
