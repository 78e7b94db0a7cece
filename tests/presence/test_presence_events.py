"""Timers, alarms and turns as they are published."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.presence.events import EVENT_TYPES, turn_event
from assistant.schedule.entries import Alarm, Timer
from assistant.schedule.shown import alarms_to_json, timers_to_json
from assistant.turn_json import turn_to_json
from assistant.types import Action, ActionResult, Status, Turn

NOW = dt.datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def turn(*, question: bool = False, failed: bool = False, conversation: str = "voice") -> Turn:
    return Turn(
        id="1", text="open sesame", language="en", area=None, tier=None, intents=(),
        results=(
            ActionResult(Action("lock.unlock", "door", {"code": "1234"}), Status.CONFIRMED),
        ),
        reply="Done.", question=question, failed=failed, conversation=conversation,
    )  # fmt: skip


def test_the_next_timer_is_the_first_that_runs() -> None:
    timers = [
        Timer("a", "tea", 300.0, 10.0, True, None),
        Timer("b", "pizza", 600.0, 59.7, False, "kitchen"),
        Timer("c", "", 900.0, 800.0, False, None),
    ]
    told = timers_to_json(timers, NOW)
    assert (told["count"], told["next"]) == (3, "2026-03-01T12:01:00+01:00")
    assert told["timers"][0]["ends_at"] is None
    assert told["timers"][1] == {
        "id": "b", "name": "pizza", "area": "kitchen", "duration_s": 600, "remaining_s": 60,
        "paused": False, "sound": "", "ends_at": "2026-03-01T12:01:00+01:00",
    }  # fmt: skip
    assert timers_to_json([], NOW) == {"count": 0, "next": None, "timers": []}


def test_alarms_are_told_with_their_next_ring() -> None:
    ring = NOW.replace(hour=7, minute=0, second=0, microsecond=0)
    alarm = Alarm("a", "work", dt.time(7), frozenset({4, 0}), ring, None)
    told = alarms_to_json([alarm])
    assert (told["count"], told["next"]) == (1, "2026-03-01T07:00:00+01:00")
    assert told["alarms"][0]["time"] == "07:00"
    assert told["alarms"][0]["days"] == [0, 4]


def test_without_words_timers_and_alarms_have_no_names() -> None:
    timer = Timer("a", "pills", 300.0, 10.0, False, None)
    alarm = Alarm("b", "dentist", dt.time(7), frozenset(), NOW, None)
    assert timers_to_json([timer], NOW, words=False)["timers"][0]["name"] == ""
    assert alarms_to_json([alarm], words=False)["alarms"][0]["name"] == ""


@pytest.mark.parametrize(
    ("question", "failed", "kind"),
    [(False, False, "done"), (False, True, "not_done"), (True, False, "question")],
)
def test_a_turn_is_an_event_of_a_kind_that_was_announced(
    question: bool, failed: bool, kind: str
) -> None:
    assert kind in EVENT_TYPES
    finished = turn(question=question, failed=failed)
    assert turn_event(finished, words=False) == {"event_type": kind, "conversation": "voice"}
    assert turn_event(finished, words=True)["reply"] == "Done."


def test_the_code_of_a_lock_is_not_published() -> None:
    assert turn_to_json(turn())["actions"] == [
        {"service": "lock.unlock", "device": "door", "data": {}, "outcome": "confirmed"}
    ]
