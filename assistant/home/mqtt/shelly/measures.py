"""Components that tell something: meters, sensors, inputs.

shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices: Input, Temperature, Humidity, Voltmeter,
PM1, EM, EM1, EMData, EM1Data, DevicePower, Smoke, Flood, Illuminance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assistant.home.devices import Features
from assistant.home.mqtt.shelly.entity import (
    Component,
    Entity,
    Reading,
    Shelly,
    kilo,
    number,
    on_off,
    percent,
)
from assistant.types import SlotValue

BUTTON_EVENTS = (
    "single_push", "double_push", "triple_push", "long_push", "btn_down", "btn_up",
)  # fmt: skip
"""Types of a button's events (…/Input#notifications)."""


def measured(
    component: Component,
    path: tuple[str, ...],
    device_class: str | None,
    unit: str,
    label: str,
    *,
    suffix: str = "",
    convert: Callable[[Any], SlotValue] = number,
    exposed: bool = True,
) -> Entity:
    """A number that a component tells."""
    return Entity(
        "sensor",
        (Reading(component.key, path, "value", convert),),
        features=Features(unit=unit),
        device_class=device_class,
        label=label,
        suffix=suffix,
        exposed=exposed,
    )


def detected(
    component: Component, path: tuple[str, ...], device_class: str | None, label: str
) -> Entity:
    """Something that is so or is not."""
    return Entity(
        "binary_sensor",
        (Reading(component.key, path, "value", on_off),),
        device_class=device_class,
        label=label,
    )


def channel_meters(component: Component) -> Iterator[Entity]:
    """What a relay, a light or a cover measures besides, if it does."""
    if "apower" in component.shows:
        yield measured(component, ("apower",), "power", "W", "Power", suffix="power")
    if "aenergy" in component.shows:
        yield _energy(component, ("aenergy", "total"))


def _energy(component: Component, path: tuple[str, ...]) -> Entity:
    return measured(component, path, "energy", "kWh", "Energy", suffix="energy", convert=kilo)


def pm1(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A meter of one phase."""
    yield measured(component, ("apower",), "power", "W", "Power", suffix="power")
    yield from _tension(component)
    yield _energy(component, ("aenergy", "total"))


def em1(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A clamp of an energy meter."""
    yield measured(component, ("act_power",), "power", "W", "Power", suffix="power")
    yield from _tension(component)


def _tension(component: Component) -> Iterator[Entity]:
    yield measured(component, ("voltage",), "voltage", "V", "Voltage", suffix="voltage")
    yield measured(component, ("current",), "current", "A", "Current", suffix="current")


def em(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """An energy meter of three phases."""
    yield measured(component, ("total_act_power",), "power", "W", "Power", suffix="power")
    for phase in "abc":
        label, suffix = f"Phase {phase.upper()} Power", f"power_{phase}"
        yield measured(component, (f"{phase}_act_power",), "power", "W", label, suffix=suffix)


def emdata(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """What an energy meter has counted."""
    key = "total_act" if component.kind == "emdata" else "total_act_energy"
    yield _energy(component, (key,))


def temperature(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A thermometer."""
    yield measured(component, ("tC",), "temperature", "°C", "Temperature")


def humidity(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A hygrometer."""
    yield measured(component, ("rh",), "humidity", "%", "Humidity")


def illuminance(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A light meter."""
    yield measured(component, ("lux",), "illuminance", "lx", "Illuminance")


def voltmeter(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A voltmeter, or what its owner makes of the voltage."""
    unit = component.option("xvoltage", "unit")
    if "xvoltage" in component.shows and isinstance(unit, str):
        yield measured(component, ("xvoltage",), None, unit[:32], "Value")
    else:
        yield measured(component, ("voltage",), "voltage", "V", "Voltage")


def battery(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """The battery of a device that has one."""
    path = ("battery", "percent")
    yield measured(component, path, "battery", "%", "Battery", convert=percent, exposed=False)


def smoke(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A smoke alarm."""
    yield detected(component, ("alarm",), "smoke", "Smoke")


def flood(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """A flood alarm."""
    yield detected(component, ("alarm",), "moisture", "Flood")


def presence(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """How many people are there."""
    yield measured(component, ("num_objects",), None, "", "People")


def presence_zone(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """Whether somebody is in a part of the room."""
    yield detected(component, ("value",), "occupancy", "Occupancy")


def wall_input(component: Component, shelly: Shelly) -> Iterator[Entity]:
    """What is wired to an input: a button, a switch, a sensor, a counter."""
    if component.config.get("enable") is False:
        return
    match component.config.get("type"):
        case "button":
            yield Entity(
                "event",
                features=Features(modes=BUTTON_EVENTS),
                device_class="button",
                label="" if component.name else "Button",
                events=frozenset({component.key}),
            )
        case "switch":
            # What the wall switch of a lamp stands at is of no use to who has not named it.
            yield Entity(
                "binary_sensor",
                (Reading(component.key, ("state",), "value", on_off),),
                label="" if component.name else "Input",
                exposed=bool(component.name),
            )
        case "analog":
            label = "" if component.name else "Input"
            unit = component.option("xpercent", "unit")
            if "xpercent" in component.shows and isinstance(unit, str):
                yield measured(component, ("xpercent",), None, unit[:32], label)
            else:
                yield measured(component, ("percent",), None, "%", label)
        case "count":
            label = "" if component.name else "Count"
            unit = component.option("xcounts", "unit")
            if isinstance(unit, str):
                yield measured(component, ("counts", "xtotal"), None, unit[:32], label)
            else:
                yield measured(component, ("counts", "total"), None, "", label)
