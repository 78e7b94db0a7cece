"""What was changed, so that it can be taken back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

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
    """The last changes of all books."""

    def __init__(self) -> None:
        self._changes: deque[tuple[int, Change]] = deque(maxlen=_MOST)
        self._count = 0

    def note(self, book: Book, key: str, before: object | None, after: object | None) -> None:
        """Something has changed."""
        self._changes.append((self._count, Change(book, key, before, after)))
        self._count += 1

    def mark(self) -> int:
        """A mark between the changes so far and those to come."""
        return self._count

    def since(self, mark: int) -> tuple[Change, ...]:
        """The changes since a mark, as many as are remembered."""
        return tuple(change for number, change in self._changes if number >= mark)

    def forget_since(self, mark: int) -> None:
        """Those since a mark did not last."""
        while self._changes and self._changes[-1][0] >= mark:
            self._changes.pop()

    def revert(self, changes: Iterable[Change]) -> None:
        """Take changes back, the last one first. Raises `StoreError`."""
        for change in reversed(tuple(changes)):
            change.book.put_back(change.key, change.before)
