"""What a Tasmota device measures (tasmota.github.io/docs/MQTT, `tele/…/SENSOR`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.tasmota.config import TasmotaConfig
from assistant.home.mqtt.tasmota.messages import Part

_DEGREES = {"C": "°C", "F": "°F", "K": "K"}
_MOST = 256
_QUANTITIES: Mapping[str, tuple[str, str]] = {
    "Ambient": ("illuminance", "lx"), "ApparentPower": ("apparent_power", "VA"),
    "Battery": ("battery", "%"), "CarbonDioxide": ("carbon_dioxide", "ppm"),
    "CarbonMonoxide": ("carbon_monoxide", "ppm"), "Current": ("current", "A"),
    "DewPoint": ("temperature", "°C"), "Distance": ("distance", "cm"),
    "eCO2": ("carbon_dioxide", "ppm"), "Export": ("energy", "kWh"),
    "ExportActive": ("energy", "kWh"), "Factor": ("power_factor", ""),
    "Frequency": ("frequency", "Hz"), "Humidity": ("humidity", "%"),
    "Illuminance": ("illuminance", "lx"), "ImportActive": ("energy", "kWh"),
    "Moisture": ("moisture", "%"), "PM1": ("pm1", "µg/m³"), "PM2.5": ("pm25", "µg/m³"),
    "PM10": ("pm10", "µg/m³"), "Power": ("power", "W"), "Pressure": ("pressure", "hPa"),
    "ReactivePower": ("reactive_power", "var"), "SeaPressure": ("pressure", "hPa"),
    "Temperature": ("temperature", "°C"), "Today": ("energy", "kWh"), "Total": ("energy", "kWh"),
    "TVOC": ("volatile_organic_compounds_parts", "ppb"), "Voltage": ("voltage", "V"),
    "Weight": ("weight", "kg"), "Yesterday": ("energy", "kWh"),
}  # fmt: skip
_TECHNICAL = frozenset({"ApparentPower", "Battery", "Factor", "Frequency", "ReactivePower"})
_CHIPS = frozenset({"ESP32"})
"""Sensors that tell how warm the device itself is."""
_LABELS = {
    "ApparentPower": "Apparent power", "CarbonDioxide": "Carbon dioxide",
    "CarbonMonoxide": "Carbon monoxide", "DewPoint": "Dew point", "eCO2": "Carbon dioxide",
    "Export": "Energy export", "ExportActive": "Energy export", "Factor": "Power factor",
    "ImportActive": "Energy import", "ReactivePower": "Reactive power",
    "SeaPressure": "Sea level pressure", "Today": "Energy Today", "Total": "Energy Total",
    "Yesterday": "Energy Yesterday",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Measure:
    sensor: str
    path: tuple[str, ...]
    quantity: str
    label: str


def sensors(config: TasmotaConfig, document: Mapping[str, Any]) -> Iterator[Part]:
    """What is measured, where it is known what it is. Raises `AnnouncementError`."""
    told = document.get("sn")
    if not isinstance(told, dict):
        raise AnnouncementError("sn is missing")
    measures = [
        measure
        for sensor, values in told.items()
        if isinstance(values, dict)
        for measure in _measures(sensor, (sensor,), values)
    ][:_MOST]
    labels = Counter(measure.label for measure in measures)
    for measure in measures:
        device_class, unit = _QUANTITIES[measure.quantity]
        options: dict[str, Any] = {
            "state_topic": ".".join(measure.path), "device_class": device_class,
            "unit_of_measurement": _unit(device_class, unit, told) or None,
            "state_class": "measurement",
        }  # fmt: skip
        if measure.quantity in _TECHNICAL or measure.sensor in _CHIPS:
            options["entity_category"] = "diagnostic"
        several = labels[measure.label] > 1
        label = f"{measure.sensor} {measure.label}" if several else measure.label
        name = f"{config.name} {label}"
        yield Part(
            "sensor",
            "_".join(measure.path),
            name,
            options,
            sensed=True,
            derive=_phase(measure.path),
        )


def _measures(
    sensor: str, path: tuple[str, ...], values: Mapping[str, Any], depth: int = 2
) -> Iterator[_Measure]:
    """Numbers whose names are known; one of several phases or inputs has a number."""
    for key, value in values.items():
        here = (*path, key)
        plain = key.rstrip("0123456789")
        quantity = key if key in _QUANTITIES else plain
        if isinstance(value, dict) and depth > 1:
            yield from _measures(sensor, here, value, depth - 1)
        elif quantity not in _QUANTITIES:
            continue
        elif _is_number(value):
            label = _LABELS.get(quantity, quantity)
            more = key.removeprefix(quantity)
            yield _Measure(sensor, here, quantity, f"{label} {more}" if more else label)
        elif isinstance(value, list):
            for place, one in enumerate(value[:8]):
                if _is_number(one):
                    label = f"{_LABELS.get(quantity, quantity)} {place + 1}"
                    yield _Measure(sensor, (*here, str(place)), quantity, label)


def _phase(path: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Takes the only phase for the first one, if more are told than announced, or fewer."""
    whole, first = ".".join(path), ".".join(path[:-1])

    def derive(flat: Mapping[str, Any]) -> Mapping[str, Any]:
        value = flat.get(whole)
        if isinstance(value, list):
            return {whole: value[0] if value and _is_number(value[0]) else None}
        if value is None and path[-1] == "0" and _is_number(flat.get(first)):
            return {whole: flat[first]}
        return {}

    return derive


def _unit(device_class: str, unit: str, told: Mapping[str, Any]) -> str:
    if device_class == "temperature":
        return _DEGREES.get(str(told.get("TempUnit")), unit)
    if device_class == "pressure" and isinstance(told.get("PressureUnit"), str):
        return str(told["PressureUnit"])
    return unit


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
