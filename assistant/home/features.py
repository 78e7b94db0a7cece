"""What a device can do, as people write it down in a home file."""

from __future__ import annotations

import dataclasses
import difflib
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.model import Features

_KEYS = tuple(field.name for field in dataclasses.fields(Features))

_SYNONYMS = {
    "dimmable": "brightness",
    "colour": "color",
    "rgb": "color",
    "rgb_color": "color",
    "color_temperature": "color_temp",
    "colour_temp": "color_temp",
    "color_temp_kelvin": "color_temp",
    "set_position": "position",
    "speed": "percentage",
    "set_percentage": "percentage",
    "target_temperature": "temperature",
    "temp_step": "temperature_step",
    "step": "temperature_step",
    "hvac_modes": "modes",
    "preset_modes": "modes",
    "options": "modes",
    "unit_of_measurement": "unit",
}

_DEFAULT_KELVIN = (2000, 6500)
_DEFAULT_HVAC_MODES = ("off", "heat")


def read_features(kind: str, value: Any, where: str) -> Features:
    """Features of a device of type `kind` from a mapping or a list of names.

    `where` begins the sentence of the `HomeFileError` that is raised for what cannot be read.
    """
    given = _as_mapping(value, where)
    read: dict[str, Any] = {}
    for name, setting in given.items():
        key = _SYNONYMS.get(str(name), str(name))
        if key not in _KEYS:
            # Other programs' features (effects, transitions) are no concern of ours.
            near = difflib.get_close_matches(key, (*_KEYS, *_SYNONYMS), n=1, cutoff=0.8)
            if near:
                raise HomeFileError(
                    f'{where}: there is no feature "{name}"; did you mean "{near[0]}"?'
                )
            continue
        read[key] = _setting(key, setting, f"{where}.{name}", kind)
    if kind == "climate":
        unit = read.setdefault("unit", "°C")
        read.setdefault("temperature", _default_temperatures(unit))
        read["modes"] = read.get("modes") or _DEFAULT_HVAC_MODES
    read = {key: setting for key, setting in read.items() if setting is not None}
    return Features(**read)


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


def _setting(key: str, value: Any, where: str, kind: str) -> Any:
    match key:
        case "brightness" | "color" | "position" | "percentage":
            return _flag(value, where)
        case "color_temp":
            span = _span(value, where, "kelvin, such as [2000, 6500]", _DEFAULT_KELVIN)
            if span is None:
                return None
            low, high = span
            if high <= 1000:  # mireds
                low, high = 1_000_000 / max(high, 1), 1_000_000 / max(low, 1)
            return round(low), round(high)
        case "temperature":
            return _span(value, where, "degrees, such as [7, 30]", _default_temperatures("°C"))
        case "temperature_step" | "percentage_step":
            if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
                return float(value)
            raise HomeFileError(f"{where}: expected a number above 0, found {value!r}.")
        case "modes":
            items = [value] if isinstance(value, str) else value
            if isinstance(items, list):
                return tuple(_mode(item) for item in items)
            raise HomeFileError(f"{where}: expected a list of names, found {value!r}.")
    if isinstance(value, str):
        return value
    raise HomeFileError(f"{where}: expected a text such as °C, found {value!r}.")


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
