"""Requests with words of one's own in them ("at milk to the shopping list"), heard wrong.

What to buy, to be reminded of or to be told can be anything: only the words around it can be
recognized. Some of the words heard are taken for it, one mark stands in their place, and the rest
is looked for in the templates as anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from assistant.understanding.repair.search import Search

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

_COST = 0.1
"""Phones heard wrong, for each phone of the words around."""

_MOST, _WITHIN = 3, 0.6


@dataclass(frozen=True, slots=True)
class FreeWords:
    """Finds what was meant by one reading."""

    search: Search
    """That of the sentences of `WITH_FREE_WORDS`, with `MARK` for the free words."""
    read: Read
    speech: Speech

    def guess(self, forms: Sequence[Form]) -> Guess | None:
        """What was meant by a reading in its `forms`, always to be asked about.

        None where the words around the free ones were not heard.
        """
        spaced = self.speech.decisive.spaced
        found: list[Candidate] = []
        for form in forms:
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


def _places(words: int) -> Iterator[tuple[int, int]]:
    """Where the free words may be: most of what is around them stands before, or behind."""
    if words > _MOST_WORDS:
        return
    for start in range(min(words, _MOST_BEFORE + 1)):
        for end in range(max(start + 1, words - _MOST_BEHIND), words + 1):
            if start + words - end > 1:
                yield start, end
