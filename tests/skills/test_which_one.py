"""Of several timers, alarms and reminders the one that is meant, asked for and answered."""

from __future__ import annotations

import datetime as dt

import pytest
from talks import Talk

CANCEL = {
    "en": "cancel the timer",
    "de": "lösche den Timer",
    "zh": "取消计时器",
    "ko": "타이머 취소해 줘",
}
QUESTION = {
    "en": "Which one, the 5-minute timer or the 10-minute timer?",
    "de": "Welcher Timer, der über 5 Minuten oder der über 10 Minuten?",
    "zh": "哪一个，5分钟的计时器还是10分钟的计时器？",
    "ko": "어느 타이머요? 5분 타이머, 아니면 10분 타이머?",
}


@pytest.mark.parametrize(
    ("language", "answer", "cancelled"),
    [
        ("en", "the ten-minute one", [600]),
        ("en", "the ten minute timer", [600]),
        ("en", "ten minutes", [600]),
        ("en", "5 minutes", [300]),
        ("en", "the first one", [300]),
        ("en", "the second", [600]),
        ("en", "the last one", [600]),
        ("en", "the longer one", [600]),
        ("en", "the shorter timer", [300]),
        ("en", "both", [300, 600]),
        ("en", "all of them", [300, 600]),
        ("en", "the 20 minute one", []),
        ("en", "never mind", []),
        ("de", "den zehn Minuten Timer", [600]),
        ("de", "zehn Minuten", [600]),
        ("de", "den ersten", [300]),
        ("de", "den längeren", [600]),
        ("de", "den kürzeren Timer", [300]),
        ("de", "beide", [300, 600]),
        ("zh", "十分钟的", [600]),
        ("zh", "10分钟的计时器", [600]),
        ("zh", "第一个", [300]),
        ("zh", "长的那个", [600]),
        ("zh", "时间短的", [300]),
        ("ko", "십 분 타이머", [600]),
        ("ko", "10분", [600]),
        ("ko", "첫 번째", [300]),
        ("ko", "긴 거", [600]),
        ("ko", "더 짧은 거", [300]),
    ],
)
async def test_a_timer_without_a_name_is_told_by_its_length_or_its_place(
    language: str, answer: str, cancelled: list[int]
) -> None:
    talk = Talk(language=language)
    talk.schedule.start_timer(600)
    talk.schedule.start_timer(300)
    turn = await talk.say(CANCEL[language])
    assert turn.question
    assert turn.reply == QUESTION[language]
    turn = await talk.say(answer)
    left = {round(timer.set_s) for timer in talk.schedule.timers()}
    assert left == {300, 600} - set(cancelled), turn.reply


async def test_timers_of_one_length_are_told_by_what_is_left() -> None:
    talk = Talk()
    first = talk.schedule.start_timer(600)
    await talk.pass_time(240)
    talk.schedule.start_timer(600)
    turn = await talk.say("pause the timer")
    assert turn.reply == ("Which one, the one with 6 minutes left or the one with 10 minutes left?")
    await talk.say("the one with six minutes")
    assert [t.paused for t in talk.schedule.timers() if t.id == first.id] == [True]
    assert sum(timer.paused for timer in talk.schedule.timers()) == 1


async def test_a_named_one_and_nameless_ones_may_be_chosen_by_name() -> None:
    talk = Talk()
    talk.schedule.start_timer(600, "pizza")
    talk.schedule.start_timer(300, "tea")
    turn = await talk.say("add two minutes to the timer")
    assert turn.question
    await talk.say("the tea timer")
    assert {t.name: round(t.remaining_s) for t in talk.schedule.timers()} == {
        "pizza": 600,
        "tea": 420,
    }


@pytest.mark.parametrize(
    ("said", "left"),
    [("stop the pizza timer", ["bread", "tea"]), ("stop", ["bread", "tea"]),
     ("cancel the bread timer", ["pizza", "tea"])],
)  # fmt: skip
async def test_a_timer_that_rings_is_ended_by_its_name_too(said: str, left: list[str]) -> None:
    talk = Talk()
    for seconds, name in ((60, "pizza"), (600, "bread"), (900, "tea")):
        talk.schedule.start_timer(seconds, name)
    await talk.pass_time(61)
    await talk.say(said)
    there = (*talk.schedule.ringing_timers(), *talk.schedule.timers())
    assert [timer.name for timer in there] == left


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("en", "stop", ["long"]),
        ("en", "stop the alarm", ["long"]),
        ("en", "cancel the twenty minute timer", ["one", "two"]),
        ("en", "cancel all timers", []),
        ("de", "stopp", ["long"]),
        ("de", "lösche den 20-Minuten-Timer", ["one", "two"]),
        ("de", "lösche alle Timer", []),
        ("zh", "停", ["long"]),
        ("zh", "取消20分钟的计时器", ["one", "two"]),
        ("zh", "取消所有计时器", []),
        ("ko", "그만", ["long"]),
        ("ko", "20분 타이머 취소해 줘", ["one", "two"]),
        ("ko", "타이머 전부 취소해 줘", []),
    ],
)  # fmt: skip
async def test_while_two_ring_stop_is_for_both_and_another_is_told_from_them(
    language: str, said: str, left: list[str]
) -> None:
    talk = Talk(language=language)
    talk.schedule.start_timer(1200, "long")
    talk.schedule.start_timer(60, "one")
    await talk.want("HassStartTimer", minutes=1, name="two")
    await talk.pass_time(61)
    assert len(talk.schedule.ringing()) == 2
    await talk.say(said)
    there = (*talk.schedule.ringing_timers(), *talk.schedule.timers())
    assert [timer.name for timer in there] == left


@pytest.mark.parametrize(
    ("answer", "left"),
    [("the seven o'clock one", [8]), ("eight", [7]), ("the first one", [8]),
     ("the one at eight", [7]), ("both", [])],
)  # fmt: skip
async def test_an_alarm_without_a_name_is_told_by_its_time(answer: str, left: list[int]) -> None:
    talk = Talk()
    for hour in (7, 8):
        talk.schedule.set_alarm(dt.time(hour))
    turn = await talk.say("cancel my alarm")
    assert turn.question
    turn = await talk.say(answer)
    assert [alarm.time.hour for alarm in talk.schedule.alarms()] == left, turn.reply


async def test_a_command_for_later_is_chosen_by_its_place() -> None:
    talk = Talk()
    await talk.say("turn off the lamp in ten minutes")
    await talk.say("turn on the fan in twenty minutes")
    turn = await talk.want("AssistantCancelDelay")
    assert turn.question
    await talk.say("the second one")
    assert [later.text for later in talk.schedule.commands()] == ["turn off the lamp"]
