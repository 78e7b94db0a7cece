"""Answers in the model's own words: short enough to be spoken, and they claim nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.llm.goals import GoalData
from assistant.llm.proposals import cleaned
from assistant.ports import LanguageModel

_MAX_TEXT = 200
_MAX_TOKENS = 60
_MAX_SENTENCES = 2
_SENTENCE = re.compile(r"[^.!?]*[^.!?\s][^.!?]*(?:\.(?=\d)[^.!?]*)*[.!?]+")
_WORD = re.compile(r"[\w'’]+")


class Answerer:
    """Answers questions with a model, in the model's thread."""

    def __init__(self, model: LanguageModel, data: GoalData) -> None:
        self._model = model
        self.data = data

    def answer(self, text: str, stop: Callable[[], bool]) -> str:
        """At most two whole sentences in answer to `text`; empty where there is nothing to say.

        What changes from day to day nobody offline can know: that is declined. Raises
        `LanguageModelError`.
        """
        if self.is_current(text):
            return self.data.declined
        prompt = self._model.dialogue(self.data.chat, cleaned(text, _MAX_TEXT))
        said = self._model.complete(prompt, max_tokens=_MAX_TOKENS, adapted=False, cancelled=stop)
        return "" if stop() else spoken_answer(said, self.data)

    def is_current(self, text: str) -> bool:
        """Whether `text` asks for what changes from day to day: weather, news, prices."""
        words = " ".join(word.lower() for word in _WORD.findall(text))
        return any(f" {phrase} " in f" {words} " for phrase in self.data.current)


def spoken_answer(text: str, data: GoalData) -> str:
    """At most two whole sentences of `text` that can be spoken and claim nothing; or ""."""
    text = re.sub(r"[*_`#|<>\[\]{}~^]+", "", " ".join(text.split()))
    text = "".join(c for c in text if c.isalnum() or c.isspace() or c in "'’\"-.,;:?!%°()/+&=$€£")
    kept = []
    for sentence in _SENTENCE.findall(text):
        said = sentence.strip()
        if {word.lower() for word in _WORD.findall(said)} & set(data.first_person):
            continue
        kept.append(said)
        if len(kept) == _MAX_SENTENCES:
            break
    return " ".join(kept)
