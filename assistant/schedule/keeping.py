"""What is kept for later, and how it is set and cancelled: reminders, and commands to be done."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from assistant.errors import ScheduleError
from assistant.ports import Clock
from assistant.schedule.appointments import AppointmentBook, rule_of
from assistant.schedule.bell import Bell
from assistant.schedule.commands import Command
from assistant.schedule.countdowns import CountdownBook
from assistant.schedule.entries import (
    BUILT_IN_SOUNDS,
    MAX_TEXT,
    MISSED_AFTER_S,
    Kind,
    Later,
    NoTimeError,
    Reminder,
    SoundError,
    tidy_name,
)
from assistant.schedule.journal import Journal
from assistant.schedule.lists import ListBook
from assistant.schedule.recurrence import Rule
from assistant.schedule.routines import RoutineBook
from assistant.schedule.sun import Place
from assistant.schedule.trust import Trust
from assistant.store.appointments import AppointmentRecord, AppointmentRepository
from assistant.store.countdowns import CountdownRecord, CountdownRepository
from assistant.store.database import Database
from assistant.store.kept import Kept
from assistant.store.lists import ItemRepository, RoutineRepository
from assistant.store.writing import Transaction


class Keeping(ABC):
    """The books, and what is done to them alike for every kind of entry."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ring_timeout_s: float = 300.0,
        *,
        missed_after_s: float = MISSED_AFTER_S,
        place: Place | None = None,
        routines: Mapping[str, Sequence[str]] | None = None,
        boot: str = "",
        is_set: Callable[[], bool] = lambda: True,
        own_sounds: Iterable[str] = (),
    ) -> None:
        self.sounds = tuple(dict.fromkeys((*BUILT_IN_SOUNDS, *own_sounds)))
        """What an alarm or a timer may ring with."""
        self._database = database
        self._clock = clock
        self._journal = Journal(database)
        self._trust = Trust(clock, is_set, Kept(database), boot)
        self._countdowns = CountdownBook(CountdownRepository(database), clock, self._journal, boot)
        self._appointments = AppointmentBook(
            AppointmentRepository(database), clock, self._journal, place
        )
        self.lists = ListBook(ItemRepository(database), self._journal)
        self.routines = RoutineBook(RoutineRepository(database), self._journal, routines or {})
        self._bell = Bell(
            self._countdowns, self._appointments, clock, self._trust,
            database=database, ring_timeout_s=ring_timeout_s, missed_after_s=missed_after_s,
        )  # fmt: skip
        if self._trust.known:
            self._countdowns.believe_clock()

    def reminders(self) -> tuple[Reminder, ...]:
        """All reminders, the next one first."""
        coming = [
            Reminder(r.id, r.name, self._ends(r), r.area)
            for r in self._countdowns.of(Kind.REMINDER)
            if r.id not in self._bell
        ]
        coming += [
            Reminder(r.id, r.name, self._appointments.next_time(r), r.area, _repeated(r))
            for r in self._appointments.of(Kind.REMINDER)
            if rule_of(r).repeats or r.id not in self._bell
        ]
        return tuple(sorted(coming, key=lambda reminder: reminder.due.timestamp()))

    def remind_in(self, seconds: float, text: str, area: str | None = None) -> Reminder:
        """Remind of `text` after a time. Raises `LengthError`, `StoreError`."""
        record = self._countdowns.start(Kind.REMINDER, seconds, tidy_name(text, MAX_TEXT), area)
        self._changed()
        return Reminder(record.id, record.name, self._ends(record), area)

    def remind_at(
        self, rule: Rule, text: str, *, date: dt.date | None = None, area: str | None = None
    ) -> Reminder:
        """Remind of `text` at a time of day. Raises `ScheduleError`, `StoreError`."""
        record = self._set(Kind.REMINDER, rule, date, tidy_name(text, MAX_TEXT), area=area)
        due = self._appointments.next_time(record)
        return Reminder(record.id, record.name, due, area, _repeated(record))

    def cancel_reminder(self, *reminder_ids: str) -> None:
        """Forget reminders; all or none."""
        self._cancel(reminder_ids)

    def commands(self) -> tuple[Later, ...]:
        """All commands for later, the next one first; one that is no command is left out."""
        coming = [
            Later(r.id, command, self._ends(r), r.area, text=r.name)
            for r in self._countdowns.of(Kind.COMMAND)
            if (command := _command(r.content)) and r.id not in self._bell
        ]
        coming += [
            Later(r.id, command, self._appointments.next_time(r), r.area, _repeated(r), r.name)
            for r in self._appointments.of(Kind.COMMAND)
            if (command := _command(r.content)) and (rule_of(r).repeats or r.id not in self._bell)
        ]
        return tuple(sorted(coming, key=lambda later: later.due.timestamp()))

    def do_in(self, seconds: float, command: Command, text: str, area: str | None = None) -> Later:
        """Have a command done after a time. Raises `LengthError`, `StoreError`."""
        name = tidy_name(text, MAX_TEXT)
        record = self._countdowns.start(Kind.COMMAND, seconds, name, area, command.kept())
        self._changed()
        return Later(record.id, command, self._ends(record), area, text=record.name)

    def do_at(
        self,
        rule: Rule,
        command: Command,
        text: str,
        *,
        date: dt.date | None = None,
        area: str | None = None,
    ) -> Later:
        """Have a command done at a time of day. Raises `ScheduleError`, `StoreError`."""
        name = tidy_name(text, MAX_TEXT)
        record = self._set(Kind.COMMAND, rule, date, name, area=area, content=command.kept())
        due = self._appointments.next_time(record)
        return Later(record.id, command, due, area, _repeated(record), record.name)

    def cancel_command(self, *command_ids: str) -> None:
        """Forget commands for later; all or none."""
        self._cancel(command_ids)

    def move(
        self, key: str, rule: Rule, *, seconds: float = 0, date: dt.date | None = None
    ) -> bool:
        """Have a reminder or a command come in `seconds`, or else by `rule`.

        False where one that counts down would be at a time of day, or the other way round: then
        nothing has changed. Raises as setting it does.
        """
        if (key in self._countdowns) != bool(seconds):
            return False
        if seconds:
            self._countdowns.rerun(key, seconds)
        else:
            self._need_time()
            self._appointments.change(key, rule, date)
        self._bell.quiet(key)
        self._changed()
        return True

    def set_sound(self, sound: str, *ids: str) -> None:
        """What alarms and timers ring with from now on; all or none. Raises `SoundError`."""
        self._check_sound(sound)
        with self.all_or_nothing():
            for key in ids:
                if key in self._countdowns:
                    self._countdowns.resound(key, sound)
                else:
                    self._appointments.resound(key, sound)
        self._changed()

    def all_or_nothing(self) -> AbstractContextManager[Transaction]:
        """One transaction; where it fails, the books too are as they were.

        Raises `StoreError`, and whatever the block does.
        """
        return self._journal.changing()

    def saved(self) -> AbstractAsyncContextManager[None]:
        """Is left once all that the block has changed is on the disk: until then say nothing.

        Raises `StoreError` where some of it could not be: that has not happened.
        """
        return self._database.writer.saved()

    def _cancel(self, keys: Sequence[str]) -> None:
        counted = [key for key in keys if key in self._countdowns]
        dated = [key for key in keys if key not in counted]
        with self.all_or_nothing():
            self._countdowns.cancel(*counted)
            self._appointments.cancel(*dated)
        for key in keys:
            self._bell.quiet(key)
        self._changed()

    def _set(
        self,
        kind: Kind,
        rule: Rule,
        date: dt.date | None,
        name: str,
        *,
        area: str | None,
        content: str = "",
        sound: str = "",
    ) -> AppointmentRecord:
        self._need_time()
        self._check_sound(sound)
        record = self._appointments.set(
            kind, rule, date, name, area=area, content=content, sound=sound
        )
        self._changed()
        return record

    def _check_sound(self, sound: str) -> None:
        """Raises `SoundError` for one that there is not."""
        if sound and sound not in self.sounds:
            there = ", ".join(self.sounds)
            raise SoundError(f'there is no sound "{sound}"; there are: {there}')

    def _need_time(self) -> None:
        if not self._trust.known:
            raise NoTimeError(
                "this machine does not know the time yet: wait until it has learned it"
            )

    def _ends(self, record: CountdownRecord) -> dt.datetime:
        left = max(0.0, self._countdowns.remaining_s(record))
        return self._clock.now() + dt.timedelta(seconds=left)

    @abstractmethod
    def _changed(self) -> None:
        """Tell who listens that an entry has come, gone or changed."""


def _repeated(record: AppointmentRecord) -> Rule | None:
    rule = rule_of(record)
    return rule if rule.repeats else None


def _command(content: str) -> Command | None:
    try:
        return Command.read(content)
    except ScheduleError:
        return None
