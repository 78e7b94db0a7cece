"""Understanding room: the numbers of a text, in words or digits, each made into one sign.

Expressions over such a text need not know how a number is said, and stay small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.understanding.spelled import number_engine

_FIRST, _ROOM = 0xF0000, 0x200
_PLAIN, _TWO, _LONG, _ORDINAL, _LENGTH = range(5)


def _signs(*classes: int) -> str:
    ranges = (f"{chr(_FIRST + c * _ROOM)}-{chr(_FIRST + c * _ROOM + _ROOM - 1)}" for c in classes)
    return f"[{''.join(ranges)}]"


CODED = _signs(_PLAIN, _TWO, _LONG)
"""Matches one number of a coded text."""
CODED_TWO = _signs(_TWO)
"""One that was written in two digits."""
CODED_LONG = _signs(_LONG)
"""One that was written in three or four digits."""
CODED_ORDINAL = _signs(_ORDINAL)
"""An ordinal: "first", "12th"."""
CODED_LENGTH = _signs(_LENGTH)
"""A length: "an hour and a half"."""

_LARGEST = 199
_RARELY = (200, 250, 300, 400, 500, 600, 800, 900, 1000, 1500, 2000, 10_000, 1_000_000)
_NOT_COUNTED = ("financial", "days")


@dataclass(frozen=True, slots=True)
class Coded:
    """A text with a sign for each number."""

    text: str
    values: Mapping[str, str]
    """What each sign stands for, in digits."""
    places: tuple[int, ...]
    """Where in the original each character (and the end) stands."""

    def value(self, text: str) -> float:
        """The number that a piece of this text stands for; of a corrected one the last."""
        digits = "".join(self.values.get(sign, sign) for sign in text)
        return float(digits.replace(",", "."))

    def with_lengths(self, pattern: re.Pattern[str], seconds: Callable[[str], float]) -> Coded:
        """The same, with a sign for each match of `pattern`, which stands for its seconds."""
        return _coded(
            self.text,
            pattern.finditer(self.text),
            lambda match: (_LENGTH, f"{seconds(match[0]):.3f}"),
            self,
        )

    def place(self, index: int) -> int:
        """Where `text[index]` stands in the original."""
        return self.places[index]


class Numbers:
    """The number words of a language: Unicode's and `more`, but not those of `without`.

    Raises `re.error`.
    """

    def __init__(
        self,
        language: str,
        more: Mapping[str, float],
        without: Iterable[str],
        ordinals: Mapping[str, int],
        ordinal_digits: str,
        *,
        begins: str,
        ends: str,
    ) -> None:
        self._words = _number_words(language, more)
        for word in without:
            self._words.pop(word, None)
        self._ordinals = {word.casefold(): float(value) for word, value in ordinals.items()}
        words = pattern_of_words([*self._words, *self._ordinals])
        self._number = re.compile(
            rf"(?P<ordinal>{ordinal_digits})|(?P<digits>\d+)|(?:{begins})(?P<word>{words})(?:{ends})",
            re.IGNORECASE,
        )

    def code(self, text: str) -> Coded:
        """`text` with a sign for each of its numbers."""
        return _coded(text, self._numbers_in(text), self._read)

    def _numbers_in(self, text: str) -> Iterator[re.Match[str]]:
        """All numbers; right after one stands no ordinal: "1 second" is a length."""
        end = -2
        for match in self._number.finditer(text):
            word = re.sub(r"[\s-]+", " ", (match["word"] or "").casefold())
            if word not in self._ordinals or match.start() > end + 1:
                end = match.end()
                yield match

    def words(self) -> Iterator[str]:
        """Every single word of a number."""
        for number in (*self._words, *self._ordinals):
            yield from number.split()

    def word(self, value: int) -> str:
        """A word for `value`, or its digits."""
        return next((word for word, known in self._words.items() if known == value), str(value))

    def _read(self, match: re.Match[str]) -> tuple[int, str]:
        if match["word"]:
            plain = re.sub(r"[\s-]+", " ", match["word"].casefold())
            if plain in self._ordinals:
                return _ORDINAL, str(self._ordinals[plain])
            return _PLAIN, f"{self._words[plain]:g}" if self._words[plain] < 1e5 else "1000000"
        if match["ordinal"]:
            return _ORDINAL, re.sub(r"\D", "", match["ordinal"])
        digits = match["digits"]
        kind = {2: _TWO, 3: _LONG, 4: _LONG}.get(len(digits), _PLAIN)
        return kind, digits


def _coded(
    text: str,
    matches: Iterable[re.Match[str]],
    read: Callable[[re.Match[str]], tuple[int, str]],
    before: Coded | None = None,
) -> Coded:
    pieces: list[str] = []
    values = dict(before.values) if before else {}
    places: list[int] = []
    done = 0
    for match in matches:
        kind, digits = read(match)
        sign = chr(_FIRST + kind * _ROOM + len(values) % _ROOM)
        values[sign] = digits
        pieces += [text[done : match.start()], sign]
        places += [*range(done, match.start()), match.start()]
        done = match.end()
    pieces.append(text[done:])
    places += range(done, len(text) + 1)
    if before:
        places = [before.places[place] for place in places]
    return Coded("".join(pieces), values, tuple(places))


def pattern_of_words(words: Iterable[str]) -> str:
    """One regular expression for all `words`, the longest first, without groups.

    Shared beginnings are tried once, so it costs no more than a few letters at any place.
    """
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _of_node(root)


def _of_node(node: dict[str, dict]) -> str:  # type: ignore[type-arg]
    ways = [
        (r"[\s-]" if letter == " " else re.escape(letter)) + _of_node(behind)
        for letter, behind in node.items()
        if letter
    ]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 and "" not in node else f"(?:{'|'.join(ways)})"
    return f"{joined}?" if "" in node else joined


def _number_words(language: str, more: Mapping[str, float]) -> dict[str, float]:
    words = {word.casefold(): float(value) for word, value in more.items()}
    try:
        engine = number_engine(language.replace("_", "-").split("-")[0])
    except ValueError:
        return words
    for number in (*range(_LARGEST + 1), *_RARELY):
        for ruleset, form in engine.format_number(number).text_by_ruleset.items():
            if not ruleset.endswith(_NOT_COUNTED):
                word = form.lower().replace("-", " ").replace("\u00ad", "")
                long = word.replace("hundred ", "hundred and ")
                # "Dreißig" is found as it is written, and looked up casefolded.
                for one in (word, word.casefold(), long, long.replace("one hundred", "a hundred")):
                    words.setdefault(one, float(number))
    return words
