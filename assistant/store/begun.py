"""Commands that must never be done twice: kept from when they are begun until they are done."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from assistant.store.database import Database


@dataclass(frozen=True, slots=True)
class BegunRecord:
    """A command that is being done, or was when the assistant was cut off."""

    id: str
    name: str
    area: str | None
    content: str
    """What to do, as JSON."""


class BegunRepository:
    """Keeps commands from just before they are done until just after. All raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[BegunRecord]:
        """Every command begun."""
        rows = self._database.rows("SELECT id, name, area, content FROM begun ORDER BY rowid")
        return [BegunRecord(*row) for row in rows]

    def save(self, record: BegunRecord) -> None:
        """Add or replace."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO begun (id, name, area, content) VALUES (?, ?, ?, ?)",
                astuple(record),
            )

    def delete(self, key: str) -> None:
        """Forget one; an unknown one is ignored."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM begun WHERE id = ?", [key])
