"""Evaluation room: how good free answers are, without anybody to judge them.

None of these says whether an answer is true.

- **Perplexity** (fluency): exp of the mean negative log-probability that the base model, without
  an adapter, gives the answers' tokens, each answer at the beginning of a line: lower is more
  fluent (Jelinek et al. 1977, "Perplexity - a measure of the difficulty of speech recognition
  tasks"). A model finds its own greedy answers fluent: compare adapters by it, not models.
- **Relevance**: the cosine between the embeddings of a question and of its answer, less the mean
  cosine of that answer with all the other questions, mean over all: 0 is what any answer has to do
  with any question. Embeddings are the base model's hidden states after 'This sentence : "…" means
  in one word:"' (PromptEOL, Jiang et al. 2023, arXiv:2307.16645), less their mean. Embedding
  similarity as a measure of dialogue: Liu et al. 2016, arXiv:1603.08023, who also say how loosely
  it agrees with people.
- **Nearest**: how often the answer is closer to its own question than to any other.
- **Distinct-1, distinct-2** (diversity): different words, and pairs of words, divided by all of all
  answers (Li et al. 2016, arXiv:1510.03055).
- **Self-BLEU** (diversity): the mean BLEU-4 of each answer with all others as its references; lower
  is more diverse (Zhu et al. 2018, "Texygen", arXiv:1802.01886). BLEU is Papineni et al. 2002, with
  add-one smoothing of the orders above one (Lin and Och 2004).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINE = "\n"
_ONE_WORD = ('This sentence : "', '" means in one word:"')
_ORDERS = 4


class Judge(Protocol):
    """A base model that judges answers. Blocking."""

    def score(
        self, prompt: str, texts: Sequence[str], *, adapted: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """The log-probability of each text after `prompt`, and its number of tokens."""

    def embed(self, prompt: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The last hidden state after `prompt` and each text, `(len(texts), width)`."""


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """Of all free answers together; the terms are this module's."""

    answers: int
    perplexity: float
    relevance: float
    nearest: float
    distinct_1: float
    distinct_2: float
    self_bleu: float


def judge_answers(pairs: Sequence[tuple[str, str]], judge: Judge) -> AnswerFigures | None:
    """The figures of (question, answer) pairs; None for fewer than two.

    Raises `LanguageModelError`.
    """
    if len(pairs) < 2:
        return None
    questions, answers = [q for q, _ in pairs], [a for _, a in pairs]
    logs, tokens = judge.score(_LINE, answers, adapted=False)
    before, after = _ONE_WORD
    states = judge.embed(before, [text + after for text in (*questions, *answers)])
    mean, nearest = relevance(states[: len(pairs)], states[len(pairs) :])
    return AnswerFigures(
        len(pairs),
        perplexity=perplexity(logs, tokens),
        relevance=mean,
        nearest=nearest,
        distinct_1=distinct(answers, 1),
        distinct_2=distinct(answers, 2),
        self_bleu=self_bleu(answers),
    )


def perplexity(log_probabilities: npt.NDArray[np.float32], tokens: npt.NDArray[np.int32]) -> float:
    """Of several texts together: each token counts the same, whichever text it is in."""
    return math.exp(-float(log_probabilities.sum()) / max(1, int(tokens.sum())))


def relevance(
    questions: npt.NDArray[np.float32], answers: npt.NDArray[np.float32]
) -> tuple[float, float]:
    """Relevance and nearest, of `(n, width)` embeddings of questions and their answers, n > 1."""
    everything = np.concatenate([questions, answers]).astype(np.float64)
    everything -= everything.mean(axis=0)
    everything /= np.maximum(np.linalg.norm(everything, axis=1, keepdims=True), 1e-9)
    count = len(questions)
    likeness = everything[count:] @ everything[:count].T
    own = np.diag(likeness)
    others = (likeness.sum(axis=1) - own) / (count - 1)
    nearest = likeness.argmax(axis=1) == np.arange(count)
    return float((own - others).mean()), float(nearest.mean())


def distinct(texts: Sequence[str], order: int) -> float:
    """Different n-grams of words divided by all, over all texts; 0 where there are none."""
    grams = [gram for text in texts for gram in _grams(_words(text), order)]
    return len(set(grams)) / len(grams) if grams else 0.0


def self_bleu(texts: Sequence[str]) -> float:
    """The mean BLEU-4 of each text against all others; 0..1."""
    split = [_words(text) for text in texts]
    scores = [bleu(words, split[:at] + split[at + 1 :]) for at, words in enumerate(split)]
    return sum(scores) / len(scores)


def bleu(words: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """BLEU-4 of one text, smoothed; 0..1."""
    if not words or not any(references):
        return 0.0
    logs = 0.0
    for order in range(1, _ORDERS + 1):
        told = Counter(_grams(words, order))
        most: Counter[tuple[str, ...]] = Counter()
        for reference in references:
            most |= Counter(_grams(reference, order))
        matches, total = sum((told & most).values()), sum(told.values())
        smooth = 0 if order == 1 else 1
        if matches + smooth == 0:
            return 0.0
        logs += math.log((matches + smooth) / (total + smooth)) / _ORDERS
    closest = min((len(r) for r in references), key=lambda n: (abs(n - len(words)), n))
    return math.exp(logs + min(0.0, 1 - closest / len(words)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _grams(words: Sequence[str], order: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + order]) for at in range(len(words) - order + 1)]
