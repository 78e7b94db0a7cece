"""Sums and units of measurement, asked in words."""

from __future__ import annotations

import functools
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manual_clock import ManualClock
from said_cases import Stage
from said_expectations import START

from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.understanding.formula import NoRootError, TooLargeError, value
from assistant.understanding.sums import Sums
from assistant.understanding.times.spoken_time import spoken_times


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what's 12.5 divided by 4", "That is 3.125."),
        ("what is the square root of 144", "That is 12."),
        ("what's the square root of two", "That is 1.41."),
        ("what is three plus four times two", "That is 11."),
        ("what is 144 divided by 12 plus 3", "That is 15."),
        ("what is minus five plus twelve", "That is 7."),
        ("what is minus 3 times minus 4", "That is 12."),
        ("what is two to the power of ten", "That is 1024."),
        ("what is 9 to the power of a half", "That is 3."),
        ("seven squared", "That is 49."),
        ("what is five cubed minus 25", "That is 100."),
        ("what is a third of ninety", "That is 30."),
        ("two thirds of 90", "That is 60."),
        ("what is three quarters of 200", "That is 150."),
        ("what is half of 250", "That is 125."),
        ("double 37", "That is 74."),
        ("split 87 euros by three", "That is 29."),
        ("share 45 euros among 4 people", "That is 11.25."),
        ("multiply 12 by 12", "That is 144."),
        ("add 17 and 25", "That is 42."),
        ("subtract 8 from 20", "That is 12."),
        ("what is 20 percent off 59.99", "That is 47.992."),
        ("what is 15% of 89.90", "That is 13.485."),
        ("80 plus 20 percent", "That is 96."),
        ("what is 10 minus 3 point 5", "That is 6.5."),
        ("what's one point five times four", "That is 6."),
        ("how much is 2 million divided by 4", "That is 500000."),
        ("what is a hundred and twenty minus thirty five", "That is 85."),
        ("what is 1,250 plus 750", "That is 2000."),
        ("what is 1000 times 1000 times 1000", "That is 1000000000."),
        ("what is 10 to the power of 50", "That is too large a number to say."),
        ("what is 10 to the power of 5000000", "That is too large a number to say."),
        ("what is the square root of minus four", "A negative number has no such root."),
        ("what is 3 plus 5 divided by 0", "Nothing can be divided by zero."),
        ("how many grams is half a pound", "That is 226.8 grams."),
        ("how many miles is 42 kilometres", "That is 26.1 miles."),
        ("how many cups are in a litre", "That is 4.23 cups."),
        ("how many millilitres in a tablespoon", "That is 14.8 milliliters."),
        ("how many seconds are there in three and a half hours", "That is 12600 seconds."),
        ("how many ounces are in 2 and a half pounds", "That is 40 ounces."),
        ("how many minutes in three quarters of an hour", "That is 45 minutes."),
        ("how many weeks are in a year", "That is 52.1 weeks."),
        ("what is 70 miles an hour in kilometres per hour", "That is 112.7 kilometers per hour."),
        ("how tall is 180 centimetres in feet", "That is 5.91 feet."),
        ("what is minus ten degrees celsius in fahrenheit", "That is 14 degrees."),
        ("convert half a litre to millilitres", "That is 500 milliliters."),
        ("how many grams are in a metre", "Those two do not measure the same."),
    ],
)
async def test_longer_sums_are_computed_and_no_model_is_asked(text: str, said: str) -> None:
    assert await _answer("en", text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("was ist 12,5 geteilt durch 4", "Das sind 3,125."),
        ("wie viel ist die Wurzel aus 144", "Das sind 12."),
        ("was ist drei plus vier mal zwei", "Das sind 11."),
        ("wie viele Gramm hat ein halbes Pfund", "Das sind 250 Gramm."),
        ("was sind 15 Prozent von 89,90", "Das sind 13,485."),
        ("20 Prozent Rabatt auf 60 Euro", "Das sind 48."),
        ("was ist ein Drittel von 90", "Das sind 30."),
        ("wie viele Milliliter hat ein Esslöffel", "Das sind 15 Milliliter."),
        ("wie viele Sekunden sind dreieinhalb Stunden", "Das sind 12600 Sekunden."),
        ("was ist 3 Komma 5 mal 2", "Das sind 7."),
        ("1.250 plus 750", "Das sind 2000."),
        ("wie viele Zoll sind 3 Fuß", "Das sind 36 Zoll."),
    ],
)
async def test_longer_german_sums_are_computed(text: str, said: str) -> None:
    assert await _answer("de", text) == said


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "divide and conquer"),
        ("en", "split the bill by three"),
        ("en", "i have two plus one at home"),
        ("en", "half past three"),
        ("en", "it is minus ten"),
        ("en", "5 minus"),
        ("en", "times 3"),
        ("en", "the square root of all evil"),
        ("en", "twice"),
        ("en", "one and a half"),
        ("en", "how many miles is it to the sea"),
        ("en", "how many cups do we have in the kitchen"),
        ("de", "das war mal wieder nichts"),
        ("de", "wie viele Tage sind es noch"),
        ("de", "halb drei"),
    ],
)
def test_what_only_sounds_like_a_sum_is_none(language: str, text: str) -> None:
    sums = Sums.of(language, spoken_times(language))
    assert sums is not None
    assert sums.read(text) is None


@given(st.text(alphabet="0123456789 .,+-*/^()%abcehlmnopqrstuvwx", max_size=60))
def test_no_text_breaks_the_reading_of_sums(text: str) -> None:
    sums = Sums.of("en", spoken_times("en"))
    assert sums is not None
    intent = sums.read(text)
    if intent is not None and intent.name == "AssistantCalculate":
        with suppress(ZeroDivisionError, TooLargeError, NoRootError):
            value(str(intent.slots["formula"]))
