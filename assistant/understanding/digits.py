"""Understanding room: a PIN or a code in what was said or typed."""

from __future__ import annotations

import re
from functools import cache

from assistant.understanding.language import LanguageData, language_data
from assistant.understanding.spelled import number_engine

_PIECE = re.compile(r"\d+|[^\W\d_]+")
_LARGEST = 99
_WRITTEN_TOGETHER = "\u1100"
"""Hangul and Chinese characters come after this: digits in them are written without spaces."""


def spoken_digits(text: str, language: str) -> str | None:
    """The digits that `text` consists of, in order; None where it has anything else, or nothing.

    "one two three four", "1234", "1-2-3-4" and "twelve thirty-four" are all "1234". Words such
    as "the PIN is" count for nothing.
    """
    data = language_data(language)
    words = _numbers(language)
    text = text.replace("'", "").replace("’", "")
    pieces = [piece.casefold() for piece in _PIECE.findall(text)]
    found = _glued("".join(pieces), words) if data.ignore_whitespace else _read(pieces, words)
    if found is None:
        shorter = _without(text, data)
        if shorter == text:
            return None
        return spoken_digits(shorter, language)
    return found or None


def _read(pieces: list[str], words: dict[str, str]) -> str | None:
    digits = ""
    place = 0
    while place < len(pieces):
        pair = " ".join(pieces[place : place + 2])
        if pair in words:
            digits, place = digits + words[pair], place + 2
        elif pieces[place].isdigit() or pieces[place] in words:
            digits += words.get(pieces[place], pieces[place])
            place += 1
        elif pieces[place] >= _WRITTEN_TOGETHER and (glued := _glued(pieces[place], words)):
            digits, place = digits + glued, place + 1
        else:
            return None
    return digits


def _glued(text: str, words: dict[str, str]) -> str | None:
    digits = ""
    longest = max(map(len, words), default=1)
    while text:
        for length in range(min(longest, len(text)), 0, -1):
            head = text[:length]
            if head in words or (length == 1 and head.isdigit()):
                digits += words.get(head, head)
                text = text[length:]
                break
        else:
            return None
    return digits


def _without(text: str, data: LanguageData) -> str:
    """`text` without the first of the language's words that may stand beside a code."""
    for phrase in sorted(data.code_words, key=len, reverse=True):
        edge = "" if data.ignore_whitespace or phrase >= _WRITTEN_TOGETHER else r"\b"
        shorter = re.sub(rf"{edge}{re.escape(phrase)}{edge}", " ", text, count=1, flags=re.I)
        if shorter != text:
            return shorter
    return text


@cache
def _numbers(language: str) -> dict[str, str]:
    """Number words, casefolded, and the digits they stand for."""
    data = language_data(language)
    words = {word.casefold(): digit for word, digit in data.digits.items()}
    try:
        engine = number_engine(language.replace("_", "-").split("-")[0])
    except ValueError:
        return words
    for number in range(_LARGEST + 1):
        for form in engine.format_number(number).text_by_ruleset.values():
            plain = form.replace("-", " ").casefold()
            spoken = plain.replace(" ", "") if data.ignore_whitespace else plain
            words.setdefault(spoken, str(number))
    return words
