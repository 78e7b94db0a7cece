"""What was changed, so that it can be taken back."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from assistant.store.database import Database
from assistant.store.writing import Transaction

_MOST = 500


class Book(Protocol):
    """A book whose entries can be put back."""

    def put_back(self, key: str, record: object | None) -> None:
        """Have the entry `key` be `record` again; None: there is none. Raises `StoreError`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry's change."""

    book: Book
    key: str
    before: object | None
    """None: it is new."""
    after: object | None
    """None: it is gone."""


class Journal:
    """The last changes of all books, which share a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changes: deque[tuple[int, Change]] = deque(maxlen=_MOST)
        self._count = 0

    def changing(self) -> AbstractContextManager[Transaction]:
        """All that the block changes reaches the disk, or nothing. Raises `StoreError`."""
        return self._database.transaction()

    def note(
        self,
        book: Book,
        key: str,
        before: object | None,
        after: object | None,
        undo: Callable[[], None],
    ) -> None:
        """Something has changed; where the disk does not take it, `undo` puts it back in memory."""
        noted = (self._count, Change(book, key, before, after))
        self._changes.append(noted)
        self._count += 1

        def lost() -> None:
            undo()
            with contextlib.suppress(ValueError):
                self._changes.remove(noted)

        with self.changing() as transaction:
            transaction.on_loss(lost)

    def mark(self) -> int:
        """A mark between the changes so far and those to come."""
        return self._count

    def since(self, mark: int) -> tuple[Change, ...]:
        """The changes since a mark, as many as are remembered."""
        return tuple(change for number, change in self._changes if number >= mark)

    def revert(self, changes: Iterable[Change]) -> None:
        """Take changes back, the last one first. Raises `StoreError`."""
        for change in reversed(tuple(changes)):
            change.book.put_back(change.key, change.before)
