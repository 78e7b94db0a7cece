"""Alarms, reminders and commands at a time of day, on a clock that the test turns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from kitchens import Kitchen, wall
from manual_clock import ManualClock

from assistant.errors import ScheduleError
from assistant.schedule.commands import Command
from assistant.types import Intent


def test_an_alarm_rings_at_its_time_of_day(kitchen: Kitchen) -> None:
    alarm = kitchen.schedule.set_alarm(dt.time(7, 30), name="work", area="bedroom")
    assert alarm.next_ring == wall("2026-01-06 07:30")
    assert kitchen.schedule.alarms() == (alarm,)
    kitchen.pass_time(19.5 * 3600 - 1)
    assert kitchen.rang == []
    kitchen.pass_time(2)
    [ring] = kitchen.rang
    assert (ring.kind, ring.name, ring.area) == ("alarm", "work", "bedroom")
    assert kitchen.schedule.alarms() == ()
    kitchen.schedule.silence()
    kitchen.pass_time(3 * 86400)
    assert len(kitchen.rang) == 1


def test_a_weekday_alarm_rings_on_weekdays_over_the_change_to_summer_time(tmp_path: Path) -> None:
    clock = ManualClock(wall("2026-03-26 12:00"))
    kitchen = Kitchen(tmp_path / "assistant.db", clock)
    kitchen.schedule.set_alarm(dt.time(6, 15), days=frozenset({0, 1, 2, 3, 4}))
    rang = []
    kitchen.schedule.attend(lambda ring: rang.append(clock.now().strftime("%a %d %H:%M")))
    for _ in range(5 * 24 * 60):
        kitchen.pass_time(60)
        kitchen.schedule.silence()
    assert rang == ["Fri 27 06:15", "Mon 30 06:15", "Tue 31 06:15"]


def test_a_repeated_alarm_stays_set_while_it_rings(kitchen: Kitchen) -> None:
    kitchen.schedule.set_alarm(dt.time(12, 5), days=frozenset({0}))
    kitchen.pass_time(301)
    assert len(kitchen.schedule.ringing()) == 1
    [alarm] = kitchen.schedule.alarms()
    assert alarm.next_ring == wall("2026-01-12 12:05")
    kitchen.schedule.silence()
    assert kitchen.schedule.alarms() == (alarm,)


def test_a_repeated_alarm_missed_for_days_rings_if_the_last_time_is_recent(
    kitchen: Kitchen,
) -> None:
    kitchen.schedule.set_alarm(dt.time(12, 5), days=frozenset(range(7)))
    again = kitchen.restarted(off_s=3 * 86400 + 7 * 60)
    [ring] = again.rang
    assert ring.late_s == pytest.approx(120)
    again.schedule.silence()
    assert again.schedule.alarms()[0].next_ring == wall("2026-01-09 12:05")


def test_an_alarm_follows_the_clock_when_it_is_set(kitchen: Kitchen) -> None:
    kitchen.schedule.set_alarm(dt.time(13, 0))
    kitchen.clock.set_wall(wall("2026-01-05 13:00"))
    kitchen.schedule.poll()
    assert len(kitchen.rang) == 1


def test_setting_the_clock_back_does_not_ring_an_alarm_again(kitchen: Kitchen) -> None:
    kitchen.schedule.set_alarm(dt.time(12, 5), days=frozenset(range(7)))
    kitchen.pass_time(301)
    kitchen.clock.set_wall(wall("2026-01-05 12:00"))
    kitchen.schedule.silence()
    kitchen.pass_time(3600)
    assert len(kitchen.rang) == 1
    assert kitchen.schedule.alarms()[0].next_ring == wall("2026-01-06 12:05")


def test_the_same_alarm_set_twice_is_one(kitchen: Kitchen) -> None:
    first = kitchen.schedule.set_alarm(dt.time(7, 0))
    assert kitchen.schedule.set_alarm(dt.time(7, 0)) == first
    assert kitchen.schedule.set_alarm(dt.time(7, 0), name="train").id != first.id


def test_an_alarm_for_a_date_is_for_that_date(kitchen: Kitchen) -> None:
    alarm = kitchen.schedule.set_alarm(dt.time(7, 0), date=dt.date(2026, 2, 1))
    assert alarm.next_ring == wall("2026-02-01 07:00")


@pytest.mark.parametrize(
    ("date", "days"),
    [
        (dt.date(2026, 1, 5), frozenset()),
        (dt.date(2025, 1, 5), frozenset()),
        (dt.date(2026, 2, 1), frozenset({1})),
        (None, frozenset({7})),
        (None, frozenset({-1})),
    ],
)
def test_an_alarm_that_makes_no_sense_is_refused(
    kitchen: Kitchen, date: dt.date | None, days: frozenset[int]
) -> None:
    with pytest.raises(ScheduleError):
        kitchen.schedule.set_alarm(dt.time(7, 0), date=date, days=days)
    assert kitchen.schedule.alarms() == ()


def test_an_alarm_keeps_its_time_of_day_when_the_home_moves(tmp_path: Path) -> None:
    kitchen = Kitchen(tmp_path / "assistant.db", ManualClock())
    kitchen.schedule.set_alarm(dt.time(20, 0))
    kitchen.database.close()
    lisbon = ManualClock(kitchen.clock.now().astimezone(ZoneInfo("Europe/Lisbon")))
    again = Kitchen(kitchen.path, lisbon)
    assert again.schedule.alarms()[0].next_ring.isoformat() == "2026-01-05T20:00:00+00:00"


def test_a_machine_without_a_clock_rings_no_alarm_until_it_knows_the_time(tmp_path: Path) -> None:
    kitchen = Kitchen(tmp_path / "assistant.db", ManualClock())
    kitchen.schedule.set_alarm(dt.time(12, 30))
    kitchen.database.close()
    # It starts an hour later and believes that it is eleven o'clock, then twelve thirty.
    clock = kitchen.clock.restarted()
    clock.set_wall(wall("2026-01-05 12:29:50"))
    again = Kitchen(kitchen.path, clock, is_set=lambda: False)
    again.pass_time(60)
    assert again.rang == []
    with pytest.raises(ScheduleError, match="does not know the time"):
        again.schedule.set_alarm(dt.time(7))
    timer = again.schedule.start_timer(60, "tea")
    clock.set_wall(wall("2026-01-05 12:33"))
    again.schedule.poll()
    assert [(ring.kind, round(ring.late_s)) for ring in again.rang] == [("alarm", 180)]
    again.pass_time(61)
    assert again.rang[-1].id == timer.id


def test_time_known_by_a_jump_is_known_after_a_restart_of_the_assistant_alone(
    tmp_path: Path,
) -> None:
    unset = {"is_set": lambda: False, "boot": "b1"}
    kitchen = Kitchen(tmp_path / "assistant.db", ManualClock(), **unset)
    assert not kitchen.schedule.time_known
    kitchen.clock.set_wall(wall("2026-02-01 12:00"))
    kitchen.schedule.poll()
    kitchen.database.close()
    assert Kitchen(kitchen.path, kitchen.clock, **unset).schedule.time_known
    other = Kitchen(tmp_path / "other.db", ManualClock(), is_set=lambda: False, boot="b2")
    assert not other.schedule.time_known


def test_a_reminder_rings_for_a_minute_at_most(kitchen: Kitchen) -> None:
    kitchen.schedule.remind_in(60, "call mum")
    kitchen.pass_time(61)
    assert [(ring.kind, ring.name) for ring in kitchen.rang] == [("reminder", "call mum")]
    kitchen.pass_time(61)
    assert kitchen.schedule.ringing() == ()
    assert kitchen.restarted().rang == []


def test_an_alarm_moves_with_the_time_zone_of_the_machine(kitchen: Kitchen) -> None:
    kitchen.schedule.set_alarm(dt.time(20, 0))
    lisbon = ZoneInfo("Europe/Lisbon")
    kitchen.clock._zone = lisbon
    kitchen.schedule.poll()
    kitchen.pass_time(8 * 3600 - 1)
    assert kitchen.rang == []
    kitchen.pass_time(3602)
    assert len(kitchen.rang) == 1


def test_a_command_that_cannot_be_read_any_more_is_left_out(kitchen: Kitchen) -> None:
    command = Command.of([Intent("HassTurnOff", {"name": "Fan"})])
    kitchen.schedule.do_in(60, command, "turn off the fan")
    with kitchen.database.transaction() as connection:
        connection.execute('UPDATE countdowns SET content = \'{"intents": [{}], "x": 1}\'')
    again = kitchen.restarted()
    assert again.schedule.commands() == ()
