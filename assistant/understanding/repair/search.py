"""The sentences of a grammar that sound most like what was heard.

Shortest paths through the product of the grammar and the places between the phones heard, for whole
layers of nodes at once; forward and backward costs together give the best sentence through every
arc, and so the runners-up (Mohri 2002, "Semiring frameworks and algorithms for shortest-distance
problems").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.understanding.repair.grammar import NOTHING, Grammar
from assistant.understanding.repair.lexicon import (
    IMPOSSIBLE,
    Numbers,
    Places,
    Values,
    grouped,
    spread,
)
from assistant.understanding.repair.sounds import Costs, Phones, Pronouncer, dropping_costs

_Ints = np.ndarray[Any, np.dtype[np.int32]]

_EPSILON = 2e-3
_FIRST_STEP = 1.0
_SKIPPED = 0.9
"""What was heard and is in no sentence costs this share of a dropped phone."""

_MOST_STATES = 3000
"""So many of the nodes of a layer, each at a place, are gone on from: the likeliest."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A sentence of the grammar."""

    text: str
    cost: float
    """In phones heard wrong."""


@dataclass(frozen=True, slots=True)
class _Edges:
    """Labels heard at places: ways from a node at a place to another."""

    arc: Numbers
    source: Numbers
    """A node and a place, as one number."""
    target: Numbers
    said: Numbers
    """Which of the labels' places it is."""
    cost: Costs

    def __getitem__(self, some: Any) -> _Edges:
        return _Edges(
            self.arc[some], self.source[some], self.target[some], self.said[some], self.cost[some]
        )


class Search:
    """A grammar with the pronunciations of all its words. Read-only once built."""

    def __init__(self, grammar: Grammar, pronouncer: Pronouncer) -> None:
        self.pronouncer = pronouncer
        texts = [grammar.values.get(word, (word,)) for word in grammar.words]
        self.values = Values([text for some in texts for text in some], pronouncer)
        self.texts: list[str] = self.values.texts
        """All words, and all values of lists."""
        self.vocabulary = frozenset(word for text in self.texts for word in text.split())
        """All single words of those."""
        number = {text: n for n, text in enumerate(self.texts)}
        of_label = [(number[t], label) for label, some in enumerate(texts) if label != NOTHING
                    for t in some]  # fmt: skip
        value, label = np.array(sorted(of_label), np.int32).reshape(-1, 2).T
        self.labels = len(texts)
        self.labels_of = label
        """The labels of each value, one value after the other."""
        self.first_label_of = np.searchsorted(value, np.arange(len(self.texts) + 1))
        source, target, label = (
            np.array(x, np.int32) for x in (grammar.sources, grammar.targets, grammar.labels)
        )
        depth = _depths(source, target, grammar.nodes)
        order = np.argsort(depth, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(grammar.nodes)
        by_source = np.argsort(place[source], kind="stable")
        self.nodes = grammar.nodes
        """Sorted by the longest way to them: the first is the start, the last the end."""
        self.layers = np.append(0, np.cumsum(np.bincount(depth)))
        self.source = place[source][by_source]
        self.target = place[target][by_source]
        self.label = label[by_source]
        self.first_arc = np.searchsorted(self.source, np.arange(grammar.nodes + 1))

    def length(self, text: str) -> int:
        """The number of phones in `text`."""
        return len(self.pronouncer.heard(text))

    def best(
        self, text: str, *, most: int, within: float, limit: float, near: float | None = None
    ) -> list[Sounding]:
        """At most `most` sentences that sound like `text`, best first.

        None that costs more than `limit` for each phone of `text`, or more than `within` above
        the best one. `limit` holds for the best alone if that costs no more than `near`.
        """
        heard = self.pronouncer.heard(text)
        if not len(heard):
            return []
        trellis = _Trellis(self, heard, limit * len(heard))
        best = trellis.best()
        if best is None:
            return []
        if near is not None and best > near * len(heard):
            within = min(within, trellis.limit - best)
        if best + within > trellis.limit:
            # most talk costs too much at once; only what does not is worth the wider search
            trellis = _Trellis(self, heard, best + within)
        return trellis.sentences(most, best + within)


class _Trellis:
    """One search: where each label may have been heard, and the costs of every node at every place.

    Any words one after the other, whatever the grammar says, are a bound from below for the cost
    of what comes before and after a place; with it most of the product is never looked at.
    """

    def __init__(self, search: Search, heard: Phones, limit: float) -> None:
        self.search = search
        self.n = n = len(heard)
        self.limit = limit
        self._bound = 0.0
        skipping = dropping_costs()[heard] * np.float32(_SKIPPED)
        self._skipped = np.append(0, np.cumsum(skipping)).astype(np.float32)
        words = search.values.words_heard(heard, limit)
        before, self._beyond = self._bounds(words)
        words = words[before[words.start] + words.cost + self._beyond[words.end] <= limit]
        values = search.values.heard(words, n, limit)
        values = values[before[values.start] + values.cost + self._beyond[values.end] <= limit]
        self._said = self._of_labels(values)
        """Where each label may have been heard."""
        key = self._said.which * (n + 1) + self._said.start
        counts = np.bincount(key, minlength=search.labels * (n + 1))
        self._first_said = np.append(0, np.cumsum(counts))

    def best(self) -> float | None:
        """The cost of the best sentence; None where it is more than the limit."""
        least = float(self._beyond[0])
        bound = min(self.limit, least + _FIRST_STEP)
        while least <= self.limit:
            best = self._forward(bound)
            if best <= bound:
                return best
            if bound >= self.limit:
                break
            bound = self.limit
        return None

    def sentences(self, most: int, limit: float) -> list[Sounding]:
        """The best sentences that cost no more than `limit`: the search's, or less."""
        if self._bound < limit:
            self._forward(limit)
        edges, through = self._backward(limit)
        if not len(edges.arc):
            return []
        walk = _Walk(self, edges)
        found: dict[str, float] = {}
        seen: set[tuple[int, int]] = set()
        for value, edge, cost in self._through(edges, through, limit):
            if len(found) >= most:
                break
            arc = int(edges.arc[edge])
            if (arc, value) not in seen:
                seen.add((arc, value))
                found.setdefault(walk.sentence(edge, self.search.texts[value]), cost)
        return [Sounding(text, cost) for text, cost in found.items()]

    def _of_labels(self, values: Places) -> Places:
        """Places of labels by those of their values, and of the label that says nothing."""
        s, n = self.search, self.n
        count = s.first_label_of[values.which + 1] - s.first_label_of[values.which]
        label, whose = spread(s.first_label_of[values.which], count)
        everywhere = np.arange(n + 1)
        start = np.append(everywhere, values.start[whose])
        end = np.append(everywhere, values.end[whose])
        cost = np.append(np.zeros(n + 1, np.float32), values.cost[whose])
        which = np.append(np.full(n + 1, NOTHING), s.labels_of[label])
        value = np.append(np.full(n + 1, -1), values.which[whose])
        key = (which * (n + 1) + start) * (n + 1) + end
        order, first = grouped(key, cost)
        self._value = value[order]
        self._value_cost = cost[order]
        self._first_value = np.append(first, len(key))
        """The values of a label at a place begin here, the cheapest first."""
        some = order[first]
        return Places(which[some], start[some], end[some], cost[some])

    def _bounds(self, words: Places) -> tuple[Costs, Costs]:
        """What at least is the cost of all before, and of all after, each place."""
        n = self.n
        least = np.full((n + 1, n + 1), IMPOSSIBLE, np.float32)
        np.minimum.at(least, (words.start, words.end), words.cost)
        place = np.arange(n)
        skipping = np.diff(self._skipped)
        least[place, place + 1] = np.minimum(least[place, place + 1], skipping)
        before = np.full(n + 1, IMPOSSIBLE, np.float32)
        after = before.copy()
        before[0] = after[n] = 0
        for at in range(1, n + 1):
            before[at] = (before[:at] + least[:at, at]).min()
        for at in range(n - 1, -1, -1):
            after[at] = (after[at + 1 :] + least[at, at + 1 :]).min()
        return before, after

    def _forward(self, limit: float) -> float:
        """Costs from the start; the cost of the best sentence."""
        s, width = self.search, self.n + 1
        self._bound = limit
        costs = self.from_start = np.full((s.nodes, width), IMPOSSIBLE, np.float32)
        costs[0, 0] = 0
        flat = costs.reshape(-1)
        reached = np.zeros(s.nodes, bool)
        reached[0] = True
        self._layers: list[_Edges] = []
        for low, high in zip(s.layers[:-2], s.layers[1:-1], strict=True):
            nodes = low + np.flatnonzero(reached[low:high])
            if not len(nodes):
                continue
            rows = costs[nodes] - self._skipped
            np.minimum.accumulate(rows, axis=1, out=rows)
            rows += self._skipped
            costs[nodes] = rows
            estimate = rows + self._beyond
            row, place = np.nonzero(estimate <= limit)
            if len(row) > _MOST_STATES:
                kept = np.argpartition(estimate[row, place], _MOST_STATES)[:_MOST_STATES]
                row, place = row[kept], place[kept]
            edges = self._edges(nodes[row], place, flat, limit)
            np.minimum.at(flat, edges.target, flat[edges.source] + edges.cost)
            reached[edges.target // width] = True
            self._layers.append(edges)
        last = costs[-1]
        last[:] = np.minimum.accumulate(last - self._skipped) + self._skipped
        return float(last[-1])

    def _edges(self, nodes: Numbers, place: Numbers, flat: Costs, limit: float) -> _Edges:
        """The ways on from `nodes`, each at a place, in a sentence of no more than `limit`."""
        s, width = self.search, self.n + 1
        first = s.first_arc[nodes]
        arc, whose = spread(first, s.first_arc[nodes + 1] - first)
        key = s.label[arc] * width + place[whose]
        first = self._first_said[key]
        said, each = spread(first, self._first_said[key + 1] - first)
        arc, whose = arc[each], whose[each]
        source = nodes[whose] * width + place[whose]
        cost, end = self._said.cost[said], self._said.end[said]
        fine = np.flatnonzero(flat[source] + cost + self._beyond[end] <= limit)
        target = s.target[arc[fine]] * width + end[fine]
        return _Edges(arc[fine], source[fine], target, said[fine], cost[fine])

    def _backward(self, limit: float) -> tuple[_Edges, Costs]:
        """Costs to the end; the ways of sentences within `limit`, and the best by each."""
        s, width = self.search, self.n + 1
        costs = self.to_end = np.full((s.nodes, width), IMPOSSIBLE, np.float32)
        costs[-1] = self._skipped[-1] - self._skipped
        flat, start = costs.reshape(-1), self.from_start.reshape(-1)
        kept = [self._layers[0][:0]]
        for edges in reversed(self._layers):
            rest = flat[edges.target] + edges.cost
            fine = np.flatnonzero(start[edges.source] + rest <= limit + _EPSILON)
            if not len(fine):
                continue
            some = edges[fine]
            kept.append(some)
            np.minimum.at(flat, some.source, rest[fine])
            nodes = np.unique(some.source // width)
            rows = (costs[nodes] + self._skipped)[:, ::-1]
            costs[nodes] = np.minimum.accumulate(rows, axis=1)[:, ::-1] - self._skipped
        every = _Edges(
            np.concatenate([some.arc for some in kept]),
            np.concatenate([some.source for some in kept]),
            np.concatenate([some.target for some in kept]),
            np.concatenate([some.said for some in kept]),
            np.concatenate([some.cost for some in kept]),
        )
        return every, start[every.source] + every.cost + flat[every.target]

    def _through(self, edges: _Edges, through: Costs, limit: float) -> list[tuple[int, int, float]]:
        """Each value, the edge that says it and the cost of the best sentence with both."""
        said = np.flatnonzero(self.search.label[edges.arc] != NOTHING)
        first = self._first_value[edges.said[said]]
        at, whose = spread(first, self._first_value[edges.said[said] + 1] - first)
        edge = said[whose]
        cost = through[edge] - edges.cost[edge] + self._value_cost[at]
        order = np.argsort(cost, kind="stable")
        order = order[: np.searchsorted(cost[order], limit, "right")]
        columns = (self._value[at[order]], edge[order], cost[order])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def word(self, said: int) -> str:
        """The cheapest value of a label at a place."""
        return self.search.texts[int(self._value[self._first_value[said]])]


class _Walk:
    """Finds the best sentences by the edges that are on them."""

    def __init__(self, trellis: _Trellis, edges: _Edges) -> None:
        search = trellis.search
        self._edges, self._word = edges, trellis.word
        self._width = trellis.n + 1
        self._silent = (search.label[edges.arc] == NOTHING).tolist()
        self._start, self._end = trellis.from_start.reshape(-1), trellis.to_end.reshape(-1)
        self._last = (search.nodes - 1) * self._width
        self._into = _cheapest(edges.target, self._start[edges.source] + edges.cost)
        self._out_of = _cheapest(edges.source, self._end[edges.target] + edges.cost)

    def sentence(self, edge: int, text: str) -> str:
        """The best one by an edge that says `text`."""
        before: list[str] = []
        at = int(self._edges.source[edge])
        while at >= self._width:
            on = self._into.get(at)
            if on is None or on[1] > self._start[at] + _EPSILON:
                at -= 1
                continue
            self._say(on[0], before)
            at = int(self._edges.source[on[0]])
        after: list[str] = []
        at = int(self._edges.target[edge])
        while at < self._last:
            on = self._out_of.get(at)
            if on is None or on[1] > self._end[at] + _EPSILON:
                at += 1
                continue
            self._say(on[0], after)
            at = int(self._edges.target[on[0]])
        return " ".join([*before[::-1], text, *after])

    def _say(self, edge: int, words: list[str]) -> None:
        if not self._silent[edge]:
            words.append(self._word(int(self._edges.said[edge])))


def _cheapest(at: Numbers, cost: Costs) -> Mapping[int, tuple[int, float]]:
    """The cheapest edge by what it is `at`, and its cost."""
    order, first = grouped(at, cost)
    first = order[first]
    pairs = zip(first.tolist(), cost[first].tolist(), strict=True)
    return dict(zip(at[first].tolist(), pairs, strict=True))


def _depths(source: _Ints, target: _Ints, nodes: int) -> Numbers:
    """The longest way to each node."""
    depth = [0] * nodes
    order = np.argsort(source, kind="stable")
    for one, other in zip(source[order].tolist(), target[order].tolist(), strict=True):
        depth[other] = max(depth[other], depth[one] + 1)
    return np.array(depth, np.intp)
