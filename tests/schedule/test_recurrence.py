"""When alarms ring next, over weeks, years and changes of the clocks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.schedule.recurrence import Rule, last_date, moment, next_date
from assistant.schedule.sun import Place, sun_moment

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = frozenset({0, 1, 2, 3, 4})


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("time", "days", "now", "expected"),
    [
        ("07:00", set(), "2026-03-02 06:59:59", "2026-03-02"),
        ("07:00", set(), "2026-03-02 07:00", "2026-03-03"),
        ("07:00", set(), "2026-12-31 22:00", "2027-01-01"),
        ("06:15", WEEKDAYS, "2026-03-06 06:14", "2026-03-06"),
        ("06:15", WEEKDAYS, "2026-03-06 06:16", "2026-03-09"),
        ("09:00", {6}, "2026-03-08 09:00", "2026-03-15"),
        ("00:00", {0}, "2026-03-08 23:59", "2026-03-09"),
        # Clocks go forward on 2026-03-29 at 02:00: 02:30 is not shown, 03:30 is meant.
        ("02:30", set(), "2026-03-29 01:59", "2026-03-29"),
        ("02:30", set(), "2026-03-29 03:31", "2026-03-30"),
        # Clocks go back on 2026-10-25 at 03:00: 02:30 comes twice and rings once.
        ("02:30", set(), "2026-10-25 02:29", "2026-10-25"),
        ("02:30", set(), "2026-10-25 02:31", "2026-10-26"),
    ],
)
def test_an_alarm_rings_on_the_next_day_that_fits(
    time: str, days: set[int], now: str, expected: str
) -> None:
    found = next_date(Rule(dt.time.fromisoformat(time), frozenset(days)), at(now))
    assert found == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("date", "time", "utc"),
    [
        ("2026-03-27", "07:00", "2026-03-27 06:00"),
        ("2026-03-30", "07:00", "2026-03-30 05:00"),
        ("2026-03-29", "02:30", "2026-03-29 01:30"),
        ("2026-10-25", "02:30", "2026-10-25 00:30"),
        ("2026-10-26", "07:00", "2026-10-26 06:00"),
    ],
)
def test_an_alarm_keeps_its_time_of_day_over_summer_time(date: str, time: str, utc: str) -> None:
    found = moment(dt.date.fromisoformat(date), dt.time.fromisoformat(time), BERLIN)
    assert found.astimezone(dt.UTC).replace(tzinfo=None) == dt.datetime.fromisoformat(utc)


def test_a_skipped_time_is_told_as_the_clocks_will_show_it() -> None:
    assert moment(dt.date(2026, 3, 29), dt.time(2, 30), BERLIN).strftime("%H:%M") == "03:30"


@given(
    now=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1)),
    time=st.times(),
    days=st.frozensets(st.integers(0, 6)),
)
def test_next_is_always_later_within_nine_days_and_on_a_wanted_day(
    now: dt.datetime, time: dt.time, days: frozenset[int]
) -> None:
    now = now.replace(tzinfo=BERLIN)
    date = next_date(Rule(time, days), now)
    wait = moment(date, time, BERLIN).timestamp() - now.timestamp()
    assert 0 < wait <= 8.1 * 24 * 3600
    assert not days or date.weekday() in days


def test_of_days_switched_off_only_the_last_due_one_counts() -> None:
    found = last_date(Rule(dt.time(7, 0), WEEKDAYS), dt.date(2026, 3, 2), at("2026-03-08 12:00"))
    assert found == dt.date(2026, 3, 6)


@pytest.mark.parametrize(
    ("rule", "anchor", "now", "expected"),
    [
        (Rule(dt.time(7), frozenset({0}), "other_week"), "2026-03-02", "2026-03-02 08:00",
         "2026-03-16"),
        (Rule(dt.time(7), frozenset({0, 2}), "other_week"), "2026-03-02", "2026-03-02 08:00",
         "2026-03-04"),
        (Rule(dt.time(7), every="month", month_day=1), None, "2026-03-01 08:00", "2026-04-01"),
        (Rule(dt.time(7), every="month", month_day=31), None, "2026-02-01 08:00", "2026-02-28"),
        (Rule(sun="sunset"), None, "2026-06-21 21:34", "2026-06-22"),
        (Rule(sun="sunset", sun_offset_min=240), None, "2026-06-22 00:30", "2026-06-21"),
    ],
)  # fmt: skip
def test_what_repeats_otherwise_than_weekly_comes_on_its_days(
    rule: Rule, anchor: str | None, now: str, expected: str
) -> None:
    since = dt.date.fromisoformat(anchor) if anchor else None
    found = next_date(rule, at(now), anchor=since, place=Place(52.52, 13.405))
    assert found == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("date", "place", "zone", "rises", "sets"),
    [
        # Of the almanacs, to the minute: https://gml.noaa.gov/grad/solcalc/
        ("2026-06-21", Place(52.52, 13.405), "Europe/Berlin", "04:43", "21:33"),
        ("2026-12-21", Place(52.52, 13.405), "Europe/Berlin", "08:15", "15:54"),
        ("2026-01-01", Place(40.71, -74.0), "America/New_York", "07:20", "16:39"),
        ("2026-07-01", Place(37.57, 126.98), "Asia/Seoul", "05:14", "19:57"),
        ("2026-01-01", Place(-33.87, 151.21), "Australia/Sydney", "05:47", "20:09"),
    ],
)
def test_the_sun_rises_and_sets_as_the_almanac_says(
    date: str, place: Place, zone: str, rises: str, sets: str
) -> None:
    day = dt.date.fromisoformat(date)
    for event, expected in (("sunrise", rises), ("sunset", sets)):
        moment_ = sun_moment(day, place, event)
        assert moment_ is not None
        shown = moment_.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        almanac = dt.datetime.combine(day, dt.time.fromisoformat(expected))
        assert abs((shown - almanac).total_seconds()) < 90


def test_in_the_polar_night_the_sun_does_not_rise() -> None:
    assert sun_moment(dt.date(2026, 12, 21), Place(69.65, 18.96), "sunrise") is None
    rule = Rule(sun="sunrise", days=frozenset(range(7)))
    assert next_date(rule, at("2026-12-01 12:00"), place=Place(69.65, 18.96)).month == 1
