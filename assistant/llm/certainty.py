"""How sure the taught model must be: the one place for these numbers, and how they are found.

Recipe: decode requests that were not taught, half of which should lead to nothing, and give
`thresholds` the certainty of each answer that would act and whether it was right. It returns the
lowest certainty from which at most the stated share of them is wrong, once for acting and once for
asking. Whoever trains an adapter does this on requests held out from its generator and writes the
result here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.config import LanguageModelSettings

ACT_FROM = 0.9
"""Certainty from which a harmless command is done at once."""
ASK_FROM = 0.4
"""Certainty from which it is asked about; below, it is not understood."""
WRONG_ACTS = 0.01
WRONG_QUESTIONS = 0.1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Certainties, 0..1, from which something is done, or asked about."""

    act: float = ACT_FROM
    ask: float = ASK_FROM

    @classmethod
    def of(cls, settings: LanguageModelSettings) -> Thresholds:
        """Those of the configuration, where it has any."""
        act = ACT_FROM if settings.act_from is None else settings.act_from
        ask = ASK_FROM if settings.ask_from is None else settings.ask_from
        return cls(act, min(act, ask))


def thresholds(seen: Iterable[tuple[float, bool]]) -> Thresholds:
    """The thresholds that answers of these certainties, right or not, ask for."""
    ordered = sorted(seen, reverse=True)
    return Thresholds(_lowest(ordered, WRONG_ACTS), _lowest(ordered, WRONG_QUESTIONS))


def _lowest(ordered: list[tuple[float, bool]], most_wrong: float) -> float:
    """The lowest certainty of `ordered` down to which at most `most_wrong` of them are wrong."""
    wrong, lowest = 0, 1.0
    for number, (certainty, right) in enumerate(ordered, 1):
        wrong += not right
        following = ordered[number][0] if number < len(ordered) else -1.0
        if wrong <= most_wrong * number and following < certainty:
            lowest = certainty
    return lowest
