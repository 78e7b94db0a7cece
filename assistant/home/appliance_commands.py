"""What can be asked of media players, vacuum cleaners, humidifiers, numbers and choices."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.expectations import Plan, Refusal, as_number, equal, is_number, near, unlike
from assistant.home.model import Device, State
from assistant.home.planning import number, one_of, only, planned, switch, unknown, whole
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
    """Play, pause, skip, switch, and set the volume."""
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
    return unknown(device, verb)


_VACUUM = {
    "start": ("cleaning", ("cleaning",)),
    "return_to_base": ("returning", ("returning", "docked")),
    "stop": ("idle", ("idle", "docked", "paused")),
    "pause": ("paused", ("paused", "idle")),
}


def vacuum(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Start, stop, pause, send home, find."""
    only(data)
    verb = {"turn_on": "start", "turn_off": "return_to_base"}.get(verb, verb)
    if verb == "locate":
        return planned(device, verb, {}, {})
    if verb not in _VACUUM:
        return unknown(device, verb)
    new, accepted = _VACUUM[verb]
    return planned(device, verb, {}, {"value": new}, {"value": equal(*accepted)})


def humidifier(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Switch, and set the humidity."""
    if verb != "set_humidity":
        return switch(device, verb, data, state)
    only(data, "humidity")
    wanted = whole(data, "humidity", 0, 100)
    new: State = {"humidity": wanted}
    return planned(device, verb, new, new, {"humidity": near(wanted, 1)})


def number_entity(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Set a number within its range."""
    if verb != "set_value":
        return unknown(device, verb)
    only(data, "value")
    low, high = device.features.temperature or (-1e9, 1e9)
    wanted = number(data, "value", low, high)
    tolerance = max(1e-6, device.features.temperature_step / 2)
    new: State = {"value": wanted}
    return planned(device, verb, new, new, {"value": near(wanted, tolerance)})


def select(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Choose one of the options."""
    if verb != "select_option":
        return unknown(device, verb)
    only(data, "option")
    option = one_of(device, data, "option")
    return planned(device, verb, {"option": option}, {"value": option}, {"value": equal(option)})
