"""Thousands of random commands, restarts and clock changes against a model of a few lines.

The model knows one thing: at which moments which entry must come. A timer comes once its time has
passed on the monotonic clock; a repeated alarm at its time of day, as the wall clock shows it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule
from manual_clock import BERLIN, ManualClock

from assistant.schedule.entries import MISSED_AFTER_S, Ring
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database

_START = dt.datetime(2026, 3, 27, 12, 0, tzinfo=BERLIN)  # two days before summer time


@dataclass
class _Timer:
    left_s: float
    paused: bool = False


class Days(RuleBasedStateMachine):
    """A home over some days."""

    timers = Bundle("timers")
    alarms = Bundle("alarms")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database.open(None)
        self.clock = ManualClock(_START)
        self.boot = 1
        self.model: dict[str, _Timer] = {}
        self.times: dict[str, dt.time] = {}
        self.rung_on: dict[str, dt.date] = {}
        """By alarm, the last day it came on."""
        self.rings: list[Ring] = []
        self._load()

    def _load(self) -> None:
        self.schedule = Schedule(self.database, self.clock, boot=str(self.boot))
        self.schedule.attend(self._ring)
        self.schedule.poll()

    def _ring(self, ring: Ring) -> None:
        if ring.kind == "timer":
            timer = self.model.pop(ring.id, None)
            assert timer is not None, "a timer rang that nobody set, or rang twice"
            assert timer.left_s <= 1e-6, f"a timer rang {timer.left_s} s early"
            assert not timer.paused, "a held timer rang"
        else:
            assert ring.id in self.times, "an alarm rang that was cancelled"
            assert ring.missed == (ring.late_s > MISSED_AFTER_S)
            moment = self.clock.now().timestamp() - ring.late_s
            due = dt.datetime.fromtimestamp(moment, BERLIN).date()
            assert self.rung_on.get(ring.id, dt.date.min) < due, "an alarm rang twice on one day"
            self.rung_on[ring.id] = due

    @rule(target=timers, seconds=st.integers(1, 50_000))
    def start_timer(self, seconds: int) -> str:
        timer = self.schedule.start_timer(seconds)
        self.model[timer.id] = _Timer(seconds)
        return timer.id

    @rule(target=alarms, hour=st.integers(0, 23), minute=st.integers(0, 59))
    def set_alarm(self, hour: int, minute: int) -> str:
        alarm = self.schedule.set_alarm(dt.time(hour, minute), days=frozenset(range(7)))
        if alarm.id not in self.times:
            self.times[alarm.id] = alarm.time
            if alarm.next_ring.date() > self.clock.now().date():
                self.rung_on[alarm.id] = alarm.next_ring.date() - dt.timedelta(days=1)
        return alarm.id

    @rule(timer=timers)
    def cancel_timer(self, timer: str) -> None:
        if self.model.pop(timer, None) is not None:
            self.schedule.cancel_timer(timer)

    @rule(timer=timers)
    def cancel_and_take_it_back(self, timer: str) -> None:
        if timer in self.model:
            mark = self.schedule.mark()
            self.schedule.cancel_timer(timer)
            self.schedule.revert(self.schedule.changes_since(mark))

    @rule(timer=timers, seconds=st.integers(-3000, 3000))
    def add(self, timer: str, seconds: int) -> None:
        if timer in self.model:
            self.model[timer].left_s = max(0.0, self.model[timer].left_s + seconds)
            self.schedule.add_to_timer(timer, seconds)

    @rule(timer=timers)
    def pause(self, timer: str) -> None:
        if timer in self.model:
            self.schedule.pause_timer(timer)
            self.model[timer].paused = True

    @rule(timer=timers)
    def resume(self, timer: str) -> None:
        if timer in self.model:
            self.schedule.resume_timer(timer)
            self.model[timer].paused = False

    @rule(alarm=alarms)
    def cancel_alarm(self, alarm: str) -> None:
        if self.times.pop(alarm, None) is not None:
            self.schedule.cancel_alarm(alarm)

    @rule()
    def silence(self) -> None:
        self.schedule.silence()

    @precondition(lambda self: self.schedule.ringing())
    @rule(seconds=st.integers(1, 1200))
    def snooze_timers(self, seconds: int) -> None:
        if all(ring.kind == "timer" for ring in self.schedule.ringing()):
            for ring in self.schedule.snooze(seconds):
                self.model[ring.id] = _Timer(seconds)

    @rule(seconds=st.integers(1, 40_000))
    def time_passes(self, seconds: int) -> None:
        while seconds > 0:
            wait = self.schedule.next_s()
            step = seconds if wait is None else min(seconds, max(wait, 0.001))
            self._advance(step)
            self.schedule.poll()
            seconds -= step

    @rule(seconds=st.integers(1, 200_000))
    def the_daemon_is_off(self, seconds: int) -> None:
        """Stopped and started again on a machine that goes on."""
        self.schedule.silence()
        self._advance(seconds)
        self._load()

    @rule(seconds=st.integers(1, 200_000))
    def the_power_is_off(self, seconds: int) -> None:
        """Another monotonic clock, and a wall clock that has gone on."""
        self.schedule.silence()
        self._advance(seconds)
        self.clock = self.clock.restarted()
        self.boot += 1
        self._load()

    @rule()
    def the_daemon_is_killed(self) -> None:
        timers = {ring.id for ring in self.schedule.ringing() if ring.kind == "timer"}
        for ring in self.schedule.ringing():
            if ring.kind == "timer":
                self.model[ring.id] = _Timer(0.0)
            else:
                self.rung_on[ring.id] -= dt.timedelta(days=1)
        self._load()
        assert {ring.id for ring in self.schedule.ringing()} >= timers

    @rule(hours=st.integers(-30, 30))
    def the_clock_is_set(self, hours: int) -> None:
        """Timers do not care; an alarm does not come twice for the same day of the calendar."""
        self.clock.set_wall(self.clock.now() + dt.timedelta(hours=hours))
        self.schedule.poll()

    @invariant()
    def timers_are_as_long_as_they_must_be(self) -> None:
        there = {timer.id: timer for timer in self.schedule.timers()}
        assert there.keys() == self.model.keys()
        for key, timer in there.items():
            assert timer.paused is self.model[key].paused
            assert abs(timer.remaining_s - self.model[key].left_s) < 0.01

    @invariant()
    def alarms_are_there_and_ahead(self) -> None:
        there = {alarm.id: alarm for alarm in self.schedule.alarms()}
        assert there.keys() == self.times.keys()
        for alarm in there.values():
            assert alarm.next_ring.timestamp() > self.clock.now().timestamp()

    def _advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for timer in self.model.values():
            if not timer.paused:
                timer.left_s -= seconds

    def teardown(self) -> None:
        self.database.close()


Days.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestDays = Days.TestCase
