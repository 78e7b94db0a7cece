"""How sure the taught model must be: the one place for these numbers, and how they are found.

Recipe: `python -m assistant.training evaluate` decodes requests in phrasings that were not taught,
two fifths of which should lead to nothing, and gives `thresholds` the certainty of each answer that
would act and whether it was right. Whoever trains an adapter writes the result here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.config import LanguageModelSettings

ACT_FROM = 0.85
"""Certainty from which a harmless command is done at once."""
ASK_FROM = 0.48
"""Certainty from which it is asked about; below, it is not understood."""
WRONG_ACTS = 0.01
"""Share of all requests that may end in something done that was not right."""
WRONG_QUESTIONS = 1 / 3
"""Share of the questions ("Should I …?") that may be about something that is not right."""


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


def thresholds(seen: Iterable[tuple[float, bool]], requests: int) -> Thresholds:
    """The thresholds that answers of these certainties, right or not, to `requests` ask for."""
    ordered = sorted(seen, reverse=True)
    act = _lowest(ordered, lambda wrong, _: wrong <= WRONG_ACTS * requests)
    asked = [one for one in ordered if one[0] < act]
    ask = _lowest(asked, lambda wrong, number: wrong <= WRONG_QUESTIONS * number)
    return Thresholds(act, min(act, ask))


def _lowest(ordered: list[tuple[float, bool]], allowed: Callable[[int, int], bool]) -> float:
    """The lowest certainty of `ordered` down to which so many wrong among so many are `allowed`."""
    wrong, lowest = 0, 1.0
    for number, (certainty, right) in enumerate(ordered, 1):
        wrong += not right
        following = ordered[number][0] if number < len(ordered) else -1.0
        if allowed(wrong, number) and following < certainty:
            lowest = certainty
    return lowest
