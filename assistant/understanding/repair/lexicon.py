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

_Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

_COST_PER_PHONE, _COST_OF_ANY = 0.22, 0.4
"""A value of a list that costs more than this is none of those meant."""


class Words:
    """The pronunciations of some words, in their order: those that begin alike stand together."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        spoken = {text: pronouncer.phones(text) for text in texts}
        self.texts = sorted(spoken, key=lambda text: (spoken[text], text))
        self.lengths = np.array([len(spoken[text]) for text in self.texts], np.int32)
        longest = int(self.lengths.max(initial=1))
        self._phones = np.zeros((len(self.texts), longest), np.int16)
        for row, text in enumerate(self.texts):
            self._phones[row, : len(spoken[text])] = spoken[text]

    def costs(self, heard: Phones, allowed: Costs) -> tuple[_Rows, Costs]:
        """Which words cost no more than `allowed` for each, and `(those, n + 1, WINDOW + 1)`:
        the cost of each in `heard[start : start + length]`.

        Goes through the words phone by phone, once for all that begin alike, and leaves a beginning
        with which no word can be cheap enough any more. `IMPOSSIBLE` where the lengths are too far
        apart.
        """
        substitution, dropping = substitution_costs(), dropping_costs()
        least = np.minimum(dropping, substitution[:, np.unique(heard)].min(1))
        least[0] = 0
        rest = least[self._phones]
        alive = np.flatnonzero(rest.sum(1) <= allowed)
        rest = np.cumsum(rest[alive, ::-1], axis=1)[:, ::-1]
        beginnings = _nothing_said(heard)
        which = np.zeros(len(alive), np.intp)
        found: list[tuple[_Rows, Costs]] = []
        for place in range(self._phones.shape[1] + 1):
            ended = self.lengths[alive] == place
            if ended.any():
                found.append((alive[ended], beginnings[:, which[ended]]))
                alive, which, rest = alive[~ended], which[~ended], rest[~ended]
            if not len(alive):
                break
            spoken = self._phones[alive, place]
            new = np.append(True, (np.diff(which) != 0) | (np.diff(spoken) != 0))
            beginnings = _said(beginnings[:, which[new]], spoken[new], heard)
            which = np.cumsum(new) - 1
            fine = beginnings.min((0, 2))[which] + _beyond(rest, place) <= allowed[alive]
            alive, which, rest = alive[fine], which[fine], rest[fine]
        return _together(found, len(heard))


def _beyond(rest: Costs, place: int) -> Costs | np.float32:
    """What the phones after `place` cost at least."""
    return rest[:, place + 1] if place + 1 < rest.shape[1] else np.float32(0)


def _nothing_said(heard: Phones) -> Costs:
    """`(3, 1, n + 1)`: the cost of nothing, heard for none, one and two phones."""
    dropped = np.append(dropping_costs()[heard], [IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE])
    starts = len(heard) + 1
    costs = np.zeros((3, 1, starts), np.float32)
    costs[1, 0] = dropped[:starts]
    costs[2, 0] = dropped[:starts] + dropped[1 : starts + 1]
    return costs


def _said(before: Costs, spoken: Phones, heard: Phones) -> Costs:
    """`(window, beginnings, n + 1)`: the costs of each beginning with one more phone."""
    substitution, dropping = substitution_costs(), dropping_costs()
    padded = np.append(heard, np.zeros(WINDOW + 1, np.int16))
    starts = np.arange(len(heard) + 1)
    known, count, _ = before.shape
    # as many phones heard as said, a third more, and two
    window = max(known, min(WINDOW + 1, len(heard) + 1, known + 1 + (known % 4 == 0)))
    costs = np.full((window, count, len(starts)), IMPOSSIBLE, np.float32)
    costs[:known] = before + dropping[spoken][None, :, None]
    as_heard = substitution[spoken]
    as_heard[:, 0] = IMPOSSIBLE
    inserting = dropping.copy()
    inserting[0] = IMPOSSIBLE
    for length in range(1, window):
        there = padded[starts + length - 1]
        here = costs[length]
        if length <= known:
            np.minimum(here, before[length - 1] + as_heard[:, there], out=here)
        np.minimum(here, costs[length - 1] + inserting[there], out=here)
    return costs


def _together(found: Sequence[tuple[_Rows, Costs]], n: int) -> tuple[_Rows, Costs]:
    """All that was found in order, with the window last and whole."""
    rows = np.concatenate([rows for rows, _ in found]) if found else np.zeros(0, np.intp)
    costs = np.full((len(rows), n + 1, WINDOW + 1), IMPOSSIBLE, np.float32)
    first = 0
    for some, theirs in found:
        costs[first : first + len(some), :, : len(theirs)] = theirs.transpose(1, 2, 0)
        first += len(some)
    return rows, costs


class Values:
    """Words, and values of lists made of several words."""

    def __init__(self, texts: Sequence[str], pronouncer: Pronouncer) -> None:
        self.texts = list(dict.fromkeys(texts))
        self.words = Words([word for text in self.texts for word in text.split()], pronouncer)
        number_of = {word: number for number, word in enumerate(self.words.texts)}
        most = max((len(text.split()) for text in self.texts), default=1)
        self._none = len(number_of)
        self._parts = np.full((len(self.texts), max(1, most)), self._none, np.int32)
        for row, text in enumerate(self.texts):
            numbers = [number_of[word] for word in text.split()]
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
        self._allowed_words = np.zeros(self._none + 1)
        for place in range(self._parts.shape[1]):
            np.maximum.at(self._allowed_words, self._parts[:, place], self._allowed)

    def costs(self, heard: Phones, limit: float) -> tuple[_Rows, Costs]:
        """Which values may have been heard, for no more than `limit`, and their costs.

        Those are `(values, n + 1, WINDOW + 1)`. What values begin with in common is looked at once.
        """
        spoken, words = self.words.costs(heard, np.minimum(self._allowed_words[:-1], limit))
        row = np.zeros(self._none + 1, np.intp)
        row[spoken] = np.arange(len(spoken))
        least = np.full(self._none + 1, IMPOSSIBLE)
        least[spoken] = words.min((1, 2), initial=IMPOSSIBLE)
        least[self._none] = 0
        rest = least[self._parts]
        allowed = np.minimum(self._allowed, limit)
        kept = np.flatnonzero(rest.sum(1) <= allowed)
        _, first, at = np.unique(self._beginnings[kept, 0], return_index=True, return_inverse=True)
        costs = words[row[self._parts[kept[first], 0]]]
        rest[:, 0] = 0
        for place in range(1, self._parts.shape[1]):
            cheapest = costs.min((1, 2), initial=IMPOSSIBLE)
            fine = cheapest[at] + rest[kept].sum(1) <= allowed[kept]
            kept, at = kept[fine], at[fine]
            beginnings = self._beginnings[kept, place]
            _, first, now = np.unique(beginnings, return_index=True, return_inverse=True)
            costs, at, new = costs[at[first]], now, self._parts[kept[first], place]
            longer = np.flatnonzero(new != self._none)
            if not len(longer):
                break
            costs[longer] = _followed(costs[longer], words[row[new[longer]]])
            rest[:, place] = 0
        return kept, costs[at]


def _followed(costs: Costs, added: Costs) -> Costs:
    """Costs of values with one more word each: the best place to part the two."""
    starts = costs.shape[1]
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
