"""Fans (home-assistant.io/integrations/fan.mqtt)."""

from __future__ import annotations

import math

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.home.mqtt.homeassistant.entity import Entity, also, required, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, as_float, one_of
from assistant.types import SlotValue

_FASTEST = 1_000_000


def fan(config: Config) -> Entity:
    """A fan. Speeds in percent, mapped to the device's range as Home Assistant maps them."""
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    readers = Readers(config)
    readers.add("state_topic", ("state_value_template",), "power", one_of({on: "on", off: "off"}))
    low, high = _speeds(config)
    steps, offset = high - low + 1, low - 1

    def percentage(text: str) -> SlotValue:
        speed = as_float(text)
        if speed == 0:
            return 0
        if not offset <= speed <= high:
            raise GarbageError(f"expected a speed from {low} to {high}, found {short(text)}")
        return int((speed - offset) * 100 // steps)

    def native(percent: SlotValue) -> object:
        return math.ceil(steps * percent / 100 + offset) if isinstance(percent, int | float) else ""

    readers.add(
        "percentage_state_topic", ("percentage_value_template",), "percentage", percentage,
        reset=config.text("payload_reset_percentage", "None"), none=0,
    )  # fmt: skip
    presets = config.texts("preset_modes")
    readers.add(
        "preset_mode_state_topic", ("preset_mode_value_template",), "preset_mode",
        one_of({name: name for name in presets}),
        reset=config.text("payload_reset_preset_mode", "None"), none="",
    )  # fmt: skip
    swinging = config.text("payload_oscillation_on", "oscillate_on")
    still = config.text("payload_oscillation_off", "oscillate_off")
    oscillating = one_of({swinging: "on", still: "off"})
    readers.add(
        "oscillation_state_topic", ("oscillation_value_template",), "oscillating",
        lambda text: oscillating(text) == "on",
    )  # fmt: skip
    forward = config.text("payload_direction_forward", "forward")
    reverse = config.text("payload_direction_reverse", "reverse")
    readers.add(
        "direction_state_topic", ("direction_value_template",), "direction",
        one_of({forward: "forward", reverse: "reverse"}),
    )  # fmt: skip
    make = required(config.command("command_topic", "command_template"), "command_topic")
    speed = config.command("percentage_command_topic", "percentage_command_template")
    preset = config.command("preset_mode_command_topic", "preset_mode_command_template")
    swing = config.command("oscillation_command_topic", "oscillation_command_template")
    turn = config.command("direction_command_topic", "direction_command_template")
    set_percentage = tell(speed, "percentage", native)
    set_preset = tell(preset, "preset_mode")
    spoken = verbs(
        turn_on=also(say(make, on), set_percentage, set_preset),
        turn_off=say(make, off),
        set_percentage=set_percentage,
        set_preset_mode=set_preset,
        oscillate=tell(swing, "oscillating", lambda value: swinging if value else still),
        set_direction=tell(
            turn, "direction", lambda value: reverse if value == "reverse" else forward
        ),
    )
    features = Features(
        percentage=speed is not None,
        percentage_step=round(100 / steps, 2),
        presets=presets if preset else (),
        oscillation=swing is not None,
        direction=turn is not None,
    )
    return Entity(readers, spoken, features)


def _speeds(config: Config) -> tuple[int, int]:
    low = int(config.number("speed_range_min", 1))
    high = int(config.number("speed_range_max", 100))
    if not 1 <= low < high <= _FASTEST:
        raise AnnouncementError("speed_range_max must be above speed_range_min")
    return low, high
