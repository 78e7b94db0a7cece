"""What is due by the wall clock and is kept: alarms, reminders and commands at a time of day."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.store.database import Database

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """An appointment as it is kept: times of the home's wall clock, without a zone.

    So an alarm still rings at seven when the home's time zone or its summer time changes.
    """

    id: str
    kind: str
    """"alarm", "reminder" or "command"."""
    name: str
    """Of a reminder what to remind of."""
    area: str | None
    time: dt.time
    days: frozenset[int]
    """Weekdays (Monday is 0); empty: once, or what `every` says."""
    next_date: dt.date
    """The next day that nobody has dealt with."""
    every: str = ""
    """"other_week", "month", or every week that has `days`."""
    month_day: int = 0
    """Of a monthly one: 1 to 31; in a month that is too short its last day."""
    sun: str = ""
    """"sunrise" or "sunset", in the place of `time`."""
    sun_offset_min: int = 0
    enabled: bool = True
    content: str = ""
    """Of a command what to do, of an alarm which lights to brighten before, as JSON."""
    sound: str = ""
    """What it rings with; empty: what is usual."""


_NAMES = (
    "id, kind, name, area, time, days, next_date, every, month_day, sun, sun_offset_min, "
    "enabled, content, sound"
)


class AppointmentRepository:
    """Keeps appointments. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[AppointmentRecord]:
        """Every appointment kept; one that cannot be read is logged and left out."""
        records = []
        for row in self._database.rows(f"SELECT {_NAMES} FROM appointments"):  # noqa: S608
            try:
                records.append(_record(row))
            except ValueError as error:
                _LOG.error("%s %s cannot be read and is left out: %s", row[1], row[0], error)
        return records

    def save(self, *records: AppointmentRecord) -> None:
        """Add or replace, all in one transaction."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                f"INSERT OR REPLACE INTO appointments ({_NAMES}) "  # noqa: S608
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        r.id, r.kind, r.name, r.area, r.time.isoformat(),
                        sum(1 << day for day in r.days), r.next_date.isoformat(), r.every,
                        r.month_day, r.sun, r.sun_offset_min, int(r.enabled), r.content, r.sound,
                    )
                    for r in records
                ],
            )  # fmt: skip

    def delete(self, ids: Iterable[str]) -> None:
        """Forget some, all in one transaction; unknown ids are ignored."""
        with self._database.transaction() as transaction:
            transaction.executemany("DELETE FROM appointments WHERE id = ?", [(i,) for i in ids])


def _record(row: sqlite3.Row) -> AppointmentRecord:
    return AppointmentRecord(
        row["id"], row["kind"], row["name"], row["area"], dt.time.fromisoformat(row["time"]),
        frozenset(day for day in range(7) if row["days"] >> day & 1),
        dt.date.fromisoformat(row["next_date"]), row["every"], row["month_day"], row["sun"],
        row["sun_offset_min"], bool(row["enabled"]), row["content"], row["sound"],
    )  # fmt: skip
