"""Evaluation room: the figures of a table row, from the verdicts on its cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.evaluation.judging import Verdict


@dataclass(frozen=True, slots=True)
class Played:
    """A case that was played."""

    verdict: Verdict
    latency_ms: float
    """From the request to what was understood; nothing is sent to devices after that."""


@dataclass(frozen=True, slots=True)
class Row:
    """How well some cases went; shares are 0..1, None where there is nothing to take one of."""

    name: str
    cases: int
    exact: float
    """Exact matches; what was asked rightly is among them only if that counts."""
    asked_rightly: float
    false_actions: float
    asked_wrongly: float
    intent: float
    device: float | None
    value: float | None
    p50_ms: float
    p95_ms: float


def row(name: str, played: Sequence[Played], *, asked_counts: bool) -> Row:
    """The figures of at least one case."""
    verdicts = [one.verdict for one in played]
    times = sorted(one.latency_ms for one in played)
    return Row(
        name,
        len(played),
        exact=_mean(verdict.right(asked_counts) for verdict in verdicts),
        asked_rightly=_mean(verdict.asked_rightly for verdict in verdicts),
        false_actions=_mean(verdict.false_action for verdict in verdicts),
        asked_wrongly=_mean(verdict.asked_wrongly for verdict in verdicts),
        intent=_mean(verdict.intent for verdict in verdicts),
        device=_share(verdict.device for verdict in verdicts),
        value=_share(verdict.value for verdict in verdicts),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def rows(
    played: Sequence[Played], by: Callable[[Verdict], str], *, asked_counts: bool
) -> list[Row]:
    """A row for each group, in the order in which they come up."""
    groups: dict[str, list[Played]] = {}
    for one in played:
        groups.setdefault(by(one.verdict), []).append(one)
    return [row(name, some, asked_counts=asked_counts) for name, some in groups.items()]


def percentile(ascending: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of at least one sorted value."""
    return ascending[max(0, math.ceil(percent / 100 * len(ascending)) - 1)]


def _mean(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _share(values: Iterable[bool | None]) -> float | None:
    found = [value for value in values if value is not None]
    return sum(found) / len(found) if found else None
