"""A device's state, as people write it down in a home file, under the documented keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.colors import COLORS, color_key, hs_to_rgb
from assistant.home.commands.plan import SWITCH_LIKE
from assistant.home.devices import Device, State
from assistant.types import SlotValue

_SCALAR_KEYS = {
    "light": "power",
    "siren": "power",
    "fan": "power",
    "humidifier": "power",
    "cover": "cover",
    "valve": "cover",
    "lock": "lock",
    "climate": "hvac_mode",
    "water_heater": "operation_mode",
    "media_player": "media",
    "alarm_control_panel": "alarm",
    "event": "event",
}

_MEANING = {
    "state", "value", "power", "cover", "lock", "hvac_mode", "operation_mode", "media", "alarm",
    "event",
}  # fmt: skip


def main_key(kind: str) -> str:
    """The state key that says the most about a device of type `kind`."""
    return "power" if kind in SWITCH_LIKE else _SCALAR_KEYS.get(kind, "value")


def read_state(device: Device, value: Any, where: str) -> State:
    """The state of `device` from a mapping or a single value.

    Keys that are not known are kept as they are. Raises `HomeFileError` for a known key with a
    value that makes no sense; `where` begins its sentence.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        value = {main_key(device.type): value}
    state: dict[str, SlotValue] = {}
    for name, given in value.items():
        if given is None:
            continue
        place = f"{where}.{name}"
        key = "state" if str(name) in ("state", "status") else str(name)
        if key in ("state", main_key(device.type)) and key in _MEANING:
            state[main_key(device.type)] = _main(device, given, place)
            continue
        reader = _READERS.get(key)
        if reader is None:
            state[key] = _plain(given)
            continue
        key, read = reader
        state[key] = read(given, place)
    return state


def _plain(value: Any) -> SlotValue:
    if isinstance(value, str | int | float | bool):
        return value
    return tuple(str(item) for item in value) if isinstance(value, list) else str(value)


def _on_off(value: Any) -> SlotValue:
    """YAML 1.1 reads on and off as true and false."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value.lower() if isinstance(value, str) else _plain(value)


def _main(device: Device, value: Any, where: str) -> SlotValue:
    key = main_key(device.type)
    plain = _on_off(value)
    allowed = _ALLOWED.get(key)
    if key in ("value", "event", "operation_mode"):
        # A text sensor keeps its spelling; on and off come as YAML's truth values.
        return plain if isinstance(value, bool) else _plain(value)
    if allowed and plain not in allowed:
        words = ", ".join(allowed)
        raise HomeFileError(f"{where}: expected one of {words}, found {value!r}.")
    return plain


_ALLOWED = {
    "power": ("on", "off"),
    "cover": ("open", "opening", "closed", "closing", "stopped"),
    "lock": ("locked", "unlocked", "locking", "unlocking", "jammed", "open", "opening"),
    "alarm": (
        "disarmed", "armed_home", "armed_away", "armed_night", "armed_vacation",
        "armed_custom_bypass", "arming", "disarming", "pending", "triggered",
    ),
}  # fmt: skip

_DIRECTIONS = ("forward", "reverse")


def _percent(value: Any, where: str) -> SlotValue:
    number = _number(value, where)
    if not 0 <= number <= 100:
        raise HomeFileError(f"{where}: expected 0 to 100, found {value!r}.")
    return number


def _number(value: Any, where: str) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise HomeFileError(f"{where}: expected a number, found {value!r}.")


def _name(value: Any, where: str) -> SlotValue:
    """A mode as the device spells it; YAML 1.1 reads on and off as true and false."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _truth(value: Any, where: str) -> SlotValue:
    if isinstance(value, bool):
        return value
    raise HomeFileError(f"{where}: expected true or false, found {value!r}.")


def _direction(value: Any, where: str) -> SlotValue:
    if value in _DIRECTIONS:
        return str(value)
    raise HomeFileError(f"{where}: expected one of {', '.join(_DIRECTIONS)}, found {value!r}.")


def _color(value: Any, where: str) -> SlotValue:
    if isinstance(value, str) and color_key(value) in COLORS:
        return COLORS[color_key(value)]
    numbers = isinstance(value, list) and all(isinstance(c, int) for c in value)
    if numbers and len(value) == 3 and all(0 <= channel <= 255 for channel in value):
        return value[0], value[1], value[2]
    raise HomeFileError(f"{where}: expected [red, green, blue] from 0 to 255, found {value!r}.")


def _hs(value: Any, where: str) -> SlotValue:
    if isinstance(value, list) and len(value) == 2:
        return hs_to_rgb(float(_number(value[0], where)), float(_number(value[1], where)))
    raise HomeFileError(f"{where}: expected [hue, saturation], found {value!r}.")


_READERS: dict[str, tuple[str, Callable[[Any, str], SlotValue]]] = {
    "brightness_pct": ("brightness_pct", _percent),
    "brightness": (
        "brightness_pct",
        lambda value, where: round(min(_number(value, where), 255) / 2.55),
    ),
    "rgb_color": ("rgb_color", _color),
    "color": ("rgb_color", _color),
    "hs_color": ("rgb_color", _hs),
    "color_temp_kelvin": ("color_temp_kelvin", _number),
    "percentage": ("percentage", _percent),
    "position": ("position", _percent),
    "current_position": ("position", _percent),
    "temperature": ("temperature", _number),
    "target_temperature": ("temperature", _number),
    "current_temperature": ("current_temperature", _number),
    "volume_pct": ("volume_pct", _percent),
    "volume_level": ("volume_pct", lambda value, where: round(_number(value, where) * 100)),
    "target_temp_low": ("target_temp_low", _number),
    "target_temp_high": ("target_temp_high", _number),
    "humidity": ("humidity", _percent),
    "target_humidity": ("humidity", _percent),
    "current_humidity": ("current_humidity", _percent),
    "tilt": ("tilt", _percent),
    "tilt_position": ("tilt", _percent),
    "current_tilt_position": ("tilt", _percent),
    "oscillating": ("oscillating", _truth),
    "direction": ("direction", _direction),
    "muted": ("muted", _truth),
    "is_volume_muted": ("muted", _truth),
    "effect": ("effect", _name),
    "preset_mode": ("preset_mode", _name),
    "fan_mode": ("fan_mode", _name),
    "fan_speed": ("fan_mode", _name),
    "swing_mode": ("swing_mode", _name),
    "operation_mode": ("operation_mode", _name),
    "mode": ("mode", _name),
    "source": ("source", _name),
    "event_type": ("event", _name),
    "hvac_mode": ("hvac_mode", lambda value, where: _on_off(value)),
    "power": ("power", lambda value, where: _on_off(value)),
}
