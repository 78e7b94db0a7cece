"""The sentences of a grammar that sound most like what was heard.

Shortest paths through the product of the grammar and the places between the phones heard, for whole
layers of nodes at once; forward and backward costs together give the best sentence through every
arc, and so the runners-up (Mohri 2002, "Semiring frameworks and algorithms for shortest-distance
problems").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.understanding.repair.grammar import NOTHING, Grammar
from assistant.understanding.repair.lexicon import IMPOSSIBLE, WINDOW, Values
from assistant.understanding.repair.sounds import Costs, Phones, Pronouncer, dropping_costs

_Ints = np.ndarray[Any, np.dtype[np.int32]]

_EPSILON = 2e-3
_SKIPPED = 0.9
"""What was heard and is in no sentence costs this share of a dropped phone."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A sentence of the grammar."""

    text: str
    cost: float
    """In phones heard wrong."""


class Search:
    """A grammar with the pronunciations of all its words. Read-only once built."""

    def __init__(self, grammar: Grammar, pronouncer: Pronouncer) -> None:
        self._nodes, self._end = grammar.nodes, grammar.end
        self._pronouncer = pronouncer
        texts = [grammar.values.get(word, (word,)) for word in grammar.words]
        self._values = Values([text for some in texts for text in some], pronouncer)
        self.texts: list[str] = self._values.texts
        """All words, and all values of lists."""
        self.vocabulary = frozenset(word for text in self.texts for word in text.split())
        """All single words of those."""
        number = {text: n for n, text in enumerate(self.texts)}
        self._members = [np.array([number[t] for t in some], np.int32) for some in texts]
        arcs = [np.array(x, np.int32) for x in (grammar.sources, grammar.targets, grammar.labels)]
        self._source, self._target, self._label = arcs
        self._forwards = _layers(self._source, self._target, self._nodes)
        mirrored = (self._nodes - 1 - self._target, self._nodes - 1 - self._source)
        self._backwards = _layers(*mirrored, self._nodes)
        self._into = _grouped(self._target, self._nodes)
        self._out_of = _grouped(self._source, self._nodes)

    def length(self, text: str) -> int:
        """The number of phones in `text`."""
        return len(self._pronouncer.heard(text))

    def best(self, text: str, *, most: int, within: float, limit: float) -> list[Sounding]:
        """At most `most` sentences that sound like `text`, best first.

        None that costs more than `limit` for each phone of `text`, or more than `within` above
        the best one.
        """
        heard = self._pronouncer.heard(text)
        if not len(heard):
            return []
        return _Trellis(self, heard, limit * len(heard)).sentences(most, within)


class _Trellis:
    """One search: costs from the start, and to the end, of every node at every place."""

    def __init__(self, search: Search, heard: Phones, limit: float) -> None:
        self._s = search
        self._n = len(heard)
        self._kept, self._value_costs = search._values.costs(heard)
        row = np.full(len(search._values.texts), -1, np.int32)
        row[self._kept] = np.arange(len(self._kept))
        self._rows = [r[r >= 0] for r in (row[members] for members in search._members)]
        self._costs = np.full((len(self._rows), self._n + 1, WINDOW + 1), IMPOSSIBLE, np.float32)
        for label, rows in enumerate(self._rows):
            if len(rows):
                self._costs[label] = self._value_costs[rows].min(0)
        skipping = dropping_costs()[heard] * np.float32(_SKIPPED)
        self._skipped = np.concatenate([[0], np.cumsum(skipping)]).astype(np.float32)
        self._from_start = self._forward(limit)

    def sentences(self, most: int, within: float) -> list[Sounding]:
        """The best sentences and those not much worse."""
        best = float(self._from_start[self._s._end, self._n])
        if best >= IMPOSSIBLE:
            return []
        limit = best + within
        self._to_end, through = self._backward(limit)
        found: dict[str, float] = {}
        for arc in np.argsort(through, kind="stable"):
            if through[arc] > limit or len(found) >= most:
                break
            for text, cost in self._through(int(arc), limit):
                found[text] = min(cost, found.get(text, cost))
        ranked = sorted(found.items(), key=lambda item: item[1])
        return [Sounding(text, cost) for text, cost in ranked[:most]]

    def _forward(self, limit: float) -> Costs:
        s, n = self._s, self._n
        costs = np.full((s._nodes, n + 1), IMPOSSIBLE, np.float32)
        costs[0] = self._skipped
        for layer in s._forwards:
            arcs = layer[costs[s._source[layer]].min(1) <= limit]
            if not len(arcs):
                continue
            label, before = s._label[arcs], costs[s._source[arcs]]
            word = self._costs[label]
            after = before + np.where(label == NOTHING, np.float32(0), word[:, :, 0].T).T
            for k in range(1, min(WINDOW, n) + 1):
                step = before[:, : n + 1 - k] + word[:, : n + 1 - k, k]
                np.minimum(after[:, k:], step, out=after[:, k:])
            after -= self._skipped
            np.minimum.accumulate(after, axis=1, out=after)
            after += self._skipped
            _lower(costs, s._target[arcs], after)
        return costs

    def _backward(self, limit: float) -> tuple[Costs, Costs]:
        """Costs to the end, and of the best sentence through each arc."""
        s, n = self._s, self._n
        costs = np.full((s._nodes, n + 1), IMPOSSIBLE, np.float32)
        costs[s._end] = self._skipped[-1] - self._skipped
        through = np.full(len(s._source), IMPOSSIBLE, np.float32)
        for layer in s._backwards:
            start = self._from_start[s._source[layer]]
            arcs = layer[start.min(1) + costs[s._target[layer]].min(1) <= limit + _EPSILON]
            if not len(arcs):
                continue
            label, after = s._label[arcs], costs[s._target[arcs]]
            word = self._costs[label]
            before = after + np.where(label == NOTHING, np.float32(0), word[:, :, 0].T).T
            for k in range(1, min(WINDOW, n) + 1):
                step = after[:, k:] + word[:, : n + 1 - k, k]
                np.minimum(before[:, : n + 1 - k], step, out=before[:, : n + 1 - k])
            through[arcs] = (self._from_start[s._source[arcs]] + before).min(1)
            before += self._skipped
            before = np.minimum.accumulate(before[:, ::-1], axis=1)[:, ::-1] - self._skipped
            _lower(costs, s._source[arcs], before)
        return costs, through

    def _through(self, arc: int, limit: float) -> Iterator[tuple[str, float]]:
        """The best sentence with each of the words that an arc can say."""
        s = self._s
        label = int(s._label[arc])
        rows = self._rows[label]
        if label == NOTHING or not len(rows):
            return
        source, target = int(s._source[arc]), int(s._target[arc])
        beyond = np.full(WINDOW, IMPOSSIBLE, np.float32)
        ends = np.concatenate([self._to_end[target], beyond])
        ends = np.lib.stride_tricks.sliding_window_view(ends, WINDOW + 1)
        costs = self._value_costs[rows] + self._from_start[source][:, None] + ends
        flat = costs.reshape(len(rows), -1)
        places = flat.argmin(1)
        for value, place in enumerate(places):
            cost = float(flat[value, place])
            if cost <= limit:
                start, length = divmod(int(place), WINDOW + 1)
                before = self._words_before(source, start)
                after = self._words_after(target, start + length)
                word = self._text(int(rows[value]))
                yield " ".join([*before, word, *after]), cost

    def _words_before(self, node: int, place: int) -> list[str]:
        words: list[str] = []
        while node != 0:
            found = self._step(self._s._into[node], self._from_start, node, place, -1)
            if found is None:
                place -= 1
                continue
            node, place, said = found
            words += said
        return words[::-1]

    def _words_after(self, node: int, place: int) -> list[str]:
        words: list[str] = []
        while node != self._s._end:
            found = self._step(self._s._out_of[node], self._to_end, node, place, 1)
            if found is None:
                place += 1
                continue
            node, place, said = found
            words += said
        return words

    def _step(
        self, arcs: _Ints, costs: Costs, node: int, place: int, way: int
    ) -> tuple[int, int, list[str]] | None:
        """The arc by which `node` has its cost at `place`; None where a phone was skipped."""
        s = self._s
        wanted = costs[node, place] + _EPSILON
        ends = s._source if way < 0 else s._target
        room = place if way < 0 else self._n - place
        lengths = np.arange(min(WINDOW, room) + 1)
        for arc in arcs:
            label, other = int(s._label[arc]), int(ends[arc])
            if label == NOTHING:
                if costs[other, place] <= wanted:
                    return other, place, []
                continue
            starts = place - lengths if way < 0 else np.full_like(lengths, place)
            each = costs[other, place + way * lengths] + self._costs[label, starts, lengths]
            length = int(each.argmin())
            if each[length] <= wanted:
                start = place - length if way < 0 else place
                rows = self._rows[label]
                value = int(self._value_costs[rows, start, length].argmin())
                return other, place + way * length, [self._text(int(rows[value]))]
        return None

    def _text(self, row: int) -> str:
        return self._s.texts[int(self._kept[row])]


def _layers(source: _Ints, target: _Ints, nodes: int) -> list[_Ints]:
    """Arcs by the longest way to their targets, sorted by target within a layer."""
    depth = np.zeros(nodes, np.int32)
    for arc in np.argsort(source, kind="stable"):
        depth[target[arc]] = max(depth[target[arc]], depth[source[arc]] + 1)
    order = np.lexsort((target, depth[target])).astype(np.int32)
    bounds = np.flatnonzero(np.diff(depth[target[order]])) + 1
    return [np.asarray(layer, np.int32) for layer in np.split(order, bounds)]


def _grouped(node: _Ints, nodes: int) -> list[_Ints]:
    order = np.argsort(node, kind="stable").astype(np.int32)
    bounds = np.searchsorted(node[order], np.arange(1, nodes))
    return [np.asarray(group, np.int32) for group in np.split(order, bounds)]


def _lower(costs: Costs, nodes: _Ints, found: Costs) -> None:
    """Lower the costs of `nodes`, in which equal ones stand together, to what was found."""
    first = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1]))
    best = np.minimum.reduceat(found, first, axis=0)
    at = nodes[first]
    costs[at] = np.minimum(costs[at], best)
