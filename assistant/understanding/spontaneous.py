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
from assistant.understanding.names import kinds_of_things

_MOST_FORMS = 10
_LONGEST_NAME = 4
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
    remark: re.Pattern[str] | None
    """The same, of which more is taken for one."""
    never_remark: re.Pattern[str] | None
    retracts: re.Pattern[str] | None
    """At the start of a correction: what follows is taken out, "not the mirror light"."""
    only: re.Pattern[str] | None
    """There too: what follows is all that is left, "just the desk lamp"."""
    conjunctions: frozenset[str]
    kinds: frozenset[str]
    """Words for things without a name: "the lights"."""
    things: Mapping[str, str]
    """By the last word, casefolded, of what is kept: "timer" is "the timer"."""
    there: re.Pattern[str] | None
    there_is: str
    """What stands in for it: "in the {area}"."""
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
        degrees = "".join(rf"(?<!{re.escape(word)})" for word in data.consequences_not_after)
        alone = rf"|{degrees}\s+(?:{so})\s+" if so else ""
        pronouns, there = _choice(data.pronouns), _choice(data.dialogue.there)
        those, ends = (
            _choice(data.dialogue.demonstratives),
            _choice((*data.particles, *data.dialogue.passing, *data.dialogue.everywhere)),
        )
        if those and ends and not data.ignore_whitespace:  # "turn that off", "mach das mal aus"
            pronouns += rf"|(?:{those})(?=(?:\s+(?:{ends}))+$)"
        return cls(
            re.compile(rf"(?:[\s,;.!?]+(?:{marks})(?=[\s,;.!?]))+[\s,;.!?]*{again}", re.I)
            if marks
            else None,
            re.compile(rf"^(.+){_MARK}\s*(.+?)[\s,]+(?:{marks})$", re.I) if marks else None,
            re.compile(
                rf"\s*{_MARK}{after}\s*{alone}{_behind(data.aside_endings)}"
                + _opened_by(data.aside_openers),
                re.I,
            ),
            _any(data.asides, whole=True),
            _any((*data.asides, *data.reasons), whole=True),
            _any(data.never_asides, whole=False, glued=data.ignore_whitespace),
            _any(data.remarks, whole=True),
            _any(data.never_remarks, whole=False, glued=data.ignore_whitespace),
            _opener(data.retracts),
            _opener(data.only),
            frozenset(word.casefold() for word in data.conjunctions),
            kinds_of_things(data),
            {
                thing.split()[-1].casefold(): thing
                for thing in data.dialogue.things.values()
                if thing
            },
            re.compile(rf"\b(?:{there})\b", re.I) if there else None,
            data.dialogue.there_is,
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
            if mark[0].strip().isalpha() and _last(said) in self.conjunctions:
                return  # "… and no alarm" corrects nothing
            said = next((form for form in self.corrected(said)), said)
            forms |= dict.fromkeys(self._less(said, meant))
            sure = not mark[0].strip().isalpha() or " " in mark[0].strip()
            forms |= dict.fromkeys(self._replaced(said, meant, sure=sure))
        yield from list(forms)[:_MOST_FORMS]

    def without_asides(self, text: str, *, remarks: bool = False) -> Iterator[str]:
        """`text` without the clauses around it that only give a reason, the likeliest first.

        With `remarks` whatever tells something counts as one.
        """
        if self.aside is None or (remarks and self.remark is None):
            return
        cuts = list(self.joint.finditer(text))
        if not cuts:
            return
        starts = [0, *(cut.end() for cut in cuts)]
        ends = [*(cut.start() for cut in cuts), len(text)]
        marked = [text[cut.start() : cut.end()].strip() != "" for cut in cuts]

        def together(kind: re.Pattern[str] | None, start: int, end: int) -> bool:
            """Whether the pieces from `start` to `end` are one such clause."""
            whole = not any(marked[start:end])
            clause = text[starts[start] : ends[end]]
            return whole and (self._is(kind, clause) or (remarks and self._is_remark(clause)))

        last = len(starts) - 1
        opens = [bool(cut.groupdict().get("opens")) for cut in cuts]
        before = _fitting(
            last, lambda start, end: not opens[end] and together(self.aside, start, end)
        )
        behind = _fitting(last, lambda start, end: together(self.reason, last - end, last - start))
        for first, done in ((before, min(behind, last - before)), (0, behind), (before, 0)):
            request, said = text[starts[first] : ends[last - done]], text[: starts[first]]
            pointed = self._pointed(request, said) if first or done else ""
            if remarks and self.pronouns is not None and self.pronouns.search(pointed):
                continue
            if pointed:
                yield pointed

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
        if sure and self._is_name(said):  # "the reading lamp, no, the floor lamp off"
            yield meant
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

    def _is_remark(self, clause: str) -> bool:
        if not self._is(self.remark, clause):
            return False
        return self.never_remark is None or not self.never_remark.search(clause.strip())

    def _less(self, said: str, meant: str) -> Iterator[str]:
        """ "A and B" without B after "no, not B"; of it all just A after "no, just A"."""
        for opener, keeps in ((self.retracts, False), (self.only, True)):
            rest = opener.sub("", meant) if opener is not None else meant
            words = rest.split() if rest != meant else []
            name = " ".join(w for w in map(str.casefold, words) if w not in self.articles)
            before = said.replace(",", " ,").split()
            spans = self._names(before) if name in self.names else []
            if keeps and spans:
                yield _plain([*before[: spans[0][0]], *words, *before[spans[-1][1] :]])
            for start, end in spans if not keeps and len(spans) > 1 else []:
                if self._plainly(before[start:end]) == name:
                    yield _plain(self._without(before, start, end))

    def _names(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where names stand in `words`, articles and all, the longest at each place."""
        spans, start = [], 0
        while start < len(words):
            ends = range(min(len(words), start + _LONGEST_NAME), start, -1)
            end = next((e for e in ends if self._plainly(words[start:e]) in self.names), None)
            if end is None:
                start += 1
            else:
                spans.append((start, end))
                start = end
        return spans

    def _plainly(self, words: Sequence[str]) -> str:
        return " ".join(w for w in map(str.casefold, words) if w not in self.articles)

    def _without(self, words: Sequence[str], start: int, end: int) -> list[str]:
        """`words` less a name and what joins it to the others."""
        joints = {*self.conjunctions, ","}
        before, behind = list(words[:start]), list(words[end:])
        if before and before[-1].casefold() in joints:
            before.pop()
        elif behind and behind[0].casefold() in joints:
            behind.pop(0)
        return [*before, *behind]

    def _pointed(self, request: str, before: str) -> str:
        """`request` with what its "it" and "there" stand for in the clauses before it."""
        if self.pronouns is not None and self.pronouns.search(request):
            named = self._name_in(before) or self._kind_in(before) or self._thing_in(before)
            request = self.pronouns.sub(lambda _: named, request) if named else request
        if self.there is not None and self.there.search(request):
            place = self._place_in(re.findall(r"[^\W_]+", before))
            if place is not None:
                there = self.there_is.replace("{area}", place[2])
                request = self.there.sub(lambda _: there, request)
        return request

    def _name_in(self, clause: str) -> str:
        words = re.findall(r"[^\W_]+", clause.casefold())
        for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                if (name := " ".join(words[start : start + length])) in self.names - self.places:
                    return name
        return ""

    def _kind_in(self, clause: str) -> str:
        """ "The light in the hall" of "somebody left the light on in the hall"."""
        words = re.findall(r"[^\W_]+", clause)
        at = next((i for i, word in enumerate(words) if word.casefold() in self.kinds), None)
        if at is None:
            return ""
        article = words[at - 1 : at] if at and words[at - 1].casefold() in self.articles else []
        place = self._place_in(words)
        return " ".join([*article, words[at], *(words[place[0] : place[1]] if place else ())])

    def _thing_in(self, clause: str) -> str:
        """ "The pasta timer" of "I don't need the pasta timer after all"."""
        words = re.findall(r"[^\W_]+", clause)
        at = next((i for i, word in enumerate(words) if word.casefold() in self.things), None)
        if at is None:
            return ""
        for start in range(at - 1, max(-1, at - 3), -1):
            if words[start].casefold() in self.articles:
                return " ".join(words[start : at + 1])
        return self.things[words[at].casefold()]

    def _place_in(self, words: Sequence[str]) -> tuple[int, int, str] | None:
        """Where the only place in `words` stands, with what is before it, and its name."""
        found = [
            (start, end, said)
            for end in range(1, len(words) + 1)
            for start in range(max(0, end - _LONGEST_NAME), end)
            if (said := " ".join(words[start:end]).casefold()) in self.places
        ]
        if not found:
            return None
        start, end, said = max(found, key=lambda one: len(one[2]))
        if start and words[start - 1].casefold() in self.articles - set(self.prepositions):
            start -= 1
        if start and words[start - 1].casefold() in self.prepositions:
            start -= 1
        return start, end, said

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


def _last(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1].casefold() if text.split() else ""


def _plain(words: Sequence[str]) -> str:
    return " ".join(words).replace(" ,", ",").strip(" ,")


def _choice(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _behind(endings: Sequence[str]) -> str:
    """Spaces behind a word that ends so."""
    return "".join(rf"|(?<={re.escape(ending)})\s+" for ending in endings)


def _opened_by(openers: Sequence[str]) -> str:
    """Spaces before what begins a clause behind a request."""
    return rf"|\s+(?=(?P<opens>{'|'.join(openers)})\b)" if openers else ""


def _opener(words: Sequence[str]) -> re.Pattern[str] | None:
    """One of `words` at the start, or at the end: "den Ventilator nicht"."""
    return (
        re.compile(rf"^(?:{_choice(words)})\s+|\s+(?:{_choice(words)})$", re.I) if words else None
    )


def _any(patterns: Sequence[str], *, whole: bool, glued: bool = False) -> re.Pattern[str] | None:
    if not patterns:
        return None
    choice, edge = "|".join(patterns), "" if glued else r"\b"
    return re.compile(rf"^(?:{choice})$" if whole else rf"{edge}(?:{choice}){edge}", re.IGNORECASE)
