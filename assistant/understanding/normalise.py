"""Understanding room: what recognizers and people write, made into what the templates expect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.understanding.glued.numerals import Numerals
from assistant.understanding.language import LanguageData

MAX_CHARACTERS = 400
"""Longer texts are no request to a home; they are not looked at."""

_KEPT_SYMBOLS = frozenset("°%+'’-")
_SPACE = re.compile(r"\s+")
_BRACKETS = str.maketrans("()[]{}<>|", " " * 9)
_QUESTION_MARKS = ("?", "？")
_WIDE = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ", "％％", "＋＋", "－／")
    for code in range(ord(first), ord(last) + 1)
}
"""Full-width digits, letters and signs of numbers, and their usual forms."""
_PAST = 20
"""The final ㅆ in the order of Hangul syllables (Unicode 3.12): "꺼" and this are "껐"."""
_EDGE = ' \t\n,;:.!?…—–-"“”„«»。，、！？'

_Rule = tuple[re.Pattern[str], str, bool]
"""Pattern, replacement, and whether it can only stand at the start."""


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Cleans one language's text; compiled once from its `language.yaml`."""

    hesitations: re.Pattern[str] | None
    early: tuple[_Rule, ...]
    questions: tuple[_Rule, ...]
    replacements: tuple[_Rule, ...]
    leading: re.Pattern[str] | None
    trailing: re.Pattern[str] | None
    purposes: re.Pattern[str] | None
    numerals: Numerals | None

    @classmethod
    def of(cls, data: LanguageData, language: str) -> Normaliser:
        """Compile the rules of `data`, which is that of `language`."""
        sounds = "|".join(data.hesitations)
        return cls(
            re.compile(rf"[\s,.…]*\b(?:{sounds})\b[\s,.…]*", re.IGNORECASE) if sounds else None,
            _rules(data.early),
            _rules(data.questions),
            _rules((*data.replace, *_asked(data))),
            _edge_words(data.leading, "start", data.ignore_whitespace),
            _edge_words(data.trailing, "end", data.ignore_whitespace),
            re.compile(rf"(?<=\S)\s*(?:{'|'.join(data.purposes)})$") if data.purposes else None,
            Numerals.of(data, language),
        )

    def __call__(self, text: str, *, courtesies: bool = False) -> str:
        """The request in `text`, or "" when there is none (empty, emoji only, far too long).

        With or without the courtesies around it.
        """
        asks = text.rstrip().endswith(_QUESTION_MARKS)
        text = cleaned(text)
        text = _replaced(text, self.questions if asks else self.early)
        if self.hesitations is not None:
            text = self.hesitations.sub(" ", text).strip(_EDGE)
        if not courtesies:
            text = self._without_courtesies(text)
        if self.numerals is not None:
            text = self.numerals(text)
        text = _replaced(text, self.replacements)
        text = _SPACE.sub(" ", text).strip(_EDGE)
        return text if courtesies else self._without_courtesies(text)

    def opened(self, text: str) -> str:
        """`text` as it was said, but for the courtesies before it."""
        text = cleaned(text)
        while self.leading is not None and (shorter := self.leading.sub("", text, count=1)) != text:
            text = shorter.strip(_EDGE)
        return text

    def forms(self, text: str) -> Iterator[str]:
        """`text` as it was said, and then with one courtesy less at either end, and so on."""
        forms = [cleaned(text)]
        for form in forms:
            yield form
            for edge in (self.leading, self.trailing):
                shorter = edge.sub("", form, count=1).strip(_EDGE) if edge is not None else form
                if shorter and shorter not in forms:
                    forms.append(shorter)

    def without_purpose(self, text: str) -> str:
        """ "关灯" of "关灯睡觉": a request without what it is for."""
        return text if self.purposes is None else self.purposes.sub("", text)

    def _without_courtesies(self, text: str) -> str:
        while True:
            shorter = text
            if self.leading is not None:
                shorter = self.leading.sub("", shorter, count=1)
            if self.trailing is not None:
                shorter = self.trailing.sub("", shorter, count=1)
            shorter = shorter.strip(_EDGE)
            if shorter == text or not shorter:
                return text
            text = shorter


def _rules(rules: Iterable[tuple[str, str]]) -> tuple[_Rule, ...]:
    return tuple(
        (re.compile(pattern, _case(pattern)), meant, _is_anchored(pattern))
        for pattern, meant in rules
    )


def _case(pattern: str) -> re.RegexFlag:
    """No case where no letter has one: `re` takes a millisecond to fold 11,172 syllables."""
    letters = re.sub(r"\\.", "", pattern)
    return re.NOFLAG if letters.upper() == letters.lower() else re.IGNORECASE


def _replaced(text: str, rules: Iterable[_Rule]) -> str:
    for pattern, replacement, first in rules:
        if not first or pattern.match(text):
            text = pattern.sub(replacement, text)
    return text


def _is_anchored(pattern: str) -> bool:
    """Whether all of an expression begins with "^": `search` would try it at every place."""
    depth, plain = 0, re.sub(r"\\.|\[[^\]]*\]", "", pattern)
    for sign in plain:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            return False
    return plain.startswith("^")


def _asked(data: LanguageData) -> Iterator[tuple[str, str]]:
    """ "끄자", "끄고 싶어", "껐으면 좋겠어" are "꺼줘", as "끄고" is."""
    asking, wishing = "|".join(data.asking_endings), "|".join(data.wishing_endings)
    for verb, asked in data.joining_verbs.items():
        if asking and verb.endswith("고") and len(verb) > 1:
            yield rf"{verb[:-1]}(?:{asking})(?=$|[\s,.!?])", asked
        stem = asked.removesuffix("줘")
        if wishing and stem:
            yield rf"{stem[:-1]}{chr(ord(stem[-1]) + _PAST)}(?:{wishing})(?=$|[\s,.!?])", asked


def cleaned(text: str) -> str:
    """The words of `text` as they are, without signs that say nothing; "" when far too long."""
    if len(text) > MAX_CHARACTERS:
        return ""
    text = unicodedata.normalize("NFC", text).translate(_WIDE)
    text = "".join(c if _is_wanted(c) else " " for c in text)
    return _SPACE.sub(" ", text.translate(_BRACKETS)).strip(_EDGE)


def _is_wanted(character: str) -> bool:
    if character in _KEPT_SYMBOLS:
        return True
    return unicodedata.category(character) not in {"So", "Sk", "Cn", "Cs", "Co", "Cc", "Cf"}


def _edge_words(words: Sequence[str], edge: str, glued: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    apart = [word for word in words if not glued or _is_syllable(word)]
    loose = [word for word in words if word not in apart]
    ways = [
        (_longest_first(some), gap)
        for some, gap in ((apart, r"[\s,.!?;:，。、]+"), (loose, r"[\s,.!?;:，。、]*"))
        if some
    ]
    if edge == "start":
        pattern = "|".join(rf"^(?:{choice}){gap}(?=\S)" for choice, gap in ways)
    else:
        pattern = "|".join(rf"(?<=\S){gap}(?:{choice})$" for choice, gap in ways)
    return re.compile(pattern, re.IGNORECASE)


def _longest_first(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _is_syllable(word: str) -> bool:
    """Whether a word is one Hangul syllable, with which many others begin: "음", "음소거"."""
    return len(word) == 1 and "가" <= word <= "힣"
