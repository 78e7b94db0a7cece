from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence

import pytest
from manual_clock import BERLIN, ManualClock
from spoken_home import spoken_home

from assistant.replies import Replies
from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.store.database import Database
from assistant.types import Action, ActionResult
from assistant.understanding.understanding import Understanding

_WEDNESDAY = dt.datetime(2025, 3, 5, 14, 20, tzinfo=BERLIN)


@functools.cache
def english() -> Understanding:
    return Understanding(spoken_home(), "en")


class Talk:
    """A home where nothing is sent and every reply is kept."""

    def __init__(self, *, proposing: bool = False) -> None:
        self.clock = ManualClock(_WEDNESDAY)
        self.schedule = Schedule(Database.open(None), self.clock)
        self.home = spoken_home()
        self.understanding = english()
        self.replies = Replies("en")
        self.proposing = proposing

    async def say(self, text: str) -> str:
        async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
            raise AssertionError(actions)

        context = SkillContext(
            self.home, perform, self.clock, self.schedule, "en", None, self.proposing
        )
        intents = self.understanding.read(text, None).intents
        assert intents, text
        outcomes = [await handle_intent(intent, context) for intent in intents]
        return " ".join(self.replies.outcome(outcome, self.home) for outcome in outcomes)


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_a_timer_is_set_asked_for_lengthened_and_cancelled(talk: Talk) -> None:
    assert await talk.say("set a pizza timer for ten minutes") == "Pizza timer set for 10 minutes."
    talk.clock.advance(60)
    assert await talk.say("how much time is left") == "9 minutes left on the pizza timer."
    assert await talk.say("add five minutes to the pizza timer") == (
        "Added 5 minutes. The pizza timer now has 14 minutes left."
    )
    assert await talk.say("pause the pizza timer") == "Pizza timer paused with 14 minutes left."
    assert await talk.say("resume the timer") == "Pizza timer running again, 14 minutes left."
    assert await talk.say("cancel the pizza timer") == "Pizza timer cancelled."
    assert talk.schedule.timers() == ()
    assert await talk.say("how long is left") == "There is no timer running."


async def test_of_several_timers_the_named_or_the_nameless_one_is_meant(talk: Talk) -> None:
    await talk.say("set an egg timer for 3 minutes")
    await talk.say("set a timer for 20 minutes")
    assert await talk.say("cancel the timer") == "Timer cancelled."
    assert [timer.name for timer in talk.schedule.timers()] == ["egg"]
    await talk.say("set a tea timer for 4 minutes")
    assert "Which one" in await talk.say("cancel the timer")
    assert await talk.say("cancel the bread timer") == "There is no bread timer."
    assert await talk.say("cancel all timers") == "All 2 timers are cancelled."
    assert talk.schedule.timers() == ()


@pytest.mark.parametrize(
    ("said", "rings", "days"),
    [
        ("wake me up at seven thirty tomorrow morning", "2025-03-06 07:30", ""),
        ("wake me at 7", "2025-03-06 07:00", ""),
        ("set an alarm for 3", "2025-03-05 15:00", ""),
        ("set an alarm for three today", "2025-03-05 15:00", ""),
        ("set an alarm for two", "2025-03-06 02:00", ""),
        ("set an alarm for quarter to eight", "2025-03-05 19:45", ""),
        ("set an alarm for 7 am", "2025-03-06 07:00", ""),
        ("set an alarm for 15:30", "2025-03-05 15:30", ""),
        ("set an alarm for noon", "2025-03-06 12:00", ""),
        ("set an alarm for midnight", "2025-03-06 00:00", ""),
        ("set an alarm for six fifteen on weekdays", "2025-03-06 06:15", "01234"),
        ("set an alarm for 9 on weekends", "2025-03-08 09:00", "56"),
        ("set an alarm for every day at 7", "2025-03-06 07:00", "0123456"),
        ("set an alarm for 8 o'clock on Saturday", "2025-03-08 08:00", ""),
        ("wake me up on monday at 6:45", "2025-03-10 06:45", ""),
        ("set an alarm for 8 pm on wednesday", "2025-03-05 20:00", ""),
        ("set an alarm for 8 am on wednesday", "2025-03-12 08:00", ""),
        ("set an alarm for 8 every friday", "2025-03-07 08:00", "4"),
        ("set an alarm for 10 pm tomorrow", "2025-03-06 22:00", ""),
    ],
)
async def test_an_alarm_rings_when_it_was_meant_to(
    talk: Talk, said: str, rings: str, days: str
) -> None:
    reply = await talk.say(said)
    (alarm,) = talk.schedule.alarms()
    assert alarm.next_ring.strftime("%Y-%m-%d %H:%M") == rings
    assert alarm.days == frozenset(int(day) for day in days)
    assert reply.startswith("Alarm set for")


async def test_alarms_are_told_and_cancelled(talk: Talk) -> None:
    assert await talk.say("when is my alarm") == "There is no alarm set."
    await talk.say("set an alarm for six fifteen on weekdays")
    assert await talk.say("when is my alarm") == "The next alarm is for 6:15 AM on weekdays."
    await talk.say("wake me tomorrow at 8")
    assert "which one" in await talk.say("cancel my alarm")
    assert await talk.say("cancel the 8 am alarm") == "The alarm for 8 AM is cancelled."
    assert await talk.say("cancel all alarms") == (
        "The alarm for 6:15 AM on weekdays is cancelled."
    )
    assert talk.schedule.alarms() == ()


async def test_an_alarm_of_this_very_weekday_is_found_by_its_name(talk: Talk) -> None:
    await talk.say("set an alarm for 8 pm on wednesday")
    assert await talk.say("cancel my wednesday alarm") == "The alarm for 8 PM is cancelled."
    assert talk.schedule.alarms() == ()


async def test_an_alarm_for_a_time_that_is_past_today_is_refused(talk: Talk) -> None:
    assert await talk.say("set an alarm for 8 am today") == "It is past 8 AM already."
    assert talk.schedule.alarms() == ()


async def test_a_proposal_starts_and_cancels_nothing() -> None:
    talk = Talk(proposing=True)
    kept = talk.schedule.start_timer(60, "egg")
    talk.schedule.set_alarm(dt.time(7))
    for said in (
        "set a timer for ten minutes", "cancel the egg timer", "cancel all timers",
        "add five minutes to the egg timer", "pause the egg timer",
        "wake me at 6", "cancel my alarm",
    ):  # fmt: skip
        await talk.say(said)
    assert [(t.id, t.duration_s, t.paused) for t in talk.schedule.timers()] == [
        (kept.id, 60, False)
    ]
    assert [alarm.time for alarm in talk.schedule.alarms()] == [dt.time(7)]
