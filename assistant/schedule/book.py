"""What all books of entries have in common: every change is noted, and undone if it is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from assistant.schedule.entries import NotThereError
from assistant.schedule.journal import Journal


class Record(Protocol):
    """An entry as it is kept."""

    @property
    def id(self) -> str:
        """Its key."""


R = TypeVar("R", bound=Record)


class Repository(Protocol[R]):
    """Where entries of one type are kept. Every method raises `StoreError`."""

    def all(self) -> list[R]:
        """Every entry kept."""

    def save(self, *records: R) -> None:
        """Add or replace, all or none."""

    def delete(self, keys: Iterable[str]) -> None:
        """Forget some, all or none."""


class RecordBook(Generic[R]):
    """Entries of one type by their keys; a subclass may watch when each of them comes."""

    _missing = "there is no such entry: ask which there are"
    """What is said to who asks for one that is not there."""

    def __init__(self, type_: type[R], repository: Repository[R], journal: Journal) -> None:
        self._type = type_
        self._repository = repository
        self._journal = journal
        self._records: dict[str, R] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._records

    def find(self, key: str) -> R:
        """Raises `NotThereError`."""
        try:
            return self._records[key]
        except KeyError:
            raise NotThereError(self._missing) from None

    def cancel(self, *keys: str) -> None:
        """Forget some. Raises `NotThereError` and `StoreError`; all or none."""
        there = [self.find(key).id for key in keys]
        with self._journal.changing():
            self._repository.delete(there)
            for key in there:
                with self._changing(key, None):
                    self._forget(key)

    def put_back(self, key: str, record: object | None) -> None:
        """`journal.Book`: as if it had never been changed."""
        if isinstance(record, self._type):
            self._keep(record)
        else:
            with self._changing(key, None):
                self._repository.delete([key])
                self._forget(key)

    def _load(self) -> None:
        for record in self._repository.all():
            self._take(record)

    def _keep(self, record: R) -> R:
        with self._changing(record.id, record):
            self._repository.save(record)
            self._take(record)
        return record

    def _amend(self, record: R) -> R:
        """As `_keep`, of what comes when it came before: one that rings now goes on ringing."""
        with self._changing(record.id, record):
            self._repository.save(record)
            self._records[record.id] = record
        return record

    @contextmanager
    def _changing(self, key: str, after: R | None) -> Iterator[None]:
        """The block has the entry `key` be `after`; None: there is none. Raises `StoreError`."""
        before, waited = self._records.get(key), self._waits(key)
        with self._journal.changing():
            try:
                yield
            finally:
                waits = self._waits(key)

                def undo() -> None:
                    if self._records.get(key) is not after:
                        return  # it was dealt with meanwhile
                    rings = waits and not self._waits(key)
                    self._forget(key)
                    if before is not None:
                        self._take(before)
                    if rings or not waited:
                        self._unqueue(key)

                self._journal.note(self, key, before, after, undo)

    def _take(self, record: R) -> None:
        self._records[record.id] = record
        self._queue(record)

    def _forget(self, key: str) -> None:
        self._records.pop(key, None)
        self._unqueue(key)

    def _waits(self, key: str) -> bool:
        """Whether it is watched for when it comes."""
        return False

    def _queue(self, record: R) -> None:
        """Watch for when it comes, in the place of what was watched for before."""

    def _unqueue(self, key: str) -> None:
        """Watch for it no more; unknown keys are ignored."""
