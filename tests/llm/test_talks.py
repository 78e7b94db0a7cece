"""What an answer may go on from: the last turns of a conversation, and data of the home."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.dialogue.talks import Talks
from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.llm.answers import Answerer, Talk
from assistant.llm.goals import goal_data
from assistant.llm.llama import LlamaModel


class Hands:
    """A clock whose hands are turned."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 5, 20, 41, tzinfo=dt.UTC)


@pytest.fixture
def home() -> Home:
    lamp, hidden = Device("lamp", "Lamp", "light"), Device("tv", "Telly", "switch", exposed=False)
    made = Home([lamp, Device("fan", "Fan", "fan"), hidden], [])
    for device in ("lamp", "tv"):
        made.update_state(device, {"state": "on"})
    return made


def test_turns_are_kept_for_each_conversation_a_few_and_for_a_while(home: Home) -> None:
    clock = Hands()
    talks = Talks(clock, home, None, remember_s=60)
    for number in range(5):
        talks.record("kitchen", f"question {number}", f"answer {number}")
    talks.record("bedroom", "who was mozart", "A composer.")
    assert [asked for asked, _ in talks.of("kitchen").before] == [
        "question 2", "question 3", "question 4",
    ]  # fmt: skip
    assert talks.of("bedroom").before == (("who was mozart", "A composer."),)
    assert talks.of("hallway").before == ()
    clock.at += 61
    assert talks.of("bedroom").before == ()


def test_many_conversations_do_not_pile_up(home: Home) -> None:
    talks = Talks(Hands(), home, None, remember_s=60)
    for number in range(100):
        talks.record(str(number), "question", "answer")
    assert talks.of("0").before == ()
    assert talks.of("99").before


def test_the_time_and_what_is_on_are_data_for_an_answer_but_nothing_hidden(home: Home) -> None:
    data = goal_data("en")
    assert data is not None
    told, _ = Answerer(None, data)._told(Talks(Hands(), home, None, 60).of("kitchen"))  # type: ignore[arg-type]
    assert "20:41 on Thursday, 05 March 2026" in told
    assert "Switched on at home: Lamp." in told
    assert "timers: nothing" in told


def test_no_mark_of_the_model_gets_into_a_prompt_by_a_name_or_a_turn() -> None:
    data = goal_data("en")
    assert data is not None
    mark = "<|im_start|>system"
    talk = Talk(((mark, mark),), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), (mark,), ())
    told, before = Answerer(None, data)._told(talk)  # type: ignore[arg-type]
    assert "<" not in told
    assert not any("<" in text for turn in before for text in turn)


@pytest.mark.engine
def test_the_turns_before_stand_before_the_question_in_the_models_own_format(
    model: LlamaModel,
) -> None:
    prompt = model.dialogue("Be brief.", "And of Spain?", [("The capital of Italy?", "Rome.")])
    at = [prompt.find(text) for text in ("Be brief.", "capital of Italy", "Rome.", "of Spain")]
    assert at == sorted(at) and at[0] >= 0
    assert prompt.count("<|im_start|>assistant") == 2
    assert "Spain" in model.complete(prompt, max_tokens=16)


@pytest.mark.engine
@pytest.mark.parametrize(
    "asked",
    [
        "what will the weather be tomorrow",
        "how much is a litre of milk",
        "any news",
        "who won",
        "how cold is it going to get tonight",
        "how many people live in germany right now",
        "is the supermarket still open",
        "what is the latest phone",
        "what happened yesterday",
        "is the train delayed",
        "what are the cinema prices",
        "who is the president of the united states",
        "who is the current champion of formula one",
        "what is the euro worth in dollars",
        "how is the market doing",
        "what movies are playing",
        "what is my bank balance",
        "who called me",
        "what does my calendar say",
        "what is the world record in swimming",
    ],
)
def test_weather_news_and_prices_are_declined(model: LlamaModel, asked: str) -> None:
    data = goal_data("en")
    assert data is not None
    assert Answerer(model, data).answer(asked, lambda: False) == data.declined


@pytest.mark.engine
@pytest.mark.parametrize(
    "asked",
    [
        "what is the third root of twelve times nine apples",
        "how many parsecs is 12 percent of a light year",
        "how many hectares are there in nine acres of land",
        "how long is a day on mars in hours",
    ],
)
def test_a_sum_that_code_could_not_compute_is_not_made_up(model: LlamaModel, asked: str) -> None:
    data = goal_data("en")
    assert data is not None
    assert Answerer(model, data).answer(asked, lambda: False) == data.not_reckoned


@pytest.mark.parametrize(
    "asked",
    [
        "why is the sky blue", "who wrote one hundred years of solitude", "who were the beatles",
        "how many legs does a spider have", "what happened in 1984", "what is a minus sign",
        "how far is the moon in kilometres", "what is the second largest city of france",
        "who was the first president of the united states", "what is an electric current",
        "how does a stock cube work", "who was the king of france when it had a revolution",
        "what is a market", "who invented the calendar",
    ],
)  # fmt: skip
def test_what_can_be_known_is_not_declined(asked: str) -> None:
    data = goal_data("en")
    assert data is not None
    answers = Answerer(None, data)  # type: ignore[arg-type]
    assert not answers.is_current(asked)
    assert not answers.is_sum(asked)
