"""What it costs that words and list values were heard in the places of what was heard.

An edit distance over phones, from every place to every later one at once (Levenshtein's recurrence
with articulatory costs); numpy does it for all words of a language together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.understanding.repair.sounds import (
    Costs,
    Phones,
    Pronouncer,
    dropping_costs,
    substitution_costs,
)

WINDOW = 20
"""No word or value takes up more phones of what was heard."""

IMPOSSIBLE = np.float32(1e3)

_LENGTHS = (2, 3, 4, 5, 6, 8, 10, 13, 99)
_COST_PER_PHONE, _COST_OF_ANY = 0.22, 0.4
"""A value of a list that costs more than this is none of those meant."""


class Words:
    """The pronunciations of some words, short ones first."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        spoken = {text: pronouncer.phones(text) for text in texts}
        self.texts = sorted(spoken, key=lambda text: (len(spoken[text]), text))
        self.lengths = np.array([len(spoken[text]) for text in self.texts], np.int32)
        longest = int(self.lengths.max(initial=1))
        self._phones = np.zeros((len(self.texts), longest), np.int16)
        for row, text in enumerate(self.texts):
            self._phones[row, : len(spoken[text])] = spoken[text]

    def costs(self, heard: Phones) -> Costs:
        """`(words, n + 1, WINDOW + 1)`: of each word in `heard[start : start + length]`.

        `IMPOSSIBLE` where the lengths are too far apart.
        """
        n = len(heard)
        costs = np.full((len(self.texts), n + 1, WINDOW + 1), IMPOSSIBLE, np.float32)
        first = 0
        for longest in _LENGTHS:
            end = int(np.searchsorted(self.lengths, longest, side="right"))
            if end > first:
                length = int(self.lengths[end - 1])
                window = min(WINDOW, length + 1 + length // 3, n)
                costs[first:end, :, : window + 1] = _aligned(
                    self._phones[first:end, :length], self.lengths[first:end], heard, window
                )
                first = end
        return costs


def _aligned(
    phones: np.ndarray[tuple[int, int], np.dtype[np.int16]],
    lengths: np.ndarray[tuple[int], np.dtype[np.int32]],
    heard: Phones,
    window: int,
) -> Costs:
    """`(words, n + 1, window + 1)`: edit distances to `heard[start : start + k]`."""
    substitution, dropping = substitution_costs(), dropping_costs()
    n = len(heard)
    padded = np.concatenate([heard, np.zeros(window + 1, np.int16)])
    there = padded[np.arange(n + 1)[:, None] + np.arange(window)]
    beyond = there == 0
    inserting = np.where(beyond, IMPOSSIBLE, dropping[there])
    inserted = np.zeros((n + 1, window + 1), np.float32)
    np.cumsum(inserting, axis=1, out=inserted[:, 1:])
    costs = np.broadcast_to(inserted, (len(phones), n + 1, window + 1)).copy()
    for place, spoken_there in enumerate(phones.T):
        # words are sorted by length: those that have ended stand at the beginning
        going_on = int(np.searchsorted(lengths, place, side="right"))
        spoken = spoken_there[going_on:]
        before = costs[going_on:]
        heard_as = np.where(beyond, IMPOSSIBLE, substitution[spoken][:, there])
        after = before + dropping[spoken][:, None, None]
        np.minimum(after[:, :, 1:], before[:, :, :-1] + heard_as, out=after[:, :, 1:])
        after -= inserted
        np.minimum.accumulate(after, axis=2, out=after)
        costs[going_on:] = after + inserted
    return costs


class Values:
    """Words, and values of lists made of several words."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        self.texts = list(dict.fromkeys(texts))
        self.words = Words([word for text in self.texts for word in text.split()], pronouncer)
        place = {word: number for number, word in enumerate(self.words.texts)}
        most = max((len(text.split()) for text in self.texts), default=1)
        self._none = len(place)
        self._parts = np.full((len(self.texts), max(1, most)), self._none, np.int32)
        for row, text in enumerate(self.texts):
            numbers = [place[word] for word in text.split()]
            self._parts[row, : len(numbers)] = numbers
        known: dict[tuple[str, ...], int] = {}
        self._beginnings = np.zeros_like(self._parts)
        for row, text in enumerate(self.texts):
            parts = tuple(text.split())
            for count in range(self._parts.shape[1]):
                self._beginnings[row, count] = known.setdefault(parts[: count + 1], len(known))
        lengths = np.append(self.words.lengths, 0)
        self._allowed = _COST_PER_PHONE * lengths[self._parts].sum(1) + _COST_OF_ANY
        self._allowed[self._parts[:, 0] == self._none] = -1

    def costs(self, heard: Phones) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Costs]:
        """Which values may have been heard at all, and `(those, n + 1, WINDOW + 1)` their costs.

        What values begin with in common is looked at once.
        """
        words = self.words.costs(heard)
        least = np.append(words.min((1, 2), initial=IMPOSSIBLE), np.float32(0))
        rest = least[self._parts]
        kept = np.flatnonzero(rest.sum(1) <= self._allowed)
        _, first, at = np.unique(self._beginnings[kept, 0], return_index=True, return_inverse=True)
        costs = words[self._parts[kept[first], 0]]
        rest[:, 0] = 0
        for place in range(1, self._parts.shape[1]):
            cheapest = costs.min((1, 2), initial=IMPOSSIBLE)
            fine = cheapest[at] + rest[kept].sum(1) <= self._allowed[kept]
            kept, at = kept[fine], at[fine]
            beginnings = self._beginnings[kept, place]
            _, first, now = np.unique(beginnings, return_index=True, return_inverse=True)
            costs, at, new = costs[at[first]], now, self._parts[kept[first], place]
            longer = np.flatnonzero(new != self._none)
            if not len(longer):
                break
            costs[longer] = _followed(costs[longer], words, new[longer])
            rest[:, place] = 0
        return kept, costs[at]


def _followed(
    costs: Costs, words: Costs, next_words: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> Costs:
    """Costs of values with one more word each: the best place to part the two."""
    starts = costs.shape[1]
    added = words[next_words]
    beyond = np.full((len(added), WINDOW + 1), IMPOSSIBLE, np.float32)
    together = np.full_like(costs, IMPOSSIBLE)
    for length in range(WINDOW + 1):
        later = np.concatenate([added[:, :, length], beyond], axis=1)
        at = np.lib.stride_tricks.sliding_window_view(later, WINDOW + 1 - length, axis=1)
        np.minimum(
            together[:, :, length:],
            costs[:, :, : WINDOW + 1 - length] + at[:, :starts],
            out=together[:, :, length:],
        )
    return together
