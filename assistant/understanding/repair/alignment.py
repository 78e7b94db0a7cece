"""Which words of one text stand for which of another, by sound.

The usual edit distance with its way back (Wagner and Fischer 1974, "The String-to-String Correction
Problem"), over phones, summed up by word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.understanding.repair.sounds import Pronouncer, dropping_costs, substitution_costs


@dataclass(frozen=True, slots=True)
class Heard:
    """A word of either text and how badly the other accounts for it."""

    word: str
    cost: float
    """For each of the word's phones: 0 is the same sound, about 0.6 none at all."""


def unaccounted(
    one: Sequence[str], other: Sequence[str], pronouncer: Pronouncer
) -> Iterator[Heard]:
    """The words of `one`, then those of `other`, with what the other text lacks of them."""
    a = [(n, phone) for n, word in enumerate(one) for phone in pronouncer.phones(word)]
    b = [(n, phone) for n, word in enumerate(other) for phone in pronouncer.phones(word)]
    in_one, in_other = [0.0] * len(one), [0.0] * len(other)
    for at, against, cost in _steps([p for _, p in a], [p for _, p in b]):
        if at is not None:
            in_one[a[at][0]] += cost
        if against is not None:
            in_other[b[against][0]] += cost
    for words, costs in ((one, in_one), (other, in_other)):
        for word, cost in zip(words, costs, strict=True):
            yield Heard(word, cost / max(1, len(pronouncer.phones(word))))


def distance(one: str, other: str, pronouncer: Pronouncer) -> float:
    """What it costs to hear the one for the other, in phones."""
    a, b = (pronouncer.heard(text).tolist() for text in (one, other))
    return sum(cost for _, _, cost in _steps(a, b))


def _steps(a: list[int], b: list[int]) -> Iterator[tuple[int | None, int | None, float]]:
    """The cheapest edits that turn `a` into `b`, last first: place in each, and cost."""
    instead = substitution_costs().tolist()
    left_out = dropping_costs().tolist()
    rows = [[0.0]]
    for phone in b:
        rows[0].append(rows[0][-1] + left_out[phone])
    for phone in a:
        above, swap, drop = rows[-1], instead[phone], left_out[phone]
        row = [above[0] + drop]
        for j, against in enumerate(b):
            row.append(
                min(above[j] + swap[against], above[j + 1] + drop, row[j] + left_out[against])
            )
        rows.append(row)
    i, j = len(a), len(b)
    while i or j:
        here = rows[i][j] - 1e-9
        if i and j and rows[i - 1][j - 1] + instead[a[i - 1]][b[j - 1]] <= here + 2e-9:
            i, j = i - 1, j - 1
            yield i, j, instead[a[i]][b[j]]
        elif i and rows[i - 1][j] + left_out[a[i - 1]] <= here + 2e-9:
            i -= 1
            yield i, None, left_out[a[i]]
        else:
            j -= 1
            yield None, j, left_out[b[j]]
