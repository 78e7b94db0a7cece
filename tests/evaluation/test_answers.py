"""The figures of free answers, and of table rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from assistant.evaluation.answers import (
    bleu,
    distinct,
    judge_answers,
    perplexity,
    relevance,
    self_bleu,
)
from assistant.evaluation.figures import percentile


class Letters:
    """Judges by letters: every token is worth a half, texts with the same letters are alike."""

    def score(
        self, prompt: str, texts: Sequence[str], *, adapted: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        counts = np.array([len(text.split()) for text in texts], np.int32)
        return (counts * math.log(0.5)).astype(np.float32), counts

    def embed(self, prompt: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        letters = "abcdefghijklmnopqrstuvwxyz"
        return np.array([[text.count(a) for a in letters] for text in texts], np.float32)


def test_perplexity_is_the_inverse_of_the_mean_probability_of_a_token():
    counts = np.array([3, 1], np.int32)
    logs = (counts * math.log(0.25)).astype(np.float32)
    assert perplexity(logs, counts) == pytest.approx(4)


def test_relevance_is_what_an_answer_has_to_do_with_its_own_question_and_no_other():
    axes = np.eye(3, dtype=np.float32)
    own, nearest = relevance(axes, axes)
    swapped, seldom = relevance(axes, axes[[1, 2, 0]])
    assert own == pytest.approx(1.5)
    assert nearest == 1
    assert swapped < 0
    assert seldom == 0


def test_distinct_counts_different_words_among_all():
    texts = ["the cat sat", "the cat ran"]
    assert distinct(texts, 1) == pytest.approx(4 / 6)
    assert distinct(texts, 2) == pytest.approx(3 / 4)
    assert distinct([""], 1) == 0


def test_answers_that_are_all_the_same_have_a_self_bleu_of_one():
    assert self_bleu(["bees make honey every summer"] * 3) == pytest.approx(1)
    assert self_bleu(["bees make honey", "rain falls often", "two plus two"]) == 0


def test_bleu_punishes_what_is_too_short():
    reference = ["it", "takes", "about", "ten", "minutes", "to", "boil", "an", "egg", "hard"]
    assert bleu(reference, [reference]) == pytest.approx(1)
    assert bleu(reference[:5], [reference]) == pytest.approx(math.exp(1 - 10 / 5))


def test_all_figures_of_a_few_answers_are_made_together():
    pairs = [("why do bees buzz", "bees beat their wings"), ("how old is rome", "rome is old")]
    figures = judge_answers(pairs, Letters())
    assert figures is not None
    assert figures.answers == 2
    assert figures.perplexity == pytest.approx(2)
    assert figures.nearest == 1
    assert figures.distinct_1 == 1


def test_a_single_answer_cannot_be_judged():
    assert judge_answers([("why", "because")], Letters()) is None


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (95, 4), (1, 1), (100, 4)])
def test_a_percentile_is_a_value_that_was_there(percent: float, value: float):
    assert percentile([1, 2, 3, 4], percent) == value
