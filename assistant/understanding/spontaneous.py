"""Understanding room: speech as it comes: corrected half way, reasoned, in an order of its own.

None of it is in the templates. What is said is brought into a form that they may know; only where
they do is it believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.types import SlotValue
from assistant.understanding.language import LanguageData

_MOST_FORMS = 10
_MARK = r"[,;:.!?，。；：！？](?!\d)"


@dataclass(frozen=True, slots=True)
class Spontaneous:
    """One language's ways of speaking off the cuff, over the names of one home."""

    corrections: re.Pattern[str] | None
    """Words between what was said and what was meant: "the kitchen, no, the bedroom"."""
    afterwards: re.Pattern[str] | None
    """A correction at the end: "turn it off, the lamp I mean"."""
    joint: re.Pattern[str]
    aside: re.Pattern[str] | None
    """A clause that tells how things are, and asks for nothing."""
    reason: re.Pattern[str] | None
    """One that gives a reason if a request was before it."""
    never_aside: re.Pattern[str] | None
    prepositions: tuple[str, ...]
    articles: frozenset[str]
    pronouns: re.Pattern[str] | None
    names: frozenset[str]
    """Casefolded names of devices and places."""
    places: frozenset[str]

    @classmethod
    def of(cls, data: LanguageData, names: frozenset[str], places: frozenset[str]) -> Spontaneous:
        """For the language of `data` and a home's `names` and `places`."""
        marks = _choice(data.corrections)
        so = _choice(data.consequences)
        openers = _choice(data.dialogue.corrects)
        again = rf"(?:(?:{openers})\s+)?" if openers else ""
        after = rf"(?:\s*(?:{so})(?=\s))?" if so else ""
        alone = rf"|\s+(?:{so})\s+" if so else ""
        pronouns = _choice(data.pronouns)
        return cls(
            re.compile(rf"(?:[\s,;.!?]+(?:{marks})(?=[\s,;.!?]))+[\s,;.!?]*{again}", re.I)
            if marks
            else None,
            re.compile(rf"^(.+){_MARK}\s*(.+?)[\s,]+(?:{marks})$", re.I) if marks else None,
            re.compile(rf"\s*{_MARK}{after}\s*{alone}{_behind(data.aside_endings)}", re.I),
            _any(data.asides, whole=True),
            _any((*data.asides, *data.reasons), whole=True),
            _any(data.never_asides, whole=False, glued=data.ignore_whitespace),
            data.prepositions,
            frozenset(word.casefold() for word in data.articles),
            re.compile(rf"\b(?:{pronouns})\b", re.I) if pronouns else None,
            names,
            places,
        )

    def corrected(self, text: str) -> Iterator[str]:
        """What `text` may say with its corrections carried out, the likeliest first."""
        if self.corrections is None:
            return
        forms: dict[str, None] = {}
        if self.afterwards is not None and (late := self.afterwards.match(text)):
            forms |= dict.fromkeys(self._replaced(late[1], late[2], sure=True))
        marks = list(self.corrections.finditer(text))
        if marks:
            mark = marks[-1]
            said, meant = text[: mark.start()], text[mark.end() :]
            said = next((form for form in self.corrected(said)), said)
            sure = not mark[0].strip().isalpha() or " " in mark[0].strip()
            forms |= dict.fromkeys(self._replaced(said, meant, sure=sure))
        yield from list(forms)[:_MOST_FORMS]

    def without_asides(self, text: str) -> str | None:
        """`text` without the clauses around it that only give a reason; None: there are none."""
        if self.aside is None:
            return None
        cuts = list(self.joint.finditer(text))
        if not cuts:
            return None
        starts = [0, *(cut.end() for cut in cuts)]
        ends = [*(cut.start() for cut in cuts), len(text)]
        marked = [text[cut.start() : cut.end()].strip() != "" for cut in cuts]

        def together(kind: re.Pattern[str] | None, start: int, end: int) -> bool:
            """Whether the pieces from `start` to `end` are one such clause."""
            whole = not any(marked[start:end])
            return whole and self._is(kind, text[starts[start] : ends[end]])

        last = len(starts) - 1
        first = _fitting(last, lambda start, end: together(self.aside, start, end))
        last -= _fitting(
            last - first, lambda start, end: together(self.reason, last - end, last - start)
        )
        shorter = text[starts[first] : ends[last]]
        if shorter == text:
            return None
        if self.pronouns is not None and self.pronouns.search(shorter):
            named = self._name_in(text[: starts[first]])
            return self.pronouns.sub(lambda _: named, shorter) if named else shorter
        return shorter

    def is_reason_in(self, slots: Mapping[str, SlotValue]) -> bool:
        """Whether what should be a free name is a clause that only gives a reason."""
        free = (str(slots[key]) for key in ("name", "item") if key in slots)
        return any(self._is(self.aside, text) for text in free)

    def reordered(self, text: str) -> Iterator[str]:
        """`text` with what was put first or last in its place: "in the hall, lights off"."""
        words = text.replace(",", " , ").split()
        start = 1 if words and words[0].casefold() in self.prepositions else 0
        start += len(words) > start and words[start].casefold() in self.articles
        for end in range(min(len(words) - 1, start + 4), start, -1):
            if " ".join(words[start:end]).casefold() in self.places:
                behind = words[end + 1 :] if words[end] == "," else words[end:]
                yield _plain([*behind, *words[:end]])
        first, _, rest = text.partition(", ")
        if not rest or "," in rest:
            return
        if self._is_name(first):
            if self.pronouns is not None and self.pronouns.search(rest):
                yield self.pronouns.sub(lambda _: first, rest)
            else:
                yield f"{rest} {first}"
        if self._is_name(rest) and self.pronouns is not None and self.pronouns.search(first):
            yield self.pronouns.sub(lambda _: rest, first)
        yield f"{first} {rest}"

    def _replaced(self, said: str, meant: str, *, sure: bool) -> Iterator[str]:
        before, after = said.replace(",", " ,").split(), meant.split()
        if not before or not after:
            return
        lowered = [word.casefold() for word in before]
        again = next((w for w in map(str.casefold, after) if w not in self.articles), "")
        if after[0].casefold() == again and again in lowered[1:]:
            kept = len(lowered) - 1 - lowered[::-1].index(again)
            yield " ".join([*before[:kept], *after])
        named = [word for word in map(str.casefold, after) if word not in self.articles]
        if " ".join(named) in self.names and named[-1] in lowered[1:]:
            place = len(lowered) - 1 - lowered[::-1].index(named[-1])
            if lowered[place - 1] in self.articles:
                yield " ".join([*before[: place - 1], *after, *before[place + 1 :]])
        for kept in range(len(before) - 1, 0, -1):
            yield from self._joined(before[:kept], after)
        for start in range(1, len(before)):
            for end in range(len(before) - 1, start, -1):
                if " ".join(lowered[start:end]) in self.names:
                    kept = start - self._both_articles(before[:start], after)
                    for joined in self._joined(before[:kept], after):
                        yield " ".join([joined, *before[end:]])
        common = set(lowered) & set(map(str.casefold, after)) - self.articles
        if sure and common:
            yield meant
            yield meant.split(maxsplit=1)[-1]

    def _joined(self, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
        if before and not self._both_articles(before, after):
            yield _plain([*before, *after])

    def _both_articles(self, before: Sequence[str], after: Sequence[str]) -> bool:
        return before[-1].casefold() in self.articles and after[0].casefold() in self.articles

    def _is(self, kind: re.Pattern[str] | None, clause: str) -> bool:
        if kind is None or not kind.match(clause.strip()):
            return False
        return self.never_aside is None or not self.never_aside.search(clause)

    def _name_in(self, clause: str) -> str:
        words = re.findall(r"[^\W_]+", clause.casefold())
        for length in range(min(4, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                if (name := " ".join(words[start : start + length])) in self.names - self.places:
                    return name
        return ""

    def _is_name(self, text: str) -> bool:
        words = text.casefold().split()
        while words and words[0] in self.articles:
            words.pop(0)
        return " ".join(words) in self.names


def _fitting(last: int, fits: Callable[[int, int], bool]) -> int:
    """How many of the first `last` pieces fit, each or some of them together."""
    reached = {0}
    for end in range(last):
        if any(fits(start, end) for start in reached):
            reached.add(end + 1)
    return max(reached)


def _plain(words: Sequence[str]) -> str:
    return " ".join(words).replace(" ,", ",").strip(" ,")


def _choice(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _behind(endings: Sequence[str]) -> str:
    """Spaces behind a word that ends so."""
    return "".join(rf"|(?<={re.escape(ending)})\s+" for ending in endings)


def _any(patterns: Sequence[str], *, whole: bool, glued: bool = False) -> re.Pattern[str] | None:
    if not patterns:
        return None
    choice, edge = "|".join(patterns), "" if glued else r"\b"
    return re.compile(rf"^(?:{choice})$" if whole else rf"{edge}(?:{choice}){edge}", re.IGNORECASE)
