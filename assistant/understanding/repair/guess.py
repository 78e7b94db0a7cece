"""What was probably meant by words that no template accepts, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from assistant.types import Intent
from assistant.understanding.repair.search import Search

_MOST_HEARD, _MOST_SENTENCES = 3, 16
_LATER = 0.25
"""What an alternative of the recognizer costs more than the one before it."""

_ASK, _SURE = 0.1, 0.06
"""Cost for each phone up to which it is worth a question, or needs none."""

_MARGIN, _SURE_MARGIN = 0.1, 0.6
"""How much more the next sentence of another meaning must cost."""

_FEWEST_LETTERS = 6
"""Shorter texts sound like too many things."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A sentence that sounds like what was heard."""

    text: str
    intents: tuple[Intent, ...]
    sure: bool
    """False: ask before anything is done."""
    cost: float
    """Phones heard wrong, for each phone."""
    margin: float
    """How much more the next meaning costs, in phones."""


def guess(
    search: Search,
    heard: Sequence[str],
    read: Callable[[str], tuple[Intent, ...]],
    distinct: Collection[str] = (),
) -> Guess | None:
    """The likeliest of all sentences, by what a recognizer `heard`, best reading first.

    None where nothing sounds like it, or too many different things do. A sentence without a
    `distinct` word that was heard is not what was meant. Nobody mishears what is made of the
    home's own words throughout: such a guess is never sure.
    """
    meanings: dict[str, tuple[float, float, str, tuple[Intent, ...]]] = {}
    for rank, text in enumerate(heard[:_MOST_HEARD]):
        if sum(map(str.isalpha, text)) < _FEWEST_LETTERS:
            continue
        phones = search.length(text)
        for sounding in search.best(text, most=_MOST_SENTENCES, within=1.0, limit=_ASK):
            intents = () if _loses(text, sounding.text, distinct) else read(sounding.text)
            if not intents:
                continue
            meaning = repr([(i.name, sorted(i.slots.items()), i.response) for i in intents])
            cost = sounding.cost + rank * _LATER
            if meaning not in meanings or cost < meanings[meaning][0]:
                meanings[meaning] = (cost, sounding.cost / phones, sounding.text, intents)
    if not meanings:
        return None
    ranked = sorted(meanings.values(), key=lambda found: found[0])
    cost, rate, text, intents = ranked[0]
    margin = ranked[1][0] - cost if len(ranked) > 1 else 1.0
    if rate > _ASK or margin < _MARGIN:
        return None
    strange = not search.vocabulary.issuperset(heard[0].casefold().split())
    sure = strange and rate <= _SURE and margin >= _SURE_MARGIN
    return Guess(text, intents, sure, rate, margin)


def _loses(heard: str, sentence: str, distinct: Collection[str]) -> bool:
    """Whether one of the `distinct` words, or word pairs, was heard and is not in `sentence`."""
    said, kept = f" {heard.casefold()} ", f" {sentence} "
    return any(f" {word} " in said and f" {word} " not in kept for word in distinct)
