"""Sensors, remotes, numbers, choices and texts as Zigbee2MQTT has them: generic entries.

https://www.zigbee2mqtt.io/guide/usage/exposes.html#generic and the devices' own pages.
"""

from __future__ import annotations

from collections.abc import Callable

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.thing import topic_level
from assistant.home.simulator.values import choices, event_types, number_range
from assistant.home.simulator.wire import Document
from assistant.home.simulator.zigbee_form import (
    PUBLISHED,
    SETTABLE,
    Form,
    ZigbeeHear,
    binary,
    choice,
    deaf,
    numeric,
    words,
)

_MEASURED = {
    "temperature": ("temperature", "°C"), "humidity": ("humidity", "%"),
    "pressure": ("pressure", "hPa"), "atmospheric_pressure": ("pressure", "hPa"),
    "illuminance": ("illuminance", "lx"), "carbon_dioxide": ("co2", "ppm"),
    "pm25": ("pm25", "µg/m³"),
    "power": ("power", "W"), "energy": ("energy", "kWh"), "voltage": ("voltage", "V"),
    "current": ("current", "A"), "moisture": ("soil_moisture", "%"),
}  # fmt: skip
"""By device class: name and usual unit."""

_NOTICED: dict[str, tuple[str, object, object]] = {
    "motion": ("occupancy", True, False), "occupancy": ("occupancy", True, False),
    "presence": ("presence", True, False), "door": ("contact", False, True),
    "window": ("contact", False, True), "opening": ("contact", False, True),
    "garage_door": ("contact", False, True), "moisture": ("water_leak", True, False),
    "smoke": ("smoke", True, False), "gas": ("gas", True, False),
    "vibration": ("vibration", True, False), "carbon_monoxide": ("carbon_monoxide", True, False),
}  # fmt: skip
"""By device class: name, and the values of on and off (`contact` is false when open)."""


def sensor(device: Device) -> Form:
    """A measured number, or a text."""
    name, unit = _MEASURED.get(device.device_class or "", ("", ""))
    unit = device.features.unit or unit
    name = name or _name(device)
    entry = numeric(name, None, None, PUBLISHED, **({"unit": unit} if unit else {}))
    if not unit:
        entry = words(name, PUBLISHED)
    return Form([entry], deaf, _shows(name))


def binary_sensor(device: Device) -> Form:
    """Something noticed."""
    name, on, off = _NOTICED.get(device.device_class or "", (_name(device), True, False))

    def show(state: State) -> Document:
        return {name: on if state.get("value") == "on" else off}

    return Form([binary(name, on, off, PUBLISHED)], deaf, show)


def event(device: Device) -> Form:
    """`action`: what was pressed."""
    entry = choice("action", event_types(device), PUBLISHED)
    return Form([entry], deaf, lambda state: {}, action=True)


def number(device: Device) -> Form:
    """A number that can be set."""
    name, unit = _name(device), device.features.unit
    low, high = number_range(device)
    entry = numeric(name, low, high, value_step=device.features.value_step)
    return Form(
        [entry | ({"unit": unit} if unit else {})], _sets(name, "set_value", "value"), _shows(name)
    )


def select(device: Device) -> Form:
    """One of several options."""
    name = _name(device)
    entry = choice(name, choices(device))
    return Form([entry], _sets(name, "select_option", "option"), _shows(name))


def text(device: Device) -> Form:
    """Free text."""
    name = _name(device)
    return Form([words(name)], _sets(name, "set_value", "value"), _shows(name))


def button(device: Device) -> Form:
    """A choice with a single, write-only option."""
    name = _name(device)

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        if document.get(name) != "press":
            raise NonsenseError(f"{name} must be press")
        return (Wish("press"),)

    return Form([choice(name, ("press",), SETTABLE)], hear, lambda state: {})


def _name(device: Device) -> str:
    """A property's name, made from the device's."""
    return topic_level(device.name.casefold().replace(" ", "_"))


def _shows(name: str) -> Callable[[State], Document]:
    return lambda state: {name: state["value"]} if "value" in state else {}


def _sets(name: str, verb: str, field: str) -> ZigbeeHear:
    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        if name not in document:
            raise NonsenseError(f"there is no {name} in it")
        return (Wish(verb, {field: document[name]}),)

    return hear
