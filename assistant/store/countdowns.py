"""What counts elapsed time and is kept: timers, snoozes, "in half an hour"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

from assistant.store.database import Database


@dataclass(frozen=True, slots=True)
class CountdownRecord:
    """A countdown as it is kept: exactly one of `ends_at` and `remaining_s` is set."""

    id: str
    kind: str
    """"timer", "alarm" (a snoozed one), "reminder" or "command"."""
    name: str
    """Of a reminder what to remind of."""
    area: str | None
    duration_s: float
    """With time added or taken away since it was set."""
    ends_at: float | None
    """Seconds since 1970 (UTC) at which it ends while it runs, by the wall clock."""
    remaining_s: float | None
    """What is left while it is held."""
    set_s: float = 0.0
    """As it was first set."""
    content: str = ""
    """Of a command what to do, as JSON."""
    boot: str = ""
    """Which run of the machine `ends_mono` belongs to; empty: none."""
    ends_mono: float = 0.0
    """The reading of that run's clock of elapsed time at which it ends."""
    sound: str = ""
    """What it rings with; empty: what is usual."""


_NAMES = ", ".join(field.name for field in fields(CountdownRecord))
_values = attrgetter(*(field.name for field in fields(CountdownRecord)))
_MARKS = ", ".join("?" for _ in fields(CountdownRecord))


class CountdownRepository:
    """Keeps countdowns until they are dealt with. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[CountdownRecord]:
        """Every countdown kept."""
        rows = self._database.rows(f"SELECT {_NAMES} FROM countdowns")  # noqa: S608
        return [CountdownRecord(*row) for row in rows]

    def save(self, *records: CountdownRecord) -> None:
        """Add or replace, all in one transaction."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                f"INSERT OR REPLACE INTO countdowns ({_NAMES}) VALUES ({_MARKS})",  # noqa: S608
                [_values(record) for record in records],
            )

    def delete(self, ids: Iterable[str]) -> None:
        """Forget some, all in one transaction; unknown ids are ignored."""
        with self._database.transaction() as transaction:
            transaction.executemany("DELETE FROM countdowns WHERE id = ?", [(i,) for i in ids])
