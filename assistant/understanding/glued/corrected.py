"""Understanding room: corrections half way, in scripts without spaces between words.

"把客厅的灯，哦不，卧室的灯关掉", "스탠드 말고 독서등 켜 줘": what `spontaneous` does word by word
is done by character here, around the names of the home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.understanding.glued.glue import Glued, glued
from assistant.understanding.glued.joined import Joins, like_the_first, name_at, names_any
from assistant.understanding.language import LanguageData

_EDGE = " \t,;.!?。，、！？；"
_MOST_FORMS = 14


@dataclass(frozen=True, slots=True)
class GluedCorrections:
    """One language's ways to correct oneself, over the names of one home."""

    marks: re.Pattern[str] | None
    """Words between what was said and what is meant."""
    rejects: tuple[tuple[re.Pattern[str], str], ...]
    """"Not this, but that", and what is meant."""
    joins: Joins

    @classmethod
    def of(cls, data: LanguageData, joins: Joins) -> GluedCorrections:
        """For the language of `data` and a home's names in `joins`."""
        words = "|".join(map(re.escape, sorted(data.corrections, key=len, reverse=True)))
        mark = rf"(?<![가-힣])(?:{words})(?![가-힣])"
        return cls(
            re.compile(rf"[\s{_EDGE}]*{mark}(?:[\s{_EDGE}]*{mark})*[\s{_EDGE}]*")
            if words
            else None,
            tuple((re.compile(p), meant) for p, meant in data.dialogue.rejects),
            joins,
        )

    def corrected(self, text: str) -> Iterator[str]:
        """What `text` may say with its corrections carried out, the likeliest first."""
        forms: dict[str, None] = {}
        for pattern, meant in self.rejects:
            kept, found = pattern.subn(meant, text, count=1)
            if found and self._speaks_of_home(text[: len(text) - len(kept)]):
                forms |= dict.fromkeys((kept, _without_marks(kept)))
        marks = list(self.marks.finditer(text)) if self.marks is not None else []
        if marks and marks[-1].start() > 0 and marks[-1].end() < len(text):
            mark = marks[-1]
            said, meant = text[: mark.start()], self._accepted(text[mark.end() :])
            said = next(self.corrected(said), said)
            forms |= dict.fromkeys(self._replaced(said, meant))
        yield from list(forms)[:_MOST_FORMS]

    def _accepted(self, meant: str) -> str:
        """What is meant of a correction that says what is not, too: "아니 침실 말고 서재 불"."""
        for pattern, kept in self.rejects:
            meant = pattern.sub(kept, meant, count=1)
        return meant

    def _replaced(self, said: str, meant: str) -> Iterator[str]:
        if not self._speaks_of_home(said):
            return
        meant = like_the_first(glued(meant), glued(said), self.joins) or meant
        named = self._spans(meant)
        first = named[0] if named and named[0][0] == 0 else None
        for start, end in reversed(self._spans(said)):
            if first is None:
                break
            name, behind = meant[: first[1]], meant[first[1] :]
            for last in dict.fromkeys((end, start + self._bare(said[start:end]))):
                for rest in dict.fromkeys((behind, said[last:])):
                    yield f"{said[:start]}{name}{rest}"
        yield meant
        for place in range(len(said) - 1, 0, -1):
            if said[place].isspace() or glued(said) == said:
                yield f"{said[:place]} {meant}"

    def _spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Where in `text` names of the home stand, with what makes things of places."""
        tight = Glued.of(text)
        spans, start = [], 0
        while start < len(tight.text):
            name = name_at(tight.text, start, self.joins)
            if name is None:
                start += 1
                continue
            end = start + len(name)
            spans.append((tight.places[start], tight.places[end - 1] + 1))
            start = end
        return spans

    def _bare(self, name: str) -> int:
        """How much of a name is the place: "客厅" of "客厅的灯"."""
        kind = list(self.joins.kind.finditer(name))
        return kind[-1].start() if kind and kind[-1].end() == len(name) else len(name)

    def _speaks_of_home(self, text: str) -> bool:
        return names_any(text, self.joins)


def _without_marks(text: str) -> str:
    return re.sub(rf"\s*[{_EDGE.strip()}]\s*", " ", text).strip()
