"""What all books of entries have in common: every change is kept before it is made, and noted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
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


class RecordBook(ABC, Generic[R]):
    """Entries of one type by their keys; a subclass watches when each of them comes."""

    _called = "entry"
    """What an entry is called by who asks for one that is not there."""

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
            asked = f"there is no such {self._called}: ask which {self._called}s there are"
            raise NotThereError(asked) from None

    def cancel(self, *keys: str) -> None:
        """Forget some. Raises `NotThereError` and `StoreError`; all or none."""
        records = [self.find(key) for key in keys]
        self._repository.delete(keys)
        for record in records:
            self._forget(record.id)
            self._journal.note(self, record.id, record, None)

    def put_back(self, key: str, record: object | None) -> None:
        """`journal.Book`: as if it had never been changed."""
        before = self._records.get(key)
        if isinstance(record, self._type):
            self._repository.save(record)
            self._take(record)
        else:
            self._repository.delete([key])
            self._forget(key)
        self._journal.note(self, key, before, record)

    def copied(self) -> Callable[[], None]:
        """What has all be as it is now: for changes that did not reach the disk."""
        records, queued = dict(self._records), self._queues_copied()

        def restore() -> None:
            self._records = records
            queued()

        return restore

    def _load(self) -> None:
        for record in self._repository.all():
            self._take(record)

    def _keep(self, record: R) -> R:
        self._repository.save(record)
        self._journal.note(self, record.id, self._records.get(record.id), record)
        self._take(record)
        return record

    def _amend(self, record: R) -> R:
        """As `_keep`, of what comes when it came before: one that rings now goes on ringing."""
        self._repository.save(record)
        self._journal.note(self, record.id, self._records.get(record.id), record)
        self._records[record.id] = record
        return record

    def _take(self, record: R) -> None:
        self._records[record.id] = record
        self._queue(record)

    def _forget(self, key: str) -> None:
        self._records.pop(key, None)
        self._unqueue(key)

    @abstractmethod
    def _queues_copied(self) -> Callable[[], None]:
        """What has all be watched for that is now."""

    @abstractmethod
    def _queue(self, record: R) -> None:
        """Watch for when it comes, in the place of what was watched for before."""

    @abstractmethod
    def _unqueue(self, key: str) -> None:
        """Watch for it no more; unknown keys are ignored."""
