"""What a device can do, as people write it down in a home file."""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.devices import Features

_KEYS = tuple(field.name for field in dataclasses.fields(Features))

_FLAGS = frozenset(
    {"brightness", "color", "position", "tilt", "percentage", "oscillation", "direction",
     "temperature_span", "siren_volume", "siren_duration"}
)  # fmt: skip
_NAMES = frozenset(
    {"effects", "presets", "fan_modes", "swing_modes", "modes", "sources", "tones", "code_verbs"}
)
_STEPS = frozenset({"temperature_step", "percentage_step", "value_step"})

_SYNONYMS = {
    "dimmable": "brightness",
    "colour": "color",
    "rgb": "color",
    "rgb_color": "color",
    "color_temperature": "color_temp",
    "colour_temp": "color_temp",
    "color_temp_kelvin": "color_temp",
    "effect": "effects",
    "effect_list": "effects",
    "set_position": "position",
    "tilt_position": "tilt",
    "set_tilt_position": "tilt",
    "speed": "percentage",
    "set_percentage": "percentage",
    "oscillate": "oscillation",
    "oscillating": "oscillation",
    "preset": "presets",
    "preset_mode": "presets",
    "preset_modes": "presets",
    "fan_mode": "fan_modes",
    "fan_speed": "fan_modes",
    "fan_speeds": "fan_modes",
    "fan_speed_list": "fan_modes",
    "swing_mode": "swing_modes",
    "target_temperature": "temperature",
    "target_temperature_range": "temperature_span",
    "temp_step": "temperature_step",
    "target_temp_step": "temperature_step",
    "step": "temperature_step",
    "target_humidity": "humidity",
    "hvac_modes": "modes",
    "available_modes": "modes",
    "operation_list": "modes",
    "operation_modes": "modes",
    "event_types": "modes",
    "options": "modes",
    "source_list": "sources",
    "select_source": "sources",
    "available_tones": "tones",
    "volume": "siren_volume",
    "duration": "siren_duration",
    "range": "value_range",
    "pattern": "value_pattern",
    "code_format": "code",
    "unit_of_measurement": "unit",
}

_OF_VALUES = {"temperature": "value_range", "temperature_step": "value_step"}
"""What a number's or a text's features are called, by what a thermostat's are called."""

_BOUNDS = {
    "min": ("value_range", 0), "max": ("value_range", 1),
    "min_temp": ("temperature", 0), "max_temp": ("temperature", 1),
    "min_humidity": ("humidity", 0), "max_humidity": ("humidity", 1),
}  # fmt: skip

_CODED = {"lock": ("unlock", "open"), "alarm_control_panel": ("alarm_disarm",)}
_DEFAULT_KELVIN = (2000, 6500)
_DEFAULT_HUMIDITY = (0.0, 100.0)
_DEFAULT_VALUES = (0.0, 100.0)
_SPANS = {
    "temperature": ("degrees, such as [7, 30]", (7.0, 35.0)),
    "humidity": ("percent, such as [30, 80]", _DEFAULT_HUMIDITY),
    "value_range": ("its unit, such as [0, 10]", _DEFAULT_VALUES),
}
_DEFAULT_HVAC_MODES = ("off", "heat")


def read_features(kind: str, value: Any, where: str) -> Features:
    """Features of a device of type `kind` from a mapping or a list of names.

    `where` begins the sentence of the `HomeFileError` that is raised for what cannot be read.
    """
    given = _ranged(_as_mapping(value, where), kind)
    read: dict[str, Any] = {}
    for name, setting in given.items():
        key = _SYNONYMS.get(str(name), str(name))
        if kind in ("number", "text"):
            key = _OF_VALUES.get(key, key)
        if key not in _KEYS:
            # Other programs' features (transitions, flashes) are no concern of ours.
            near = difflib.get_close_matches(key, (*_KEYS, *_SYNONYMS), n=1, cutoff=0.8)
            if near:
                raise HomeFileError(
                    f'{where}: there is no feature "{name}"; did you mean "{near[0]}"?'
                )
            continue
        read[key] = _setting(key, setting, f"{where}.{name}")
    if kind == "climate":
        unit = read.setdefault("unit", "°C")
        read.setdefault("temperature", _default_temperatures(unit))
        read["modes"] = read.get("modes") or _DEFAULT_HVAC_MODES
    if read.get("code") and not read.get("code_verbs"):
        read["code_verbs"] = _CODED.get(kind, ())
    read = {key: setting for key, setting in read.items() if setting is not None}
    return Features(**read)


def _ranged(given: dict[Any, Any], kind: str) -> dict[Any, Any]:
    """`given` with bounds that are named one by one (`min`, `max_temp`) made into ranges."""
    rest = {name: setting for name, setting in given.items() if name not in _BOUNDS}
    for name in given.keys() & _BOUNDS.keys():
        key, end = _BOUNDS[name]
        if key == "value_range" and kind in ("climate", "water_heater"):
            key = "temperature"
        elif key == "value_range" and kind == "humidifier":
            key = "humidity"
        default = {"temperature": _default_temperatures(str(given.get("unit", "°C"))),
                   "humidity": _DEFAULT_HUMIDITY, "value_range": _DEFAULT_VALUES}[key]  # fmt: skip
        span = rest.get(key)
        rest[key] = list(span) if isinstance(span, list) else list(default)
        rest[key][end] = given[name]
    return rest


def _as_mapping(value: Any, where: str) -> dict[Any, Any]:
    if value is None:
        return {}
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return dict.fromkeys(value, True)
    if isinstance(value, dict):
        return value
    raise HomeFileError(
        f"{where}: expected a mapping such as {{brightness: true}}, found {value!r}."
    )


def _setting(key: str, value: Any, where: str) -> Any:
    if key in _FLAGS:
        return _flag(value, where)
    if key in _NAMES:
        return _names(value, where)
    if key in _STEPS:
        return _step(value, where)
    if key == "color_temp":
        return _kelvin(value, where)
    if key in _SPANS:
        return _span(value, where, *_SPANS[key])
    if key == "code":
        return _code(value, where)
    if key == "value_pattern":
        return _pattern(value, where)
    if isinstance(value, str):
        return value
    raise HomeFileError(f"{where}: expected a text such as °C, found {value!r}.")


def _kelvin(value: Any, where: str) -> tuple[int, int] | None:
    span = _span(value, where, "kelvin, such as [2000, 6500]", _DEFAULT_KELVIN)
    if span is None:
        return None
    low, high = span
    if high <= 1000:  # mireds
        low, high = 1_000_000 / max(high, 1), 1_000_000 / max(low, 1)
    return round(low), round(high)


def _step(value: Any, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise HomeFileError(f"{where}: expected a number above 0, found {value!r}.")


def _code(value: Any, where: str) -> str:
    if isinstance(value, bool) or value in ("number", "text", ""):
        return "number" if value is True else value or ""
    raise HomeFileError(f"{where}: expected number or text, found {value!r}.")


def _names(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ()
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and all(isinstance(i, str | int | float) for i in items):
        return tuple(_mode(item) for item in items)
    raise HomeFileError(f"{where}: expected a list of names, found {value!r}.")


def _pattern(value: Any, where: str) -> str:
    try:
        if isinstance(value, str) and re.compile(value):
            return value
    except re.error as error:
        raise HomeFileError(f"{where}: this is no regular expression: {error}.") from None
    raise HomeFileError(f"{where}: expected a regular expression, found {value!r}.")


def _mode(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _flag(value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | dict):
        return True
    if isinstance(value, int | float):
        return value > 0
    if isinstance(value, str) and value.lower() in ("yes", "true", "on", "no", "false", "off"):
        return value.lower() in ("yes", "true", "on")
    if value is None:
        return True
    raise HomeFileError(f"{where}: expected true or false, found {value!r}.")


def _span(
    value: Any, where: str, example: str, default: tuple[float, float]
) -> tuple[float, float] | None:
    if value is True or value is None:
        return default
    if value is False:
        return None
    if isinstance(value, dict):
        value = [value.get("min", default[0]), value.get("max", default[1])]
    numbers = isinstance(value, list) and all(
        isinstance(item, int | float) and not isinstance(item, bool) for item in value
    )
    if numbers and len(value) == 2 and value[0] < value[1]:
        return float(value[0]), float(value[1])
    raise HomeFileError(f"{where}: expected true or a range in {example}, found {value!r}.")


def _default_temperatures(unit: str) -> tuple[float, float]:
    return (45.0, 95.0) if "F" in unit else (7.0, 35.0)
