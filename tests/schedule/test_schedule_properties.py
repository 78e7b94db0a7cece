"""Thousands of random commands, restarts and clock changes against a model of a few lines.

The model knows one thing: at which moments which entry must come. A timer, a reminder and a command
"in half an hour" come once their time has passed, the time that the machine sleeps included; a
repeated alarm at its time of day, as the wall clock of wherever the home is shows it.

A power cut in the middle of a change is played too: the transaction under way does not reach the
disk, whatever it has written, and neither does anything that comes after it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule
from manual_clock import BERLIN, ManualClock

from assistant.schedule.commands import Command
from assistant.schedule.entries import MISSED_AFTER_S, Ring
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.types import Intent

_START = dt.datetime(2026, 3, 27, 12, 0, tzinfo=BERLIN)  # two days before summer time


SEQUENCES = 2000
_LONG_AGO = dt.date(2000, 1, 1)
ZONES = [ZoneInfo(name) for name in (
    "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC",
)]  # fmt: skip
COMMAND = Command.of([Intent("HassTurnOn", {"name": "lamp"})])


@dataclass
class _Timer:
    left_s: float
    paused: bool = False
    kind: str = "timer"


class _PowerCut(BaseException):
    """The end of the process, before a change is on the disk."""


class _Disk(Database):
    """A database in memory whose transactions can be cut off."""

    cut = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with super().transaction() as connection:
            yield connection
            if self.cut:
                raise _PowerCut


class Days(RuleBasedStateMachine):
    """A home over some days."""

    timers = Bundle("timers")
    alarms = Bundle("alarms")

    def __init__(self) -> None:
        super().__init__()
        self.database = _Disk.open(None)
        self.clock = ManualClock(_START)
        self.boot = 1
        self.model: dict[str, _Timer] = {}
        self.times: dict[str, dt.time] = {}
        self.rung_on: dict[str, dt.date] = {}
        """By alarm, the last day it came on."""
        self.before: tuple[Ring, ...] = ()
        """What rang before the rule that is being played."""
        self.cut_off = ""
        """The command that is to be cut off in the middle."""
        self.done: set[str] = set()
        """Commands that were done."""
        self._load()

    def _load(self) -> None:
        self.database.cut = False
        self.schedule = Schedule(self.database, self.clock, boot=str(self.boot))
        self.schedule.attend(self._ring, on_command=self._command)
        self.schedule.poll()

    def _command(self, ring: Ring) -> None:
        """Half of them must not be done twice, and leave the books before they are done."""
        once = int(ring.id, 16) % 2
        if once:
            assert self.schedule.begin(ring.id)
        assert ring.id not in self.done or not once, "a command was done twice"
        self.done.add(ring.id)
        self._ring(ring)
        if ring.id == self.cut_off:
            raise _PowerCut
        self.schedule.done(ring.id)

    def _ring(self, ring: Ring) -> None:
        if ring.cut_off:
            assert ring.id in self.done, "a command was given up that had not been begun"
            return
        if ring.kind != "alarm":
            timer = self.model.pop(ring.id, None)
            assert timer is not None, "a timer rang that nobody set, or rang twice"
            assert timer.left_s <= 1e-6, f"a timer rang {timer.left_s} s early"
            assert not timer.paused, "a held timer rang"
        else:
            assert ring.id in self.times, "an alarm rang that was cancelled"
            assert ring.missed == (ring.late_s > MISSED_AFTER_S)
            now = self.clock.now()
            due = dt.datetime.fromtimestamp(now.timestamp() - ring.late_s, now.tzinfo).date()
            assert self.rung_on.get(ring.id, dt.date.min) < due, "an alarm rang twice on one day"
            self.rung_on[ring.id] = due

    @rule(target=timers, seconds=st.integers(1, 50_000))
    def start_timer(self, seconds: int) -> str:
        timer = self.schedule.start_timer(seconds)
        self.model[timer.id] = _Timer(seconds)
        return timer.id

    @rule(seconds=st.integers(1, 50_000))
    def remind(self, seconds: int) -> None:
        reminder = self.schedule.remind_in(seconds, "call mum")
        self.model[reminder.id] = _Timer(seconds, kind="reminder")

    @rule(seconds=st.integers(1, 50_000))
    def do_later(self, seconds: int) -> None:
        later = self.schedule.do_in(seconds, COMMAND, "turn on the lamp")
        self.model[later.id] = _Timer(seconds, kind="command")

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
        if all(ring.kind != "alarm" for ring in self.schedule.ringing()):
            for ring in self.schedule.snooze(seconds):
                self.model[ring.id] = _Timer(seconds, kind=ring.kind)

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
        self._rings_again()

    @rule(change=st.sampled_from(("start", "add", "cancel", "silence", "snooze", "poll", "alarm")))
    def the_power_is_cut_in_a_change(self, change: str) -> None:
        """All is as if the change had not been begun, and what rang rings on."""
        schedule = self.schedule
        timers = schedule.timers()
        self.database.cut = True
        with contextlib.suppress(_PowerCut):
            match change:
                case "start":
                    schedule.start_timer(60)
                case "add" if timers:
                    schedule.add_to_timer(timers[0].id, 100)
                case "cancel" if timers:
                    schedule.cancel_timer(*(timer.id for timer in timers))
                case "silence":
                    schedule.silence()
                case "snooze":
                    schedule.snooze(60)
                case "alarm":
                    schedule.set_alarm(dt.time(12), name="never", days=frozenset({1}))
                case _:
                    pass
        self._rings_again()

    @rule()
    def the_power_is_cut_while_a_command_is_done(self) -> None:
        """It is done again, unless it must not be; then it is told."""
        later = self.schedule.do_in(1, COMMAND, "turn on the lamp")
        self.model[later.id] = _Timer(1, kind="command")
        self.cut_off = later.id
        self._advance(1)
        with contextlib.suppress(_PowerCut):
            self.schedule.poll()
        assert later.id in self.done
        self.before = self.schedule.ringing()
        if int(later.id, 16) % 2 == 0:
            self.model[later.id] = _Timer(0.0, kind="command")
        self.cut_off = ""
        self._rings_again()

    def _rings_again(self) -> None:
        """After a crash: what rang and was not silenced rings on, and nothing else does."""
        for ring in self.before:
            if ring.kind == "alarm":
                self.rung_on[ring.id] = self.rung_on.get(ring.id, _LONG_AGO) - dt.timedelta(1)
            else:
                self.model[ring.id] = _Timer(0.0, kind=ring.kind)
        self._load()

    @rule(hours=st.integers(-30, 30))
    def the_clock_is_set(self, hours: int) -> None:
        """Timers do not care; an alarm does not come twice for the same day of the calendar."""
        self.clock.set_wall(self.clock.now() + dt.timedelta(hours=hours))
        self.schedule.poll()

    @rule(zone=st.sampled_from(ZONES))
    def the_home_moves(self, zone: dt.tzinfo) -> None:
        """To another time zone; seven stays seven."""
        self.clock.set_zone(zone)
        self.schedule.poll()

    @rule(seconds=st.integers(1, 100_000))
    def the_machine_sleeps(self, seconds: int) -> None:
        self.clock.sleep(seconds)
        self._passed(seconds)
        self.schedule.poll()

    @invariant()
    def what_rings_is_remembered(self) -> None:
        self.before = self.schedule.ringing()

    @invariant()
    def timers_are_as_long_as_they_must_be(self) -> None:
        there = {timer.id: timer for timer in self.schedule.timers()}
        assert there.keys() == {key for key, timer in self.model.items() if timer.kind == "timer"}
        others = (*self.schedule.reminders(), *self.schedule.commands())
        assert {other.id for other in others} == self.model.keys() - there.keys()
        for key, timer in there.items():
            assert timer.paused is self.model[key].paused
            assert abs(timer.remaining_s - self.model[key].left_s) < 0.01

    @invariant()
    def alarms_are_there_and_ahead(self) -> None:
        there = {alarm.id: alarm for alarm in self.schedule.alarms()}
        assert there.keys() == self.times.keys()
        for alarm in there.values():
            assert alarm.time == self.times[alarm.id]
            assert alarm.next_ring.timestamp() > self.clock.now().timestamp()

    def _advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self._passed(seconds)

    def _passed(self, seconds: float) -> None:
        for timer in self.model.values():
            if not timer.paused:
                timer.left_s -= seconds

    def teardown(self) -> None:
        self.database.close()


class ManyDays(Days):
    """The same, a good deal longer."""


Days.TestCase.settings = settings(
    max_examples=SEQUENCES // 20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
ManyDays.TestCase.settings = settings(Days.TestCase.settings, max_examples=SEQUENCES)
TestDays = Days.TestCase
TestManyDays = pytest.mark.thorough(ManyDays.TestCase)
