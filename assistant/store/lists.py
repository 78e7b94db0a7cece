"""The entries of shopping, to-do and other lists, and the routines learned, as they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from assistant.store.database import Database


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One entry of a list."""

    id: str
    list: str
    text: str
    done: bool
    position: int


@dataclass(frozen=True, slots=True)
class RoutineRecord:
    """Commands that a phrase stands for."""

    phrase: str
    text: str
    """The commands as they were said."""
    content: str
    """What they were understood to be, as JSON."""


class ItemRepository:
    """Keeps the entries of all lists. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[ItemRecord]:
        """Every entry, in the order in which they were added."""
        rows = self._database.rows(
            "SELECT id, list, text, done, position FROM items ORDER BY position, id"
        )
        return [ItemRecord(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]

    def save(self, *records: ItemRecord) -> None:
        """Add or replace, all in one transaction."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                "INSERT OR REPLACE INTO items (id, list, text, done, position) "
                "VALUES (?, ?, ?, ?, ?)",
                [astuple(record) for record in records],
            )

    def delete(self, ids: Iterable[str]) -> None:
        """Forget some, all in one transaction."""
        with self._database.transaction() as transaction:
            transaction.executemany("DELETE FROM items WHERE id = ?", [(i,) for i in ids])


class RoutineRepository:
    """Keeps the routines that were learned. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[RoutineRecord]:
        """Every routine."""
        rows = self._database.rows("SELECT phrase, text, content FROM routines ORDER BY phrase")
        return [RoutineRecord(*row) for row in rows]

    def save(self, *records: RoutineRecord) -> None:
        """Add or replace."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                "INSERT OR REPLACE INTO routines (phrase, text, content) VALUES (?, ?, ?)",
                [astuple(record) for record in records],
            )

    def delete(self, phrases: Iterable[str]) -> None:
        """Forget some; unknown ones are ignored."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                "DELETE FROM routines WHERE phrase = ?", [(p,) for p in phrases]
            )
