"""The rules of what counts elapsed time: timers, snoozes, "in half an hour".

A countdown ends at a reading of the clock that counts all time since the machine was started, so
that setting the wall clock neither rings it early nor holds it up, nor does suspending the machine;
the assistant may stop and start again meanwhile. Only after the machine
itself was started anew is the wall clock asked, once it can be believed: until then what is left
is what it says, for a machine without a clock of its own learns the time some seconds after
starting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.errors import StoreError
from assistant.ports import Clock
from assistant.schedule.book import RecordBook
from assistant.schedule.entries import (
    LONGEST_S,
    LengthError,
    Ring,
    check_length,
    check_room,
    new_id,
)
from assistant.schedule.journal import Journal
from assistant.schedule.queue import DueQueue
from assistant.store.countdowns import CountdownRecord, CountdownRepository

_LOG = logging.getLogger(__name__)


class CountdownBook(RecordBook[CountdownRecord]):
    """All countdowns and what is left of each.

    `boot` tells this run of the machine from others; empty: every start counts as one.
    """

    _missing = "there is no such timer: ask which timers there are"

    def __init__(
        self, repository: CountdownRepository, clock: Clock, journal: Journal, boot: str
    ) -> None:
        super().__init__(CountdownRecord, repository, journal)
        self._clock = clock
        self._boot = boot or f"this start {new_id()}"
        self._elapsed = DueQueue()
        """By the clock of elapsed time."""
        self._followers = DueQueue()
        """By the wall clock: those of an earlier run of the machine."""
        self._load()

    def of(self, kind: str) -> Iterator[CountdownRecord]:
        """Those of a kind, the one that ends first first."""
        some = [record for record in self._records.values() if record.kind == kind]
        return iter(sorted(some, key=self.remaining_s))

    def remaining_s(self, record: CountdownRecord) -> float:
        """Seconds left; negative once it has ended."""
        if record.ends_at is None:
            return record.remaining_s or 0.0
        if record.boot == self._boot:
            return record.ends_mono - self._clock.elapsed()
        return min(record.duration_s, record.ends_at - self._clock.now().timestamp())

    def start(
        self,
        kind: str,
        seconds: float,
        name: str,
        area: str | None,
        content: str = "",
        *,
        sound: str = "",
    ) -> CountdownRecord:
        """Raises `LengthError` for a length that is not 1 s to 30 days, and `StoreError`."""
        check_length(seconds)
        check_room(len(self._records), kind)
        record = CountdownRecord(
            new_id(), kind, name, area, seconds, None, 0.0, seconds, content, sound=sound
        )  # fmt: skip
        return self._keep(self._running(record, seconds))

    def add(self, key: str, seconds: float) -> CountdownRecord:
        """Lengthen or shorten; what has ended already runs for `seconds` more."""
        record = self.find(key)
        before = max(0.0, self.remaining_s(record))
        if not before + seconds <= LONGEST_S:
            raise LengthError("a timer can run for 30 days at most: set a shorter one")
        left = max(0.0, before + seconds)
        record = replace(record, duration_s=max(0.0, record.duration_s + left - before))
        if record.ends_at is None:
            return self._keep(replace(record, remaining_s=left))
        return self._keep(self._running(record, left))

    def rerun(self, key: str, seconds: float) -> CountdownRecord:
        """Let it run for `seconds` from now, whatever was left."""
        check_length(seconds)
        record = replace(self.find(key), duration_s=seconds)
        return self._keep(self._running(record, seconds))

    def resound(self, key: str, sound: str) -> CountdownRecord:
        """What it rings with from now on. Raises `NotThereError`, `StoreError`."""
        return self._amend(replace(self.find(key), sound=sound))

    def hold(self, key: str) -> CountdownRecord:
        """Hold a countdown; one that is held stays so."""
        record = self.find(key)
        if record.ends_at is None:
            return record
        left = max(0.0, self.remaining_s(record))
        return self._keep(replace(record, ends_at=None, remaining_s=left, boot="", ends_mono=0.0))

    def resume(self, key: str) -> CountdownRecord:
        """Let a held countdown run on; one that runs does so anyway."""
        record = self.find(key)
        if record.remaining_s is None:
            return record
        return self._keep(self._running(record, record.remaining_s))

    def settle(self, keys: Sequence[str]) -> None:
        """They were dealt with: forget them, also where the disk does not. Raises `StoreError`."""
        for key in keys:
            self._forget(key)
        if keys:
            self._repository.delete(keys)

    def take_due(self) -> list[Ring]:
        """What has ended since this was last asked, the oldest first."""
        keys = self._elapsed.take(self._clock.elapsed())
        keys += self._followers.take(self._clock.now().timestamp())
        ended = [self._records[key] for key in keys]
        rings = [
            Ring(
                r.id, r.kind, r.name, r.area, -self.remaining_s(r), content=r.content,
                sound=r.sound,
            )
            for r in ended
        ]  # fmt: skip
        return sorted(rings, key=lambda ring: -ring.late_s)

    def next_s(self) -> float | None:
        """Seconds until the next one ends, negative where one has; None: none runs."""
        left = []
        if (at := self._elapsed.first()) is not None:
            left.append(at - self._clock.elapsed())
        if (at := self._followers.first()) is not None:
            left.append(at - self._clock.now().timestamp())
        return min(left, default=None)

    def clock_was_set(self) -> None:
        """Keep the new wall-clock ends of what counts elapsed time."""
        self._change_all(
            lambda r: replace(
                r, ends_at=self._clock.now().timestamp() + r.ends_mono - self._clock.elapsed()
            ),
            of_this_boot=True,
        )

    def believe_clock(self) -> None:
        """The wall clock is right: what followed it counts elapsed time from now on."""
        self._change_all(lambda r: self._running(r, self.remaining_s(r)), of_this_boot=False)

    def _change_all(
        self, change: Callable[[CountdownRecord], CountdownRecord], *, of_this_boot: bool
    ) -> None:
        changed = [
            change(record)
            for record in self._records.values()
            if record.ends_at is not None and (record.boot == self._boot) == of_this_boot
        ]
        for record in changed:
            waits = self._waits(record.id)
            self._records[record.id] = record
            if waits:
                self._queue(record)
        if changed:
            with self._journal.changing() as transaction:
                transaction.when_lost = _left_wrong
                self._repository.save(*changed)

    def _running(self, record: CountdownRecord, left_s: float) -> CountdownRecord:
        return replace(
            record,
            ends_at=self._clock.now().timestamp() + left_s,
            remaining_s=None,
            boot=self._boot,
            ends_mono=self._clock.elapsed() + left_s,
        )

    def _waits(self, key: str) -> bool:
        return key in self._elapsed or key in self._followers

    def _queue(self, record: CountdownRecord) -> None:
        self._elapsed.drop(record.id)
        self._followers.drop(record.id)
        if record.ends_at is None:
            return
        if record.boot == self._boot:
            self._elapsed.put(record.id, record.ends_mono)
        else:
            self._followers.put(record.id, record.ends_at)

    def _unqueue(self, key: str) -> None:
        self._elapsed.drop(key)
        self._followers.drop(key)


def _left_wrong(error: StoreError) -> None:
    _LOG.error("timers will be wrong after a restart, for the clock was set: %s", error)
