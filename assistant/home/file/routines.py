"""Routines in the home file: a phrase, and the commands that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assistant.home.file.values import Text
from assistant.types import Action


class StepEntry(BaseModel):
    """A command that is given to a device as it stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    device: Text = Field(min_length=1)
    data: dict[str, bool | int | float | str] = {}

    def action(self) -> Action:
        """The device still as it was written, by id or name."""
        return Action(self.service, self.device, dict(self.data))


def _command(value: Any) -> Any:
    return value if isinstance(value, dict | StepEntry) else {"say": value}


class SentenceEntry(BaseModel):
    """A command in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: Text = Field(min_length=1)


CommandEntry = Annotated[StepEntry | SentenceEntry, BeforeValidator(_command)]


class RoutineEntry(BaseModel):
    """A routine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text = Field(min_length=1)
    commands: list[CommandEntry] = Field(min_length=1, max_length=20)


def routines_in(value: Any) -> Any:
    """Routines by name: a list of commands, or one."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [
            {"name": name, "commands": commands if isinstance(commands, list) else [commands]}
            for name, commands in value.items()
        ]
    return value


@dataclass(frozen=True, slots=True)
class WrittenCommand:
    """A command of a routine, and where it is written."""

    what: str | Action
    """A sentence, or a command to a device, whose id or name is as written."""
    line: int
    """From 1; 0: not known."""


@dataclass(frozen=True, slots=True)
class WrittenRoutine:
    """A routine of the home file."""

    name: str
    commands: tuple[WrittenCommand, ...]


def written_routines(
    entries: list[RoutineEntry], lines: Mapping[tuple[str, int], int]
) -> tuple[WrittenRoutine, ...]:
    """The routines, each command with its line."""
    return tuple(
        WrittenRoutine(
            entry.name,
            tuple(
                WrittenCommand(
                    command.action() if isinstance(command, StepEntry) else command.say,
                    lines.get((entry.name, number), 0),
                )
                for number, command in enumerate(entry.commands)
            ),
        )
        for entry in entries
    )


def routine_lines(text: str) -> Mapping[tuple[str, int], int]:
    """By a routine's name and a command's number the line on which it stands."""
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in top.value if isinstance(top, yaml.MappingNode) else ():
        if key.value == "routines" and isinstance(value, yaml.MappingNode):
            return {
                (name.value, number): node.start_mark.line + 1
                for name, commands in value.value
                for number, node in enumerate(
                    commands.value if isinstance(commands, yaml.SequenceNode) else [commands]
                )
            }
    return {}
