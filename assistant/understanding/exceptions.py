"""Understanding room: "all the lights except in the kitchen": what is left out, taken out of it.

What remains of the sentence is read like any other; what was left out becomes its slots
`except_name`, `except_area` and `except_floor`, names all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.types import Intent, SlotValue
from assistant.understanding.glued.glue import glued
from assistant.understanding.language import LanguageData
from assistant.understanding.names import HomeNames

_MARKS = " \t,;.:，。、；：-"


@dataclass(frozen=True, slots=True)
class Exceptions:
    """One language's ways to leave something out, over the names of one home."""

    before: re.Pattern[str] | None
    """Words before what is left out: "except"."""
    after: re.Pattern[str] | None
    """Words after it: "빼고"."""
    clauses: tuple[re.Pattern[str], ...]
    """Whole requests with a clause about what stays as it is."""
    fillers: re.Pattern[str] | None
    """Words around a name or place that say nothing: "the lights in the"."""
    joints: re.Pattern[str] | None
    others: re.Pattern[str] | None
    """Words for what remains: "all the other lights"."""
    known: dict[str, tuple[str, str]]
    """By what is said, casefolded: the slot, and the name to put into it."""
    tight: bool
    """Spaces say nothing."""

    @classmethod
    def of(cls, data: LanguageData, names: HomeNames) -> Exceptions:
        """For the language of `data` and a home's `names`."""
        tight = data.ignore_whitespace
        said: dict[str, tuple[str, str]] = {}
        for name in names.names:
            said.setdefault(name.spoken, ("except_name", name.canonical))
        if not tight:
            said |= _short_forms(names, _words_between(data))
        said |= {spoken: ("except_floor", floor) for spoken, floor in names.floors}
        said |= {spoken: ("except_area", area) for spoken, area in names.areas}
        words = data.dialogue
        return cls(
            _any_of(words.except_before, tight),
            _any_of(words.except_after, tight),
            tuple(re.compile(clause, re.IGNORECASE) for clause in words.except_clauses),
            _any_of(words.except_fillers, tight),
            _any_of((*data.conjunctions, *words.except_joints, ","), tight),
            _any_of(words.except_others, tight),
            {(glued(key) if tight else key).casefold(): value for key, value in said.items()},
            tight,
        )

    def taken(self, text: str) -> Iterator[tuple[str, dict[str, SlotValue]]]:
        """What is left of `text`, and the slots of what it leaves out, the likeliest first.

        Words like "the lights" behind what is left out belong to it, or to what is asked.
        """
        text = glued(text) if self.tight else text
        for clause in self.clauses:
            if said := clause.match(text):
                end, found, _ = self._items(said["thing"], 0, forward=True)
                if found and end == len(said["thing"]):
                    yield self._less(said["rest"], found)
        if self.before is not None and (mark := self.before.search(text)):
            end, found, bare = self._items(text, mark.end(), forward=True)
            for reached in dict.fromkeys((end, bare)):
                yield from self._split(text, mark.start(), reached, found)
            return
        if self.after is not None and (mark := self.after.search(text)):
            start, found, bare = self._items(text, mark.start(), forward=False)
            for reached in dict.fromkeys((start, bare)):
                yield from self._split(text, reached, mark.end(), found)

    def _split(
        self, text: str, start: int, end: int, found: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[str, dict[str, SlotValue]]]:
        head, tail = text[:start].rstrip(_MARKS), text[end:].lstrip(_MARKS)
        rest = (head + ("" if self.tight else " ") + tail).strip()
        if found and rest:
            yield self._less(rest, found)

    def _less(
        self, rest: str, found: Sequence[tuple[str, str]]
    ) -> tuple[str, dict[str, SlotValue]]:
        if self.others is not None:
            rest = self.others.sub("", rest)
        return rest, {
            slot: tuple(name for kind, name in found if kind == slot) for slot, _ in found
        }

    def _items(
        self, text: str, at: int, *, forward: bool
    ) -> tuple[int, list[tuple[str, str]], int]:
        """Where the names beside the place `at`, joined or one, end; they; the end of the last."""
        found: list[tuple[str, str]] = []
        place, reached, bare = at, at, at
        while True:
            place = self._skipped(text, place, None, forward=forward)
            spoken = self._longest(text, place, forward=forward)
            if spoken is None:
                place = self._skipped(text, place, self.fillers, forward=forward)
                spoken = self._longest(text, place, forward=forward)
            if spoken is None or (forward and self._begins_anew(text, reached, place, spoken)):
                return reached, found, bare
            found.append(self.known[spoken])
            place += len(spoken) if forward else -len(spoken)
            bare = place
            reached = place = self._skipped(text, place, self.fillers, forward=forward)
            place = self._skipped(text, place, self.joints, forward=forward)
            if place == reached:
                return reached, found, bare

    def _begins_anew(self, text: str, reached: int, place: int, spoken: str) -> bool:
        """Whether a name behind a comma begins what is asked: "除了阅读灯，客厅的灯都关掉"."""
        if not self.tight or not set(",，") & set(text[reached:place]):
            return False
        behind = text[place + len(spoken) :]
        return (
            bool(behind)
            and not behind.startswith(("以外", "之外", "外"))
            and not (self.joints is not None and self.joints.match(behind))
        )

    def _longest(self, text: str, at: int, *, forward: bool) -> str | None:
        part = (text[at:] if forward else text[:at]).casefold()
        fits = part.startswith if forward else part.endswith
        fitting = [spoken for spoken in self.known if fits(spoken)]
        if not self.tight:
            fitting = [s for s in fitting if not _goes_on(part, s, forward=forward)]
        return max(fitting, key=len, default=None)

    def _skipped(self, text: str, at: int, words: re.Pattern[str] | None, *, forward: bool) -> int:
        """Past spaces and `words`, all there are."""
        while True:
            while 0 <= (at if forward else at - 1) < len(text) and (
                text[at if forward else at - 1].isspace()
            ):
                at += 1 if forward else -1
            match = None
            if words is not None and forward:
                match = words.match(text, at)
            elif words is not None:
                ends = [m for m in words.finditer(text, 0, at) if m.end() == at]
                match = ends[0] if ends else None
            if match is None or match.start() == match.end():
                return at
            at = match.end() if forward else match.start()


def _words_between(data: LanguageData) -> frozenset[str]:
    """Words that name nothing: "im" of "im Freien"."""
    words = (*data.dialogue.except_fillers, *data.articles, *data.prepositions)
    return frozenset(word.casefold() for word in words)


def _short_forms(names: HomeNames, empty: frozenset[str]) -> dict[str, tuple[str, str]]:
    """ "Left" for "Left blind", where only one device is called so: "except the left one"."""
    found: dict[str, set[str]] = {}
    for name in names.names:
        first, _, last = name.spoken.rpartition(" ")
        if first and last and first.casefold() not in empty:
            found.setdefault(first, set()).add(name.canonical)
    return {
        short: ("except_name", next(iter(canonical)))
        for short, canonical in found.items()
        if len(canonical) == 1
    }


def _goes_on(part: str, spoken: str, *, forward: bool) -> bool:
    beside = part[len(spoken) :][:1] if forward else part[: -len(spoken)][-1:]
    return beside.isalnum()


def _any_of(words: Sequence[str], tight: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    said = [glued(word) if tight else word for word in words]
    choice = "|".join(re.escape(word) for word in sorted(said, key=len, reverse=True))
    edges = ("", "") if tight else (r"(?<!\w)", r"(?!\w)")
    return re.compile(f"{edges[0]}(?:{choice}){edges[1]}", re.IGNORECASE)


def leaving_out(
    intents: tuple[Intent, ...], left_out: Mapping[str, SlotValue]
) -> tuple[Intent, ...]:
    """The intents, the last of them less what is left out; none where that is about one thing.

    A device is left out of all that is done alike, and taken from another that is named it leaves
    that as it is: "the ceiling lamp off, but not the floor lamp".
    """
    last, devices = intents[-1], left_out.keys() == {"except_name"}
    if "name" in last.slots or last.device_ids:
        kept = left_out.get("except_name", ())
        named = last.slots.get("name")
        return intents if devices and named and named not in _several(kept) else ()
    return tuple(
        replace(intent, slots={**intent.slots, **left_out})
        if intent is last or (devices and intent.name == last.name and "name" not in intent.slots)
        else intent
        for intent in intents
    )


def _several(value: SlotValue) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
