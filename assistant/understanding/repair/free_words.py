"""Requests with words of one's own in them ("at milk to the shopping list"), heard wrong.

What to buy, to be reminded of or to be told can be anything: only the words around it can be
recognized. Some of the words heard are taken for it, one mark stands in their place, and the rest
is looked for in the templates as anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.understanding.repair.grammar import Grammar
from assistant.understanding.repair.guess import (
    AGREED,
    Candidate,
    Form,
    Guess,
    Read,
    Speech,
    loses,
    mismatch,
)
from assistant.understanding.repair.lexicon import Words
from assistant.understanding.repair.search import Search
from assistant.understanding.repair.sounds import Pronouncer

WITH_FREE_WORDS = frozenset({
    "AssistantCancelReminder", "AssistantListRemoveItem", "AssistantSetReminder", "HassBroadcast",
    "HassListAddItem", "HassListCompleteItem", "HassShoppingListAddItem",
    "HassShoppingListCompleteItem",
})  # fmt: skip

MARK = "xox"
"""Stands for the free words: no word of any language here."""

_MOST_WORDS = 24
_MOST_BEFORE, _MOST_BEHIND = 7, 6
"""So many words of a request are around the free ones."""

_FEWEST_AGREED = 9
"""Phones of the words around that must have been heard."""

_TELLING, _TOLD = 4, 0.05
_LONG, _TOLD_LONG = 6, 0.12
"""A word around of so many phones must have been heard, with no more cost than this for each: a
short one is found anywhere."""

_COST = 0.1
"""Phones heard wrong, for each phone of the words around."""

_MOST, _WITHIN = 3, 0.6


@dataclass(frozen=True, slots=True)
class FreeWords:
    """Finds what was meant by one reading."""

    search: Search
    """That of the sentences of `WITH_FREE_WORDS`, with `MARK` for the free words."""
    telling: Words
    """Those of its words (`telling_words`) of which no request of this kind lacks all."""
    read: Read
    speech: Speech

    def guess(self, forms: Sequence[Form]) -> Guess | None:
        """What was meant by a reading in its `forms`, always to be asked about.

        None where the words around the free ones were not heard.
        """
        spaced = self.speech.decisive.spaced
        found: list[Candidate] = []
        for form in forms:
            if not self._tells(form.text):
                continue
            words = form.text.split() if spaced else list(form.text.replace(" ", ""))
            joint = " " if spaced else ""
            for start, end in _places(len(words)):
                around = joint.join((*words[:start], MARK, *words[end:]))
                found += self._sentences(form, around, joint.join(words[start:end]))
        if not found:
            return None
        first = min(found, key=lambda one: (one.cost, len(one.text)))
        reason = "the words around what is free sound like it"
        return Guess(first.text, first.intents, False, reason, tuple(found))

    def _tells(self, text: str) -> bool:
        heard = self.speech.pronouncer.heard(text)
        lengths = self.telling.lengths
        allowed = (lengths * np.where(lengths < _LONG, _TOLD, _TOLD_LONG)).astype(np.float32)
        return len(heard) > 0 and len(self.telling.heard(heard, allowed)) > 0

    def _sentences(self, form: Form, around: str, free: str) -> Iterator[Candidate]:
        pronouncer = self.speech.pronouncer
        phones = len(pronouncer.heard(around)) - len(pronouncer.phones(MARK))
        if phones < _FEWEST_AGREED:
            return
        limit = _COST * phones / self.search.length(around)
        heard = form.whole(form.text)
        for sounding in self.search.best(around, most=_MOST, within=_WITHIN, limit=limit):
            if not self._agrees(around, sounding.text):
                continue
            text = form.whole(sounding.text.replace(MARK, free))
            intents = () if loses([heard], text, self.speech.decisive) else self.read(text)
            if any(free in str(value) for one in intents for value in one.slots.values()):
                yield Candidate(text, intents, sounding.cost, sounding.cost / phones, heard)
                return

    def _agrees(self, around: str, sentence: str) -> bool:
        """Whether enough of the words around was heard as the sentence has it."""
        if MARK not in sentence or mismatch(around, sentence, self.speech)[0] is not None:
            return False
        _, words = self.speech.compared(around, sentence)
        same = (one.word for one in words if one.cost < AGREED and one.word != MARK)
        return sum(len(self.speech.pronouncer.phones(word)) for word in same) >= _FEWEST_AGREED


def telling_words(grammar: Grammar, pronouncer: Pronouncer, ignorable: Collection[str]) -> Words:
    """The words of `grammar` that are no list, no courtesy and not short."""
    pronouncer.learn(grammar.words)
    said = (word for word in grammar.words if word and word not in grammar.values)
    return Words(
        [w for w in said if w not in ignorable and len(pronouncer.phones(w)) >= _TELLING],
        pronouncer,
    )


def _places(words: int) -> Iterator[tuple[int, int]]:
    """Where the free words may be: most of what is around them stands before, or behind."""
    if words > _MOST_WORDS:
        return
    for start in range(min(words, _MOST_BEFORE + 1)):
        for end in range(max(start + 1, words - _MOST_BEHIND), words + 1):
            if start + words - end > 1:
                yield start, end
