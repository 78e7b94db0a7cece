"""What each service means: what a device must be able to do for it, and what shows that it did.

Services and fields are Home Assistant's (https://www.home-assistant.io/integrations/#actions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.home.appliance_commands import (
    humidifier,
    media_player,
    number_entity,
    select,
    vacuum,
)
from assistant.home.expectations import (
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
from assistant.home.light_commands import light
from assistant.home.model import Device, State
from assistant.home.planning import (
    NotPossibleError,
    Planner,
    decided,
    number,
    one_of,
    only,
    planned,
    power_only,
    switch,
    unknown,
    whole,
)
from assistant.types import Action, SlotValue

SWITCH_LIKE = frozenset(
    {"switch", "siren", "input_boolean", "automation", "script", "remote", "group"}
)
"""Types that know nothing but on and off."""


def plan(device: Device, action: Action, state: State) -> Plan | Refusal:
    """Decide what `action` means for `device`, which is in `state`.

    Generic services (`homeassistant.turn_on`, `turn_off`, `toggle`) are taken for the device's
    own. Returns a `Refusal` for anything the device cannot do.
    """
    domain, _, verb = action.service.partition(".")
    if domain not in (device.type, "homeassistant"):
        return Refusal(f"{device.name} is a {device.type}, not a {domain}")
    planner = _PLANNERS.get(device.type) or (switch if device.type in SWITCH_LIKE else None)
    if planner is None:
        return Refusal(f"a {device.type} cannot be commanded")
    try:
        return planner(device, verb, action.data, state)
    except NotPossibleError as reason:
        return Refusal(str(reason))


def _fan(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    verb = decided(verb, state)
    if verb == "turn_off":
        return power_only(device, verb)
    if verb not in ("turn_on", "set_percentage"):
        return unknown(device, verb)
    only(data, "percentage")
    if "percentage" not in data:
        return (
            power_only(device, verb) if verb == "turn_on" else Refusal("percentage must be given")
        )
    if not device.features.percentage:
        raise NotPossibleError(f"the speed of {device.name} cannot be set")
    percentage = whole(data, "percentage", 0, 100)
    if percentage == 0:
        return power_only(device, "turn_off")
    checks: list[Check] = [
        {"percentage": near(percentage, max(2, device.features.percentage_step))}
    ]
    if verb == "turn_on":
        checks.append({"power": equal("on")})
    new: State = {"power": "on", "percentage": percentage}
    return planned(device, verb, {"percentage": percentage}, new, *checks)


def _cover(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    noun = "valve" if device.type == "valve" else "cover"
    position = state.get("position")
    start = as_number(position) if is_number(position) else None
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
        raise NotPossibleError(f"the position of {device.name} cannot be set")
    target = whole(data, "position", 0, 100)
    new: State = {"position": target, "cover": "open" if target else "closed"}
    return planned(device, verb, {"position": target}, new, {"position": _towards(start, target)})


def _towards(start: float | None, target: int) -> Callable[[SlotValue], bool]:
    """Accept a position that is there, or clearly on its way."""
    there = near(target, 3)
    if start is None or abs(start - target) <= 3:
        return there
    low, high = (start + 0.5, target) if target > start else (target, start - 0.5)
    return lambda value: there(value) or (is_number(value) and low <= as_number(value) <= high)


def _lock(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    only(data, "code")
    wanted = {"lock": ("locked",), "unlock": ("unlocked", "open"), "open": ("open", "unlocked")}
    if verb not in wanted:
        return unknown(device, verb)
    return planned(device, verb, data, {"lock": wanted[verb][0]}, {"lock": equal(*wanted[verb])})


def _climate(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    features = device.features
    if verb == "toggle":
        verb = "turn_on" if state.get("hvac_mode") == "off" else "turn_off"
    match verb:
        case "turn_off":
            only(data)
            return planned(
                device, verb, {}, {"hvac_mode": "off", "power": "off"},
                {"hvac_mode": equal("off"), "power": equal("off")},
            )  # fmt: skip
        case "turn_on":
            only(data)
            mode = next((m for m in ("heat_cool", "auto", "heat") if m in features.modes), "heat")
            return planned(
                device, verb, {}, {"hvac_mode": mode, "power": "on"},
                {"hvac_mode": unlike("off"), "power": equal("on")},
            )  # fmt: skip
        case "set_hvac_mode":
            only(data, "hvac_mode")
            mode = one_of(device, data, "hvac_mode")
            return planned(
                device, verb, {"hvac_mode": mode}, {"hvac_mode": mode}, {"hvac_mode": equal(mode)}
            )
        case "set_temperature":
            only(data, "temperature", "hvac_mode")
            if features.temperature is None:
                raise NotPossibleError(f"the temperature of {device.name} cannot be set")
            low, high = features.temperature
            wanted = number(data, "temperature", low, high)
            new: dict[str, SlotValue] = {"temperature": wanted}
            tolerance = max(0.26, features.temperature_step / 2 + 0.01)
            checks: list[Check] = [{"temperature": near(wanted, tolerance)}]
            if "hvac_mode" in data:
                new["hvac_mode"] = mode = one_of(device, data, "hvac_mode")
                checks.append({"hvac_mode": equal(mode)})
            return planned(device, verb, new, new, *checks)
    return unknown(device, verb)


def _stateless(verbs: tuple[str, ...]) -> Planner:
    def planner(
        device: Device, verb: str, data: Mapping[str, SlotValue], state: State
    ) -> Plan | Refusal:
        only(data)
        return planned(device, verbs[0], {}, {}) if verb in verbs else unknown(device, verb)

    return planner


_PLANNERS: dict[str, Planner] = {
    "light": light,
    "fan": _fan,
    "cover": _cover,
    "valve": _cover,
    "lock": _lock,
    "climate": _climate,
    "media_player": media_player,
    "vacuum": vacuum,
    "humidifier": humidifier,
    "number": number_entity,
    "select": select,
    "scene": _stateless(("turn_on",)),
    "button": _stateless(("press", "turn_on")),
}
