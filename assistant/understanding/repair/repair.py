"""Guesses in one language: builds the search for a home's templates, and asks both witnesses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from weakref import WeakKeyDictionary

from assistant.types import Intent, Weigh
from assistant.understanding.language import LanguageData
from assistant.understanding.normalise import Normaliser, cleaned
from assistant.understanding.outline import Outline
from assistant.understanding.repair.carrier import settled_by_values
from assistant.understanding.repair.free_words import (
    MARK,
    WITH_FREE_WORDS,
    FreeWords,
    telling_words,
)
from assistant.understanding.repair.grammar import Graph, graph_of, number_words
from assistant.understanding.repair.guess import (
    MOST_HEARD,
    Candidate,
    Decisive,
    Form,
    Guess,
    Read,
    Speech,
    alike,
    by_ear,
    by_sound,
    loses,
    neighbours,
    unsettled,
    weighable,
)
from assistant.understanding.repair.lexicon import Words
from assistant.understanding.repair.search import Search
from assistant.understanding.repair.sounds import pronouncer_of
from assistant.understanding.templates import Templates
from assistant.understanding.times.spoken_time import SpokenTimes, spoken_times
from assistant.understanding.times.timed import without

_LOOKS = 2
"""So many times sentences around the best one are looked at."""

_MOST_GRAPHS = 4
_GRAPHS: WeakKeyDictionary[Outline, dict[tuple[int, frozenset[str] | None], Graph]]
_GRAPHS = WeakKeyDictionary()
"""Of each language those made last."""


class Repair:
    """Keeps the search of the templates asked about last; safe to use in several threads."""

    def __init__(self, language: str, data: LanguageData, normalise: Normaliser) -> None:
        self._language = language
        self._data = data
        self._normalise = normalise
        courtesies = (*data.articles, *data.leading, *data.trailing)
        self._ignorable = frozenset(word for phrase in courtesies for word in phrase.split())
        self._times = spoken_times(language)
        self._numbers = number_words(language)
        self._decisive = Decisive.of(data)
        self._carrying = frozenset(data.carrying)
        self._searching = threading.Lock()
        self._search: tuple[Templates, Search] | None = None
        self._around: tuple[Templates, Search, Words] | None = None

    def prepare(self, templates: Templates) -> Search:
        """The search for `templates`, built if it is not there: seconds in a large home."""
        with self._searching:
            if self._search is None or self._search[0] is not templates:
                grammar = _graph_of(templates, self._times).filled(templates.lists)
                self._search = templates, Search(grammar, pronouncer_of(self._language))
            return self._search[1]

    def prepare_free_words(self, templates: Templates) -> tuple[Search, Words]:
        """The search for what is around free words, and the words that tell of such a request."""
        with self._searching:
            if self._around is None or self._around[0] is not templates:
                graph = _graph_of(templates, only=WITH_FREE_WORDS, free=MARK)
                grammar = graph.filled(templates.lists)
                search = Search(grammar, pronouncer_of(self._language))
                telling = telling_words(grammar, search.pronouncer, self._ignorable)
                self._around = templates, search, telling
            return self._around[1:]

    async def guess(
        self, heard: Sequence[str], templates: Templates, read: Read, weigh: Weigh | None
    ) -> Guess:
        """What was meant by what was `heard`, best reading first. Raises what `weigh` does."""
        guess = await self._whole(heard, templates, read, weigh)
        if guess.text or not heard:
            return guess
        around = await asyncio.to_thread(self._free_words, heard[0], templates, read)
        return around or guess

    def _free_words(self, heard: str, templates: Templates, read: Read) -> Guess | None:
        search, telling = self.prepare_free_words(templates)
        forms = self._forms(heard, templates)
        return FreeWords(search, telling, read, self._speech(search)).guess(forms)

    async def _whole(
        self, heard: Sequence[str], templates: Templates, read: Read, weigh: Weigh | None
    ) -> Guess:
        found = await asyncio.to_thread(self._candidates, heard, templates, read, weigh is not None)
        if found and weigh is not None:
            said = heard[:MOST_HEARD]
            weights = await weigh([*(c.text for c in found), *said])
            if weights:
                weighed = _weighed(found, weights)
                texts = map(cleaned, said)
                readings = dict(zip(texts, weights[len(found) :], strict=False))
                return await self._by_ear(weighed, readings, templates, read, weigh)
        return await asyncio.to_thread(self._by_sound, found, heard, templates)

    async def _by_ear(
        self,
        weighed: list[Candidate],
        heard: Mapping[str, float],
        templates: Templates,
        read: Read,
        weigh: Weigh,
    ) -> Guess:
        """The guess by what the recognizer says of candidates, and of those around the best."""
        search = self.prepare(templates)
        for _ in range(_LOOKS):
            if not unsettled(weighed, heard):
                break
            best = max(weighed, key=lambda c: c.score)
            more = await asyncio.to_thread(neighbours, search, weighed, read)
            weights = await weigh([c.text for c in more]) if more else ()
            weighed += _weighed(more, weights)
            if max(weighed, key=lambda c: c.score) is best:
                break
        speech = self._speech(search)
        guess = by_ear(weighed, heard, speech)
        return settled_by_values(guess, heard, speech, partial(_is_users, templates))

    def _candidates(
        self, heard: Sequence[str], templates: Templates, read: Read, weighed: bool
    ) -> list[Candidate]:
        readings = [self._forms(text, templates) for text in heard[:MOST_HEARD]]
        # where the sound can be asked, it says whether a word was heard that one reading lacks
        said = [[form.text for form in forms] for forms in readings if forms]
        sure = said if weighed else said[:1]

        @cache
        def kept(text: str) -> tuple[Intent, ...]:
            lost = all(loses(texts, text, self._decisive) for texts in sure)
            return () if lost else read(text)

        search = self.prepare(templates)
        if weighed:
            return weighable(search, readings, kept)
        return alike(search, readings, kept, self._speech(search))

    def _forms(self, text: str, templates: Templates) -> list[Form]:
        """A text as templates may be of it, first without its times and then as it stands.

        The user's own sentences are not put in other words, and are read as they stand.
        """
        plain = self._normalise(text)
        forms = [Form(plain)]
        if templates.has_users:
            forms.append(Form(cleaned(text)))
        if self._times is not None and (times := self._times.find(plain)):
            taken = " ".join(plain[span.start : span.end] for span in times)
            forms.insert(0, Form(without(plain, times), taken, times[0].start == 0))
        return [form for form in dict.fromkeys(forms) if form.text]

    def _by_sound(
        self, found: Sequence[Candidate], heard: Sequence[str], templates: Templates
    ) -> Guess:
        plain = self._normalise(heard[0])
        search = self.prepare(templates)
        return by_sound(found, search, self._speech(search), plain)

    def _speech(self, search: Search) -> Speech:
        return Speech(
            search.pronouncer, self._words, self._ignorable, self._numbers, self._decisive,
            self._carrying,
        )  # fmt: skip

    def _words(self, text: str) -> list[str]:
        """The words of `text`; its characters in a language that writes without spaces."""
        return (
            list("".join(text.split()))
            if self._data.ignore_whitespace
            else text.replace("-", " ").split()
        )


def _graph_of(
    templates: Templates,
    times: SpokenTimes | None = None,
    *,
    only: frozenset[str] | None = None,
    free: str = "",
) -> Graph:
    """What can be said in a home with such things in it, whatever they are called."""
    known = _GRAPHS.setdefault(templates.outline, {})
    key = (templates.among, only)
    if key not in known:
        if len(known) >= _MOST_GRAPHS:
            known.clear()
        known[key] = graph_of(templates.intents, times, only=only, free=free)
    return known[key]


def _is_users(templates: Templates, text: str) -> bool:
    match = templates.best(text, None)
    return match is not None and match.users


def _weighed(found: Sequence[Candidate], weights: Sequence[float]) -> list[Candidate]:
    return [replace(c, weight=weight) for c, weight in zip(found, weights, strict=False)]
