"""Understanding room: what recognizers and people write, made into what the templates expect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.understanding.language import LanguageData

MAX_CHARACTERS = 400
"""Longer texts are no request to a home; they are not looked at."""

_KEPT_SYMBOLS = frozenset("°%+'’-")
_SPACE = re.compile(r"\s+")
_BRACKETS = str.maketrans("()[]{}<>|", " " * 9)
_EDGE = ' \t\n,;:.!?…—–-"“”„«»。，、！？'


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Cleans one language's text; compiled once from its `language.yaml`."""

    hesitations: re.Pattern[str] | None
    replacements: tuple[tuple[re.Pattern[str], str], ...]
    leading: re.Pattern[str] | None
    trailing: re.Pattern[str] | None

    @classmethod
    def of(cls, data: LanguageData) -> Normaliser:
        """Compile the rules of `data`."""
        sounds = "|".join(data.hesitations)
        return cls(
            re.compile(rf"[\s,.…]*\b(?:{sounds})\b[\s,.…]*", re.IGNORECASE) if sounds else None,
            tuple((re.compile(a, re.IGNORECASE), b) for a, b in (*data.replace, *_asked(data))),
            _edge_words(data.leading, "start", data.ignore_whitespace),
            _edge_words(data.trailing, "end", data.ignore_whitespace),
        )

    def __call__(self, text: str, *, courtesies: bool = False) -> str:
        """The request in `text`, or "" when there is none (empty, emoji only, far too long).

        With or without the courtesies around it.
        """
        text = cleaned(text)
        if self.hesitations is not None:
            text = self.hesitations.sub(" ", text).strip(_EDGE)
        if not courtesies:
            text = self._without_courtesies(text)
        for pattern, replacement in self.replacements:
            text = pattern.sub(replacement, text)
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


def _asked(data: LanguageData) -> Iterator[tuple[str, str]]:
    """ "끄자", "끄고 싶어", "끄면 좋겠어" are "꺼줘", as "끄고" is."""
    endings = "|".join(data.asking_endings)
    stems = [verb for verb in data.joining_verbs if verb.endswith("고") and len(verb) > 1]
    for verb in stems if endings else ():
        yield rf"{verb[:-1]}(?:{endings})(?=$|[\s,.!?])", data.joining_verbs[verb]


def cleaned(text: str) -> str:
    """The words of `text` as they are, without signs that say nothing; "" when far too long."""
    if len(text) > MAX_CHARACTERS:
        return ""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c if _is_wanted(c) else " " for c in text)
    return _SPACE.sub(" ", text.translate(_BRACKETS)).strip(_EDGE)


def _is_wanted(character: str) -> bool:
    if character in _KEPT_SYMBOLS:
        return True
    return unicodedata.category(character) not in {"So", "Sk", "Cn", "Cs", "Co", "Cc", "Cf"}


def _edge_words(words: Sequence[str], edge: str, glued: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted(words, key=len, reverse=True)
    choice = "|".join(re.escape(word) for word in longest_first)
    gap = r"[\s,.!?;:，。、]*" if glued else r"(?:[\s,.!?;:]+)"
    pattern = rf"^(?:{choice}){gap}(?=\S)" if edge == "start" else rf"(?<=\S){gap}(?:{choice})$"
    return re.compile(pattern, re.IGNORECASE)
