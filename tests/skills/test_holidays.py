from __future__ import annotations

import datetime as dt

import pytest

from assistant.skills.holidays import Holiday, easter

_TODAY = dt.date(2026, 11, 4)


@pytest.mark.parametrize(
    ("year", "date"),
    [
        (1818, "1818-03-22"), (1943, "1943-04-25"), (2000, "2000-04-23"), (2024, "2024-03-31"),
        (2026, "2026-04-05"), (2027, "2027-03-28"), (2038, "2038-04-25"),
    ],
)  # fmt: skip
def test_easter_is_on_its_sunday(year: int, date: str) -> None:
    assert easter(year).isoformat() == date


@pytest.mark.parametrize(
    ("rule", "last", "coming"),
    [
        ("12-25", "2025-12-25", "2026-12-25"),
        ("11-04", "2026-11-04", "2026-11-04"),
        ("easter-2", "2026-04-03", "2027-03-26"),
        ("2 sunday 05", "2026-05-10", "2027-05-09"),
        ("-1 monday 05", "2026-05-25", "2027-05-31"),
        ("-4 sunday before 12-25", "2025-11-30", "2026-11-29"),
        ("-1 wednesday before 11-23", "2025-11-19", "2026-11-18"),
        ("02-29", "2024-02-29", "2028-02-29"),
        ("2026-02-17 2027-02-06", "2026-02-17", "2027-02-06"),
    ],
)
def test_a_rule_gives_the_dates_around_today(rule: str, last: str, coming: str) -> None:
    holiday = Holiday.of(f"A day = {rule}")
    assert holiday.name == "A day"
    assert [str(holiday.last(_TODAY)), str(holiday.next(_TODAY))] == [last, coming]


@pytest.mark.parametrize("rule", ["", "soon", "13-45", "6 sunday 05", "2 someday 05", "2026-02-31"])
def test_a_rule_that_makes_no_sense_gives_no_date(rule: str) -> None:
    assert Holiday.of(rule).next(_TODAY) is None


def test_years_that_are_not_listed_have_no_date() -> None:
    assert Holiday.of("2026-02-17 2027-02-06").in_year(2040) is None
