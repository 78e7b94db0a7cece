"""Timers, alarms, reminders and lists by MQTT: set, changed, shown, and refused for all to see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from brokers import Mosquitto, eventually
from stages import Stage, on_stage

pytestmark = [pytest.mark.engine, pytest.mark.broker]


@pytest.fixture
async def stage(mosquitto: Mosquitto, tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(mosquitto, tmp_path) as made:
        yield made


def _refused(stage: Stage) -> list[tuple[str, str]]:
    return [
        (event["topic"], event["error"])
        for event in stage.told("event")
        if event["event_type"] == "refused"
    ]


def _shown(stage: Stage, kind: str, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[key] for key in keys) for entry in stage.told(kind)[-1][kind]]


async def test_timers_are_started_changed_and_cancelled_by_mqtt(stage: Stage) -> None:
    await stage.send("timers/set", '{"do": "start", "seconds": 600, "name": "pizza"}')
    await stage.send("timers/set", '{"do": "start", "seconds": 60, "area": "Kitchen"}')
    keys = ("name", "area", "duration_s", "paused", "sound")
    first = [("", "kitchen", 60, False, ""), ("pizza", None, 600, False, "")]
    await eventually(lambda: _shown(stage, "timers", *keys) == first)
    await eventually(lambda: stage.shows("Timers") == 2)
    await stage.send("timers/set", '{"do": "pause", "id": "pizza"}')
    await stage.send("timers/set", '{"do": "change", "id": "pizza", "sound": "bell"}')
    held = ("pizza", None, 600, True, "bell")
    await eventually(lambda: held in _shown(stage, "timers", *keys))
    await stage.send("timers/set", '{"do": "cancel", "id": "all"}')
    await eventually(lambda: stage.told("timers")[-1]["count"] == 0)


async def test_alarms_are_set_changed_and_skipped_by_mqtt(stage: Stage) -> None:
    weekly = '{"do": "set", "time": "07:30", "days": ["mon", "fri"], "name": "work"}'
    await stage.send("alarms/set", weekly)
    keys = ("name", "time", "days", "every", "sound", "enabled")
    await eventually(
        lambda: _shown(stage, "alarms", *keys) == [("work", "07:30", [0, 4], "", "", True)]
    )
    first = stage.told("alarms")[-1]["next"]
    await stage.send("alarms/set", '{"do": "skip", "id": "work"}')
    await eventually(lambda: stage.told("alarms")[-1]["next"] > first)
    change = '{"do": "change", "id": "work", "time": "08:00", "every": "other_week"}'
    await stage.send("alarms/set", change)
    await stage.send("alarms/set", '{"do": "change", "id": "work", "sound": "birds"}')
    await stage.send("alarms/set", '{"do": "disable", "id": "work"}')
    changed = [("work", "08:00", [0, 4], "other_week", "birds", False)]
    await eventually(lambda: _shown(stage, "alarms", *keys) == changed)
    assert stage.told("alarms")[-1]["next"] is None
    assert _refused(stage) == []


async def test_reminders_and_lists_are_kept_by_mqtt(stage: Stage) -> None:
    await stage.send("reminders/set", '{"do": "set", "text": "call mum", "seconds": 1200}')
    await eventually(lambda: _shown(stage, "reminders", "text") == [("call mum",)])
    await stage.send("reminders/set", '{"do": "cancel", "id": "all"}')
    await eventually(lambda: stage.told("reminders")[-1]["count"] == 0)
    await stage.send("lists/set", '{"do": "add", "items": ["milk", "eggs", "bread"]}')
    await stage.send("lists/set", '{"do": "done", "items": ["milk"]}')
    await stage.send("lists/set", '{"do": "remove", "items": ["eggs"]}')
    await eventually(lambda: stage.told("lists")[-1]["lists"]["shopping"] == ["bread"])
    await eventually(lambda: stage.shows("Lists") == 1)


_NONSENSE = (
    ("lists/set", '{"do": "clear", "name": "shopping"}', "confirm"),
    ("lists/set", '{"do": "done", "items": ["bread"]}', "not on the list shopping: bread"),
    ("timers/set", '{"do": "start", "seconds": -300}', "at least one second"),
    ("timers/set", '{"do": "start", "seconds": 0}', "at least one second"),
    ("timers/set", '{"do": "start", "seconds": 31536000000}', "30 days"),
    ("timers/set", '{"do": "pause", "id": "tea"}', "no such timer"),
    ("alarms/set", '{"do": "set", "time": "25:00"}', "time"),
    ("alarms/set", '{"do": "set", "time": "08:00", "date": "2027-02-31"}', "date"),
    ("reminders/set", '{"do": "set", "time": "08:00"}', "what to remind of"),
    ("reminders/set", "tomorrow", "JSON"),
)


async def test_what_is_not_done_is_told_to_all_and_changes_nothing(stage: Stage) -> None:
    await stage.send("lists/set", '{"do": "add", "items": ["milk"]}')
    await eventually(lambda: stage.told("lists")[-1]["count"] == 1)
    for number, (topic, payload, why) in enumerate(_NONSENSE, 1):
        await stage.send(topic, payload)
        await eventually(lambda number=number: len(_refused(stage)) == number)
        where, error = _refused(stage)[-1]
        assert (where, why in error) == (topic, True), error
    for kind, count in (("timers", 0), ("alarms", 0), ("reminders", 0), ("lists", 1)):
        assert stage.told(kind)[-1]["count"] == count
