"""What each service means: what a device must be able to do for it, and what shows that it did.

Services and fields are Home Assistant's (https://www.home-assistant.io/integrations/#actions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.home.colors import COLORS, WHITES, Rgb, color_key, kelvin_to_rgb
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
    near_color,
    unlike,
)
from assistant.home.model import Device, State
from assistant.types import Action, SlotValue

Planner = Callable[[Device, str, Mapping[str, SlotValue], State], Plan | Refusal]

SWITCH_LIKE = frozenset(
    {"switch", "siren", "input_boolean", "automation", "script", "remote", "group"}
)
"""Types that know nothing but on and off."""


class _NotPossibleError(Exception):
    """Carries the reason out of a planner's depths."""


def plan(device: Device, action: Action, state: State) -> Plan | Refusal:
    """Decide what `action` means for `device`, which is in `state`.

    Generic services (`homeassistant.turn_on`, `turn_off`, `toggle`) are taken for the device's
    own. Returns a `Refusal` for anything the device cannot do.
    """
    domain, _, verb = action.service.partition(".")
    if domain not in (device.type, "homeassistant"):
        return Refusal(f"{device.name} is a {device.type}, not a {domain}")
    planner = _PLANNERS.get(device.type) or (_switch if device.type in SWITCH_LIKE else None)
    if planner is None:
        return Refusal(f"a {device.type} cannot be commanded")
    try:
        return planner(device, verb, action.data, state)
    except _NotPossibleError as reason:
        return Refusal(str(reason))


def apply(device: Device, action: Action, state: State) -> State | Refusal:
    """The state changes `action` brings about in a device that obeys at once."""
    planned = plan(device, action, state)
    return planned if isinstance(planned, Refusal) else planned.state


def _plan(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State, *checks: Check
) -> Plan:
    return Plan(Action(f"{device.type}.{verb}", device.id, data), state, checks)


def _unknown(device: Device, verb: str) -> Refusal:
    return Refusal(f"{device.name} cannot do {device.type}.{verb}")


def _only(data: Mapping[str, SlotValue], *allowed: str) -> None:
    for field in data:
        if field not in allowed:
            raise _NotPossibleError(f'there is no field "{field}" in this command')


def _number(data: Mapping[str, SlotValue], field: str, low: float, high: float) -> float:
    value = data.get(field)
    if not is_number(value):
        raise _NotPossibleError(f"{field} must be a number from {low:g} to {high:g}")
    number = as_number(value)
    if not low <= number <= high:
        raise _NotPossibleError(f"{field} {number:g} is not within {low:g} to {high:g}")
    return number


def _whole(data: Mapping[str, SlotValue], field: str, low: int, high: int) -> int:
    return round(_number(data, field, low, high))


def _decided(verb: str, state: State) -> str:
    if verb == "toggle":
        return "turn_off" if state.get("power") == "on" else "turn_on"
    return verb


def _power(device: Device, verb: str) -> Plan:
    power = verb.removeprefix("turn_")
    return _plan(device, verb, {}, {"power": power}, {"power": equal(power)})


def _switch(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    verb = _decided(verb, state)
    if verb not in ("turn_on", "turn_off"):
        return _unknown(device, verb)
    _only(data)
    return _power(device, verb)


def _light(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    verb = _decided(verb, state)
    if verb == "turn_off":
        return _power(device, verb)
    if verb != "turn_on":
        return _unknown(device, verb)
    _only(
        data, "brightness_pct", "brightness_step_pct", "rgb_color", "color_name",
        "color_temp_kelvin",
    )  # fmt: skip
    plain: dict[str, SlotValue] = {}
    checks: list[Check] = [{"power": equal("on")}]
    brightness = _brightness(device, data, state)
    if brightness == 0:
        return _power(device, "turn_off")
    if brightness is not None:
        plain["brightness_pct"] = brightness
        checks.append({"brightness_pct": near(brightness, 2)})
    rgb, kelvin = _color(device, data)
    if rgb is not None:
        plain["rgb_color"] = rgb
        checks.append({"rgb_color": near_color(rgb, 12)})
    elif kelvin is not None:
        plain["color_temp_kelvin"] = kelvin
        checks.append({"color_temp_kelvin": near(kelvin, kelvin * 0.04)})
    return _plan(device, verb, plain, {"power": "on", **plain}, *checks)


def _brightness(device: Device, data: Mapping[str, SlotValue], state: State) -> int | None:
    if not {"brightness_pct", "brightness_step_pct"} & data.keys():
        return None
    if not device.features.brightness:
        raise _NotPossibleError(f"{device.name} cannot be dimmed")
    if "brightness_pct" in data:
        return _whole(data, "brightness_pct", 0, 100)
    step = _whole(data, "brightness_step_pct", -100, 100)
    known = state.get("brightness_pct", 50)
    before = 0.0 if state.get("power") == "off" else as_number(known) if is_number(known) else 50.0
    return min(100, max(1 if before > 1 else 0, round(before + step)))


def _color(device: Device, data: Mapping[str, SlotValue]) -> tuple[Rgb | None, int | None]:
    """The colour asked for, as this lamp can show it: RGB or kelvin."""
    kelvin: float | None = None
    rgb: Rgb | None = None
    if "color_name" in data:
        key = color_key(str(data["color_name"]))
        if key in WHITES and (device.features.color_temp or key not in COLORS):
            kelvin = WHITES[key]
        elif key in COLORS:
            rgb = COLORS[key]
        else:
            raise _NotPossibleError(f'"{data["color_name"]}" is not a known colour')
    elif "rgb_color" in data:
        rgb = _rgb(data["rgb_color"])
    elif "color_temp_kelvin" in data:
        kelvin = _number(data, "color_temp_kelvin", 1000, 20000)
    if kelvin is not None:
        if device.features.color_temp:
            warmest, coldest = device.features.color_temp
            return None, round(min(max(kelvin, warmest), coldest))
        rgb = kelvin_to_rgb(kelvin)
    if rgb is not None and not device.features.color:
        raise _NotPossibleError(f"{device.name} cannot show colours")
    return rgb, None


def _rgb(value: SlotValue) -> Rgb:
    if isinstance(value, tuple | list) and len(value) == 3:
        channels = [int(c) for c in value if isinstance(c, int | float) and 0 <= c <= 255]
        if len(channels) == 3:
            return channels[0], channels[1], channels[2]
    raise _NotPossibleError("rgb_color must be three numbers from 0 to 255")


def _fan(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    verb = _decided(verb, state)
    if verb == "turn_off":
        return _power(device, verb)
    if verb not in ("turn_on", "set_percentage"):
        return _unknown(device, verb)
    _only(data, "percentage")
    if "percentage" not in data:
        return _power(device, verb) if verb == "turn_on" else Refusal("percentage must be given")
    if not device.features.percentage:
        raise _NotPossibleError(f"the speed of {device.name} cannot be set")
    percentage = _whole(data, "percentage", 0, 100)
    if percentage == 0:
        return _power(device, "turn_off")
    checks: list[Check] = [{"percentage": near(percentage, 17)}]
    if verb == "turn_on":
        checks.append({"power": equal("on")})
    new: State = {"power": "on", "percentage": percentage}
    return _plan(device, verb, {"percentage": percentage}, new, *checks)


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
            _only(data)
            moving = above(99 if start is None else min(start, 99))
            return _plan(
                device, verb, {}, {"cover": "open", "position": 100},
                {"cover": equal("open", "opening"), "position": moving},
            )  # fmt: skip
        case "close":
            _only(data)
            moving = below(1 if start is None else max(start, 1))
            return _plan(
                device, verb, {}, {"cover": "closed", "position": 0},
                {"cover": equal("closed", "closing"), "position": moving},
            )  # fmt: skip
        case "stop":
            _only(data)
            stopped: Check = {"cover": unlike("opening", "closing")}
            return _plan(device, verb, {}, {"cover": "stopped"}, stopped)
    if verb != f"set_{noun}_position":
        return _unknown(device, verb)
    _only(data, "position")
    if not device.features.position:
        raise _NotPossibleError(f"the position of {device.name} cannot be set")
    target = _whole(data, "position", 0, 100)
    new: State = {"position": target, "cover": "open" if target else "closed"}
    return _plan(device, verb, {"position": target}, new, {"position": _towards(start, target)})


def _towards(start: float | None, target: int) -> Callable[[SlotValue], bool]:
    """Accept a position that is there, or clearly on its way."""
    there = near(target, 3)
    if start is None or abs(start - target) <= 3:
        return there
    low, high = (start + 0.5, target) if target > start else (target, start - 0.5)
    return lambda value: there(value) or (is_number(value) and low <= as_number(value) <= high)


def _lock(device: Device, verb: str, data: Mapping[str, SlotValue], state: State) -> Plan | Refusal:
    _only(data, "code")
    wanted = {"lock": ("locked",), "unlock": ("unlocked", "open"), "open": ("open", "unlocked")}
    if verb not in wanted:
        return _unknown(device, verb)
    return _plan(device, verb, data, {"lock": wanted[verb][0]}, {"lock": equal(*wanted[verb])})


def _climate(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    features = device.features
    if verb == "toggle":
        verb = "turn_on" if state.get("hvac_mode") == "off" else "turn_off"
    match verb:
        case "turn_off":
            _only(data)
            return _plan(
                device, verb, {}, {"hvac_mode": "off", "power": "off"},
                {"hvac_mode": equal("off"), "power": equal("off")},
            )  # fmt: skip
        case "turn_on":
            _only(data)
            mode = next((m for m in ("heat_cool", "auto", "heat") if m in features.modes), "heat")
            return _plan(
                device, verb, {}, {"hvac_mode": mode, "power": "on"},
                {"hvac_mode": unlike("off"), "power": equal("on")},
            )  # fmt: skip
        case "set_hvac_mode":
            _only(data, "hvac_mode")
            mode = _one_of(device, data, "hvac_mode")
            return _plan(
                device, verb, {"hvac_mode": mode}, {"hvac_mode": mode}, {"hvac_mode": equal(mode)}
            )
        case "set_temperature":
            _only(data, "temperature", "hvac_mode")
            if features.temperature is None:
                raise _NotPossibleError(f"the temperature of {device.name} cannot be set")
            low, high = features.temperature
            wanted = _number(data, "temperature", low, high)
            new: dict[str, SlotValue] = {"temperature": wanted}
            tolerance = max(0.26, features.temperature_step / 2 + 0.01)
            checks: list[Check] = [{"temperature": near(wanted, tolerance)}]
            if "hvac_mode" in data:
                new["hvac_mode"] = mode = _one_of(device, data, "hvac_mode")
                checks.append({"hvac_mode": equal(mode)})
            return _plan(device, verb, new, new, *checks)
    return _unknown(device, verb)


def _one_of(device: Device, data: Mapping[str, SlotValue], field: str) -> str:
    value = str(data.get(field, ""))
    if value not in device.features.modes:
        known = ", ".join(device.features.modes) or "none"
        raise _NotPossibleError(f'{device.name} has no {field} "{value}" (it has: {known})')
    return value


_MEDIA = {
    "media_play": ("playing", ("playing", "buffering", "on")),
    "media_pause": ("paused", ("paused", "idle")),
    "media_stop": ("idle", ("idle", "off", "standby", "stopped")),
    "turn_off": ("off", ("off", "standby")),
}


def _media_player(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    media = state.get("media")
    if verb == "toggle":
        verb = "turn_on" if media == "off" else "turn_off"
    if verb == "media_play_pause":
        verb = "media_pause" if media == "playing" else "media_play"
    if verb in _MEDIA:
        _only(data)
        new, accepted = _MEDIA[verb]
        return _plan(device, verb, {}, {"media": new}, {"media": equal(*accepted)})
    match verb:
        case "turn_on":
            _only(data)
            return _plan(device, verb, {}, {"media": "idle"}, {"media": unlike("off", "standby")})
        case "media_next_track" | "media_previous_track":
            _only(data)
            return _plan(device, verb, {}, {})
        case "volume_set":
            _only(data, "volume_level")
            level = _number(data, "volume_level", 0, 1)
            percent = round(level * 100)
            return _plan(
                device, verb, {"volume_level": level}, {"volume_pct": percent},
                {"volume_pct": near(percent, 2)},
            )  # fmt: skip
        case "volume_up" | "volume_down":
            _only(data)
            known = state.get("volume_pct", 50)
            step = 10 if verb == "volume_up" else -10
            percent = min(100, max(0, round(as_number(known) if is_number(known) else 50) + step))
            return _plan(
                device, "volume_set", {"volume_level": percent / 100}, {"volume_pct": percent},
                {"volume_pct": near(percent, 2)},
            )  # fmt: skip
        case "volume_mute":
            _only(data, "is_volume_muted")
            muted = bool(data.get("is_volume_muted", True))
            return _plan(
                device, verb, {"is_volume_muted": muted}, {"muted": muted}, {"muted": equal(muted)}
            )
    return _unknown(device, verb)


_VACUUM = {
    "start": ("cleaning", ("cleaning",)),
    "return_to_base": ("returning", ("returning", "docked")),
    "stop": ("idle", ("idle", "docked", "paused")),
    "pause": ("paused", ("paused", "idle")),
}


def _vacuum(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    _only(data)
    verb = {"turn_on": "start", "turn_off": "return_to_base"}.get(verb, verb)
    if verb == "locate":
        return _plan(device, verb, {}, {})
    if verb not in _VACUUM:
        return _unknown(device, verb)
    new, accepted = _VACUUM[verb]
    return _plan(device, verb, {}, {"value": new}, {"value": equal(*accepted)})


def _humidifier(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    if verb != "set_humidity":
        return _switch(device, verb, data, state)
    _only(data, "humidity")
    wanted = _whole(data, "humidity", 0, 100)
    new: State = {"humidity": wanted}
    return _plan(device, verb, new, new, {"humidity": near(wanted, 1)})


def _number_entity(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    if verb != "set_value":
        return _unknown(device, verb)
    _only(data, "value")
    low, high = device.features.temperature or (-1e9, 1e9)
    wanted = _number(data, "value", low, high)
    tolerance = max(1e-6, device.features.temperature_step / 2)
    new: State = {"value": wanted}
    return _plan(device, verb, new, new, {"value": near(wanted, tolerance)})


def _select(
    device: Device, verb: str, data: Mapping[str, SlotValue], state: State
) -> Plan | Refusal:
    if verb != "select_option":
        return _unknown(device, verb)
    _only(data, "option")
    option = _one_of(device, data, "option")
    return _plan(device, verb, {"option": option}, {"value": option}, {"value": equal(option)})


def _stateless(verbs: tuple[str, ...]) -> Planner:
    def planner(
        device: Device, verb: str, data: Mapping[str, SlotValue], state: State
    ) -> Plan | Refusal:
        _only(data)
        return _plan(device, verbs[0], {}, {}) if verb in verbs else _unknown(device, verb)

    return planner


_PLANNERS: dict[str, Planner] = {
    "light": _light,
    "fan": _fan,
    "cover": _cover,
    "valve": _cover,
    "lock": _lock,
    "climate": _climate,
    "media_player": _media_player,
    "vacuum": _vacuum,
    "humidifier": _humidifier,
    "number": _number_entity,
    "select": _select,
    "scene": _stateless(("turn_on",)),
    "button": _stateless(("press", "turn_on")),
}
