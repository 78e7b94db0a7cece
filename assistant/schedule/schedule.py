"""Timers, alarms, reminders and commands for later: set, ask, change, cancel; and lists, routines.

Kept in SQLite, run by APScheduler. What is due when is decided by `countdowns.py` and
`appointments.py` on the injected clock, what rings by `bell.py`; `wheels.py` wakes this room at
the next moment that matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from assistant.errors import ScheduleError
from assistant.ports import Clock
from assistant.schedule.appointments import rule_of
from assistant.schedule.bell import ignore
from assistant.schedule.dawn import Dawn, lights_kept, lights_read
from assistant.schedule.entries import (
    MISSED_AFTER_S,
    Alarm,
    Kind,
    Ring,
    Timer,
    tidy_name,
)
from assistant.schedule.journal import Change
from assistant.schedule.keeping import Keeping
from assistant.schedule.recurrence import OTHER_WEEK, Rule, next_date, rule_moment
from assistant.schedule.wheels import Wheels
from assistant.store.appointments import AppointmentRecord
from assistant.store.countdowns import CountdownRecord
from assistant.store.database import Database

_Record = TypeVar("_Record", CountdownRecord, AppointmentRecord)

__all__ = ["MISSED_AFTER_S", "Alarm", "Ring", "Schedule", "Timer"]


class Schedule(Keeping):
    """All that the home is to be reminded of. Its methods belong to the event loop.

    Changes count when a method returns, and are on the disk when a `saved` block around it is left;
    where that fails `StoreError` is raised and nothing has changed. (Before `start` they are on the
    disk at once.) Loads what was kept when it is made, which raises `StoreError` too.

    `boot` tells this run of the machine from others (empty: unknown), `is_set` says whether its
    wall clock can be believed.
    """

    def __init__(
        self, database: Database, clock: Clock, ring_timeout_s: float = 300.0, **options: Any
    ) -> None:
        """`options` as of `Keeping`."""
        super().__init__(database, clock, ring_timeout_s, **options)
        self._bell.on_over = self._remember
        self._dawn = Dawn()
        self._last_timer: CountdownRecord | None = None
        self._listeners: list[Callable[[], None]] = []
        self._wheels = Wheels(clock, self.poll)

    async def start(
        self,
        on_ring: Callable[[Ring], None],
        on_quiet: Callable[[Ring], None] = ignore,
        on_command: Callable[[Ring], None] = ignore,
        on_sound: Callable[[Ring, bool], None] | None = None,
    ) -> None:
        """Say what was missed through `on_ring`, and run.

        `on_ring` is called once for each ring; one that is `missed` is only to be told.
        `on_quiet` is called when a ring was silenced, cancelled or has timed out. `on_command` is
        to do what a command says, and then to call `done`. `on_sound` is called with False at once
        when a ring is stopped, `on_quiet` once the disk knows; with True where the disk refused.
        """
        if self._wheels.running:
            raise ScheduleError("the schedule runs already")
        self.attend(on_ring, on_quiet, on_command, on_sound)
        self._database.writer.start()
        self._wheels.start()

    def attend(
        self,
        on_ring: Callable[[Ring], None],
        on_quiet: Callable[[Ring], None] = ignore,
        on_command: Callable[[Ring], None] = ignore,
        on_sound: Callable[[Ring, bool], None] | None = None,
    ) -> None:
        """As `start`, but `poll` is left to the caller."""
        self._bell.on_ring, self._bell.on_quiet = on_ring, on_quiet
        self._bell.on_command = on_command
        self._bell.on_sound = on_sound or (lambda ring, sounds: None)

    async def stop(self) -> None:
        """Stop running; nothing is forgotten."""
        if self._wheels.running:
            self.attend(ignore)
            await self._wheels.stop()
            await self._database.writer.idle()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener()` when an entry or a ring has come, gone or changed."""
        self._listeners.append(listener)

    @property
    def time_known(self) -> bool:
        """False until a machine without a clock of its own has learned the time."""
        return self._trust.known

    # Timers

    def timers(self) -> tuple[Timer, ...]:
        """All timers that do not ring yet, the one that ends first first."""
        running = self._countdowns.of(Kind.TIMER)
        return tuple(self._timer(r) for r in running if r.id not in self._bell)

    def ringing_timers(self) -> tuple[Timer, ...]:
        """The timers that ring now."""
        ended = self._countdowns.of(Kind.TIMER)
        return tuple(self._timer(r) for r in ended if r.id in self._bell)

    @property
    def last_timer(self) -> Timer | None:
        """The one that has ended or was cancelled last, since the start."""
        return self._timer(self._last_timer) if self._last_timer is not None else None

    def start_timer(
        self, duration_s: float, name: str = "", area: str | None = None, *, sound: str = ""
    ) -> Timer:
        """Start a timer. Raises `LengthError` for a length that is not 1 s to 30 days.

        `sound` is one of `sounds`; `SoundError` for another.
        """
        self._check_sound(sound)
        record = self._countdowns.start(Kind.TIMER, duration_s, tidy_name(name), area, sound=sound)
        self._changed()
        return self._timer(record)

    def seconds_until(self, time: dt.time) -> float:
        """The length of a timer that ends when it is next `time`. Raises `NoTimeError`."""
        self._need_time()
        rule, now = Rule(time), self._clock.now()
        at = rule_moment(rule, next_date(rule, now), now.tzinfo)
        return at.timestamp() - now.timestamp() if at is not None else 0.0

    def add_to_timer(self, timer_id: str, seconds: float) -> Timer:
        """Lengthen (or, negative, shorten) a timer; it never ends earlier than now.

        A timer that rings falls silent and runs again for `seconds`.
        """
        return self._timer(self._changing(timer_id, self._countdowns.add(timer_id, seconds)))

    def restart_timer(self, timer_id: str) -> Timer:
        """Let a timer, ringing or not, run again for as long as it was first set."""
        length = self._countdowns.find(timer_id).set_s
        return self._timer(self._changing(timer_id, self._countdowns.rerun(timer_id, length)))

    def change_timer(self, timer_id: str, seconds: float) -> Timer:
        """Let a timer end `seconds` from now."""
        return self._timer(self._changing(timer_id, self._countdowns.rerun(timer_id, seconds)))

    def pause_timer(self, timer_id: str) -> Timer:
        """Hold a timer."""
        record = self._countdowns.hold(timer_id)
        self._changed()
        return self._timer(record)

    def resume_timer(self, timer_id: str) -> Timer:
        """Let a held timer run on."""
        record = self._countdowns.resume(timer_id)
        self._changed()
        return self._timer(record)

    def cancel_timer(self, *timer_ids: str) -> None:
        """Forget timers, and silence those that ring; all or none."""
        self._last_timer = self._countdowns.find(timer_ids[-1]) if timer_ids else self._last_timer
        self._cancel(timer_ids)

    # Alarms

    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms, the next one first; one that rings for its only time is not among them."""
        alarms = [
            self._alarm(record)
            for record in self._appointments.of(Kind.ALARM)
            if rule_of(record).repeats or record.id not in self._bell
        ]
        alarms += [
            self._snoozed(record)
            for record in self._countdowns.of(Kind.ALARM)
            if record.id not in self._bell
        ]
        return tuple(sorted(alarms, key=lambda alarm: alarm.next_ring.timestamp()))

    def set_alarm(
        self,
        time: dt.time,
        *,
        date: dt.date | None = None,
        days: frozenset[int] = frozenset(),
        name: str = "",
        area: str | None = None,
        every: str = "",
        month_day: int = 0,
        lights: Iterable[str] = (),
        sound: str = "",
    ) -> Alarm:
        """Set an alarm: once at the next such time (or on `date`), or repeated.

        Raises `ScheduleError` for a time that has passed, a day that is none or an unknown sound.
        """
        rule = Rule(time, days, every, month_day)
        return self._alarm(
            self._set(
                Kind.ALARM,
                rule,
                date,
                tidy_name(name),
                area=area,
                content=lights_kept(lights),
                sound=sound,
            )
        )

    def change_alarm(
        self,
        alarm_id: str,
        time: dt.time | None = None,
        *,
        date: dt.date | None = None,
        days: frozenset[int] | None = None,
        every: str = "",
        month_day: int = 0,
    ) -> Alarm:
        """Move an alarm; it keeps what is not given of its time and days. Raises as `set_alarm`."""
        self._need_time()
        before = rule_of(self._appointments.find(alarm_id))
        rule = replace(before, time=time or before.time)
        if days is not None or date is not None or every:
            kept = before.days if days is None and every == OTHER_WEEK else frozenset()
            rule = Rule(rule.time, days or kept, every, month_day)
        return self._alarm(
            self._changing(alarm_id, self._appointments.change(alarm_id, rule, date))
        )

    def skip_alarm(self, alarm_id: str) -> Alarm:
        """Leave out the next ring of a repeated alarm."""
        return self._alarm(self._changing(alarm_id, self._appointments.skip(alarm_id)))

    def enable_alarm(self, alarm_id: str, enabled: bool) -> Alarm:
        """Turn an alarm on or off; off it stays, and does not ring. One that is snoozed is over."""
        if alarm_id in self._countdowns:
            alarm = self._snoozed(self._countdowns.find(alarm_id))
            self._cancel(() if enabled else (alarm_id,))
            return alarm
        return self._alarm(self._changing(alarm_id, self._appointments.enable(alarm_id, enabled)))

    def cancel_alarm(self, *alarm_ids: str) -> None:
        """Forget alarms, and silence those that ring; all or none."""
        self._cancel(alarm_ids)

    # Rings

    def begin(self, ring_id: str) -> bool:
        """A command that was due and must not be done twice is done once this is `saved`.

        False where it is not to be done any more. Raises `StoreError`: it must not be done.
        """
        begun = self._bell.begin(ring_id)
        self._changed()
        return begun

    def done(self, ring_id: str) -> None:
        """A command that was due was done, or given up."""
        if self._bell.done(ring_id):
            self._changed()

    def ringing(self) -> tuple[Ring, ...]:
        """What rings now."""
        return self._bell.ringing()

    def sounding(self) -> tuple[Ring, ...]:
        """What rings now and was not stopped: a ring is over when the disk knows of it."""
        return self._bell.sounding()

    def silence(self) -> tuple[Ring, ...]:
        """Stop everything that rings, in one go; a repeated alarm stays set. Returns what rang."""
        rang = self._bell.sounding()
        self._bell.settle(*rang)
        self._changed()
        return rang

    def snooze(self, seconds: float) -> tuple[Ring, ...]:
        """Stop what rings, and ring it again in `seconds`. Raises `LengthError`, `StoreError`."""
        rang = self._bell.sounding()
        with self.all_or_nothing():
            for ring in rang:
                if ring.id in self._countdowns:
                    self._countdowns.rerun(ring.id, seconds)
                else:
                    self._countdowns.start(
                        ring.kind, seconds, ring.name, ring.area, ring.content, sound=ring.sound
                    )
                    self._appointments.put_off(ring.id)
        for ring in rang:
            self._bell.quiet(ring.id)
        self._changed()
        return rang

    def poll(self) -> None:
        """Ring what is due now and end what has rung too long; done by itself while running."""
        moved = self._appointments.follow_zone()
        if self._trust.look():
            self._countdowns.clock_was_set()
            self._countdowns.believe_clock()
            self._wheels.disarm()
            moved = True
        tell = self._bell.strike()
        if tell is not None or moved:
            self._tell_of_change()  # at once: that it rings does not wait for the disk
            if self._database.writer.busy:
                self._changed()
        if tell is not None:
            tell()
        dawn = self._dawn.steps(self._lit_alarms(), self._clock.now().timestamp())
        for ring in dawn:
            self._bell.on_command(ring)
        self._wheels.arm(self.next_s())

    def next_s(self) -> float | None:
        """Seconds until there is something to do; None: nothing is to come."""
        coming = [self._bell.next_s()]
        if self._trust.known:
            coming.append(self._dawn.next_s(self._lit_alarms(), self._clock.now().timestamp()))
        return min((s for s in coming if s is not None), default=None)

    # Taking back

    def mark(self) -> int:
        """A mark between the changes so far and those to come."""
        return self._journal.mark()

    def changes_since(self, mark: int) -> tuple[Change, ...]:
        """What was set, changed, cancelled, put on lists… since a mark, for `revert`."""
        return self._journal.since(mark)

    def revert(self, changes: Iterable[Change]) -> None:
        """Have everything be as it was before `changes`. Raises `StoreError`: nothing is, then.

        A timer that was cancelled goes on as if it had not been.
        """
        changes = tuple(changes)
        with self.all_or_nothing():
            self._journal.revert(changes)
        for change in changes:
            self._bell.quiet(change.key)
        self._changed()

    def _changing(self, key: str, record: _Record) -> _Record:
        self._bell.quiet(key)
        self._changed()
        return record

    def changed(self) -> None:
        """Tell who listens: a list has changed, say."""
        self._changed()

    def _changed(self) -> None:
        self._wheels.arm(self.next_s())
        self._database.writer.then(lambda kept: self._tell_of_change())

    def _tell_of_change(self) -> None:
        self._wheels.arm(self.next_s())
        for listener in tuple(self._listeners):
            listener()

    def _remember(self, ring: Ring) -> None:
        if ring.kind == Kind.TIMER and ring.id in self._countdowns:
            self._last_timer = self._countdowns.find(ring.id)

    def _lit_alarms(self) -> list[Alarm]:
        if not self._trust.known:
            return []
        return [self._alarm(record) for record in self._appointments.lit()]

    def _timer(self, record: CountdownRecord) -> Timer:
        left = max(0.0, self._countdowns.remaining_s(record))
        paused = record.ends_at is None
        return Timer(
            record.id, record.name, record.duration_s, left, paused, record.area, record.set_s,
            record.sound,
        )  # fmt: skip

    def _alarm(self, record: AppointmentRecord) -> Alarm:
        return Alarm(
            record.id, record.name, record.time, record.days,
            self._appointments.next_time(record), record.area, record.every, record.month_day,
            record.enabled, lights_read(record.content), sound=record.sound,
        )  # fmt: skip

    def _snoozed(self, record: CountdownRecord) -> Alarm:
        at = self._ends(record)
        return Alarm(
            record.id, record.name, at.time(), frozenset(), at, record.area, snoozed=True,
            sound=record.sound,
        )  # fmt: skip
