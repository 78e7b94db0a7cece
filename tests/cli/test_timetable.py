"""`assistant timers`, `alarms`, `reminders`, `lists`."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.cli.main import main

TIMER = {"id": "1a", "name": "pizza", "remaining_s": 61, "duration_s": 600, "paused": True}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the daemon is asked; it has one timer and nothing else."""
    requests: list[dict[str, Any]] = []

    async def call(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        return {"timers": [TIMER], "alarms": [], "reminders": [], "commands": [], "lists": {}}

    monkeypatch.setattr("assistant.control.call", call)
    return requests


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("timers start 1h30m --name pizza", {"do": "start", "seconds": 5400, "name": "pizza"}),
        ("timers start 10", {"do": "start", "seconds": 600, "name": ""}),
        ("timers add pizza -- -5m", {"do": "add", "id": "pizza", "seconds": -300}),
        ("timers cancel all", {"do": "cancel", "id": "all"}),
        (
            "alarms set 7:30 --days weekdays --name work",
            {"do": "set", "name": "work", "time": "07:30",
             "days": ["mon", "tue", "wed", "thu", "fri"]},
        ),
        ("alarms change work 7:15", {"do": "change", "id": "work", "time": "07:15"}),
        (
            "alarms change work --sound birds",
            {"do": "change", "id": "work", "sound": "birds"},
        ),
        (
            "alarms change work 8:00 --every month --month-day 1",
            {"do": "change", "id": "work", "time": "08:00", "every": "month", "month_day": 1},
        ),
        ("timers change tea 5m --sound bell",
         {"do": "change", "id": "tea", "seconds": 300, "sound": "bell"}),
        ("timers change tea --sound bell", {"do": "change", "id": "tea", "sound": "bell"}),
        ("reminders set tea --in 20m", {"do": "set", "text": "tea", "seconds": 1200}),
        (
            "reminders set tea --at 18:00 --date 2026-12-24",
            {"do": "set", "text": "tea", "time": "18:00", "date": "2026-12-24"},
        ),
        ("lists add shopping milk eggs",
         {"do": "add", "name": "shopping", "items": ["milk", "eggs"]}),
        ("lists clear shopping --yes", {"do": "clear", "name": "shopping", "confirm": True}),
    ],
)  # fmt: skip
def test_a_command_line_becomes_a_request(
    asked: list[dict[str, Any]], line: str, request_: dict[str, Any]
) -> None:
    assert main(line.split()) == 0
    assert asked == [{"op": line.split(maxsplit=1)[0], "request": request_}]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("timers start soon", '"soon" is no length'),
        ("alarms set 25:00", "is no time of day"),
        ("lists clear shopping", "Add --yes"),
        ("timers change tea", "Say until when"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    asked: list[dict[str, Any]], line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 1
    assert sentence in capsys.readouterr().err
    assert asked == []


def test_what_there_is_is_shown(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["timers"]) == 0
    assert main(["lists"]) == 0
    assert capsys.readouterr().out == "1a       1:01 of 10:00  held  pizza\nThere are no lists.\n"
    assert asked == [{"op": "timers"}, {"op": "lists"}]


def test_without_a_daemon_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert main(["timers"]) == 1
    assert "No assistant is running" in capsys.readouterr().err
