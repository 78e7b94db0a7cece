"""What programs may ask of the schedule, and what they are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from manual_clock import ManualClock

from assistant.errors import ScheduleError
from assistant.schedule.requests import carry_out
from assistant.schedule.schedule import Schedule
from assistant.schedule.shown import shown
from assistant.store.database import Database


@pytest.fixture
def schedule() -> Schedule:
    """Monday 2026-01-05, 12:00 in Berlin."""
    return Schedule(Database.open(None), ManualClock())


def test_timers_are_started_held_and_cancelled_by_name(schedule: Schedule) -> None:
    carry_out(schedule, "timers", {"do": "start", "seconds": 600, "name": "pizza"})
    carry_out(schedule, "timers", {"do": "start", "seconds": 60})
    carry_out(schedule, "timers", {"do": "pause", "id": "pizza"})
    told = shown("timers", schedule, ManualClock().now())
    assert [(t["name"], t["paused"]) for t in told["timers"]] == [("", False), ("pizza", True)]
    carry_out(schedule, "timers", {"do": "cancel", "id": "all"})
    assert schedule.timers() == ()


def test_alarms_repeat_as_asked(schedule: Schedule) -> None:
    alarm = {"do": "set", "time": "07:30", "days": ["mon", "tue"], "every": "other_week"}
    carry_out(schedule, "alarms", {**alarm, "name": "work"})
    carry_out(schedule, "alarms", {"do": "set", "time": "08:00", "every": "month", "month_day": 1})
    carry_out(schedule, "alarms", {"do": "disable", "id": "work"})
    told = shown("alarms", schedule, ManualClock().now())
    assert [(a["time"], a["every"], a["enabled"]) for a in told["alarms"]] == [
        ("07:30", "other_week", False),
        ("08:00", "month", True),
    ]
    assert told["next"] == "2026-02-01T08:00:00+01:00"


def test_reminders_and_lists_are_kept(schedule: Schedule) -> None:
    carry_out(schedule, "reminders", {"do": "set", "text": "call mum", "seconds": 60})
    carry_out(
        schedule, "reminders", {"do": "set", "text": "bins", "time": "20:00", "days": ["sun"]}
    )
    assert [r.text for r in schedule.reminders()] == ["call mum", "bins"]
    carry_out(schedule, "lists", {"do": "add", "items": ["milk", "eggs"]})
    carry_out(schedule, "lists", {"do": "done", "items": ["milk"]})
    assert shown("lists", schedule, ManualClock().now())["lists"]["shopping"] == ["eggs"]


def test_a_list_is_cleared_only_where_that_is_confirmed(schedule: Schedule) -> None:
    carry_out(schedule, "lists", {"do": "add", "items": ["milk"]})
    for confirm in ({}, {"confirm": False}):
        with pytest.raises(ScheduleError, match='everything off the list shopping: say "confirm"'):
            carry_out(schedule, "lists", {"do": "clear", **confirm})
    assert [item.text for item in schedule.lists.items("shopping")] == ["milk"]
    carry_out(schedule, "lists", {"do": "clear", "confirm": True})
    assert schedule.lists.items("shopping") == ()


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("timers", {}),
        ("timers", {"do": "start", "seconds": 0}),
        ("timers", {"do": "start", "seconds": 1e12}),
        ("timers", {"do": "start", "seconds": "nan"}),
        ("timers", {"do": "cancel", "id": "nothing"}),
        ("timers", {"do": "explode"}),
        ("alarms", {"do": "set"}),
        ("alarms", {"do": "set", "time": "25:00"}),
        ("alarms", {"do": "set", "time": "07:00", "date": "2026-02-31"}),
        ("alarms", {"do": "set", "time": "07:00", "date": "2020-01-01"}),
        ("alarms", {"do": "set", "time": "07:00", "days": ["someday"]}),
        ("reminders", {"do": "set", "seconds": 60}),
        ("lists", {"do": "remove", "items": ["milk"]}),
        ("lists", {"do": "add", "items": ["x" * 10_000]}),
    ],
)
def test_what_makes_no_sense_is_refused(
    schedule: Schedule, kind: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(ScheduleError):
        carry_out(schedule, kind, request_)
    assert not (schedule.timers() or schedule.alarms() or schedule.reminders())


def test_a_time_of_day_may_carry_no_zone(schedule: Schedule) -> None:
    carry_out(schedule, "alarms", {"do": "set", "time": "07:00:00Z"})
    assert schedule.alarms()[0].time == dt.time(7)


def test_of_an_alarm_days_and_sound_are_changed_and_the_rest_stays(schedule: Schedule) -> None:
    week = {"do": "set", "time": "07:30", "days": ["mon", "tue"], "name": "work"}
    carry_out(schedule, "alarms", week)
    carry_out(schedule, "alarms", {"do": "change", "id": "work", "sound": "birds"})
    [alarm] = schedule.alarms()
    assert (f"{alarm.time:%H:%M}", sorted(alarm.days), alarm.sound) == ("07:30", [0, 1], "birds")
    carry_out(schedule, "alarms", {"do": "change", "id": "work", "every": "other_week"})
    [alarm] = schedule.alarms()
    assert (f"{alarm.time:%H:%M}", sorted(alarm.days), alarm.every, alarm.sound) == (
        "07:30", [0, 1], "other_week", "birds",
    )  # fmt: skip
    monthly = {"do": "change", "id": "work", "time": "08:00", "every": "month", "month_day": 1}
    carry_out(schedule, "alarms", monthly)
    [alarm] = schedule.alarms()
    assert (alarm.name, alarm.every, alarm.month_day, alarm.days) == (
        "work", "month", 1, frozenset(),
    )  # fmt: skip


@pytest.mark.parametrize(
    "more", [{}, {"name": "gym"}, {"lights": ["lamp"]}, {"sound": "thunder"}, {"every": "month"}]
)
def test_a_change_of_an_alarm_that_makes_no_sense_is_refused(
    schedule: Schedule, more: dict[str, Any]
) -> None:
    carry_out(schedule, "alarms", {"do": "set", "time": "07:30", "days": ["mon"], "name": "work"})
    before = schedule.alarms()
    with pytest.raises(ScheduleError):
        carry_out(schedule, "alarms", {"do": "change", "id": "work", **more})
    assert schedule.alarms() == before


def test_of_a_timer_the_sound_alone_is_changed(schedule: Schedule) -> None:
    carry_out(schedule, "timers", {"do": "start", "seconds": 600, "name": "pizza"})
    carry_out(schedule, "timers", {"do": "change", "id": "pizza", "sound": "bell"})
    assert [(t.remaining_s, t.sound) for t in schedule.timers()] == [(600, "bell")]


def test_what_cannot_be_done_to_all_is_done_to_none(schedule: Schedule) -> None:
    rings: list[str] = []
    silent: list[str] = []
    schedule.attend(lambda ring: rings.append(ring.name), lambda ring: silent.append(ring.name))
    carry_out(schedule, "timers", {"do": "start", "seconds": 60, "name": "egg"})
    carry_out(schedule, "timers", {"do": "start", "seconds": 30 * 86400, "name": "long"})
    schedule._clock.advance(61)  # type: ignore[attr-defined]
    schedule.poll()
    with pytest.raises(ScheduleError):
        carry_out(schedule, "timers", {"do": "add", "id": "all", "seconds": 600})
    assert [timer.name for timer in schedule.timers()] == ["long"]
    assert ([ring.name for ring in schedule.ringing()], rings) == (["egg"], ["egg"])
    [egg] = schedule.ringing_timers()
    with pytest.raises(ScheduleError), schedule.all_or_nothing():
        schedule.add_to_timer(egg.id, 600)
        schedule.add_to_timer("none", 600)
    assert [timer.name for timer in schedule.timers()] == ["long"]
    assert ([ring.name for ring in schedule.ringing()], rings, silent) == (["egg"], ["egg"], [])


def test_an_alarm_that_is_snoozed_can_be_switched_off(schedule: Schedule) -> None:
    carry_out(schedule, "alarms", {"do": "set", "time": "12:30", "name": "nap"})
    schedule._clock.advance(1801)  # type: ignore[attr-defined]
    schedule.poll()
    carry_out(schedule, "alarms", {"do": "snooze", "seconds": 300})
    assert [alarm.snoozed for alarm in schedule.alarms()] == [True]
    carry_out(schedule, "alarms", {"do": "disable", "id": "nap"})
    assert schedule.alarms() == ()
    schedule._clock.advance(301)  # type: ignore[attr-defined]
    schedule.poll()
    assert schedule.ringing() == ()
