"""The rules of what comes by the wall clock: alarms, reminders and commands at a time of day."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.errors import ScheduleError
from assistant.ports import Clock
from assistant.schedule.book import RecordBook
from assistant.schedule.entries import (
    Kind,
    PastError,
    Ring,
    check_room,
    new_id,
)
from assistant.schedule.journal import Journal
from assistant.schedule.queue import DueQueue
from assistant.schedule.recurrence import Rule, last_date, next_date, rule_moment
from assistant.schedule.sun import Place
from assistant.store.appointments import AppointmentRecord, AppointmentRepository

_LOG = logging.getLogger(__name__)


class AppointmentBook(RecordBook[AppointmentRecord]):
    """All appointments."""

    _missing = "there is no such alarm: ask which alarms there are"

    def __init__(
        self,
        repository: AppointmentRepository,
        clock: Clock,
        journal: Journal,
        place: Place | None,
    ) -> None:
        super().__init__(AppointmentRecord, repository, journal)
        self._clock = clock
        self._place = place
        self._zone = clock.now().tzinfo
        self._due = DueQueue()
        self._lit: set[str] = set()
        self._load()

    def of(self, kind: str) -> Iterator[AppointmentRecord]:
        """Those of a kind, the next one first; of one that is due, the time after this one."""
        some = [record for record in self._records.values() if record.kind == kind]
        return iter(sorted(some, key=lambda record: self.next_time(record).timestamp()))

    def lit(self) -> list[AppointmentRecord]:
        """The alarms before which lights are to grow bright."""
        lit = (self._records[key] for key in self._lit)
        return [record for record in lit if record.enabled]

    def next_time(self, record: AppointmentRecord) -> dt.datetime:
        """When it comes; if it is due now and repeats, when it comes after that."""
        at = self._at(record)
        now = self._clock.now()
        if rule_of(record).repeats and at.timestamp() <= now.timestamp():
            return self._moment(record, self._following(record, now))
        return at

    def set(
        self,
        kind: str,
        rule: Rule,
        date: dt.date | None,
        name: str,
        *,
        area: str | None,
        content: str = "",
        sound: str = "",
    ) -> AppointmentRecord:
        """Raises `ScheduleError` for a time that is past or makes no sense; `StoreError`.

        The very same thing set twice is there once.
        """
        record = self._dated(rule, date, AppointmentRecord(
            new_id(), kind, name, area, rule.time.replace(tzinfo=None, fold=0), rule.days,
            dt.date.min, rule.every, rule.month_day, rule.sun, rule.sun_offset_min, True, content,
            sound,
        ))  # fmt: skip
        for other in self._records.values():
            if other.name == name and replace(other, id=record.id, area=area) == record:
                return other
        check_room(len(self._records), kind)
        return self._keep(record)

    def change(self, key: str, rule: Rule, date: dt.date | None) -> AppointmentRecord:
        """Another time for the same thing; it is on then. Raises as `set`."""
        record = self.find(key)
        return self._keep(self._dated(rule, date, replace(
            record, time=rule.time.replace(tzinfo=None, fold=0), days=rule.days, every=rule.every,
            month_day=rule.month_day, sun=rule.sun, sun_offset_min=rule.sun_offset_min,
            enabled=True,
        )))  # fmt: skip

    def resound(self, key: str, sound: str) -> AppointmentRecord:
        """What it rings with from now on. Raises `NotThereError`, `StoreError`."""
        return self._amend(replace(self.find(key), sound=sound))

    def skip(self, key: str) -> AppointmentRecord:
        """Leave out the next time of one that repeats. Raises `ScheduleError` for another."""
        record = self.find(key)
        if not rule_of(record).repeats:
            raise ScheduleError("it does not repeat: cancel it")
        at = self.next_time(record)
        following = next_date(
            rule_of(record), at, anchor=record.next_date, place=self._place
        )  # fmt: skip
        return self._keep(replace(record, next_date=following))

    def enable(self, key: str, enabled: bool) -> AppointmentRecord:
        """Turn it on or off; one that was for a day that has passed comes at the next such time."""
        record = replace(self.find(key), enabled=enabled)
        now = self._clock.now()
        if enabled and self._at(record).timestamp() <= now.timestamp():
            record = replace(record, next_date=self._following(record, now))
        return self._keep(record)

    def settle(self, keys: Sequence[str]) -> None:
        """They were dealt with: on to their next days, those that repeat; the rest are forgotten.

        Also where the disk does not take it. Raises `StoreError`.
        """
        over, going_on = [], []
        for record in [self._records[key] for key in keys if key in self._records]:
            self._forget(record.id)
            if not rule_of(record).repeats:
                over.append(record.id)
                continue
            try:
                following = self._following(record, self._after(record))
            except ScheduleError as error:
                _LOG.error("%s %s comes no more: %s", record.kind, record.id, error)
                continue
            going_on.append(replace(record, next_date=following))
            self._take(going_on[-1])
        if over:
            self._repository.delete(over)
        if going_on:
            self._repository.save(*going_on)

    def put_off(self, key: str) -> None:
        """As `settle`, of one that rings; it is as before where the disk does not take that."""
        record = self._records[key]

        def restore() -> None:
            self._take(record)
            self._due.drop(key)

        with self._journal.changing() as transaction:
            transaction.on_loss(restore)
            self.settle([key])

    def take_due(self) -> list[Ring]:
        """What has come since this was last asked, the oldest first.

        Of a repeated one that came several times only the last time counts.
        """
        now = self._clock.now()
        rings = []
        for key in self._due.take(now.timestamp()):
            record = self._records[key]
            at = self._at(record)
            if rule_of(record).repeats:
                last = last_date(rule_of(record), record.next_date, now, place=self._place)
                at = self._moment(record, last)
            late = now.timestamp() - at.timestamp()
            rings.append(Ring(
                key, record.kind, record.name, record.area, late, content=record.content,
                sound=record.sound,
            ))  # fmt: skip
        return sorted(rings, key=lambda ring: -ring.late_s)

    def next_s(self) -> float | None:
        """Seconds until the next one comes, negative where one has; None: none is to come."""
        at = self._due.first()
        return None if at is None else at - self._clock.now().timestamp()

    def follow_zone(self) -> bool:
        """Whether the home is in another time zone than before; then all is due by that one."""
        zone = self._clock.now().tzinfo
        if zone == self._zone:
            return False
        self._zone = zone
        waiting = [record for record in self._records.values() if record.id in self._due]
        self._due.clear()
        for record in waiting:
            self._queue(record)
        return True

    def _dated(
        self, rule: Rule, date: dt.date | None, record: AppointmentRecord
    ) -> AppointmentRecord:
        rule.check(self._place)
        now = self._clock.now()
        if date is not None and rule.repeats and rule.every == "":
            raise ScheduleError("it is for one date or for weekdays, not for both")
        if date is None:
            return replace(record, next_date=next_date(rule, now, place=self._place))
        at = rule_moment(rule, date, now.tzinfo, self._place)
        if at is None:
            raise ScheduleError("the sun does not do so on that day: name a time")
        if rule.repeats:
            eve = at - dt.timedelta(seconds=1)
            return replace(record, next_date=next_date(rule, max(now, eve, key=_stamp),
                                                       anchor=date, place=self._place))  # fmt: skip
        if at.timestamp() <= now.timestamp():
            raise PastError("that time has passed already: name one to come")
        return replace(record, next_date=date)

    def _following(self, record: AppointmentRecord, after: dt.datetime) -> dt.date:
        return next_date(rule_of(record), after, anchor=record.next_date, place=self._place)

    def _after(self, record: AppointmentRecord) -> dt.datetime:
        """Now, or its own moment where the clock was since set back before it."""
        return max(self._clock.now(), self._at(record), key=_stamp)

    def _at(self, record: AppointmentRecord) -> dt.datetime:
        return self._moment(record, record.next_date)

    def _moment(self, record: AppointmentRecord, date: dt.date) -> dt.datetime:
        zone = self._clock.now().tzinfo
        at = rule_moment(rule_of(record), date, zone, self._place)
        # Without a place, or in a polar night, the hour that it falls back to is noon.
        return at or rule_moment(Rule(dt.time(12)), date, zone) or self._clock.now()

    def _waits(self, key: str) -> bool:
        return key in self._due

    def _queue(self, record: AppointmentRecord) -> None:
        self._due.drop(record.id)
        if record.kind == Kind.ALARM and record.content:
            self._lit.add(record.id)
        if record.enabled:
            self._due.put(record.id, self._at(record).timestamp())

    def _unqueue(self, key: str) -> None:
        self._due.drop(key)
        self._lit.discard(key)


def rule_of(record: AppointmentRecord) -> Rule:
    """When a kept appointment comes."""
    return Rule(
        record.time, record.days, record.every, record.month_day, record.sun,
        record.sun_offset_min,
    )  # fmt: skip


def _stamp(moment: dt.datetime) -> float:
    return moment.timestamp()
