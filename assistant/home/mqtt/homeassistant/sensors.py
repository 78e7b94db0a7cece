"""Sensors (home-assistant.io/integrations/sensor.mqtt, /binary_sensor.mqtt)."""

from __future__ import annotations

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity
from assistant.home.mqtt.homeassistant.readers import (
    Convert,
    Readers,
    anything,
    as_float,
    as_number,
    one_of,
    tidy,
)
from assistant.types import SlotValue

_LONGEST_WAIT_S = 10 * 365 * 86_400
_FINEST = 12


def sensor(config: Config) -> Entity:
    """A sensor: a number where it has a unit or a precision, one of its options, or a text."""
    unit = config.text("unit_of_measurement")
    options = config.texts("options")
    readers = Readers(config)
    _needs_topic(config)
    readers.add("state_topic", ("value_template",), "value", _conversion(config, unit, options))
    if (after := _seconds(config, "expire_after")) is not None:
        readers.expires["value"] = (after, None)
    return Entity(readers, {}, Features(unit=unit, modes=options))


def binary_sensor(config: Config) -> Entity:
    """A sensor that says on or off; some say only on, and are off again after a while."""
    shown = {config.text("payload_on", "ON"): "on", config.text("payload_off", "OFF"): "off"}
    readers = Readers(config)
    _needs_topic(config)
    readers.add("state_topic", ("value_template",), "value", one_of(shown))
    if (after := _seconds(config, "off_delay")) is not None:
        readers.expires["value"] = (after, "off")
    elif (after := _seconds(config, "expire_after")) is not None:
        readers.expires["value"] = (after, None)
    return Entity(readers, {})


def _conversion(config: Config, unit: str, options: tuple[str, ...]) -> Convert:
    if options:
        return one_of({name: name for name in options})
    if config.document.get("suggested_display_precision") is not None:
        digits = int(config.number("suggested_display_precision", 0))
        if not 0 <= digits <= _FINEST:
            raise AnnouncementError(f"suggested_display_precision must be within 0 and {_FINEST}")

        def rounded(text: str) -> SlotValue:
            number = as_float(text)
            return tidy(round(number, digits)) if digits <= 3 else round(number, digits)

        return rounded
    return as_number if unit or config.document.get("state_class") is not None else anything


def _seconds(config: Config, key: str) -> float | None:
    seconds = config.number(key, 0)
    if not 0 <= seconds <= _LONGEST_WAIT_S:
        raise AnnouncementError(f"{key} must be a number of seconds")
    return seconds or None


def _needs_topic(config: Config) -> None:
    if config.topic("state_topic") is None:
        raise AnnouncementError("state_topic is missing")
