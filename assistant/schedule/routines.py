"""Routines: a phrase that stands for several commands.

From the home file, the settings, or learned by voice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import ScheduleError
from assistant.schedule.commands import Command
from assistant.schedule.entries import MAX_TEXT, NotThereError, TooManyError, tidy_name
from assistant.schedule.journal import Journal
from assistant.schedule.lists import plain
from assistant.store.lists import RoutineRecord, RoutineRepository
from assistant.types import Action

MAX_ROUTINES = 200


@dataclass(frozen=True, slots=True)
class Routine:
    """What a phrase stands for."""

    phrase: str
    text: str
    """The commands in words."""
    command: Command | None = None
    """What they were understood to be; None: to be understood when it is run (the settings')."""
    commands: tuple[str | Action, ...] = ()
    """Of the settings and the home file, each command: a sentence, or a command to a device."""
    origin: str = "learned"
    """Or "settings" or "home file"."""


class RoutineBook:
    """All routines; one that was learned counts before one that is written down."""

    def __init__(
        self,
        repository: RoutineRepository,
        journal: Journal,
        configured: Mapping[str, Sequence[str]],
    ) -> None:
        self._repository = repository
        self._journal = journal
        self._configured = _written(configured, "settings")
        self._of_home: dict[str, Routine] = {}
        self._records = {plain(record.phrase): record for record in repository.all()}

    def all(self) -> tuple[Routine, ...]:
        """Every routine."""
        keys = sorted({*self._configured, *self._of_home, *self._records})
        found = (self.named(key) for key in keys)
        return tuple(routine for routine in found if routine is not None)

    def named(self, phrase: str) -> Routine | None:
        """The routine that `phrase` runs; None: it runs none. Raises `ScheduleError`."""
        key = plain(phrase)
        record = self._records.get(key)
        if record is not None:
            return Routine(record.phrase, record.text, Command.read(record.content))
        return self._of_home.get(key) or self._configured.get(key)

    def has(self, phrase: str) -> bool:
        """Whether `phrase` runs one. Any thread may ask."""
        key = plain(phrase)
        return key in self._records or key in self._of_home or key in self._configured

    def write(self, routines: Mapping[str, Sequence[str | Action]]) -> None:
        """Take in what the home file says, in the place of what it said before."""
        self._of_home = _written(routines, "home file")

    def learn(self, phrase: str, text: str, command: Command) -> Routine:
        """Have `phrase` stand for `command`, in the place of what it stood for.

        Raises `ScheduleError`, `StoreError`.
        """
        phrase, key = tidy_name(phrase), plain(phrase)
        if not key:
            raise ScheduleError("a routine needs a name: say which words start it")
        if key not in self._records and len(self._records) >= MAX_ROUTINES:
            raise TooManyError(f"there are {MAX_ROUTINES} routines already: forget some first")
        record = RoutineRecord(phrase, tidy_name(text, MAX_TEXT), command.kept())
        self.put_back(key, record)
        return Routine(phrase, record.text, command)

    def forget(self, phrase: str) -> None:
        """Raises `NotThereError` where none such was learned, and `StoreError`."""
        key = plain(phrase)
        if key not in self._records:
            raise NotThereError("no such routine was learned: ask which there are")
        self.put_back(key, None)

    def put_back(self, key: str, record: object | None) -> None:
        """`journal.Book`."""
        before = self._records.get(key)
        after = record if isinstance(record, RoutineRecord) else None
        with self._journal.changing():
            if before is not None:
                self._repository.delete([before.phrase])
            if after is not None:
                self._repository.save(after)
            self._have(key, after)
            self._journal.note(self, key, before, after, lambda: self._have(key, before))

    def _have(self, key: str, record: RoutineRecord | None) -> None:
        self._records.pop(key, None)
        if record is not None:
            self._records[key] = record


def _written(routines: Mapping[str, Sequence[str | Action]], origin: str) -> dict[str, Routine]:
    return {
        plain(phrase): Routine(
            phrase, ", ".join(map(_told, commands)), commands=tuple(commands), origin=origin
        )
        for phrase, commands in routines.items()
    }


def _told(command: str | Action) -> str:
    if isinstance(command, str):
        return command
    data = "".join(f" {key}={value}" for key, value in command.data.items())
    return f"{command.service} {command.device}{data}"
