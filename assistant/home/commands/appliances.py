"""What can be asked of media players, vacuum cleaners and lawn mowers."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.commands.expectations import (
    Plan,
    Refusal,
    as_number,
    equal,
    is_number,
    near,
    unlike,
)
from assistant.home.commands.planning import chosen, number, only, planned, unknown
from assistant.home.devices import Device, State
from assistant.types import SlotValue

_MEDIA = {
    "media_play": ("playing", ("playing", "buffering", "on")),
    "media_pause": ("paused", ("paused", "idle")),
    "media_stop": ("idle", ("idle", "off", "standby", "stopped")),
    "turn_off": ("off", ("off", "standby")),
}


def media_player(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Play, pause, skip, switch; set the volume and the source."""
    media = state.get("media")
    if verb == "toggle":
        verb = "turn_on" if media == "off" else "turn_off"
    if verb == "media_play_pause":
        verb = "media_pause" if media == "playing" else "media_play"
    if verb in _MEDIA:
        only(data)
        new, accepted = _MEDIA[verb]
        return planned(device, verb, {}, {"media": new}, {"media": equal(*accepted)})
    match verb:
        case "turn_on":
            only(data)
            return planned(device, verb, {}, {"media": "idle"}, {"media": unlike("off", "standby")})
        case "media_next_track" | "media_previous_track":
            only(data)
            return planned(device, verb, {}, {})
        case "volume_set":
            only(data, "volume_level")
            level = number(data, "volume_level", 0, 1)
            percent = round(level * 100)
            return planned(
                device, verb, {"volume_level": level}, {"volume_pct": percent},
                {"volume_pct": near(percent, 2)},
            )  # fmt: skip
        case "volume_up" | "volume_down":
            only(data)
            known = state.get("volume_pct", 50)
            step = 10 if verb == "volume_up" else -10
            percent = min(100, max(0, round(as_number(known) if is_number(known) else 50) + step))
            return planned(
                device, "volume_set", {"volume_level": percent / 100}, {"volume_pct": percent},
                {"volume_pct": near(percent, 2)},
            )  # fmt: skip
        case "volume_mute":
            only(data, "is_volume_muted")
            muted = bool(data.get("is_volume_muted", True))
            return planned(
                device, verb, {"is_volume_muted": muted}, {"muted": muted}, {"muted": equal(muted)}
            )
        case "select_source":
            only(data, "source")
            source = chosen(device, data, "source", device.features.sources)
            return planned(
                device, verb, {"source": source}, {"source": source}, {"source": equal(source)}
            )
    return unknown(device, verb)


_VACUUM = {
    "start": ("cleaning", ("cleaning",)),
    "return_to_base": ("returning", ("returning", "docked")),
    "stop": ("idle", ("idle", "docked", "paused")),
    "pause": ("paused", ("paused", "idle")),
    "clean_spot": ("cleaning", ("cleaning",)),
}


def vacuum(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Start, stop, pause, send home, find, clean one spot, set how hard it works."""
    if verb == "set_fan_speed":
        only(data, "fan_speed")
        speed = chosen(device, data, "fan_speed", device.features.fan_modes)
        return planned(
            device, verb, {"fan_speed": speed}, {"fan_mode": speed}, {"fan_mode": equal(speed)}
        )
    only(data)
    verb = {"turn_on": "start", "turn_off": "return_to_base"}.get(verb, verb)
    if verb == "locate":
        return planned(device, verb, {}, {})
    return _working(device, verb, _VACUUM)


_MOWER = {
    "start_mowing": ("mowing", ("mowing",)),
    "pause": ("paused", ("paused",)),
    "dock": ("returning", ("returning", "docked")),
}


def lawn_mower(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Start, pause, send home."""
    only(data)
    verb = {"turn_on": "start_mowing", "turn_off": "dock"}.get(verb, verb)
    return _working(device, verb, _MOWER)


def _working(
    device: Device, verb: str, verbs: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Plan | Refusal:
    if verb not in verbs:
        return unknown(device, verb)
    new, accepted = verbs[verb]
    return planned(device, verb, {}, {"value": new}, {"value": equal(*accepted)})
