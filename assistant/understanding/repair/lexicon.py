"""Where words and list values may have been heard, and what each place costs.

An edit distance over phones, from every place on at once (Levenshtein's recurrence with
articulatory costs). Words that begin alike are one until they part, and what has become too dear is
left: a trie searched with a bound (Oflazer 1996, "Error-tolerant finite-state recognition").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.understanding.repair.sounds import (
    Costs,
    Phones,
    Pronouncer,
    dropping_costs,
    substitution_costs,
)

IMPOSSIBLE = np.float32(1e3)

Numbers = np.ndarray[Any, np.dtype[np.intp]]

_LONGEST = 20
"""No single word takes up more phones of what was heard."""

_COST_BITS, _COST_STEPS = 22, 4096
"""Costs up to `IMPOSSIBLE` as whole numbers."""

_COST_PER_PHONE, _COST_OF_ANY = 0.22, 0.4
"""A value of a list that costs more than this is none of those meant."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things may have been heard: each is one thing at one place, columns of equal length."""

    which: Numbers
    start: Numbers
    end: Numbers
    cost: Costs

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, some: Any) -> Places:
        return Places(self.which[some], self.start[some], self.end[some], self.cost[some])

    def cheapest(self, n: int) -> Places:
        """Each thing once at each place, sorted by thing, start and end; `n` phones were heard."""
        key = (self.which * (n + 1) + self.start) * (n + 1) + self.end
        order, first = grouped(key, self.cost)
        return self[order[first]]


def grouped(key: Numbers, cost: Costs) -> tuple[Numbers, Numbers]:
    """The order by `key`, of one key the cheapest first, and where in it each key begins."""
    order = np.argsort((key << _COST_BITS) + (cost * _COST_STEPS).astype(np.intp))
    key = key[order]
    return order, np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def spread(first: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """The numbers `first`, `first + 1`, … of each, `count` of them, and whose they are."""
    whose = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return np.arange(len(whose)) + np.repeat(first - before, count), whose


class Words:
    """The pronunciations of some words, in their order: those that begin alike stand together."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        pronouncer.learn(texts)
        spoken = {text: pronouncer.phones(text) for text in texts}
        self.texts = sorted(spoken, key=lambda text: (spoken[text], text))
        self.lengths = np.array([len(spoken[text]) for text in self.texts], np.int32)
        longest = int(self.lengths.max(initial=1))
        self._phones = np.zeros((longest, len(self.texts)), np.int16)
        """The phones of each word, one below the other."""
        for column, text in enumerate(self.texts):
            self._phones[: len(spoken[text]), column] = spoken[text]

    def heard(self, heard: Phones, allowed: Costs) -> Places:
        """Where each word may have been heard for no more than `allowed` for it."""
        n, dropping = len(heard), dropping_costs()
        as_heard = np.full((len(dropping), n + _LONGEST + 1), IMPOSSIBLE, np.float32)
        as_heard[:, :n] = substitution_costs()[:, heard]
        inserted = np.append(dropping[heard], np.full(_LONGEST + 1, IMPOSSIBLE, np.float32))
        least = np.minimum(dropping, as_heard.min(1))
        least[0] = 0
        rest = least[self._phones]
        for depth in range(len(rest) - 1, 0, -1):
            rest[depth - 1] += rest[depth]
        alive = np.flatnonzero(rest[0] <= allowed)
        start = np.arange(n + 1)
        costs = np.zeros((3, n + 1), np.float32)
        costs[1] = inserted[start]
        costs[2] = costs[1] + inserted[start + 1]
        first, count = np.zeros(1, np.intp), np.full(1, n + 1)
        """Where the pairs of each beginning and a place stand in `costs`."""
        of = np.zeros(len(alive), np.intp)
        found: list[Places] = []
        for depth in range(len(self._phones) + 1):
            ended = self.lengths[alive] == depth
            if ended.any():
                pair, whose = spread(first[of[ended]], count[of[ended]])
                words = alive[ended][whose]
                found.append(_ended(words, start[pair], costs[:, pair], allowed[words]))
                alive, of = alive[~ended], of[~ended]
            if not len(alive):
                break
            spoken = self._phones[depth, alive]
            new = np.append(True, (np.diff(of) != 0) | (np.diff(spoken) != 0))
            begins = np.flatnonzero(new)
            pair, whose = spread(first[of[begins]], count[of[begins]])
            start = start[pair]
            costs = _said(costs[:, pair], spoken[begins][whose], start, as_heard, inserted)
            room = (
                allowed[alive] - rest[depth + 1, alive] if depth + 1 < len(rest) else allowed[alive]
            )
            slack = np.maximum.reduceat(room, begins)
            kept = np.flatnonzero(costs.min(0) <= slack[whose])
            start, costs, whose = start[kept], costs[:, kept], whose[kept]
            count = np.bincount(whose, minlength=len(begins))
            first = np.cumsum(count) - count
            of = np.cumsum(new) - 1
            fine = count[of] > 0
            alive, of = alive[fine], of[fine]
        return _together(found)


def _said(before: Costs, spoken: Phones, start: Numbers, as_heard: Costs, inserted: Costs) -> Costs:
    """`(lengths, pairs)`: the costs of each beginning at a place with one more phone."""
    known = len(before)
    # as many phones heard as said, a third more, and two
    window = max(known, min(_LONGEST + 1, known + 1 + (known % 4 == 0)))
    costs = np.full((window, before.shape[1]), IMPOSSIBLE, np.float32)
    np.add(before, dropping_costs()[spoken], out=costs[:known])
    at = spoken.astype(np.intp) * as_heard.shape[1] + start
    flat = as_heard.reshape(-1)
    for length in range(1, window):
        here = costs[length]
        if length <= known:
            np.minimum(here, before[length - 1] + flat[at + (length - 1)], out=here)
        np.minimum(here, costs[length - 1] + inserted[start + (length - 1)], out=here)
    return costs


def _ended(words: Numbers, start: Numbers, costs: Costs, allowed: Costs) -> Places:
    length, each = np.nonzero(costs <= allowed)
    return Places(words[each], start[each], start[each] + length, costs[length, each])


def _together(found: Sequence[Places]) -> Places:
    if not found:
        none = np.zeros(0, np.intp)
        return Places(none, none, none, np.zeros(0, np.float32))
    return Places(
        np.concatenate([some.which for some in found]),
        np.concatenate([some.start for some in found]),
        np.concatenate([some.end for some in found]),
        np.concatenate([some.cost for some in found]),
    )


class Values:
    """Words, and values of lists made of several words; those that begin alike stand together."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        some = dict.fromkeys(texts)
        self.words = Words([word for text in some for word in text.split()], pronouncer)
        number_of = {word: number for number, word in enumerate(self.words.texts)}
        parts = {text: tuple(number_of[word] for word in text.split()) for text in some}
        self.texts = sorted(parts, key=lambda text: (parts[text], text))
        self._none = len(number_of)
        most = max(map(len, parts.values()), default=1)
        self._parts = np.full((len(self.texts), max(1, most) + 1), self._none, np.int32)
        for row, text in enumerate(self.texts):
            self._parts[row, : len(parts[text])] = parts[text]
        lengths = np.append(self.words.lengths, 0)
        self._allowed = _COST_PER_PHONE * lengths[self._parts].sum(1) + _COST_OF_ANY
        self._allowed[self._parts[:, 0] == self._none] = -1
        self._allowed_words = np.zeros(self._none + 1)
        for place in range(self._parts.shape[1]):
            np.maximum.at(self._allowed_words, self._parts[:, place], self._allowed)

    def words_heard(self, heard: Phones, limit: float) -> Places:
        """Where each word of `words` may have been heard in a sentence of no more than `limit`."""
        return self.words.heard(heard, np.minimum(self._allowed_words[:-1], limit))

    def heard(self, words: Places, n: int, limit: float) -> Places:
        """Where each value may have been heard, by the places of the `words` it is made of.

        What values begin with in common is looked at once.
        """
        spoken = _Spoken.of(words, n)
        least = np.full(self._none + 1, IMPOSSIBLE)
        np.minimum.at(least, words.which, words.cost)
        least[self._none] = 0
        rest = least[self._parts]
        allowed = np.minimum(self._allowed, limit)
        kept = np.flatnonzero(rest.sum(1) <= allowed)
        parts, slack = self._parts[kept], allowed[kept]
        rest = np.cumsum(rest[kept, ::-1], axis=1)[:, ::-1]
        beginning = np.zeros(len(kept), np.intp)
        """The number of what each value begins with, among the `known` ones of as many words."""
        known = 1
        start = np.arange(n + 1) if len(kept) else np.zeros(0, np.intp)
        places = Places(np.zeros_like(start), start, start, np.zeros(len(start), np.float32))
        found: list[Places] = []
        for depth in range(parts.shape[1]):
            word = parts[:, depth]
            ended = word == self._none
            found.append(_of_values(kept, beginning, np.flatnonzero(ended), places))
            if ended.all():
                break
            going = ~ended
            kept, parts, slack = kept[going], parts[going], slack[going]
            rest, beginning, word = rest[going], beginning[going], word[going]
            new = np.append(True, (np.diff(beginning) != 0) | (np.diff(word) != 0))
            begins = np.flatnonzero(new)
            room = np.maximum.reduceat(slack - rest[:, depth + 1], begins)
            children = np.searchsorted(beginning[begins], np.arange(known + 1))
            places = spoken.followed(places, children, word[begins], room)
            beginning, known = np.cumsum(new) - 1, len(begins)
        every = _together(found)
        return every[every.cost <= allowed[every.which]]


def _of_values(kept: Numbers, beginning: Numbers, ended: Numbers, places: Places) -> Places:
    """The places of the values that have `ended`, each after what it begins with."""
    first = np.searchsorted(places.which, beginning[ended])
    count = np.searchsorted(places.which, beginning[ended], "right") - first
    at, whose = spread(first, count)
    some = places[at]
    return Places(kept[ended[whose]], some.start, some.end, some.cost)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Places of words, by word and start."""

    words: Places
    first: Numbers
    n: int

    @classmethod
    def of(cls, words: Places, n: int) -> _Spoken:
        """Sorts `words`; `n` phones were heard."""
        key = words.which * (n + 1) + words.start
        count = np.bincount(key, minlength=(int(words.which.max(initial=0)) + 1) * (n + 1))
        return cls(words[np.argsort(key)], np.append(0, np.cumsum(count)), n)

    def followed(self, places: Places, children: Numbers, word: Numbers, room: Costs) -> Places:
        """Beginnings with one word more: `children` says where those of each begin in `word`."""
        count = children[places.which + 1] - children[places.which]
        child, whose = spread(children[places.which], count)
        key = word[child] * (self.n + 1) + places.end[whose]
        said, pair = spread(self.first[key], self.first[key + 1] - self.first[key])
        child, whose = child[pair], whose[pair]
        cost = places.cost[whose] + self.words.cost[said]
        fine = np.flatnonzero(cost <= room[child])
        whose = whose[fine]
        end = self.words.end[said[fine]]
        return Places(child[fine], places.start[whose], end, cost[fine]).cheapest(self.n)
