"""What was probably meant by words that no template accepts, and how sure that is.

Two witnesses: how alike the sentences sound, phone by phone, and, where the recognizer can say, how
well each sentence fits the sound itself. The second is much the better one (a recognizer held to
the grammar); the first finds the sentences to ask it about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.types import Intent
from assistant.understanding.language import LanguageData
from assistant.understanding.repair.alignment import Heard, distance, unaccounted
from assistant.understanding.repair.search import Search
from assistant.understanding.repair.sounds import Pronouncer

MOST_HEARD = 3
"""So many readings of a recognizer are looked at."""

_LATER = 0.25
"""What an alternative of the recognizer costs more than the one before it, in phones."""

_FEWEST_LETTERS = 6
"""Shorter texts sound like too many things."""

_ASK, _SURE = 0.1, 0.06
"""Cost for each phone up to which words alone are worth a question, or need none."""

_MOST_WRONG = 2.5
"""And no more phones than this, however long the text: what long talk has in common with a command
is chance, and looking for it takes the longest."""

_MARGIN, _SURE_MARGIN = 0.1, 0.6
"""How much more the next sentence of another meaning must cost, in phones."""

_UNACCOUNTED = 0.3
"""A word that differs more than this for each of its phones was not misheard but said."""

_OTHER_WORD = 0.4
"""And so where the worst of what was heard and the worst of the sentence differ by more together:
one word was said for the other."""

_WITHIN, _WIDER = 0.65, 1.0
"""How far above the cheapest sentence others are looked for, in phones."""

_SAME, _SURE_WORD = 0.02, 0.1

_FAR = 0.15
"""As `_ASK`, where the sound itself can be asked."""

_MOST_WEIGHED = 12
_MOST_NEAR, _NEAR = 40, 4.0
_WORTH_ANOTHER_LOOK = 4.0
_PHONE_WEIGHT = 120.0
"""A difference of one in cost for each phone against one in the logarithm of the probability."""

_WORSE_BY_PHONE, _WORSE_ASK = 0.5, 4.0
"""How much less the sound may speak for a sentence than for the recognizer's own words, in natural
logarithms: for each phone of the words that both have, and besides for a question."""

_FEWEST_AGREED = 10
"""Phones that both have, below which a single word makes another request: "turn off the song"."""

_CLEARLY = 1.0
"""What fits the sound by so much more was said, in natural logarithms."""

AGREED = 0.05
"""A word that differs no more than this for each of its phones is the same."""

_BETTER_ASK, _BETTER_SURE = 0.3, 0.7
"""How much more it must speak for the sentence than for the next of another meaning."""


Read = Callable[[str], tuple[Intent, ...]]
"""What a sentence asks for: nothing where it means nothing here."""


@dataclass(frozen=True, slots=True)
class Form:
    """A reading as templates may be of it."""

    text: str
    times: str = ""
    """The times that were heard in it, and taken out of `text`."""
    times_first: bool = False

    def whole(self, sentence: str) -> str:
        """A sentence like `text` with those times."""
        both = (self.times, sentence) if self.times_first else (sentence, self.times)
        return " ".join(both).strip()


Readings = Sequence[Sequence[Form]]
"""What a recognizer heard, best reading first."""


@dataclass(frozen=True, slots=True)
class Decisive:
    """Words, and word pairs, without which a request is another one, or none."""

    alone: Collection[str]
    """Those that turn it round or lift it."""
    things: Collection[str]
    """Rooms and things of homes; "hall" may be part of "hallway"."""

    spaced: bool = True
    """False where words are not set apart, so that they may be anywhere in a text."""

    @classmethod
    def of(cls, data: LanguageData) -> Decisive:
        """Those of a language."""
        empty = cls((), (), not data.ignore_whitespace)
        alone, things = (tuple(map(empty.padded, some)) for some in (data.decisive, data.any_home))
        return replace(empty, alone=alone, things=things)

    def padded(self, text: str) -> str:
        """A text as words are looked for in it."""
        return f" {text.casefold()} " if self.spaced else "".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Speech:
    """What the judges must know of a language."""

    pronouncer: Pronouncer
    words: Callable[[str], Sequence[str]]
    """Takes a text apart."""
    ignorable: Collection[str]
    """Words that say nothing by themselves."""
    numbers: Collection[str]
    """Words of numbers: who hears one hears no other word for it."""
    decisive: Decisive
    carrying: frozenset[str] = frozenset()
    """Little words that requests begin with."""

    def compared(self, heard: str, sentence: str) -> tuple[list[Heard], list[Heard]]:
        """The words heard, and those of a sentence, with what the other lacks of them."""
        one, other = self.words(heard), self.words(sentence)
        both = list(unaccounted(one, other, self.pronouncer))
        return both[: len(one)], both[len(one) :]

    def is_number(self, word: str) -> bool:
        """Whether `word` is a figure or a number."""
        return any(map(str.isdigit, word)) or word.casefold() in self.numbers


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that sounds like what was heard."""

    text: str
    intents: tuple[Intent, ...]
    cost: float
    """Phones heard wrong, with what it costs that a less likely reading was taken."""
    rate: float
    """Phones heard wrong, for each phone."""
    heard: str
    """The reading it was found by."""
    weight: float | None = None
    """Natural logarithm of its probability given the sound."""

    @property
    def meaning(self) -> str:
        """The same for sentences that ask for the same."""
        return repr([(i.name, sorted(i.slots.items()), i.response) for i in self.intents])

    @property
    def score(self) -> float:
        """Both witnesses together; more is likelier."""
        weight = self.weight if self.weight is not None else 0.0
        return weight - _PHONE_WEIGHT * self.rate


@dataclass(frozen=True, slots=True)
class Guess:
    """What is made of the candidates."""

    text: str
    """The likeliest sentence; empty where none is likely enough to ask about."""
    intents: tuple[Intent, ...]
    sure: bool
    """False: ask before anything is done."""
    reason: str
    """Why it is sure, or is not: for `explain`."""
    candidates: tuple[Candidate, ...] = ()


def alike(search: Search, heard: Readings, read: Read, speech: Speech) -> list[Candidate]:
    """The sentence that sounds most like what was `heard`, best reading first, and the next.

    By words alone: no more than it takes to know the next meaning, and nothing where no sentence
    accounts for all that was heard.
    """
    for within in (_WITHIN, _WIDER):
        soundings = _soundings(search, heard, most=16, within=within)
        if not any(mismatch(one.heard, one.text, speech)[0] is None for one in soundings):
            return []
        found: list[Candidate] = []
        for one in soundings:
            if found and one.cost > found[0].cost + _SURE_MARGIN:
                break
            candidate = replace(one, intents=read(one.text))
            if candidate.intents and all(c.meaning != candidate.meaning for c in found):
                found.append(candidate)
            if len(found) > 1:
                break
        # what means nothing here stands before it, and may hide what sounds as much like it
        hides = found and found[0].cost + _SURE_MARGIN > soundings[0].cost + within
        if not hides or _margin(found, lambda c: -c.cost) < _SURE_MARGIN:
            break
        if found[0].rate > _SURE or mismatch(found[0].heard, found[0].text, speech)[0]:
            break
    return found


def weighable(search: Search, heard: Readings, read: Read) -> list[Candidate]:
    """Sentences of the meanings that sound most like what was `heard`, one for each reading."""
    found: list[Candidate] = []
    seen: set[tuple[str, str]] = set()
    for one in _soundings(search, heard, most=24, within=2.5):
        candidate = replace(one, intents=read(one.text))
        key = (candidate.meaning, candidate.heard)
        if candidate.intents and key not in seen:
            # they differ in courtesies
            seen.add(key)
            found.append(candidate)
        if len({meaning for meaning, _ in seen}) >= _MOST_WEIGHED:
            break
    return found


def _soundings(search: Search, heard: Readings, *, most: int, within: float) -> list[Candidate]:
    """Sentences that sound like what was `heard`, cheapest first, not read yet."""
    weighed = within > _WIDER
    found: dict[str, Candidate] = {}
    for rank, forms in enumerate(heard):
        timed = False  # whether its times need not be looked at as words
        for form in forms:
            if sum(map(str.isalpha, form.text)) < _FEWEST_LETTERS or (timed and not form.times):
                continue
            phones = max(1, search.length(form.text))
            limit = _FAR if weighed else min(_ASK, _MOST_WRONG / phones) + _MARGIN / phones
            near = None if weighed else _SURE
            for sounding in search.best(
                form.text, most=most, within=within, limit=limit, near=near
            ):
                timed = timed or (bool(form.times) and sounding.cost <= _SURE * phones)
                sentence, cost = form.whole(sounding.text), sounding.cost + rank * _LATER
                if sentence not in found or cost < found[sentence].cost:
                    rate, text = sounding.cost / phones, form.whole(form.text)
                    found[sentence] = Candidate(sentence, (), cost, rate, text)
    return sorted(found.values(), key=lambda c: (c.cost, c.rate))


def neighbours(search: Search, weighed: Sequence[Candidate], read: Read) -> list[Candidate]:
    """Sentences of other meanings that sound much like the likeliest of those `weighed`.

    Whole words that the recognizer left out or put in bring the words heard far from the sentence
    that was said, but not so far from one that has been found already.
    """
    first = max(weighed, key=lambda c: c.score)
    known = {c.meaning for c in weighed}
    phones = max(1, search.length(first.heard))
    found: list[Candidate] = []
    for near in search.best(first.text, most=_MOST_NEAR, within=_NEAR, limit=_FAR):
        intents = read(near.text)
        cost = distance(first.heard, near.text, search.pronouncer) if intents else 0.0
        candidate = Candidate(near.text, intents, cost, cost / phones, first.heard)
        if intents and candidate.meaning not in known:
            known.add(candidate.meaning)
            found.append(candidate)
    return found[:_MOST_WEIGHED]


def unsettled(weighed: Sequence[Candidate], heard: Mapping[str, float]) -> bool:
    """Whether the words heard fit the sound so much better that a sentence may be missing."""
    return max(heard.values()) - max(c.weight or -math.inf for c in weighed) > _WORTH_ANOTHER_LOOK


def by_sound(found: Sequence[Candidate], search: Search, speech: Speech, heard: str) -> Guess:
    """The cheapest of `found`, judged by words alone.

    Nobody mishears what is made of the home's own words throughout: that is never sure.
    """
    if not found:
        return _none("nothing that can be asked for here accounts for all of it")
    first, margin = found[0], _margin(found, lambda c: -c.cost)
    if first.rate > _ASK or margin < _MARGIN:
        return _none("nothing sounds enough like it, and only that", found)
    changed, worst = mismatch(first.heard, first.text, speech)
    if changed is not None:
        return _none(f'"{changed}" is in only one of the two', found)
    if search.vocabulary.issuperset(heard.casefold().split()):
        return _unsure(first, "all words are known here, so it was perhaps not misheard", found)
    if worst > _SURE_WORD or first.rate > _SURE or margin < _SURE_MARGIN:
        return _unsure(first, "it sounds like it, but not enough to be sure", found)
    return Guess(first.text, first.intents, True, "nothing else sounds like it", tuple(found))


def mismatch(heard: str, text: str, speech: Speech) -> tuple[str | None, float]:
    """A word that only one of the two has, if there is one, and what the worst of the others costs.

    A word that was heard and that the sentence does not account for was said and not misheard, so
    that the sentence was not meant; and so with a word of the sentence that nobody said, and with
    numbers, which no recognizer writes for something else.
    """
    said, sentence = speech.compared(heard, text)
    worst = 0.0
    for word in (*said, *sentence):
        if word.word in speech.ignorable:
            continue
        if word.cost > (_SAME if speech.is_number(word.word) else _UNACCOUNTED):
            return word.word, worst
        worst = max(worst, word.cost)
    both = (max((word.cost for word in some if word.word not in speech.ignorable), default=0.0)
            for some in (said, sentence))  # fmt: skip
    if sum(both) > _OTHER_WORD:
        return max((*said, *sentence), key=lambda word: word.cost).word, worst
    return None, worst


def by_ear(weighed: Sequence[Candidate], heard: Mapping[str, float], speech: Speech) -> Guess:
    """The likeliest of those `weighed` by what the sound says of each, and of the words heard.

    The recognizer's own words fit the sound best, or it would have written others. How much better
    they may fit grows with all that was heard as the sentence has it: talk that is not for
    the home seldom agrees with its language for long.
    """
    kept = [c for c in weighed if not denied(c.text, heard, speech.decisive)]
    if not kept:
        return _none("a word was heard that makes another request of it, or none", weighed)
    ranked = sorted(kept, key=lambda c: -c.score)
    first, margin = ranked[0], _margin(ranked, lambda c: c.score)
    best = max(c.weight or -math.inf for c in kept if c.meaning == first.meaning)
    worse = max(heard.values()) - best
    said, sentence = speech.compared(first.heard, first.text)
    agreed = sum(len(speech.pronouncer.phones(w.word)) for w in sentence if w.cost < AGREED)
    other_number = any(w.cost > _SAME and speech.is_number(w.word) for w in said)
    allowed = _WORSE_BY_PHONE * agreed
    if worse > allowed + _WORSE_ASK or margin < _BETTER_ASK:
        return _none("the sound speaks for other words, or for several sentences", ranked)
    short = agreed < _FEWEST_AGREED
    unclear = short or worse > allowed or margin < _BETTER_SURE or first.rate > _ASK
    if unclear or other_number:
        return _unsure(first, "the sound speaks for it, but not clearly", ranked)
    return Guess(first.text, first.intents, True, "the sound speaks for it", tuple(ranked))


def loses(heard: Iterable[str], sentence: str, decisive: Decisive) -> bool:
    """Whether one of the `decisive` words was heard and is not in `sentence`."""
    kept, said = decisive.padded(sentence), [decisive.padded(text) for text in heard]
    return any(
        any(word in text and word not in kept for word in decisive.alone)
        or any(thing in text and thing.strip() not in kept for thing in decisive.things)
        for text in said
    )


def denied(sentence: str, heard: Mapping[str, float], decisive: Decisive) -> bool:
    """Whether the sound speaks for a reading with a decisive word that `sentence` lacks."""
    lost = {text: loses([text], sentence, decisive) for text in heard}
    denying = max((heard[text] for text in heard if lost[text]), default=-math.inf)
    other = max((heard[text] for text in heard if not lost[text]), default=-math.inf)
    return denying > other + _CLEARLY


def _margin(ranked: Sequence[Candidate], value: Callable[[Candidate], float]) -> float:
    first = ranked[0]
    others = [value(first) - value(c) for c in ranked if c.meaning != first.meaning]
    return min(others, default=100.0)


def _none(reason: str, found: Sequence[Candidate] = ()) -> Guess:
    return Guess("", (), False, reason, tuple(found))


def _unsure(first: Candidate, reason: str, found: Sequence[Candidate]) -> Guess:
    return Guess(first.text, first.intents, False, reason, tuple(found))
