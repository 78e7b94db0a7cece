"""Timers, and what all rings have in common, on a clock that the test turns."""

from __future__ import annotations

import datetime as dt
import math
import time
from pathlib import Path

import pytest
from kitchens import RING_TIMEOUT_S, Kitchen
from manual_clock import ManualClock

from assistant.clock import SystemClock
from assistant.errors import ScheduleError, StoreError


def test_a_timer_rings_once_when_its_time_is_up(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(600, "pizza", "kitchen")
    kitchen.pass_time(599.9)
    assert kitchen.rang == []
    kitchen.pass_time(0.2)
    [ring] = kitchen.rang
    assert (ring.id, ring.kind, ring.name, ring.area) == (timer.id, "timer", "pizza", "kitchen")
    assert ring.late_s == pytest.approx(0, abs=0.01)
    assert kitchen.schedule.ringing() == (ring,)
    assert kitchen.schedule.timers() == ()
    kitchen.pass_time(100)
    assert kitchen.rang == [ring]


def test_silence_ends_a_ring_for_good(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(60)
    kitchen.pass_time(61)
    rang = kitchen.schedule.silence()
    assert rang == tuple(kitchen.rang) == tuple(kitchen.fell_silent)
    assert kitchen.schedule.ringing() == ()
    assert kitchen.schedule.silence() == ()
    again = kitchen.restarted()
    again.pass_time(3600)
    assert again.rang == []


def test_a_ring_that_nobody_answers_ends_by_itself(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(60)
    kitchen.pass_time(60 + RING_TIMEOUT_S - 1)
    assert len(kitchen.schedule.ringing()) == 1
    kitchen.pass_time(2)
    assert kitchen.schedule.ringing() == ()
    assert kitchen.fell_silent == kitchen.rang
    assert kitchen.restarted().rang == []


def test_timers_are_told_in_the_order_in_which_they_end(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(300, "egg")
    kitchen.schedule.start_timer(60, "tea")
    kitchen.pass_time(30)
    told = [(t.name, round(t.remaining_s), t.duration_s) for t in kitchen.schedule.timers()]
    assert told == [("tea", 30, 60), ("egg", 270, 300)]


def test_a_held_timer_does_not_run_and_then_runs_on(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.pass_time(40)
    held = kitchen.schedule.pause_timer(timer.id)
    assert (held.paused, held.remaining_s) == (True, pytest.approx(60))
    kitchen.pass_time(1000)
    assert kitchen.rang == []
    assert kitchen.schedule.pause_timer(timer.id) == held
    again = kitchen.restarted(off_s=500)
    assert again.schedule.timers() == (held,)
    assert not again.schedule.resume_timer(timer.id).paused
    again.pass_time(59)
    assert again.rang == []
    again.pass_time(2)
    assert len(again.rang) == 1


@pytest.mark.parametrize(
    ("seconds", "left", "duration"), [(300, 360, 400), (-30, 30, 70), (-600, 0, 40)]
)
@pytest.mark.parametrize("held", [False, True])
def test_time_is_added_and_taken_away(
    kitchen: Kitchen, seconds: float, left: float, duration: float, held: bool
) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.pass_time(40)
    if held:
        kitchen.schedule.pause_timer(timer.id)
    changed = kitchen.schedule.add_to_timer(timer.id, seconds)
    assert changed.remaining_s == pytest.approx(left)
    assert changed.duration_s == pytest.approx(duration)
    assert changed.paused is held


def test_time_taken_away_to_nothing_rings_now(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.schedule.add_to_timer(timer.id, -500)
    assert kitchen.schedule.next_s() == 0
    kitchen.pass_time(0.01)
    assert [ring.id for ring in kitchen.rang] == [timer.id]


def test_time_added_to_a_timer_that_rings_lets_it_run_again(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.pass_time(110)
    kitchen.schedule.add_to_timer(timer.id, 60)
    assert kitchen.schedule.ringing() == ()
    assert kitchen.fell_silent == kitchen.rang
    kitchen.pass_time(61)
    assert [ring.id for ring in kitchen.rang] == [timer.id, timer.id]


def test_a_cancelled_timer_never_rings(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.schedule.cancel_timer(timer.id)
    kitchen.pass_time(200)
    assert kitchen.rang == []
    assert kitchen.restarted().schedule.timers() == ()


def test_cancelling_what_rings_silences_it(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(100)
    kitchen.pass_time(100)
    kitchen.schedule.cancel_timer(timer.id)
    assert kitchen.schedule.ringing() == ()
    assert kitchen.fell_silent == kitchen.rang


@pytest.mark.parametrize("seconds", [0, -5, 0.5, 30 * 86400 + 1, math.inf, math.nan])
def test_a_length_that_makes_no_sense_is_refused(kitchen: Kitchen, seconds: float) -> None:
    with pytest.raises(ScheduleError):
        kitchen.schedule.start_timer(seconds)
    assert kitchen.schedule.timers() == ()


@pytest.mark.parametrize("seconds", [31 * 86400, math.inf, math.nan])
def test_an_addition_that_makes_no_sense_is_refused(kitchen: Kitchen, seconds: float) -> None:
    timer = kitchen.schedule.start_timer(60)
    with pytest.raises(ScheduleError):
        kitchen.schedule.add_to_timer(timer.id, seconds)
    assert kitchen.schedule.timers() == (timer,)


def test_what_does_not_exist_is_refused(kitchen: Kitchen) -> None:
    schedule = kitchen.schedule
    for call in (
        schedule.pause_timer, schedule.resume_timer, schedule.cancel_timer, schedule.cancel_alarm,
    ):  # fmt: skip
        with pytest.raises(ScheduleError):
            call("nothing")


def test_names_become_one_short_line(kitchen: Kitchen) -> None:
    assert kitchen.schedule.start_timer(60, "  two\n words\x00 ").name == "two words"
    assert kitchen.schedule.start_timer(60, "long " * 100).name == ("long " * 16).rstrip()


def test_there_is_an_end_to_the_number_of_timers(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.schedule.entries.MAX_ENTRIES", 20)
    for _ in range(20):
        kitchen.schedule.start_timer(60)
    with pytest.raises(ScheduleError, match="cancel some first"):
        kitchen.schedule.start_timer(60)


@pytest.mark.parametrize("jump", [dt.timedelta(hours=3), dt.timedelta(hours=-3)])
def test_setting_the_clock_does_not_touch_a_timer(kitchen: Kitchen, jump: dt.timedelta) -> None:
    kitchen.schedule.start_timer(600)
    kitchen.pass_time(100)
    kitchen.clock.set_wall(kitchen.clock.now() + jump)
    kitchen.schedule.poll()
    assert kitchen.rang == []
    kitchen.pass_time(499)
    assert kitchen.rang == []
    kitchen.pass_time(2)
    assert len(kitchen.rang) == 1


@pytest.mark.parametrize("jump", [dt.timedelta(hours=3), dt.timedelta(hours=-3)])
def test_nor_does_it_after_a_restart(kitchen: Kitchen, jump: dt.timedelta) -> None:
    kitchen.schedule.start_timer(600)
    kitchen.clock.set_wall(kitchen.clock.now() + jump)
    kitchen.schedule.poll()
    again = kitchen.restarted(off_s=100)
    [timer] = again.schedule.timers()
    assert timer.remaining_s == pytest.approx(500, abs=1)


def test_a_machine_that_learns_the_time_after_starting_keeps_its_timers_right(
    kitchen: Kitchen,
) -> None:
    kitchen.schedule.start_timer(600)
    truth = kitchen.clock.now() + dt.timedelta(seconds=200)
    kitchen.clock.set_wall(kitchen.clock.now() - dt.timedelta(hours=1))
    kitchen.database.close()
    again = Kitchen(kitchen.path, kitchen.clock.restarted(), is_set=lambda: False)
    assert again.schedule.timers()[0].remaining_s == pytest.approx(600)
    again.clock.set_wall(truth)
    again.schedule.poll()
    assert again.schedule.timers()[0].remaining_s == pytest.approx(400, abs=1)


def test_a_running_timer_survives_a_crash(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(600, "pizza")
    kitchen.pass_time(100)
    again = kitchen.restarted(off_s=200)
    [timer] = again.schedule.timers()
    assert (timer.name, timer.remaining_s) == ("pizza", pytest.approx(300))
    again.pass_time(301)
    assert len(again.rang) == 1


def test_what_ended_while_off_rings_late(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(60, "tea")
    again = kitchen.restarted(off_s=120)
    [ring] = again.rang
    assert ring.late_s == pytest.approx(60)
    assert not ring.missed
    assert again.schedule.ringing() == (ring,)


def test_what_ended_long_ago_is_told_once_and_not_rung(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(60, "tea")
    kitchen.schedule.set_alarm(dt.time(12, 30))
    again = kitchen.restarted(off_s=3600)
    assert [(r.kind, r.missed) for r in again.rang] == [("timer", True), ("alarm", True)]
    assert [r.late_s for r in again.rang] == [pytest.approx(3540), pytest.approx(1800)]
    assert again.schedule.ringing() == ()
    assert again.restarted().rang == []


def test_a_ring_that_a_crash_cut_off_goes_on(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(60, "tea")
    kitchen.pass_time(65)
    again = kitchen.restarted(off_s=5)
    assert [ring.name for ring in again.rang] == ["tea"]
    again.schedule.silence()
    assert again.restarted().rang == []


def test_what_cannot_be_kept_is_not_set(kitchen: Kitchen) -> None:
    timer = kitchen.schedule.start_timer(600)
    kitchen.database.rows("PRAGMA query_only = ON")
    for change in (
        lambda: kitchen.schedule.start_timer(60),
        lambda: kitchen.schedule.add_to_timer(timer.id, 60),
        lambda: kitchen.schedule.pause_timer(timer.id),
        lambda: kitchen.schedule.cancel_timer(timer.id),
        lambda: kitchen.schedule.set_alarm(dt.time(7, 0)),
    ):
        with pytest.raises(StoreError):
            change()
    assert kitchen.schedule.timers() == (timer,)
    assert kitchen.schedule.alarms() == ()


def test_silence_works_on_a_full_disk_too(
    kitchen: Kitchen, caplog: pytest.LogCaptureFixture
) -> None:
    kitchen.schedule.start_timer(60)
    kitchen.pass_time(61)
    kitchen.database.rows("PRAGMA query_only = ON")
    assert len(kitchen.schedule.silence()) == 1
    kitchen.pass_time(600)
    assert len(kitchen.rang) == 1
    assert "stays due in the database" in caplog.text


def test_who_wants_to_know_is_told_of_every_change_and_of_nothing_else(kitchen: Kitchen) -> None:
    told: list[tuple[int, int, int]] = []

    def look() -> None:
        schedule = kitchen.schedule
        told.append((len(schedule.timers()), len(schedule.alarms()), len(schedule.ringing())))

    kitchen.schedule.on_change(look)
    timer = kitchen.schedule.start_timer(60)
    kitchen.schedule.pause_timer(timer.id)
    kitchen.schedule.resume_timer(timer.id)
    alarm = kitchen.schedule.set_alarm(dt.time(7))
    kitchen.schedule.cancel_alarm(alarm.id)
    kitchen.pass_time(30)
    assert told == [(1, 0, 0)] * 3 + [(1, 1, 0), (1, 0, 0)]
    kitchen.pass_time(31)
    kitchen.schedule.silence()
    assert told[5:] == [(0, 0, 1), (0, 0, 0)]


@pytest.mark.parametrize("jump", [dt.timedelta(days=2), dt.timedelta(days=-2)])
def test_a_timer_counts_on_though_the_clock_was_set_while_the_assistant_was_off(
    tmp_path: Path, jump: dt.timedelta
) -> None:
    kitchen = Kitchen(tmp_path / "assistant.db", ManualClock(), boot="b1")
    kitchen.schedule.start_timer(600)
    kitchen.database.close()
    kitchen.clock.advance(100)
    kitchen.clock.set_wall(kitchen.clock.now() + jump)
    again = Kitchen(kitchen.path, kitchen.clock, boot="b1")
    assert again.schedule.timers()[0].remaining_s == pytest.approx(500)


def test_what_rings_is_put_off_and_rings_again(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(300, "tea")
    kitchen.schedule.set_alarm(dt.time(12, 5), days=frozenset({0}), name="work")
    kitchen.pass_time(301)
    assert len(kitchen.rang) == 2
    kitchen.schedule.snooze(540)
    assert kitchen.schedule.ringing() == ()
    assert [alarm.snoozed for alarm in kitchen.schedule.alarms()] == [True, False]
    again = kitchen.restarted(off_s=10)
    again.pass_time(540)
    assert sorted(ring.name for ring in again.rang) == ["tea", "work"]
    again.schedule.silence()
    assert [alarm.snoozed for alarm in again.schedule.alarms()] == [False]


def test_a_timer_goes_on_while_the_machine_sleeps(kitchen: Kitchen) -> None:
    kitchen.schedule.start_timer(600, "pizza")
    kitchen.schedule.start_timer(3600, "bread")
    kitchen.clock.sleep(900)
    kitchen.schedule.poll()
    [ring] = kitchen.rang
    assert (ring.name, round(ring.late_s)) == ("pizza", 300)
    [bread] = kitchen.schedule.timers()
    assert bread.remaining_s == pytest.approx(2700)
    again = kitchen.restarted()
    assert again.schedule.timers()[0].remaining_s == pytest.approx(2700)


def test_the_real_clock_counts_sleep_where_the_system_can() -> None:
    if not hasattr(time, "CLOCK_BOOTTIME"):
        pytest.skip("this system has no clock that counts sleep")
    assert SystemClock().elapsed() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=1)


def test_several_rings_end_together_or_not_at_all(kitchen: Kitchen) -> None:
    for name in ("egg", "tea"):
        kitchen.schedule.start_timer(60, name)
    kitchen.schedule.set_alarm(dt.time(12, 1), days=frozenset(range(7)))
    kitchen.pass_time(61)
    assert len(kitchen.schedule.ringing()) == 3
    kitchen.database.rows(
        "CREATE TRIGGER full BEFORE UPDATE ON appointments BEGIN SELECT RAISE(FAIL, 'full'); END"
    )
    kitchen.database.rows(
        "CREATE TRIGGER full2 BEFORE INSERT ON appointments BEGIN SELECT RAISE(FAIL, 'full'); END"
    )
    assert len(kitchen.schedule.silence()) == 3
    assert kitchen.schedule.ringing() == ()
    left = kitchen.database.rows("SELECT count(*) FROM countdowns")
    assert left[0][0] == 2
    kitchen.database.rows("DROP TRIGGER full")
    kitchen.database.rows("DROP TRIGGER full2")
    again = kitchen.restarted()
    assert len(again.schedule.ringing()) == 3
    again.schedule.silence()
    assert again.restarted().rang == []


@pytest.mark.parametrize("change", ["snooze", "cancel", "revert"])
def test_what_several_changes_did_not_bring_to_the_disk_is_not_done(
    kitchen: Kitchen, change: str
) -> None:
    mark = kitchen.schedule.mark()
    timers = [kitchen.schedule.start_timer(60, name) for name in ("egg", "tea")]
    if change == "snooze":
        kitchen.pass_time(61)
    kitchen.database.rows("PRAGMA query_only = ON")
    with pytest.raises(StoreError):
        match change:
            case "snooze":
                kitchen.schedule.snooze(60)
            case "cancel":
                kitchen.schedule.cancel_timer(*(timer.id for timer in timers))
            case _:
                kitchen.schedule.revert(kitchen.schedule.changes_since(mark))
    kitchen.database.rows("PRAGMA query_only = OFF")
    there = (*kitchen.schedule.timers(), *kitchen.schedule.ringing_timers())
    assert {timer.name for timer in there} == {"egg", "tea"}
    assert len(kitchen.schedule.ringing()) == (2 if change == "snooze" else 0)
    kitchen.pass_time(62)
    assert {ring.name for ring in kitchen.rang} == {"egg", "tea"}
