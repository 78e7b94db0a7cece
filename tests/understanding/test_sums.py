"""Sums of two numbers and units of measurement, asked in words."""

from __future__ import annotations

import functools

import pytest
from manual_clock import ManualClock
from said_cases import START, Stage

from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent


@functools.cache
def _stage(language: str) -> Stage:
    return Stage(language, guess=False)


async def _answer(language: str, text: str) -> str:
    """What is said to `text`; empty where it is not understood."""
    stage = _stage(language)
    understood = await stage.understanding.understand(text, area=None)
    clock = ManualClock(START)
    context = SkillContext(stage.home, stage.perform, clock, None, language, None)
    outcomes = [await handle_intent(intent, context) for intent in understood.intents]
    assert not stage.sent
    return " ".join(stage.replies.outcome(outcome, stage.home) for outcome in outcomes)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "what is 15 percent of 80", "That is 12."),
        ("en", "What's 15% of 80?", "That is 12."),
        ("en", "how much is 12 times 7", "That is 84."),
        ("en", "what is twelve plus seven", "That is 19."),
        ("en", "what is 3 minus 10", "That is -7."),
        ("en", "What's 100 divided by 7?", "That is 14.3."),
        ("en", "5 divided by 0", "Nothing can be divided by zero."),
        ("en", "how many grams in a pound", "That is 453.6 grams."),
        ("en", "how many minutes are there in 2 hours", "That is 120 minutes."),
        ("en", "convert 70 fahrenheit", "That is 21.1 degrees."),
        ("en", "what is 30 degrees celsius in fahrenheit", "That is 86 degrees."),
        ("en", "what is 5 miles in kilometers", "That is 8.05 kilometers."),
        ("en", "how many meters in a pound", "Those two do not measure the same."),
        ("en", "what is 12 angry men about", ""),
        ("en", "two plus two is four they say", ""),
        ("en", "he gave a hundred and ten percent", ""),
        ("de", "was ist 12 mal 7", "Das sind 84."),
        ("de", "wie viel ist 15 Prozent von 80", "Das sind 12."),
        ("de", "was ist 10 geteilt durch 4", "Das sind 2,5."),
        ("de", "wie viel Gramm hat ein Pfund", "Das sind 500 Gramm."),
        ("de", "wie viele Kilometer sind 5 Meilen", "Das sind 8,05 Kilometer."),
        ("de", "das kostet mal wieder das Doppelte", ""),
        ("zh", "12乘以7等于多少", "等于84。"),
        ("zh", "80的百分之15是多少", "等于12。"),
        ("zh", "一磅等于多少克", "是453.6克。"),
        ("zh", "一加一等于爱情的电影", ""),
        ("ko", "12 곱하기 7은 뭐야", "답은 84입니다."),
        ("ko", "80의 15퍼센트는 얼마야", "답은 12입니다."),
        ("ko", "1파운드는 몇 그램이야", "453.6그램입니다."),
        ("ko", "화씨 70도는 섭씨 몇 도야", "21.1도입니다."),
    ],
)
async def test_a_sum_is_answered_and_talk_is_none(language: str, text: str, said: str) -> None:
    assert await _answer(language, text) == said
