"""The rules of alarms: by the home's wall clock, once or on weekdays."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Container, Iterator
from dataclasses import replace

from assistant.errors import ScheduleError, StoreError
from assistant.ports import Clock
from assistant.schedule.entries import Alarm, Ring, check_room, tidy_name
from assistant.schedule.recurrence import last_date, moment, next_date
from assistant.store.alarms import AlarmRecord, AlarmRepository

_LOG = logging.getLogger(__name__)


class AlarmBook:
    """All alarms; every change is kept before it is made."""

    def __init__(self, repository: AlarmRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._records = {record.id: record for record in repository.all()}

    def __iter__(self) -> Iterator[Alarm]:
        """The next one first; of one that is due already, the ring after this one."""
        alarms = [self._alarm(record) for record in self._records.values()]
        return iter(sorted(alarms, key=lambda alarm: alarm.next_ring.timestamp()))

    def set(
        self,
        time: dt.time,
        date: dt.date | None,
        days: frozenset[int],
        name: str,
        area: str | None,
    ) -> Alarm:
        """Raises `ScheduleError` for a time that is past or a day that is none; `StoreError`.

        The very same alarm set twice is one alarm.
        """
        if not days <= frozenset(range(7)):
            raise ScheduleError("a weekday is a number from 0 (Monday) to 6 (Sunday)")
        if date is not None and days:
            raise ScheduleError("an alarm is for one date or for weekdays, not for both")
        time = time.replace(tzinfo=None, fold=0)
        now = self._clock.now()
        if date is None:
            date = next_date(time, days, now)
        elif moment(date, time, now.tzinfo).timestamp() <= now.timestamp():
            raise ScheduleError("that time has passed already: name one to come")
        record = AlarmRecord(secrets.token_hex(4), tidy_name(name), area, time, days, date)
        for other in self._records.values():
            if replace(other, id=record.id, area=area) == record:
                return self._alarm(other)
        check_room(len(self._records), "alarms")
        self._repository.save(record)
        self._records[record.id] = record
        return self._alarm(record)

    def cancel(self, alarm_id: str) -> None:
        """Forget an alarm. Raises `ScheduleError` when there is none such, and `StoreError`."""
        if alarm_id not in self._records:
            raise ScheduleError("there is no such alarm: ask which alarms there are")
        self._repository.delete(alarm_id)
        del self._records[alarm_id]

    def settle(self, alarm_id: str) -> None:
        """It has rung (or was told as missed): on to its next day, come what may of the disk."""
        record = self._records.pop(alarm_id, None)
        if record is None:
            return
        try:
            if record.days:
                following = next_date(record.time, record.days, self._after(record))
                record = replace(record, next_date=following)
                self._records[alarm_id] = record
                self._repository.save(record)
            else:
                self._repository.delete(alarm_id)
        except StoreError as error:
            _LOG.error("an alarm that has rung stays due in the database: %s", error)

    def due(self, besides: Container[str] = ()) -> list[Ring]:
        """Everything that is due and was not settled, the oldest first, `besides` left out.

        Of a repeated alarm that was due several times only the last time counts.
        """
        now = self._clock.now()
        rings = []
        for record in self._records.values():
            if record.id in besides or self._ring_at(record) > now.timestamp():
                continue
            date = record.next_date
            if record.days:
                date = last_date(date, record.time, record.days, now)
            late = now.timestamp() - moment(date, record.time, now.tzinfo).timestamp()
            rings.append(Ring(record.id, "alarm", record.name, record.area, late))
        return sorted(rings, key=lambda ring: -ring.late_s)

    def next_s(self) -> float | None:
        """Seconds until the next alarm that is not due yet; None: there is none."""
        now = self._clock.now().timestamp()
        left = [self._ring_at(record) - now for record in self._records.values()]
        return min((s for s in left if s > 0), default=None)

    def _ring_at(self, record: AlarmRecord) -> float:
        return moment(record.next_date, record.time, self._clock.now().tzinfo).timestamp()

    def _after(self, record: AlarmRecord) -> dt.datetime:
        """Now, or this ring's own moment where the clock was since set back before it."""
        now = self._clock.now()
        due = moment(record.next_date, record.time, now.tzinfo)
        return due if due.timestamp() > now.timestamp() else now

    def _alarm(self, record: AlarmRecord) -> Alarm:
        date = record.next_date
        if record.days and self._ring_at(record) <= self._clock.now().timestamp():
            date = next_date(record.time, record.days, self._clock.now())
        at = moment(date, record.time, self._clock.now().tzinfo)
        return Alarm(record.id, record.name, record.time, record.days, at, record.area)
