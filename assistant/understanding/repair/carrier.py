"""The user's own sentences whose values were all heard, whatever little words stood before them.

"You'll have a single shot mocha": what was said before the order was heard wrong, and all that
makes it this order was heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant.understanding.repair.guess import AGREED, Candidate, Guess, Speech, denied

_VALUES = 2
"""Fewer say too little of what is meant."""

_FEWEST_PHONES = 12
_MOST_BEFORE = 3
"""So many other words may have been heard before them."""

_CLEARER = 8.0
"""How much more must speak for it than for the next of another meaning, in natural logarithms."""

_AS_WELL = 2.0
"""A reading that fits the sound worse than the best one by more than this was not said."""


def settled_by_values(
    guess: Guess, heard: Mapping[str, float], speech: Speech, is_users: Callable[[str], bool]
) -> Guess:
    """`guess`, or one that is sure where a reading has all the values of the likeliest sentence.

    Only for the user's own sentences: of all others the words before the values say what is done.
    """
    kept = [c for c in guess.candidates if not denied(c.text, heard, speech.decisive)]
    if guess.sure or not kept:
        return guess
    first = max(kept, key=lambda c: c.score)
    rest = _from_first_value(first)
    well = max(heard.values()) - _AS_WELL
    others = [c for c in guess.candidates if c.meaning != first.meaning]
    if (
        not rest
        or len(speech.pronouncer.heard(rest)) < _FEWEST_PHONES
        or any(first.score - c.score < _CLEARER or c.text.endswith(f" {rest}") for c in others)
        or not any(_has_all(text, rest, speech) for text in heard if heard[text] >= well)
        or not is_users(first.text)
    ):
        return guess
    reason = "all that it says was heard, and only the words before it were not"
    return replace(guess, text=first.text, intents=first.intents, sure=True, reason=reason)


def _from_first_value(candidate: Candidate) -> str:
    """The words of a sentence from the first of its values on; none where it has too few."""
    text = f" {candidate.text} "
    values = [str(value).casefold() for intent in candidate.intents for value in
              intent.slots.values()]  # fmt: skip
    places = [text.find(f" {value} ") for value in values]
    if len(values) < _VALUES or min(places) < 0:
        return ""
    return text[min(places) :].strip()


def _has_all(heard: str, rest: str, speech: Speech) -> bool:
    """Whether `heard` ends like `rest`, after a few words that carry nothing."""
    words = speech.words(heard)
    for before in range(len(words)):
        other = [word for word in words[:before] if word.casefold() not in speech.ignorable]
        if len(other) > _MOST_BEFORE or not speech.carrying.issuperset(map(str.casefold, other)):
            return False
        said, sentence = speech.compared(" ".join(words[before:]), rest)
        if all(word.cost <= AGREED for word in (*said, *sentence)):
            return True
    return False
