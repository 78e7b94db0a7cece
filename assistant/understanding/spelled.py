"""Understanding room: numbers in words, each spelled once in the life of the process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.intents import RangeSlotList
    from unicode_rbnf import RbnfEngine

_MOST_KEPT = 8192


class _StepWithFactor(int):
    """The step of a range whose values are multiplied; unlike the same step without a factor."""

    factor: float

    def __new__(cls, step: int, factor: float) -> _StepWithFactor:
        made = super().__new__(cls, step)
        made.factor = factor
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _StepWithFactor) and (int(self), self.factor) == (
            int(other),
            other.factor,
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((int(self), self.factor))


def with_its_factor(numbers: RangeSlotList) -> RangeSlotList:
    """The same range, so written that hassil does not take it for one with another factor.

    hassil keeps the words of a range by its start, stop and step alone: of "5 darker" (-1) and
    "5 brighter" it would give both the sign of whichever was said first.
    """
    if numbers.multiplier is None or not numbers.words:
        return numbers
    return replace(numbers, step=_StepWithFactor(numbers.step, numbers.multiplier))


@cache
def number_engine(language: str) -> RbnfEngine:
    """hassil's engine for `language`, which hassil gets too: no number is spelled twice.

    Nor is a part of one, for 347 is 300 and 47. Raises `ValueError` for a language whose numbers
    are not known.
    """
    from hassil.numbers import get_rbnf_engine

    engine = get_rbnf_engine(language)
    spell_part = engine.iter_format_number
    kept = lru_cache(maxsize=_MOST_KEPT, typed=True)
    spell = kept(engine.format_number)
    part = kept(lambda *number, **how: tuple(spell_part(*number, **how)))
    vars(engine).update(format_number=spell, iter_format_number=part)
    return engine


@cache
def _words_of(language: str, numbers: tuple[float, ...]) -> frozenset[str]:
    try:
        engine = number_engine(language)
    except ValueError:
        return frozenset()
    forms = {
        form for number in numbers for form in engine.format_number(number).text_by_ruleset.values()
    }
    return frozenset(" ".join(forms).replace("-", " ").replace("_", " ").casefold().split())


def number_words(numbers: RangeSlotList, language: str) -> frozenset[str]:
    """All words in the names of `numbers`; none where the language's numbers are not known."""
    if not numbers.words:
        return frozenset()
    return _words_of(numbers.words_language or language, tuple(numbers.get_numbers()))
