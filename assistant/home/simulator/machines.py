"""What vacuum cleaners, lawn mowers and media players do."""

from __future__ import annotations

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
from assistant.types import SlotValue


def vacuum(device: Device, pace: Pace) -> Behaviour:
    """Cleans, and drives home."""
    speeds = device.features.fan_modes
    words = {"start": "cleaning", "clean_spot": "cleaning", "pause": "paused", "stop": "idle"}
    initial: dict[str, SlotValue] = {"value": "docked"}
    if speeds:
        initial["fan_mode"] = speeds[0]

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        match wish.verb:
            case "return_to_base":
                return _home(pace)
            case "locate":
                return at_once({})
            case "set_fan_speed":
                return at_once({"fan_mode": choice_of(wish, "fan_speed", speeds)})
        if wish.verb not in words:
            raise unknown(wish)
        return at_once({"value": words[wish.verb]})

    return Behaviour(initial, obey)


def lawn_mower(device: Device, pace: Pace) -> Behaviour:
    """Mows, and drives home."""
    words = {"start_mowing": "mowing", "pause": "paused"}

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        if wish.verb == "dock":
            return _home(pace)
        if wish.verb not in words:
            raise unknown(wish)
        return at_once({"value": words[wish.verb]})

    return Behaviour({"value": "docked"}, obey)


def _home(pace: Pace) -> tuple[Step, ...]:
    docked = Step({"value": "docked"})
    return (Step({"value": "returning"}, pace.travel_s), docked) if pace.travel_s else (docked,)


def media_player(device: Device, pace: Pace) -> Behaviour:
    """Plays, skips, and has a volume and sources."""
    sources = device.features.sources
    words = {
        "media_play": "playing", "media_pause": "paused", "media_stop": "idle",
        "turn_on": "idle", "turn_off": "off",
    }  # fmt: skip
    initial: dict[str, SlotValue] = {"media": "idle", "volume_pct": 50, "muted": False}
    if sources:
        initial["source"] = sources[0]

    def obey(state: State, wish: Wish) -> tuple[Step, ...]:
        match wish.verb:
            case "media_next_track" | "media_previous_track":
                return at_once({})
            case "volume_set":
                return at_once({"volume_pct": round(number_of(wish, "volume_level", 0, 1) * 100)})
            case "volume_mute":
                muted = wish.data.get("is_volume_muted")
                if not isinstance(muted, bool):
                    raise NonsenseError(f"is_volume_muted must be true or false, not {muted!r}")
                return at_once({"muted": muted})
            case "select_source":
                return at_once({"source": choice_of(wish, "source", sources)})
        if wish.verb not in words:
            raise unknown(wish)
        return at_once({"media": words[wish.verb]})

    return Behaviour(initial, obey)
