"""What covers, valves, locks and alarm panels do."""

from __future__ import annotations

from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import (
    Behaviour,
    Pace,
    Step,
    Wish,
    at_once,
    check_code,
    number_of,
    unknown,
)
from assistant.types import SlotValue

_TRAVEL_STEPS = 5


def cover(device: Device, pace: Pace) -> Behaviour:
    """Covers and valves: ends, positions on the way, tilt."""
    initial: dict[str, SlotValue] = {"cover": "closed", "position": 0}
    if device.features.tilt:
        initial["tilt"] = 0

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        verb = wish.verb.replace("_valve", "_cover")
        match verb:
            case "open_cover":
                return _travel(state, 100, pace)
            case "close_cover":
                return _travel(state, 0, pace)
            case "stop_cover":
                return at_once({"cover": _resting(state.get("position"), "stopped")})
            case "set_cover_position":
                return _travel(state, number_of(wish, "position", 0, 100), pace)
        if device.features.tilt:
            match verb:
                case "open_cover_tilt":
                    return at_once({"tilt": 100})
                case "close_cover_tilt":
                    return at_once({"tilt": 0})
                case "stop_cover_tilt":
                    return at_once({})
                case "set_cover_tilt_position":
                    return at_once({"tilt": number_of(wish, "tilt_position", 0, 100)})
        raise unknown(wish)

    return Behaviour(initial, obey)


def _resting(position: SlotValue | None, otherwise: str) -> str:
    return {0: "closed", 100: "open"}.get(round(as_number(position)), otherwise) if is_number(
        position
    ) else otherwise  # fmt: skip


def _travel(state: State, target: int | float, pace: Pace) -> tuple[Step, ...]:
    """The way to a position, step by step."""
    end: State = {"cover": "open" if target else "closed", "position": target}
    before = state.get("position", 0)
    start = as_number(before) if is_number(before) else 0.0
    if not pace.travel_s or start == target:
        return at_once(end)
    moving = "opening" if target > start else "closing"
    way = [round(start + (target - start) * step / _TRAVEL_STEPS) for step in range(_TRAVEL_STEPS)]
    wait_s = pace.travel_s / _TRAVEL_STEPS
    return (*(Step({"cover": moving, "position": at}, wait_s) for at in way), Step(end))


def lock(device: Device, pace: Pace) -> Behaviour:
    """Locks, unlocks, opens; with the code where one is wanted."""
    features = device.features
    verbs = {"lock": "locked", "unlock": "unlocked", "open": "open"}

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb not in verbs:
            raise unknown(wish)
        check_code(wish, features.code, features.code_verbs or ("unlock", "open"))
        return at_once({"lock": verbs[wish.verb]})

    return Behaviour({"lock": "locked"}, obey)


ARM_VERBS = ("arm_home", "arm_away", "arm_night", "arm_vacation", "arm_custom_bypass")


def alarm_panel(device: Device, pace: Pace) -> Behaviour:
    """Arms after the time to leave the house, disarms with the code."""
    features = device.features
    ways = features.modes or ARM_VERBS[:3]

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        way = wish.verb.removeprefix("alarm_")
        check_code(wish, features.code, features.code_verbs or ("alarm_disarm",))
        if way == "disarm":
            return at_once({"alarm": "disarmed"})
        if way == "trigger":
            return at_once({"alarm": "triggered"})
        if way not in ways:
            raise unknown(wish)
        armed = {"alarm": way.replace("arm_", "armed_", 1)}
        if way in ("arm_home", "arm_night") or not pace.arming_s:
            return at_once(armed)
        return (Step({"alarm": "arming"}, pace.arming_s), Step(armed))

    return Behaviour({"alarm": "disarmed"}, obey)
