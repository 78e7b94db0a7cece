"""What rings now, what is being done now, and what comes next.

An entry stays in the database until its ring was silenced or has timed out, a command until it
was done. So a ring that a crash cut off goes on after the restart, and what was dealt with never
comes again: a ring ends once it is on the disk that it was silenced. That it begins waits for
nothing. A command that must not be done twice leaves the books before it is done: cut off, it is
only told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.errors import ScheduleError, StoreError
from assistant.ports import Clock
from assistant.schedule.appointments import AppointmentBook
from assistant.schedule.commands import Command
from assistant.schedule.countdowns import CountdownBook
from assistant.schedule.entries import Kind, Ring
from assistant.schedule.trust import Trust
from assistant.store.begun import BegunRecord, BegunRepository
from assistant.store.database import Database

_LOG = logging.getLogger(__name__)

_REMINDER_S = 60.0
"""So long a reminder rings at most: it was said at the beginning."""


def ignore(ring: Ring) -> None:
    """Nobody wants to know."""


@dataclass(slots=True)
class _Ringing:
    ring: Ring
    until: float
    """Elapsed time at which it stops by itself."""
    ends: bool = False
    """It does once the disk knows."""


class Bell:
    """Takes from the books what is due.

    Callbacks: a ring, its sound off or on again, its end, a command to be done.
    """

    def __init__(
        self,
        countdowns: CountdownBook,
        appointments: AppointmentBook,
        clock: Clock,
        trust: Trust,
        *,
        database: Database,
        ring_timeout_s: float,
        missed_after_s: float,
    ) -> None:
        self._database = database
        self._begun_before = BegunRepository(database)
        self._cut_off = [
            Ring(r.id, Kind.COMMAND, r.name, r.area, 0.0, True, r.content, cut_off=True)
            for r in self._begun_before.all()
        ]
        """What an earlier run of the assistant did not come to an end with."""
        self._once: set[str] = set()
        """Commands that have left the books."""
        self._countdowns = countdowns
        self._appointments = appointments
        self._clock = clock
        self._trust = trust
        self._ring_timeout_s = ring_timeout_s
        self._missed_after_s = missed_after_s
        self._ringing: dict[str, _Ringing] = {}
        self._doing: dict[str, Ring] = {}
        self.on_ring: Callable[[Ring], None] = ignore
        self.on_quiet: Callable[[Ring], None] = ignore
        self.on_sound: Callable[[Ring, bool], None] = lambda ring, sounds: None
        self.on_command: Callable[[Ring], None] = ignore
        self.on_over: Callable[[Ring], None] = ignore
        """A ring is about to be dealt with for good."""

    def __contains__(self, key: str) -> bool:
        return key in self._ringing or key in self._doing

    def ringing(self) -> tuple[Ring, ...]:
        """What rings now."""
        return tuple(ringing.ring for ringing in self._ringing.values())

    def sounding(self) -> tuple[Ring, ...]:
        """What rings now and is not about to end."""
        return tuple(ringing.ring for ringing in self._ringing.values() if not ringing.ends)

    def strike(self) -> Callable[[], None] | None:
        """Begin and end what is due.

        Returns what then has to be told, once all know of the change; None: nothing has changed.
        """
        now = self._clock.elapsed()
        over = [ring for ring in self.sounding() if self._ringing[ring.id].until <= now]
        for ring in over:
            _LOG.info("%s %s rang unanswered", ring.kind, ring.id)
        self.settle(*over)
        cut_off, self._cut_off = self._cut_off, []
        due = self._countdowns.take_due()
        if self._trust.known:
            due += self._appointments.take_due()
        new = [self._begun(ring, now) for ring in due]
        if not (new or over or cut_off):
            return None

        def tell() -> None:
            for ring in cut_off:
                _LOG.warning("command %s was cut off, and is not done again", ring.id)
                self.on_ring(ring)
                self._forget_begun(ring.id)
            for ring in new:
                if ring.missed:
                    self._database.writer.then(self._telling(ring))
                else:
                    (self.on_command if ring.kind == Kind.COMMAND else self.on_ring)(ring)

        return tell

    def _telling(self, ring: Ring) -> Callable[[bool], None]:
        """What is missed is told once: after that is on the disk."""
        return lambda kept: self.on_ring(ring)

    def next_s(self) -> float | None:
        """Seconds until the next ring begins or ends by itself; None: nothing is to come."""
        now = self._clock.elapsed()
        coming = [self._countdowns.next_s()]
        if self._trust.known:
            coming.append(self._appointments.next_s())
        coming += [ringing.until - now for ringing in self._ringing.values() if not ringing.ends]
        return min((max(0.0, s) for s in coming if s is not None), default=None)

    def settle(self, *rings: Ring) -> None:
        """They were dealt with, and end: all or none of them on the disk, here in any case."""
        if not rings:
            return
        for ring in rings:
            self.on_over(ring)
        with self._database.transaction() as transaction:
            transaction.when_lost = _stays_due
            self._settle([ring.id for ring in rings])
            for ring in rings:
                self.quiet(ring.id, anyhow=True)

    def _settle(self, keys: Sequence[str]) -> None:
        counted = [key for key in keys if key in self._countdowns]
        self._countdowns.settle(counted)
        self._appointments.settle([key for key in keys if key not in counted])

    def begin(self, key: str) -> bool:
        """A command that must not be done twice is no longer due: it is done once that is saved.

        False where it is not being done any more. Raises `StoreError`: then it must not be done.
        """
        ring = self._doing.get(key)
        if ring is None:
            return False
        with self._database.transaction() as transaction:
            transaction.on_loss(lambda: self._once.discard(key))
            self._begun_before.save(BegunRecord(ring.id, ring.name, ring.area, ring.content))
            self._settle([key])
        self._once.add(key)
        return True

    def quiet(self, key: str, *, anyhow: bool = False) -> None:
        """Have it sound no more at once; its ring is over once the changes so far are on the disk.

        Where the disk does not take them it sounds again, unless it is to end `anyhow`.
        """
        self._doing.pop(key, None)
        ringing = self._ringing.get(key)
        if ringing is None:
            return
        ringing.ends = True
        self.on_sound(ringing.ring, False)

        def end(kept: bool) -> None:
            ringing.ends = kept or anyhow
            if self._ringing.get(key) is not ringing:
                return
            if ringing.ends:
                del self._ringing[key]
                self.on_quiet(ringing.ring)
            else:
                self.on_sound(ringing.ring, True)

        self._database.writer.then(end)

    def done(self, key: str) -> bool:
        """A command was done; whether it was one that was being done."""
        ring = self._doing.pop(key, None)
        if ring is not None and key in self._once:
            self._once.discard(key)
            self._forget_begun(key)
        elif ring is not None:
            self.settle(ring)
        return ring is not None

    def _forget_begun(self, key: str) -> None:
        def lost(error: StoreError) -> None:
            _LOG.error("command %s will be told of again after a restart: %s", key, error)

        with self._database.transaction() as transaction:
            transaction.when_lost = lost
            self._begun_before.delete(key)

    def _begun(self, ring: Ring, now: float) -> Ring:
        late = ring.late_s > self._missed_after_s
        if ring.kind == Kind.COMMAND:
            late = late and not _undoes(ring)
        if late:
            self.settle(ring)
            return replace(ring, missed=True)
        if ring.kind == Kind.COMMAND:
            self._doing[ring.id] = ring
            return ring
        longest = self._ring_timeout_s
        if ring.kind == Kind.REMINDER:
            longest = min(longest, _REMINDER_S)
        self._ringing[ring.id] = _Ringing(ring, now + longest)
        return ring


def _stays_due(error: StoreError) -> None:
    _LOG.error("what was dealt with stays due in the database: %s", error)


def _undoes(ring: Ring) -> bool:
    try:
        return Command.read(ring.content).undoes
    except ScheduleError as error:  # who is to do it reads it again, and says what is wrong
        _LOG.debug("command %s: %s", ring.id, error)
        return False
