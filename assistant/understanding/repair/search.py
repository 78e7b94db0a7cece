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
_Places = np.ndarray[Any, np.dtype[np.intp]]

_EPSILON = 2e-3
_FIRST_STEP = 1.0
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
        self.pronouncer = pronouncer
        texts = [grammar.values.get(word, (word,)) for word in grammar.words]
        self._values = Values([text for some in texts for text in some], pronouncer)
        self.texts: list[str] = self._values.texts
        """All words, and all values of lists."""
        self.vocabulary = frozenset(word for text in self.texts for word in text.split())
        """All single words of those."""
        number = {text: n for n, text in enumerate(self.texts)}
        self._members = [np.array([number[t] for t in some], np.int32) for some in texts]
        several = [label for label, some in enumerate(texts) if len(some) > 1]
        self._several = np.array(several, np.int32)
        self._single = np.full(len(self.texts), -1, np.int32)
        """The label that says a text and no other."""
        for label, members in enumerate(self._members):
            if len(members) == 1 and label != NOTHING:
                self._single[members[0]] = label
        arcs = [np.array(x, np.int32) for x in (grammar.sources, grammar.targets, grammar.labels)]
        self._source, self._target, self._label = arcs
        self._forwards = _layers(self._source, self._target, self._nodes)
        mirrored = (self._nodes - 1 - self._target, self._nodes - 1 - self._source)
        self._backwards = _layers(*mirrored, self._nodes)
        self._into = _grouped(self._target, self._nodes)
        self._out_of = _grouped(self._source, self._nodes)

    def length(self, text: str) -> int:
        """The number of phones in `text`."""
        return len(self.pronouncer.heard(text))

    def best(self, text: str, *, most: int, within: float, limit: float) -> list[Sounding]:
        """At most `most` sentences that sound like `text`, best first.

        None that costs more than `limit` for each phone of `text`, or more than `within` above
        the best one.
        """
        heard = self.pronouncer.heard(text)
        if not len(heard):
            return []
        trellis = _Trellis(self, heard, limit * len(heard))
        best = trellis.best()
        if best is None:
            return []
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
        self._s = search
        self._n = len(heard)
        self.limit = limit
        self._bound = 0.0
        self._kept, self._value_costs = search._values.costs(heard, limit)
        self._row = np.full(len(search.texts), -1, np.int32)
        self._row[self._kept] = np.arange(len(self._kept))
        self._labels, self._costs = self._of_labels()
        self._place_of = np.full(len(search._members), len(self._labels), np.int32)
        """The row of each label in the costs, and the one after the last for all others."""
        self._place_of[self._labels] = np.arange(len(self._labels))
        skipping = dropping_costs()[heard] * np.float32(_SKIPPED)
        self._skipped = np.concatenate([[0], np.cumsum(skipping)]).astype(np.float32)
        self._before, self._beyond = self._bounds(skipping)

    def best(self) -> float | None:
        """The cost of the best sentence; None where it is more than the limit."""
        least = float(self._beyond[0])
        step = _FIRST_STEP
        while least <= self.limit:
            bound = min(self.limit, least + step)
            best = self._forward(bound)
            if best <= bound:
                return best
            if bound >= self.limit:
                break
            step *= 4
        return None

    def sentences(self, most: int, limit: float) -> list[Sounding]:
        """The best sentences that cost no more than `limit`: the search's, or less."""
        if self._bound < limit:
            self._forward(limit)
        through = self._backward(limit)
        found: dict[str, float] = {}
        for arc in np.argsort(through, kind="stable"):
            if through[arc] > limit or len(found) >= most:
                break
            for text, cost in self._through(int(arc), limit):
                found[text] = min(cost, found.get(text, cost))
        ranked = sorted(found.items(), key=lambda item: item[1])
        return [Sounding(text, cost) for text, cost in ranked[:most]]

    def _of_labels(self) -> tuple[_Ints, Costs]:
        """Labels that may have been heard, and `(those, n + 1, WINDOW + 1)` their least costs."""
        silent = np.full((1, self._n + 1, WINDOW + 1), IMPOSSIBLE, np.float32)
        silent[:, :, 0] = 0
        single = self._s._single[self._kept]
        labels = [np.array([NOTHING], np.int32), single[single >= 0]]
        costs = [silent, self._value_costs[single >= 0]]
        for label in self._s._several:
            rows = self._rows_of(int(label))
            if len(rows):
                labels.append(label[None])
                costs.append(self._value_costs[rows].min(0)[None])
        together = np.concatenate(labels)
        order = np.argsort(together)
        return together[order], np.concatenate(costs)[order]

    def _rows_of(self, label: int) -> _Ints:
        """The rows of the values of a label that may have been heard."""
        rows = self._row[self._s._members[label]]
        return np.asarray(rows[rows >= 0], np.int32)

    def _bounds(self, skipping: Costs) -> tuple[Costs, Costs]:
        """What at least is the cost of all before, and of all after, each place."""
        n = self._n
        best = self._costs.min(0, initial=IMPOSSIBLE)
        before = np.full(n + 1, IMPOSSIBLE, np.float32)
        after = before.copy()
        before[0] = after[n] = 0
        for place in range(1, n + 1):
            lengths = np.arange(1, min(WINDOW, place) + 1)
            word = (before[place - lengths] + best[place - lengths, lengths]).min()
            before[place] = min(word, before[place - 1] + skipping[place - 1])
        for place in range(n - 1, -1, -1):
            lengths = np.arange(1, min(WINDOW, n - place) + 1)
            word = (after[place + lengths] + best[place, lengths]).min()
            after[place] = min(word, after[place + 1] + skipping[place])
        return before, after

    def _places(self, limit: float) -> None:
        """Where each label may have been heard in a sentence of no more than `limit`."""
        n = self._n
        ends = np.arange(n + 1)[:, None] + np.arange(WINDOW + 1)
        beyond = np.append(self._beyond, np.full(WINDOW, IMPOSSIBLE, np.float32))[ends]
        possible = self._costs + (self._before[:, None] + beyond) <= limit
        _, starts, lengths = np.nonzero(possible)
        self._ends = starts + lengths
        self._place_costs = self._costs[possible]
        counts = np.count_nonzero(possible, axis=2)
        self._first = np.append(0, np.cumsum(counts))
        self._sayable = np.append(counts > 0, np.zeros((1, n + 1), bool), axis=0)

    def _heard(self, arcs: _Ints) -> tuple[_Places, _Places, _Places]:
        """Where one of `arcs` may have been heard: which of them, from which place, and how."""
        rows = self._place_of[self._s._label[arcs]]
        which, start = np.nonzero(self._open[self._s._source[arcs]] & self._sayable[rows])
        group = rows[which] * (self._n + 1) + start
        first = self._first[group]
        counts = self._first[group + 1] - first
        each = np.repeat(np.arange(len(which)), counts)
        within = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts - first, counts)
        return which[each], start[each], within

    def _forward(self, limit: float) -> float:
        """Costs from the start; the cost of the best sentence."""
        s, width = self._s, self._n + 1
        self._bound = limit
        self._places(limit)
        costs = self._from_start = np.full((s._nodes, width), IMPOSSIBLE, np.float32)
        costs[0] = self._skipped
        self._open = np.zeros((s._nodes, width), bool)
        self._open[0] = self._skipped + self._beyond <= limit
        reached = np.zeros(s._nodes, bool)
        reached[0] = True
        sayable = self._sayable.any(1)[self._place_of][s._label]
        flat = costs.reshape(-1)
        for layer in s._forwards:
            arcs = layer[reached[s._source[layer]] & sayable[layer]]
            which, start, place = self._heard(arcs)
            end = self._ends[place]
            cost = costs[s._source[arcs][which], start] + self._place_costs[place]
            fine = np.flatnonzero(cost + self._beyond[end] <= limit)
            if not len(fine):
                continue
            targets = s._target[arcs][which[fine]]
            np.minimum.at(flat, targets * width + end[fine], cost[fine])
            nodes = np.unique(targets)
            reached[nodes] = True
            rows = costs[nodes] - self._skipped
            np.minimum.accumulate(rows, axis=1, out=rows)
            rows += self._skipped
            costs[nodes] = rows
            self._open[nodes] = rows + self._beyond <= limit
        return float(costs[s._end, self._n])

    def _backward(self, limit: float) -> Costs:
        """Costs to the end; the costs of the best sentence through each arc."""
        s, width = self._s, self._n + 1
        costs = self._to_end = np.full((s._nodes, width), IMPOSSIBLE, np.float32)
        costs[s._end] = self._skipped[-1] - self._skipped
        reached = np.zeros(s._nodes, bool)
        reached[s._end] = True
        through = np.full(len(s._source), IMPOSSIBLE, np.float32)
        flat = costs.reshape(-1)
        for layer in s._backwards:
            arcs = layer[reached[s._target[layer]]]
            which, start, place = self._heard(arcs)
            cost = costs[s._target[arcs][which], self._ends[place]] + self._place_costs[place]
            sources = s._source[arcs][which]
            whole = self._from_start[sources, start] + cost
            fine = np.flatnonzero(whole <= limit + _EPSILON)
            if not len(fine):
                continue
            np.minimum.at(through, arcs[which[fine]], whole[fine])
            np.minimum.at(flat, sources[fine] * width + start[fine], cost[fine])
            nodes = np.unique(sources[fine])
            reached[nodes] = True
            rows = (costs[nodes] + self._skipped)[:, ::-1]
            costs[nodes] = np.minimum.accumulate(rows, axis=1)[:, ::-1] - self._skipped
        return through

    def _through(self, arc: int, limit: float) -> Iterator[tuple[str, float]]:
        """The best sentence with each of the words that an arc can say."""
        s = self._s
        label = int(s._label[arc])
        rows = self._rows_of(label)
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
            at = self._place_of[label]
            if at == len(self._labels):
                continue
            starts = place - lengths if way < 0 else np.full_like(lengths, place)
            each = costs[other, place + way * lengths] + self._costs[at, starts, lengths]
            length = int(each.argmin())
            if each[length] <= wanted:
                start = place - length if way < 0 else place
                rows = self._rows_of(label)
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
