"""What rings now, what is being done now, and what comes next.

An entry stays in the database until its ring was silenced or has timed out, a command until it
was done. So a ring that a crash cut off goes on after the restart, and what was dealt with never
comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.errors import ScheduleError
from assistant.ports import Clock
from assistant.schedule.appointments import AppointmentBook
from assistant.schedule.commands import Command
from assistant.schedule.countdowns import CountdownBook
from assistant.schedule.entries import Kind, Ring
from assistant.schedule.trust import Trust

_LOG = logging.getLogger(__name__)

_REMINDER_S = 60.0
"""So long a reminder rings at most: it was said at the beginning."""


def ignore(ring: Ring) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class _Ringing:
    ring: Ring
    until: float
    """Monotonic time at which it stops by itself."""


class Bell:
    """Takes from the books what is due. Callbacks: a ring, its end, a command to be done."""

    def __init__(
        self,
        countdowns: CountdownBook,
        appointments: AppointmentBook,
        clock: Clock,
        trust: Trust,
        *,
        ring_timeout_s: float,
        missed_after_s: float,
    ) -> None:
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
        self.on_command: Callable[[Ring], None] = ignore
        self.on_over: Callable[[Ring], None] = ignore
        """A ring is about to be dealt with for good."""

    def __contains__(self, key: str) -> bool:
        return key in self._ringing or key in self._doing

    def ringing(self) -> tuple[Ring, ...]:
        """What rings now."""
        return tuple(ringing.ring for ringing in self._ringing.values())

    def strike(self) -> Callable[[], None] | None:
        """Begin and end what is due.

        Returns what then has to be told, once all know of the change; None: nothing has changed.
        """
        now = self._clock.monotonic()
        over = [ringing.ring for ringing in self._ringing.values() if ringing.until <= now]
        for ring in over:
            _LOG.info("%s %s rang unanswered", ring.kind, ring.id)
            self.settle(ring)
            self.quiet(ring.id)
        due = self._countdowns.take_due()
        if self._trust.known:
            due += self._appointments.take_due()
        new = [self._begun(ring, now) for ring in due]
        if not (new or over):
            return None

        def tell() -> None:
            for ring in new:
                command = ring.kind == Kind.COMMAND and not ring.missed
                (self.on_command if command else self.on_ring)(ring)

        return tell

    def next_s(self) -> float | None:
        """Seconds until the next ring begins or ends by itself; None: nothing is to come."""
        now = self._clock.monotonic()
        coming = [self._countdowns.next_s()]
        if self._trust.known:
            coming.append(self._appointments.next_s())
        coming += [ringing.until - now for ringing in self._ringing.values()]
        return min((max(0.0, s) for s in coming if s is not None), default=None)

    def settle(self, ring: Ring) -> None:
        """It was dealt with."""
        self.on_over(ring)
        (self._countdowns if ring.id in self._countdowns else self._appointments).settle(ring.id)

    def quiet(self, key: str) -> None:
        """End its ring, if it rings; what it was stays as it is."""
        self._doing.pop(key, None)
        ringing = self._ringing.pop(key, None)
        if ringing is not None:
            self.on_quiet(ringing.ring)

    def done(self, key: str) -> bool:
        """A command was done; whether it was one that was being done."""
        ring = self._doing.pop(key, None)
        if ring is not None:
            self.settle(ring)
        return ring is not None

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


def _undoes(ring: Ring) -> bool:
    try:
        return Command.read(ring.content).undoes
    except ScheduleError as error:  # who is to do it reads it again, and says what is wrong
        _LOG.debug("command %s: %s", ring.id, error)
        return False
