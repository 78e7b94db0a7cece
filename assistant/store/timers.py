"""The timers that are kept."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.store.database import Database


@dataclass(frozen=True, slots=True)
class TimerRecord:
    """A timer as it is kept: exactly one of `ends_at` and `remaining_s` is set."""

    id: str
    name: str
    area: str | None
    duration_s: float
    ends_at: float | None
    """Seconds since 1970 (UTC) at which a running timer ends, by the wall clock."""
    remaining_s: float | None
    """What is left of a paused timer."""


class TimerRepository:
    """Keeps timers until they have rung or were cancelled. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[TimerRecord]:
        """Every timer kept."""
        rows = self._database.rows(
            "SELECT id, name, area, duration_s, ends_at, remaining_s FROM timers"
        )
        return [TimerRecord(*row) for row in rows]

    def save(self, *records: TimerRecord) -> None:
        """Add or replace, all in one transaction."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO timers (id, name, area, duration_s, ends_at, remaining_s) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(r.id, r.name, r.area, r.duration_s, r.ends_at, r.remaining_s) for r in records],
            )

    def delete(self, timer_id: str) -> None:
        """Forget one; unknown ids are ignored."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM timers WHERE id = ?", (timer_id,))
