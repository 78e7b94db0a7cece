"""Components that a device's owner has added: virtual ones, and Bluetooth sensors behind it.

shelly-api-docs.shelly.cloud/gen2/DynamicComponents. What a Bluetooth sensor measures is told by
its object id (bthome.io/format).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import GarbageError
from assistant.home.mqtt.shelly.entity import (
    Call,
    Component,
    Entity,
    Reading,
    Shelly,
    number,
    on_off,
    word,
)
from assistant.home.mqtt.shelly.measures import BUTTON_EVENTS, detected, measured
from assistant.types import SlotValue

_MEASURES = {
    2: ("temperature", "°C", "Temperature"), 3: ("humidity", "%", "Humidity"),
    4: ("pressure", "hPa", "Pressure"), 5: ("illuminance", "lx", "Illuminance"),
    8: ("temperature", "°C", "Dew point"), 13: ("pm25", "µg/m³", "PM2.5"),
    14: ("pm10", "µg/m³", "PM10"), 18: ("carbon_dioxide", "ppm", "CO2"),
    19: ("volatile_organic_compounds", "µg/m³", "Organic compounds"),
    20: ("moisture", "%", "Moisture"), 46: ("humidity", "%", "Humidity"),
    47: ("moisture", "%", "Moisture"), 64: ("distance", "mm", "Distance"),
    68: ("wind_speed", "m/s", "Speed"), 69: ("temperature", "°C", "Temperature"),
    70: (None, "", "UV index"), 94: (None, "°", "Direction"),
    95: ("precipitation", "mm", "Precipitation"),
}  # fmt: skip
_DETECTED = {
    17: ("opening", "Opening"), 26: ("door", "Door"), 27: ("garage_door", "Garage door"),
    32: ("moisture", "Moisture"), 33: ("motion", "Motion"), 34: ("moving", "Moving"),
    35: ("occupancy", "Occupancy"), 41: ("smoke", "Smoke"), 43: ("tamper", "Tamper"),
    44: ("vibration", "Vibration"), 45: ("window", "Window"),
}  # fmt: skip
_BATTERY, _BUTTON = 1, 58
_MAX_OPTIONS = 100


def bluetooth_sensor(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """One value of a BTHome device, called after that device."""
    kind, address = component.config.get("obj_id"), component.config.get("addr")
    family = [one for one in shelly.components.values() if one.config.get("addr") == address]
    if any(one.kind == "blutrv" for one in family):
        return  # its thermostat tells all this
    owner = next((one for one in family if one.kind == "bthomedevice"), None)
    prefix = "" if component.name or owner is None or not owner.name else f"{owner.name} "
    if kind == _BATTERY:
        yield measured(component, ("value",), "battery", "%", f"{prefix}Battery", exposed=False)
    elif kind == _BUTTON:
        keys = {component.key} | ({owner.key} if owner is not None else set())
        yield Entity(
            "event",
            features=Features(modes=BUTTON_EVENTS[:4]),
            device_class="button",
            label=f"{prefix}Button",
            events=frozenset(keys),
        )
    elif isinstance(kind, int) and kind in _MEASURES:
        device_class, unit, label = _MEASURES[kind]
        yield measured(component, ("value",), device_class, unit, f"{prefix}{label}")
    elif isinstance(kind, int) and kind in _DETECTED:
        device_class, label = _DETECTED[kind]
        yield detected(component, ("value",), device_class, f"{prefix}{label}")


def _shown_only(component: Component) -> bool:
    """Whether the owner has chosen that it may be looked at, not set."""
    return component.option("meta", "ui", "view") in ("label", "progressbar", "image")


def _unit(component: Component) -> str:
    unit = component.option("meta", "ui", "unit")
    return unit[:32] if isinstance(unit, str) else ""


def _set(component: Component, method: str, value: SlotValue) -> Call:
    return method, {"id": component.number, "value": value}


def boolean(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A virtual switch, or a display of something that is so or not."""
    if _shown_only(component):
        yield detected(component, ("value",), None, "")
        return
    yield Entity(
        "switch",
        (Reading(component.key, ("value",), "power", on_off),),
        {
            "turn_on": lambda data: _set(component, "Boolean.Set", True),
            "turn_off": lambda data: _set(component, "Boolean.Set", False),
        },
    )


def virtual_number(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A virtual number."""
    unit = _unit(component)
    if _shown_only(component):
        yield measured(component, ("value",), None, unit, "")
        return
    low, high = (_number(component.config.get(key)) for key in ("min", "max"))
    step = _number(component.option("meta", "ui", "step"))
    yield Entity(
        "number",
        (Reading(component.key, ("value",), "value", number),),
        {"set_value": lambda data: _set(component, "Number.Set", data["value"])},
        Features(
            value_range=(low, high)
            if low is not None and high is not None and low < high
            else None,
            value_step=step if step is not None and step > 0 else 1.0,
            unit=unit,
        ),
    )


def _number(value: Any) -> float | None:
    """An option that is a number, else None."""
    try:
        return float(number(value))
    except GarbageError:
        return None


def virtual_text(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A virtual text."""
    reading = Reading(component.key, ("value",), "value", word)
    if _shown_only(component):
        yield Entity("sensor", (reading,))
        return
    longest = _number(component.config.get("max_len"))
    yield Entity(
        "text",
        (reading,),
        {"set_value": lambda data: _set(component, "Text.Set", str(data["value"]))},
        Features(value_range=(0.0, longest) if longest is not None and longest > 0 else None),
    )


def enum(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A virtual choice; options are called by their titles, where they have such."""
    options = _texts(component.config.get("options"))
    titles = component.option("meta", "ui", "titles")
    named = titles if isinstance(titles, dict) else {}
    spoken = {one: str(named.get(one) or one)[:255] for one in options}
    if len(set(spoken.values())) < len(spoken):
        spoken = {one: one for one in options}
    reading = Reading(component.key, ("value",), "value", lambda value: _title(spoken, value))
    if _shown_only(component) or not options:
        yield Entity("sensor", (reading,))
        return
    meant = {title: one for one, title in spoken.items()}

    def select(data: Mapping[str, SlotValue]) -> Call | None:
        option = meant.get(str(data["option"]))
        return None if option is None else _set(component, "Enum.Set", option)

    yield Entity(
        "select", (reading,), {"select_option": select}, Features(modes=tuple(spoken.values()))
    )


def _title(spoken: Mapping[str, str], value: Any) -> SlotValue:
    text = str(word(value))
    return spoken.get(text, text)


def _texts(value: Any) -> Sequence[str]:
    if not isinstance(value, list):
        return ()
    texts = (one for one in value if isinstance(one, str) and 0 < len(one) <= 255)
    return tuple(dict.fromkeys(texts))[:_MAX_OPTIONS]


def virtual_button(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A virtual button."""
    params = {"id": component.number, "event": "single_push"}
    yield Entity("button", verbs={"press": lambda data: ("Button.Trigger", params)})
