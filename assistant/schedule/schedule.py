"""Timers and alarms: set, ask, change, cancel, ring. Kept in SQLite, run by APScheduler.

What is due when is decided by `timers.py` and `alarms.py` on the injected clock. APScheduler
wakes this room at the next such moment; as it sleeps by the wall clock, a look once a second
finds out when the clock was set.

An entry stays in the database until its ring was silenced or has timed out. So a ring that a
crash cut off goes on after the restart, and what was dealt with never rings again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import ScheduleError
from assistant.ports import Clock
from assistant.schedule.alarms import AlarmBook
from assistant.schedule.entries import MISSED_AFTER_S, Alarm, Ring, Timer
from assistant.schedule.timers import TimerBook
from assistant.store.alarms import AlarmRepository
from assistant.store.database import Database
from assistant.store.timers import TimerRepository

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

__all__ = ["MISSED_AFTER_S", "Alarm", "Ring", "Schedule", "Timer"]

_LOG = logging.getLogger(__name__)

_LOOK_S = 1.0
_JUMP_S = 1.0
_JOB = "next"


@dataclass(frozen=True, slots=True)
class _Ringing:
    ring: Ring
    until: float
    """Monotonic time at which it stops by itself."""


def _ignore(ring: Ring) -> None:
    """Nobody wants to know."""


class Schedule:
    """All timers and alarms of the home. Its methods belong to the event loop.

    Changes are on the disk when a method returns; where that fails `StoreError` is raised and
    nothing has changed. Loads what was kept when it is made, which raises `StoreError` too.
    """

    def __init__(self, database: Database, clock: Clock, ring_timeout_s: float = 300.0) -> None:
        self._clock = clock
        self._ring_timeout_s = ring_timeout_s
        self._timers = TimerBook(TimerRepository(database), clock)
        self._alarms = AlarmBook(AlarmRepository(database), clock)
        self._ringing: dict[str, _Ringing] = {}
        self._on_ring: Callable[[Ring], None] = _ignore
        self._on_quiet: Callable[[Ring], None] = _ignore
        self._listeners: list[Callable[[], None]] = []
        self._scheduler: AsyncIOScheduler | None = None
        self._look: asyncio.TimerHandle | None = None
        self._armed: float | None = None
        """Monotonic time for which APScheduler's job is set."""
        self._offset = self._wall_offset()

    async def start(
        self, on_ring: Callable[[Ring], None], on_quiet: Callable[[Ring], None] = _ignore
    ) -> None:
        """Say what was missed through `on_ring`, and run.

        `on_ring` is called once for each ring; one that is `missed` is only to be told.
        `on_quiet` is called when a ring was silenced, cancelled or has timed out.
        """
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        if self._scheduler is not None:
            raise ScheduleError("the schedule runs already")
        # At INFO it would tell of every job added; our own lines tell the story.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._on_ring, self._on_quiet = on_ring, on_quiet
        self._scheduler = AsyncIOScheduler(event_loop=asyncio.get_running_loop(), timezone=dt.UTC)
        self._scheduler.start()
        self._look_again()

    async def stop(self) -> None:
        """Stop running; nothing is forgotten."""
        if self._scheduler is None:
            return
        if self._look is not None:
            self._look.cancel()
        self._scheduler.shutdown(wait=False)
        self._scheduler, self._armed = None, None
        self._on_ring = self._on_quiet = _ignore
        await asyncio.sleep(0)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener()` when a timer, an alarm or a ring has come, gone or changed."""
        self._listeners.append(listener)

    def timers(self) -> tuple[Timer, ...]:
        """All timers that do not ring yet, the one that ends first first."""
        return tuple(timer for timer in self._timers if timer.id not in self._ringing)

    def start_timer(self, duration_s: float, name: str = "", area: str | None = None) -> Timer:
        """Start a timer. Raises `ScheduleError` for a length that is not 1 s to 30 days."""
        timer = self._timers.start(duration_s, name, area)
        self._changed()
        return timer

    def add_to_timer(self, timer_id: str, seconds: float) -> Timer:
        """Lengthen (or, negative, shorten) a timer; it never ends earlier than now.

        A timer that rings falls silent and runs again for `seconds`.
        """
        timer = self._timers.add(timer_id, seconds)
        self._quiet(timer_id)
        self._changed()
        return timer

    def pause_timer(self, timer_id: str) -> Timer:
        """Hold a timer."""
        timer = self._timers.pause(timer_id)
        self._changed()
        return timer

    def resume_timer(self, timer_id: str) -> Timer:
        """Let a held timer run on."""
        timer = self._timers.resume(timer_id)
        self._changed()
        return timer

    def cancel_timer(self, timer_id: str) -> None:
        """Forget a timer, and silence it if it rings."""
        self._timers.cancel(timer_id)
        self._quiet(timer_id)
        self._changed()

    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms, the next one first; one that rings for its only time is not among them."""
        return tuple(a for a in self._alarms if a.days or a.id not in self._ringing)

    def set_alarm(
        self,
        time: dt.time,
        *,
        date: dt.date | None = None,
        days: frozenset[int] = frozenset(),
        name: str = "",
        area: str | None = None,
    ) -> Alarm:
        """Set an alarm: once at the next such time (or on `date`), or repeated on `days`.

        Raises `ScheduleError` for a time that has passed or a day that is none.
        """
        alarm = self._alarms.set(time, date, days, name, area)
        self._changed()
        return alarm

    def cancel_alarm(self, alarm_id: str) -> None:
        """Forget an alarm, and silence it if it rings."""
        self._alarms.cancel(alarm_id)
        self._quiet(alarm_id)
        self._changed()

    def ringing(self) -> tuple[Ring, ...]:
        """What rings now."""
        return tuple(ringing.ring for ringing in self._ringing.values())

    def silence(self) -> tuple[Ring, ...]:
        """Stop everything that rings; a repeated alarm stays set. Returns what rang."""
        rang = self.ringing()
        for ring in rang:
            self._settle(ring)
            self._quiet(ring.id)
        self._changed()
        return rang

    def poll(self) -> None:
        """Ring what is due now and end what has rung too long; done by itself while running."""
        offset = self._wall_offset()
        moved = False
        if abs(offset - self._offset) > _JUMP_S:
            _LOG.info("the clock was set by %+.0f s: timers go on as before", offset - self._offset)
            self._timers.clock_was_set()
            self._armed = None
            moved = True
        self._offset = offset
        now = self._clock.monotonic()
        for ringing in tuple(self._ringing.values()):
            if ringing.until <= now:
                _LOG.info("%s %s rang unanswered", ringing.ring.kind, ringing.ring.id)
                self._settle(ringing.ring)
                self._quiet(ringing.ring.id)
                moved = True
        due = (*self._timers.due(), *self._alarms.due(besides=self._ringing))
        new = [ring for ring in due if ring.id not in self._ringing]
        for ring in new:
            if ring.missed:
                self._settle(ring)
            else:
                self._ringing[ring.id] = _Ringing(ring, now + self._ring_timeout_s)
        if new or moved:
            self._changed()
        else:
            self._arm()
        for ring in new:
            self._on_ring(ring)

    def next_s(self) -> float | None:
        """Seconds until the next ring begins or ends by itself; None: nothing is to come."""
        now = self._clock.monotonic()
        coming = [self._timers.next_s(), self._alarms.next_s()]
        coming += [ringing.until - now for ringing in self._ringing.values()]
        new = (ring for ring in self._timers.due() if ring.id not in self._ringing)
        coming += [0.0 for _ in new]
        return min((max(0.0, s) for s in coming if s is not None), default=None)

    def _changed(self) -> None:
        self._arm()
        for listener in tuple(self._listeners):
            listener()

    def _settle(self, ring: Ring) -> None:
        (self._timers if ring.kind == "timer" else self._alarms).settle(ring.id)

    def _quiet(self, entry_id: str) -> None:
        ringing = self._ringing.pop(entry_id, None)
        if ringing is not None:
            self._on_quiet(ringing.ring)

    def _wall_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _look_again(self) -> None:
        self._look = asyncio.get_running_loop().call_later(_LOOK_S, self._look_again)
        self.poll()

    async def _wake(self) -> None:
        self._armed = None
        self.poll()

    def _arm(self) -> None:
        """Have APScheduler wake us at the next moment at which there is something to do."""
        if self._scheduler is None:
            return
        wait = self.next_s()
        if wait is None:
            if self._armed is not None and self._scheduler.get_job(_JOB) is not None:
                self._scheduler.remove_job(_JOB)
            self._armed = None
            return
        at = self._clock.monotonic() + wait
        if self._armed is not None and abs(at - self._armed) < 0.01:
            return
        self._armed = at
        self._scheduler.add_job(
            self._wake,
            "date",
            run_date=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait),
            id=_JOB,
            replace_existing=True,
            misfire_grace_time=None,
        )
