"""The alarms that are kept."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from assistant.store.database import Database

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """An alarm as it is kept: times of the home's wall clock, without a zone.

    So it still rings at seven when the home's time zone or its summer time changes.
    """

    id: str
    name: str
    area: str | None
    time: dt.time
    days: frozenset[int]
    """Weekdays (Monday is 0); empty: once."""
    next_date: dt.date
    """The day of the next ring that nobody has dealt with."""


class AlarmRepository:
    """Keeps alarms. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[AlarmRecord]:
        """Every alarm kept; one that cannot be read is logged and left out."""
        records = []
        rows = self._database.rows("SELECT id, name, area, time, days, next_date FROM alarms")
        for row in rows:
            try:
                time = dt.time.fromisoformat(row["time"])
                date = dt.date.fromisoformat(row["next_date"])
            except ValueError as error:
                _LOG.error("alarm %s cannot be read and is left out: %s", row["id"], error)
                continue
            days = frozenset(day for day in range(7) if row["days"] >> day & 1)
            records.append(AlarmRecord(row["id"], row["name"], row["area"], time, days, date))
        return records

    def save(self, record: AlarmRecord) -> None:
        """Add or replace."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO alarms (id, name, area, time, days, next_date) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    record.id,
                    record.name,
                    record.area,
                    record.time.isoformat(),
                    sum(1 << day for day in record.days),
                    record.next_date.isoformat(),
                ),
            )

    def delete(self, alarm_id: str) -> None:
        """Forget one; unknown ids are ignored."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM alarms WHERE id = ?", (alarm_id,))
