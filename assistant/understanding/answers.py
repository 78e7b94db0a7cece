"""Understanding room: yes and no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.understanding.language import LanguageData


@dataclass(frozen=True, slots=True)
class Answers:
    """One language's words for yes and no, plain."""

    yes: frozenset[str]
    no: frozenset[str]

    @classmethod
    def of(cls, data: LanguageData) -> Answers:
        """For the language of `data`."""
        return cls(frozenset(map(_plain, data.yes)), frozenset(map(_plain, data.no)))

    def read(self, *forms: str) -> str | None:
        """ "yes", "no", or None where none of the `forms` of a text is an answer."""
        for form in forms:
            words = _plain(form).split()
            if _made_of(words, self.no):
                return "no"
            if _made_of(words, self.yes):
                return "yes"
        return None

    def behind_yes(self, text: str) -> str:
        """What follows the yes that `text` begins with: "open it" of "yes, open it"; "": none."""
        words = _plain(text).split()
        ends = [end for end in range(1, len(words)) if _made_of(words[:end], self.yes)]
        return " ".join(words[max(ends) :]) if ends else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s']", " ", text.casefold().replace("’", "'"))).strip()


def _made_of(words: Sequence[str], phrases: frozenset[str]) -> bool:
    """Whether `words` are one or more of `phrases`, one after the other: "yeah, do it"."""
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached |= {
                end
                for end in range(start + 1, len(words) + 1)
                if " ".join(words[start:end]) in phrases
            }
    return bool(words) and len(words) in reached
