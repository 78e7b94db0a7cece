"""Understanding room: numbers in words, each spelled once in the life of the process."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.intents import RangeSlotList
    from unicode_rbnf import RbnfEngine

_MOST_KEPT = 8192


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
