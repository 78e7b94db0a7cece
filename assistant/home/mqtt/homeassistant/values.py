"""Things that keep a value: numbers, choices, texts.

home-assistant.io/integrations/number.mqtt, /select.mqtt, /text.mqtt.
"""

from __future__ import annotations

from assistant.home.devices import Features
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, required, tell, verbs
from assistant.home.mqtt.homeassistant.patterns import CostlyPatternError, bounded_pattern
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_number, one_of
from assistant.types import SlotValue

_LONGEST_TEXT = 255
_USUAL_LENGTH = 64


def number(config: Config) -> Entity:
    """A number that can be set, within its range."""
    low, high = config.number("min", 1), config.number("max", 100)
    step = config.number("step", 1)
    if low >= high:
        raise AnnouncementError("max must be above min")
    if step <= 0:
        raise AnnouncementError("step must be above 0")
    reset = config.text("payload_reset", "None")
    readers = Readers(config)
    readers.add("state_topic", ("value_template",), "value", as_number, reset=reset)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    features = Features(
        value_range=(low, high), value_step=step, unit=config.text("unit_of_measurement")
    )
    return Entity(readers, verbs(set_value=tell(make, "value")), features)


def select(config: Config) -> Entity:
    """A choice among options."""
    options = config.texts("options")
    if not options:
        raise AnnouncementError("options are missing")
    readers = Readers(config)
    readers.add(
        "state_topic", ("value_template",), "value", one_of({name: name for name in options})
    )
    make = required(config.command("command_topic", "command_template"), "command_topic")
    return Entity(readers, verbs(select_option=tell(make, "option")), Features(modes=options))


def text(config: Config) -> Entity:
    """A text that can be set; a password is written, but never read."""
    shortest, longest = config.number("min", 0), config.number("max", _LONGEST_TEXT)
    if not 0 <= shortest <= longest <= _LONGEST_TEXT:
        raise AnnouncementError(f"min and max must be within 0 and {_LONGEST_TEXT}")
    pattern = config.text("pattern")
    try:
        form = bounded_pattern(pattern, min(_USUAL_LENGTH, int(longest))) if pattern else None
    except CostlyPatternError as error:
        raise AnnouncementError(f"pattern: {error}") from error
    mode = config.text("mode", "text")
    if mode not in ("text", "password"):
        raise AnnouncementError("mode is neither text nor password")

    def convert(value: str) -> SlotValue:
        if not shortest <= len(value) <= longest:
            raise GarbageError(f"expected {shortest:g} to {longest:g} characters")
        if form is not None and len(value) <= _USUAL_LENGTH and form.match(value) is None:
            raise GarbageError("expected a text of another form")
        return anything(value)

    readers = Readers(config)
    if mode == "text":
        readers.add("state_topic", ("value_template",), "value", convert)
    make = required(config.command("command_topic", "command_template"), "command_topic")
    features = Features(value_range=(shortest, longest), value_pattern=pattern)
    return Entity(readers, verbs(set_value=tell(make, "value")), features)
