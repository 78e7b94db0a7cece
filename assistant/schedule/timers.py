"""The rules of timers.

A timer set in this run counts elapsed time, so that setting the clock neither rings it early
nor holds it up. One that was kept from an earlier run can only follow the wall clock, and does
so to its end: a machine without a clock of its own learns the time some seconds after starting.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import replace

from assistant.errors import ScheduleError, StoreError
from assistant.ports import Clock
from assistant.schedule.entries import Ring, Timer, check_room, tidy_name
from assistant.store.timers import TimerRecord, TimerRepository

_LOG = logging.getLogger(__name__)

SHORTEST_S = 1.0
LONGEST_S = 30 * 24 * 3600.0


class TimerBook:
    """All timers and what is left of each; every change is kept before it is made."""

    def __init__(self, repository: TimerRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._records = {record.id: record for record in repository.all()}
        self._ends: dict[str, float] = {}
        """Monotonic time at which a timer ends; restored timers are not in here."""

    def __iter__(self) -> Iterator[Timer]:
        """The one that ends first first."""
        return iter(sorted(map(self._timer, self._records.values()), key=lambda t: t.remaining_s))

    def start(self, duration_s: float, name: str, area: str | None) -> Timer:
        """Raises `ScheduleError` for a length that is not 1 s to 30 days, and `StoreError`."""
        _check_length(duration_s)
        check_room(len(self._records), "timers")
        record = TimerRecord(secrets.token_hex(4), tidy_name(name), area, duration_s, None, 0.0)
        return self._run(record, duration_s)

    def add(self, timer_id: str, seconds: float) -> Timer:
        """Lengthen or shorten; what has ended already runs for `seconds` more."""
        record = self._find(timer_id)
        before = max(0.0, self._remaining(record))
        if not before + seconds <= LONGEST_S:
            raise ScheduleError("a timer can run for 30 days at most: set a shorter one")
        left = max(0.0, before + seconds)
        record = replace(record, duration_s=max(0.0, record.duration_s + left - before))
        if record.ends_at is None:
            return self._keep(replace(record, remaining_s=left))
        return self._run(record, left)

    def pause(self, timer_id: str) -> Timer:
        """Hold a timer; one that is held stays so."""
        record = self._find(timer_id)
        if record.ends_at is None:
            return self._timer(record)
        left = max(0.0, self._remaining(record))
        timer = self._keep(replace(record, ends_at=None, remaining_s=left))
        self._ends.pop(timer_id, None)
        return timer

    def resume(self, timer_id: str) -> Timer:
        """Let a held timer run on; one that runs does so anyway."""
        record = self._find(timer_id)
        if record.remaining_s is None:
            return self._timer(record)
        return self._run(record, record.remaining_s)

    def cancel(self, timer_id: str) -> None:
        """Forget a timer. Raises `ScheduleError` when there is none such, and `StoreError`."""
        self._find(timer_id)
        self._repository.delete(timer_id)
        self._drop(timer_id)

    def settle(self, timer_id: str) -> None:
        """It has rung (or was told as missed): forget it, come what may of the disk."""
        self._drop(timer_id)
        try:
            self._repository.delete(timer_id)
        except StoreError as error:
            _LOG.error("a timer that has rung stays in the database: %s", error)

    def due(self) -> list[Ring]:
        """Everything that has ended and was not settled, the oldest first."""
        ended = [
            Ring(r.id, "timer", r.name, r.area, -self._remaining(r))
            for r in self._records.values()
            if r.ends_at is not None and self._remaining(r) <= 0
        ]
        return sorted(ended, key=lambda ring: -ring.late_s)

    def next_s(self) -> float | None:
        """Seconds until the next timer that has not ended yet does; None: none runs."""
        left = [self._remaining(r) for r in self._records.values() if r.ends_at is not None]
        return min((s for s in left if s > 0), default=None)

    def clock_was_set(self) -> None:
        """Keep the new wall-clock ends of the timers that count elapsed time."""
        now = self._clock.now().timestamp()
        moved = [
            replace(self._records[timer_id], ends_at=now + end - self._clock.monotonic())
            for timer_id, end in self._ends.items()
        ]
        self._records.update({record.id: record for record in moved})
        try:
            self._repository.save(*moved)
        except StoreError as error:
            _LOG.error("timers will be wrong after a restart, for the clock was set: %s", error)

    def _run(self, record: TimerRecord, left_s: float) -> Timer:
        ends_at = self._clock.now().timestamp() + left_s
        end = self._clock.monotonic() + left_s
        record = replace(record, ends_at=ends_at, remaining_s=None)
        self._repository.save(record)
        self._records[record.id] = record
        self._ends[record.id] = end
        return self._timer(record)

    def _keep(self, record: TimerRecord) -> Timer:
        self._repository.save(record)
        self._records[record.id] = record
        return self._timer(record)

    def _drop(self, timer_id: str) -> None:
        self._records.pop(timer_id, None)
        self._ends.pop(timer_id, None)

    def _find(self, timer_id: str) -> TimerRecord:
        try:
            return self._records[timer_id]
        except KeyError:
            raise ScheduleError("there is no such timer: ask which timers there are") from None

    def _remaining(self, record: TimerRecord) -> float:
        if record.ends_at is None:
            return record.remaining_s or 0.0
        end = self._ends.get(record.id)
        if end is not None:
            return end - self._clock.monotonic()
        return min(record.duration_s, record.ends_at - self._clock.now().timestamp())

    def _timer(self, record: TimerRecord) -> Timer:
        left = max(0.0, self._remaining(record))
        paused = record.ends_at is None
        return Timer(record.id, record.name, record.duration_s, left, paused, record.area)


def _check_length(seconds: float) -> None:
    if not seconds >= SHORTEST_S:
        raise ScheduleError("a timer needs a length of at least one second: say how long")
    if not seconds <= LONGEST_S:
        raise ScheduleError("a timer can run for 30 days at most: set a shorter one")
