"""Shopping, to-do and other lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.errors import ScheduleError
from assistant.schedule.book import RecordBook
from assistant.schedule.entries import MAX_NAME, TooManyError, new_id, tidy_name
from assistant.schedule.journal import Journal
from assistant.store.lists import ItemRecord, ItemRepository

SHOPPING = "shopping"
TO_DO = "to-do"

_ALSO = {
    **dict.fromkeys(
        ("shopping list", "grocery", "groceries", "grocery list", "einkauf", "einkaufs",
         "einkaufsliste", "购物", "购物清单", "쇼핑", "쇼핑 목록", "장보기"), SHOPPING,
    ),
    **dict.fromkeys(
        ("to do", "todo", "to do list", "to-do list", "to-do-liste", "todo-liste", "aufgaben",
         "aufgabenliste", "待办", "待办事项", "待办清单", "할 일", "할일", "할 일 목록"), TO_DO,
    ),
}  # fmt: skip
"""What the two lists that are always there are called as well."""

MAX_ITEMS = 1000
"""Most entries of all lists together."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list."""

    id: str
    text: str
    done: bool


class ListBook(RecordBook[ItemRecord]):
    """The entries of all lists. A list is there once used."""

    _missing = "that is not on the list: ask what is"

    def __init__(self, repository: ItemRepository, journal: Journal) -> None:
        super().__init__(ItemRecord, repository, journal)
        self._used = {SHOPPING, TO_DO}
        self._load()
        for record in tuple(self._records.values()):
            self._take(replace(record, list=list_key(record.list)))

    def names(self) -> tuple[str, ...]:
        """Those with entries, and the two that are always there."""
        used = sorted({r.list for r in self._records.values()} - {SHOPPING, TO_DO})
        return (SHOPPING, TO_DO, *used)

    def has(self, name: str) -> bool:
        """Whether there is such a list; one that was emptied is, until the next start."""
        return list_key(name) in self._used

    def items(self, name: str, *, done: bool = False) -> tuple[Item, ...]:
        """The open entries of a list in the order of adding; with `done` those ticked off too."""
        some = [
            r for r in self._records.values() if r.list == list_key(name) and (done or not r.done)
        ]
        return tuple(
            Item(r.id, r.text, r.done) for r in sorted(some, key=lambda r: (r.position, r.id))
        )

    def add(self, name: str, texts: Iterable[str]) -> tuple[Item, ...]:
        """Add entries; one that is there already is not there twice. Returns those added.

        Raises `ScheduleError` and `StoreError`.
        """
        position = max((r.position for r in self._records.values()), default=0)
        there = {plain(item.text) for item in self.items(name)}
        records = []
        for text in map(tidy_name, texts):
            if not text or plain(text) in there:
                continue
            there.add(plain(text))
            position += 1
            records.append(ItemRecord(new_id(), list_key(name), text, False, position))
        if len(self._records) + len(records) > MAX_ITEMS:
            raise TooManyError("the lists are full: clear one first")
        with self._journal.changing():
            for record in records:
                self._keep(record)
        return tuple(Item(r.id, r.text, r.done) for r in records)

    def meant(self, name: str, text: str) -> Item | None:
        """The open entry that `text` means: the very same, or the only one with these words."""
        wanted, items = plain(text), self.items(name)
        same = [item for item in items if plain(item.text) == wanted]
        like = [item for item in items if _alike(plain(item.text), wanted)]
        return same[0] if same else like[0] if len(like) == 1 else None

    def tick(self, item_id: str) -> None:
        """Tick an entry off. Raises `NotThereError`, `StoreError`."""
        self._keep(replace(self.find(item_id), done=True))

    def clear(self, name: str) -> int:
        """Take everything off a list; how much of it was open. Raises `StoreError`."""
        items = self.items(name, done=True)
        self.cancel(*(item.id for item in items))
        return sum(not item.done for item in items)

    def _queue(self, record: ItemRecord) -> None:
        self._used.add(record.list)


def plain(text: str) -> str:
    """Of a text what counts when two are compared."""
    kept = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", text))
    return " ".join(kept.casefold().split())


def list_key(name: str) -> str:
    """The name under which a list is kept. Raises `ScheduleError` for none."""
    key = tidy_name(name, MAX_NAME).casefold()
    if not key:
        raise ScheduleError("a list needs a name: say which")
    return _ALSO.get(key, key)


def _alike(text: str, wanted: str) -> bool:
    """Whether an entry is `wanted` in the plural or with more words: "eggs", "oat milk"."""
    if not wanted:
        return False
    if set(wanted.split()) <= set(text.split()):
        return True
    short, long = sorted((text, wanted), key=len)
    more = long[len(short) :]
    return len(short) >= 3 and long.startswith(short) and len(more) <= 2 and " " not in more
