"""Answers in the model's own words: short enough to be spoken, and they claim nothing."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assistant.errors import LanguageModelError
from assistant.llm.goals import GoalData
from assistant.llm.proposals import cleaned
from assistant.ports import LanguageModel
from assistant.types import Written

_LOG = logging.getLogger(__name__)
_MAX_TEXT = 200
_MAX_TOKENS = 60
_MAX_SENTENCES = 2
_LONGEST_S = 8.0
"""After so long an answer ends with its last whole sentence."""
_SENTENCE = re.compile(r"[^.!?\s][^.!?]*(?:\.(?=\d)[^.!?]*)*[.!?]+")
_FOLLOWED = re.compile(r"[.!?](?=\s)")
_WORD = re.compile(r"[\w'’]+")


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said before, and data for an answer."""

    before: tuple[tuple[str, str], ...] = ()
    """Questions and their answers, the oldest first."""
    now: dt.datetime | None = None
    on: tuple[str, ...] = ()
    """Names of what is switched on."""
    timers: tuple[int, ...] = ()
    """Minutes left."""


class Answerer:
    """Answers questions with a model, in the model's thread."""

    def __init__(self, model: LanguageModel, data: GoalData) -> None:
        self._model = model
        self.data = data

    def answer(
        self, text: str, stop: Callable[[], bool], talk: Talk | None = None,
        written: Written = lambda sentence: None,
    ) -> str:  # fmt: skip
        """At most two whole sentences in answer to `text`; empty where there is nothing to say.

        `talk` is what it may go on from. `written` is given each sentence as soon as the model
        has written it: together they are the answer.

        What changes from day to day nobody offline can know: that is declined. Sums are computed
        by code or not at all: a model makes them up. Raises `LanguageModelError`.
        """
        if self.is_current(text):
            return self.data.declined
        if self.is_sum(text):
            return self.data.not_reckoned
        system, before = self._told(talk or Talk())
        ends = time.monotonic() + _LONGEST_S
        pieces = self._pieces(
            system, cleaned(text, _MAX_TEXT), before, lambda: stop() or time.monotonic() > ends
        )
        said = ""
        told: list[str] = []
        try:
            for piece in pieces:
                said += piece
                told += _tell(spoken_sentences(_ended(said), self.data)[len(told) :], written, stop)
                if len(told) == _MAX_SENTENCES:
                    break
        except LanguageModelError as error:
            if not told:
                raise
            _LOG.warning("%s; its answer ends with what was said already", error)
            return " ".join(told)
        told += _tell(spoken_sentences(said, self.data)[len(told) :], written, stop)
        return "" if stop() else " ".join(told)

    def _pieces(
        self, system: str, asked: str, before: tuple[tuple[str, str], ...],
        stop: Callable[[], bool],
    ) -> Iterator[str]:  # fmt: skip
        """The answer as it is written."""
        prompt = self._model.dialogue(system, asked, before)
        return self._model.stream(prompt, max_tokens=_MAX_TOKENS, adapted=False, cancelled=stop)

    def _told(self, talk: Talk) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What the model is told, and the turns before, with no mark of the model's in either."""
        before = tuple(
            (cleaned(asked, _MAX_TEXT), cleaned(answered, 2 * _MAX_TEXT))
            for asked, answered in talk.before
        )
        if talk.now is None:
            return self.data.chat, before
        on = ", ".join(cleaned(name, 40) for name in talk.on)
        timers = ", ".join(map(str, talk.timers))
        facts = self.data.facts.format(
            time=talk.now.strftime("%H:%M"), date=talk.now.strftime("%A, %d %B %Y"),
            on=on or self.data.none, timers=timers or self.data.none,
        )  # fmt: skip
        return f"{self.data.chat} {facts}", before

    def is_current(self, text: str) -> bool:
        """Whether `text` asks for what changes from day to day: weather, news, prices."""
        return bool(_said(self.data.current, text))

    def is_sum(self, text: str) -> bool:
        """Whether `text` asks for a sum, or for one unit in another."""
        if len(_said(self.data.measures, text)) > 1:
            return True
        counted = any(map(str.isdigit, text)) or _said(self.data.numbers, text)
        return bool(counted and _said(self.data.reckoning, text))


def _said(phrases: Iterable[str], text: str) -> set[str]:
    """Those of `phrases` that stand in `text`, one thing or several."""
    words = f" {' '.join(word.lower() for word in _WORD.findall(text))} "
    return {
        phrase for phrase in phrases
        if any(f" {form} " in words for form in (phrase, f"{phrase}s", f"{phrase}es"))
    }  # fmt: skip


def spoken_answer(text: str, data: GoalData) -> str:
    """At most two whole sentences of `text` that can be spoken and claim nothing; or ""."""
    return " ".join(spoken_sentences(text, data))


def spoken_sentences(text: str, data: GoalData) -> list[str]:
    """At most two whole sentences of `text` that can be spoken and claim nothing."""
    text = re.sub(r"[*_`#|<>\[\]{}~^]+", "", " ".join(text.split()))
    text = "".join(c for c in text if c.isalnum() or c.isspace() or c in "'’\"-.,;:?!%°()/+&=$€£")
    kept = []
    whole = text[: max(map(text.rfind, ".!?")) + 1]
    for sentence in _SENTENCE.finditer(whole):
        said = sentence[0]
        if {word.lower() for word in _WORD.findall(said)} & set(data.first_person):
            continue
        kept.append(said)
        if len(kept) == _MAX_SENTENCES:
            break
    return kept


def _ended(text: str) -> str:
    """What has been written of `text` up to the end of its last sentence that something follows.

    Before that a dot may yet turn out to stand inside a number.
    """
    ends = [match.end() for match in _FOLLOWED.finditer(text)]
    return text[: ends[-1]] if ends else ""


def _tell(sentences: list[str], written: Written, stop: Callable[[], bool]) -> list[str]:
    for sentence in sentences:
        if not stop():
            written(sentence)
    return sentences
