"""Noise changes how a sentence sounds, and not what it asks for; what came is judged fairly."""

from random import Random

import pytest

from assistant.training.evaluate import Answered, table
from assistant.training.generator.examples import Example
from assistant.training.generator.noise import heard, polite


def test_what_decides_is_never_misheard() -> None:
    said = "don't turn off the heater up there and set it to 20.5 degrees"
    for seed in range(300):
        words = heard(said, Random(seed), "en")
        assert all(word in words for word in ("don't", "off", "20.5"))


def test_most_sentences_stay_as_they_are_and_many_do_not() -> None:
    changed = [heard("it is dark in the kitchen", Random(n), "en") for n in range(500)]
    as_said = sum(one.rstrip(".") == "it is dark in the kitchen" for one in changed)
    assert 300 < as_said < 450


def test_manners_go_around_the_request() -> None:
    assert all("lamp on" in polite("lamp on", Random(n), "en") for n in range(50))


def answered(answer: str, *right: str) -> Answered:
    example = Example("", None, "", {one: 1 / len(right) for one in right}, "need")
    return Answered(example, "kitchen", answer, 0.9, 0.1)


@pytest.mark.parametrize(
    ("answer", "right", "is_right", "false", "wrong"),
    [
        ("turn on a", ("turn on a", "turn on b"), True, False, False),
        ("turn on b; turn on a", ("turn on a; turn on b",), True, False, False),
        ("turn on c", ("turn on a",), False, False, True),
        ("turn on c", ("nothing",), False, True, False),
        ("turn on c", ("ask",), False, True, False),
        ("is c on", ("nothing",), False, False, True),
        ("nothing", ("turn on a",), False, False, False),
        ("chat", ("nothing",), False, False, False),
    ],
)
def test_an_answer_is_right_or_does_what_nobody_asked_for(
    answer: str, right: tuple[str, ...], is_right: bool, false: bool, wrong: bool
) -> None:
    one = answered(answer, *right)
    assert (one.right, one.false_action, one.wrong_action) == (is_right, false, wrong)


def test_the_table_counts_by_part_and_shows_mistakes() -> None:
    ones = [answered("turn on a", "turn on a"), answered("turn on a", "nothing")]
    lines = list(table("new homes", ones, show=True))
    assert lines[0] == "new homes: 2 requests"
    assert any(line.split()[:3] == ["all", "2", "50%"] for line in lines)
    assert "not nothing" in lines[-1]
