"""Cuts reply text into the pieces that are synthesized one after the other. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_END = re.compile(
    r"""[.!?…]+["'”’»)\]]*(?=\s|$)   # Latin, Cyrillic, Greek, Korean: followed by a space
    | [。！？｡।॥؟۔]+["”’』」）]*       # Chinese, Japanese, Hindi, Arabic, Urdu
    | \s*\n\s*""",
    re.VERBOSE,
)
_CLAUSE = re.compile(r"[,;:—–](?=\s)|[，、；：،]")
_LAST_TOKEN = re.compile(r"[^\s(\"'“„«]+$")

_BEFORE_NAMES = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "vs", "approx", "fig", "sr", "jr", "e.g", "i.e"),
        *("mme", "mlle", "hr", "fr", "frl", "nr", "bzw", "ca", "z.b", "d.h", "u.a"),
        *("sra", "srta", "dra", "pág", "p.ej", "op"),
    )
)
"""Abbreviations (without their last dot) that something follows."""

_MAYBE_LAST = frozenset(("etc", "usw", "a.m", "p.m", "inc", "ltd", "co", "u.s", "u.k"))
"""Abbreviations that end a sentence when the next word begins with a capital."""

_ORDINAL_DOT = frozenset(
    (
        *("da", "de", "cs", "et", "fi", "hr", "hu", "is", "lb", "lv", "nb", "nn", "no"),
        *("pl", "sk", "sl", "sr", "sv", "tr"),
    )
)
"""Languages that write "3." for "third"."""

LONGEST = 200
"""Width of the longest piece; East Asian characters count double."""

_EARLY_FROM = 50
_EARLY_CLAUSE = 12


def sentences(text: str, language: str = "en") -> tuple[str, ...]:
    """The sentences of `text`, each with its punctuation; none is without a letter or digit."""
    found, start = [], 0
    for match in _END.finditer(text):
        if _ends_sentence(text, match, language):
            found.append(text[start : match.end()])
            start = match.end()
    found.append(text[start:])
    stripped = (" ".join(sentence.split()) for sentence in found)
    return tuple(s for s in stripped if any(c.isalnum() for c in s))


def pieces(text: str, language: str = "en") -> tuple[str, ...]:
    """What to synthesize in one go each, so that the first sound comes early.

    Sentences; the first, if it is long, in two at its first clause; none wider than `LONGEST`.
    """
    found = [part for sentence in sentences(text, language) for part in _fit(sentence)]
    if found and _width(found[0]) > _EARLY_FROM:
        first = found[0]
        for match in _CLAUSE.finditer(first):
            head, tail = first[: match.end()], first[match.end() :].strip()
            if _width(head) >= _EARLY_CLAUSE and _width(tail) >= _EARLY_CLAUSE:
                return (head, tail, *found[1:])
    return tuple(found)


def _ends_sentence(text: str, match: re.Match[str], language: str) -> bool:
    mark = match.group()
    if not mark.startswith("."):
        return True
    rest = text[match.end() :].lstrip()
    if not rest:
        return True
    if mark.startswith(".."):
        return not rest[0].islower()
    if mark != ".":
        return True
    token = _LAST_TOKEN.search(text, 0, match.start())
    word = token.group().casefold() if token else ""
    if word in _BEFORE_NAMES or (len(word) == 1 and word.isalpha() and word != "i"):
        return False
    if word in _MAYBE_LAST:
        return rest[0].isupper()
    if word == "no":
        return not rest[0].isdigit()
    primary = re.split("[-_]", language)[0].casefold()
    return not (primary in _ORDINAL_DOT and word.isdigit() and len(word) <= 2)


def _fit(sentence: str) -> Iterator[str]:
    """Cut what is too long at a clause, else at a space, else anywhere."""
    while _width(sentence) > LONGEST:
        end = limit = _prefix(sentence, LONGEST)
        clauses = [m.end() for m in _CLAUSE.finditer(sentence, 0, limit) if m.end() > limit // 3]
        space = sentence.rfind(" ", limit // 3, limit)
        if clauses:
            end = clauses[-1]
        elif space > 0:
            end = space
        head, sentence = sentence[:end].strip(), sentence[end:].strip()
        if any(c.isalnum() for c in head):
            yield head
    if any(c.isalnum() for c in sentence):
        yield sentence


def _character_width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _width(text: str) -> int:
    return sum(map(_character_width, text))


def _prefix(text: str, width: int) -> int:
    """How many characters fit into `width`."""
    used = 0
    for index, character in enumerate(text):
        used += _character_width(character)
        if used > width:
            return index
    return len(text)
