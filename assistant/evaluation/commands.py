"""Evaluation room: commands as they are written down in cases, and whether what came fits them.

The notation is in tests/llm/eval/FORMAT.md. Commands are compared by what they come to in the home:
"ten percent brighter" is the brightness it leads to, a cover moved to 100 is open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.errors import EvaluationError
from assistant.home.colors import COLORS, WHITES, color_key
from assistant.home.commands.expectations import Refusal, as_number, is_number, near_color
from assistant.home.commands.plan import plan
from assistant.home.commands.planning import option_key
from assistant.home.model import Home
from assistant.types import Action, SlotValue

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_TOLERANCE = 0.01
_COLOR_TOLERANCE = 12
_COLOR_FIELDS = ("rgb_color", "color_temp_kelvin")
_ENDS = {0: "cover.close_cover", 100: "cover.open_cover"}
_MOVES = ("cover.open_cover", "cover.close_cover", "cover.set_cover_position")


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it came, made plain by what it means for its device."""

    service: str
    device: str
    fields: Mapping[str, SlotValue] = field(default_factory=dict)

    def __str__(self) -> str:
        data = (f"{key}={value}".replace(" ", "") for key, value in self.fields.items())
        return " ".join((self.service, self.device, *data))


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field of a command that was written down."""

    key: str
    values: tuple[str, ...]
    """Each a value or a range "10..40"; any will do."""
    optional: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields of a plain command that can show it."""
        return _COLOR_FIELDS if self.key == "color_name" else (self.key,)

    def accepts(self, command: Command) -> bool:
        """Whether the command has it rightly, or may go without."""
        told = next((command.fields[key] for key in self.keys if key in command.fields), None)
        if told is None:
            return self.optional
        if self.key == "color_name":
            return any(_is_color(told, name) for name in self.values)
        return any(_is(told, wanted) for wanted in self.values)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A command that was written down as what should come."""

    services: tuple[str, ...]
    """Any one of them."""
    devices: tuple[str, ...]
    """Any one of them."""
    fields: tuple[WantedField, ...] = ()
    optional: bool = False
    """Begins with "maybe": may come or not."""

    @property
    def valued(self) -> bool:
        """Whether it asks for a certain value."""
        return any(not one.optional for one in self.fields)

    def has_service(self, command: Command) -> bool:
        """Whether it is one of the services."""
        return command.service in self.services

    def has_device(self, command: Command) -> bool:
        """Whether it is for one of the devices."""
        return command.device in self.devices

    def has_values(self, command: Command) -> bool:
        """Whether it is for one of the devices, with all fields right and no others."""
        known = {key for one in self.fields for key in one.keys}
        return (
            self.has_device(command)
            and known.issuperset(command.fields)
            and all(one.accepts(command) for one in self.fields)
        )

    def fits(self, command: Command) -> bool:
        """Whether it is this command."""
        return self.has_service(command) and self.has_values(command)


Aspect = Callable[[Wanted, Command], bool]
"""What of a command is compared: its service, its device, its values, or all."""


def fits(commands: Sequence[Command], wanted: Sequence[Wanted], aspect: Aspect) -> bool:
    """Whether just the wanted commands came, each once, in any order.

    Optional ones may be missing, but something must have come.
    """
    return bool(commands) and _assigned(tuple(commands), tuple(wanted), aspect, complete=True)


def among(commands: Sequence[Command], wanted: Sequence[Wanted]) -> bool:
    """Whether all that came is wanted, if perhaps not all that was wanted came."""
    return _assigned(tuple(commands), tuple(wanted), Wanted.fits, complete=False)


def _assigned(
    commands: tuple[Command, ...], wanted: tuple[Wanted, ...], aspect: Aspect, *, complete: bool
) -> bool:
    if not commands:
        return not complete or all(one.optional for one in wanted)
    first, rest = commands[0], commands[1:]
    return any(
        aspect(one, first)
        and _assigned(rest, wanted[:at] + wanted[at + 1 :], aspect, complete=complete)
        for at, one in enumerate(wanted)
    )


def read_command(text: str) -> Wanted:
    """A command as written in a case: "light.turn_on lamp|spots brightness_pct=10..40".

    Raises `EvaluationError`, saying what is wrong with it.
    """
    words = text.split()
    optional = words[:1] == ["maybe"]
    words = words[1:] if optional else words
    if len(words) < 2 or "." not in words[0]:
        raise EvaluationError(f'"{text}" is no command: expected "light.turn_on lamp key=value"')
    domain, _, verbs = words[0].partition(".")
    fields = []
    for word in words[2:]:
        key, equals, value = word.partition("=")
        if not equals or not value or not key.strip("?"):
            raise EvaluationError(f'"{text}": expected key=value or key?=value, not "{word}"')
        fields.append(WantedField(key.rstrip("?"), tuple(value.split("|")), key.endswith("?")))
    services = tuple(f"{domain}.{verb}" for verb in verbs.split("|"))
    return _plain_wanted(Wanted(services, tuple(words[1].split("|")), tuple(fields), optional))


def plain(action: Action, home: Home) -> Command | None:
    """What `action` comes to in `home` as it is now; None where its device would refuse it."""
    device = home.devices.get(action.device)
    if device is None:
        return Command(action.service, action.device, action.data)
    planned = plan(device, action, home.state(device.id))
    if isinstance(planned, Refusal):
        return None
    service, data = planned.action.service, planned.action.data
    if service in _MOVES:
        position = planned.state["position"]
        service = _ENDS.get(round(as_number(position)), "cover.set_cover_position")
        data = {"position": position}
    elif service == "fan.set_percentage":
        service = "fan.turn_on"
    elif service == "climate.turn_off":
        service, data = "climate.set_hvac_mode", {"hvac_mode": "off"}
    return Command(service, device.id, data)


def _plain_wanted(wanted: Wanted) -> Wanted:
    """The same in the terms of `plain`."""
    services = list(dict.fromkeys(wanted.services))
    fields = list(wanted.fields)
    ends = [str(end) for end, service in _ENDS.items() if service in services]
    if ends:
        fields.append(WantedField("position", tuple(ends)))
    elif "cover.set_cover_position" in services:
        values = [value for one in fields if one.key == "position" for value in one.values]
        services += [s for end, s in _ENDS.items() if any(_is(end, value) for value in values)]
    if "climate.turn_off" in services:
        fields.append(WantedField("hvac_mode", ("off",)))
    renamed = {"fan.set_percentage": "fan.turn_on", "climate.turn_off": "climate.set_hvac_mode"}
    services = [renamed.get(service, service) for service in services]
    return replace(wanted, services=tuple(services), fields=tuple(fields))


def _is(told: SlotValue, wanted: str) -> bool:
    limits = _RANGE.fullmatch(wanted)
    if not is_number(told):
        return option_key(str(told)) == option_key(wanted)
    low, high = limits.groups() if limits else (wanted, wanted)
    try:
        return float(low) - _TOLERANCE < as_number(told) < float(high) + _TOLERANCE
    except ValueError:
        return False


def _is_color(told: SlotValue, name: str) -> bool:
    key = color_key(name)
    if is_number(told):
        return WHITES.get(key) == told
    return key in COLORS and near_color(COLORS[key], _COLOR_TOLERANCE)(told)
