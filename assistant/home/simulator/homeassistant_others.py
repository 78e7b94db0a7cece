"""Robots, players, numbers, choices, buttons, sensors and events in Home Assistant's discovery.

https://www.home-assistant.io/integrations/vacuum.mqtt/, …/lawn_mower.mqtt/, …/number.mqtt/,
…/select.mqtt/, …/text.mqtt/, …/event.mqtt/ and the like; media players as docs/mqtt-devices.md
has them, for Home Assistant has none.
"""

from __future__ import annotations

import json

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import Wish
from assistant.home.simulator.homeassistant_form import Form, plain
from assistant.home.simulator.values import TEXT_LENGTH, choices, event_types, number_range
from assistant.home.simulator.wire import Document, number_in, shows, verb, words


def vacuum(device: Device) -> Form:
    """Words, and a state in JSON."""
    known = ("start", "pause", "stop", "return_to_base", "locate", "clean_spot")
    supported = ["return_home" if name == "return_to_base" else name for name in known]
    speeds = device.features.fan_modes

    def show(state: State) -> str:
        body: Document = {"state": state.get("value")}
        if speeds:
            body["fan_speed"] = state.get("fan_mode")
        return json.dumps(body)

    form = plain(words({name: Wish(name) for name in known}), show)
    form.options["supported_features"] = [*supported, "status"]
    if speeds:
        form.options["supported_features"].append("fan_speed")
        form.options["fan_speed_list"] = list(speeds)
        form.command("set_fan_speed_topic", "set_fan_speed", verb("set_fan_speed", "fan_speed"))
    return form


def lawn_mower(device: Device) -> Form:
    """A topic for each order."""
    form = Form()
    for name in ("start_mowing", "pause", "dock"):
        form.command(f"{name}_command_topic", name, words({name: Wish(name)}))
    form.state("activity_state_topic", "state", shows("value"))
    return form


def media_player(device: Device) -> Form:
    """The assistant's own form of announcement."""
    orders = {
        "PLAY": "media_play", "PAUSE": "media_pause", "STOP": "media_stop",
        "NEXT": "media_next_track", "PREVIOUS": "media_previous_track",
        "ON": "turn_on", "OFF": "turn_off",
    }  # fmt: skip
    form = plain(words({text: Wish(name) for text, name in orders.items()}), shows("media"))

    def hear_volume(payload: str) -> tuple[Wish, ...]:
        return (Wish("volume_set", {"volume_level": number_in(payload) / 100}),)

    muting = words(
        {
            "ON": Wish("volume_mute", {"is_volume_muted": True}),
            "OFF": Wish("volume_mute", {"is_volume_muted": False}),
        }
    )
    form.both("volume", "volume", hear_volume, shows("volume_pct"))
    form.both("mute", "mute", muting, lambda state: "ON" if state.get("muted") else "OFF")
    if device.features.sources:
        form.options["source_list"] = list(device.features.sources)
        form.both("source", "source", verb("select_source", "source"), shows("source"))
    return form


def number(device: Device) -> Form:
    """A number with range and step."""
    low, high = number_range(device)
    features = device.features
    step = features.value_step if features.value_range else features.temperature_step
    form = plain(verb("set_value", "value", number_in), shows("value"))
    form.options |= {"min": low, "max": high, "step": step, **_unit(device)}
    return form


def select(device: Device) -> Form:
    """One of several options."""
    hear = verb("select_option", "option")
    return plain(hear, shows("value"), {"options": list(choices(device))})


def text(device: Device) -> Form:
    """A text with its limits."""
    shortest, longest = device.features.value_range or TEXT_LENGTH
    form = plain(verb("set_value", "value"), shows("value"))
    form.options |= {"min": round(shortest), "max": round(longest)}
    if device.features.value_pattern:
        form.options["pattern"] = device.features.value_pattern
    return form


def button(device: Device) -> Form:
    """Pressed, and that is all."""
    return plain(words({"PRESS": Wish("press")}), None)


def scene(device: Device) -> Form:
    """Turned on, and that is all."""
    return plain(words({"ON": Wish("turn_on")}), None, {"payload_on": "ON"})


def event(device: Device) -> Form:
    """Fires types of events."""
    form = Form({"event_types": list(event_types(device))}, events=frozenset({"event"}))
    form.state("state_topic", "event", lambda state: json.dumps({"event_type": state.get("event")}))
    return form


def sensor(device: Device) -> Form:
    """A reading."""
    form = Form(dict(_unit(device)))
    form.state("state_topic", "state", shows("value"))
    return form


def binary_sensor(device: Device) -> Form:
    """On or off."""
    form = Form()
    form.state("state_topic", "state", shows("value", upper=True))
    return form


def _unit(device: Device) -> Document:
    unit = device.features.unit
    return {"unit_of_measurement": unit} if unit else {}
