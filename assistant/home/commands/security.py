"""What can be asked of locks, alarm panels and sirens."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.commands.expectations import Plan, Refusal, equal
from assistant.home.commands.planning import (
    NotPossibleError,
    chosen,
    coded,
    decided,
    only,
    planned,
    power_only,
    unknown,
    whole,
)
from assistant.home.devices import Device, State
from assistant.types import SlotValue

_LOCK = {"lock": ("locked",), "unlock": ("unlocked", "open"), "open": ("open", "unlocked")}

_ALARM = {
    **{
        f"alarm_arm_{way}": (f"armed_{way}", "arming")
        for way in ("home", "away", "night", "vacation", "custom_bypass")
    },
    "alarm_disarm": ("disarmed",),
    "alarm_trigger": ("triggered", "pending"),
}
_LONGEST_RING_S = 3600


def lock(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Lock, unlock, open; with the code where it wants one."""
    if verb not in _LOCK:
        return unknown(device, verb)
    fields = coded(device, verb, data)
    return planned(device, verb, fields, {"lock": _LOCK[verb][0]}, {"lock": equal(*_LOCK[verb])})


def alarm_panel(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    """Arm in one of its ways, disarm, trigger; with the code where it wants one.

    "arming" confirms: the panel waits for people to leave before it is armed.
    """
    if verb not in _ALARM:
        return unknown(device, verb)
    ways = device.features.modes
    way = verb.removeprefix("alarm_")
    if way.startswith("arm_") and ways and way not in ways:
        known = ", ".join(w.removeprefix("arm_") for w in ways if w.startswith("arm_")) or "none"
        raise NotPossibleError(f"it cannot be armed {way.removeprefix('arm_')} (it has: {known})")
    fields = coded(device, verb, data)
    accepted = _ALARM[verb]
    return planned(device, verb, fields, {"alarm": accepted[0]}, {"alarm": equal(*accepted)})


def siren(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    """Sound, with a tone, a volume in percent and a length in seconds; fall silent."""
    verb = decided(verb, state)
    if verb not in ("turn_on", "turn_off"):
        return unknown(device, verb)
    if verb == "turn_off":
        only(data)
        return power_only(device, verb)
    only(data, "tone", "volume_pct", "duration")
    fields: dict[str, SlotValue] = {}
    if "tone" in data:
        fields["tone"] = chosen(device, data, "tone", device.features.tones)
    if "volume_pct" in data:
        if not device.features.siren_volume:
            raise NotPossibleError("its volume cannot be set")
        fields["volume_pct"] = whole(data, "volume_pct", 0, 100)
    if "duration" in data:
        if not device.features.siren_duration:
            raise NotPossibleError("how long it sounds cannot be set")
        fields["duration"] = whole(data, "duration", 1, _LONGEST_RING_S)
    return planned(device, verb, fields, {"power": "on"}, {"power": equal("on")})
