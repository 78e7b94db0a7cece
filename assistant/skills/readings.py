"""Skills: readings of sensors that are more than a number with a unit."""

from __future__ import annotations

import datetime as dt

from assistant.home.devices import Device
from assistant.types import SlotValue

_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SAME = {
    "μ": "µ", "㎥": "m³", "m3": "m³", "m^3": "m³", "ft3": "ft³", "ft^3": "ft³", "m2": "m²",
    "m^2": "m²", "ft2": "ft²", "H2O": "H₂O", "·": "⋅",
}  # fmt: skip


def shown_unit(unit: str) -> str:
    """The unit in the one spelling that the replies know: micrograms have two, cubes three."""
    for other, known in _SAME.items():
        unit = unit.replace(other, known)
    return {"l": "L", "ml": "mL", "l/min": "L/min", "KW": "kW", "KWh": "kWh"}.get(unit, unit)


def seconds_of(device: Device, value: SlotValue | None) -> float | None:
    """The length of time that a sensor tells; None where it tells something else."""
    factor = _SECONDS.get(device.features.unit)
    if factor is None or not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) * factor


def moment_of(device: Device, text: str, now: dt.datetime) -> dt.datetime | None:
    """The point in time that a sensor of class `timestamp` tells, in the zone of `now`."""
    if device.device_class != "timestamp":
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(now.tzinfo) if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
