"""Understanding room: several requests in one breath, taken apart so that every part counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.types import Intent
from assistant.understanding.elliptic import Elliptic
from assistant.understanding.language import LanguageData
from assistant.understanding.names import kinds_of_things

Reader = Callable[[str], Intent | None]

_MOST_SEPARATORS = 6
_MOST_READINGS = 22
_LONGEST_END = 2
_DAYS = ("day", "days", "month", "month_day", "every")
_TARGET = frozenset({"name", "area", "floor", "domain", "device_class"})
_NO_MORE_IF_REPEATED = (
    "HassTurnOn",
    "HassTurnOff",
    "HassSetPosition",
    "HassStopMoving",
    "HassVacuumStart",
    "HassVacuumReturnToBase",
    "HassLawnMowerStartMowing",
    "HassLawnMowerDock",
    "HassCancelTimer",
    "AssistantCancelAlarm",
)
_SETTING = frozenset(
    {"HassLightSet", "HassSetPosition", "HassSetVolume", "HassClimateSetTemperature",
     "HassFanSetSpeed", "HassHumidifierSetpoint"}
)  # fmt: skip

_VAGUE = ("here_unknown", "one_unknown")
_ROUGHLY = ("dim", "brighten")
"""Responses of a brightness that nobody has said in figures."""


@dataclass(frozen=True, slots=True)
class Splitter:
    """Where one language's requests may be joined."""

    separator: re.Pattern[str]
    articles: re.Pattern[str]
    pronouns: re.Pattern[str] | None
    """Words for what was named just before: "turn on the lamp and make it red"."""
    there: re.Pattern[str] | None
    """Words for the place named just before: "open the blind in the office and set 20 there"."""
    verb_last: bool
    """What is to be done may stand at the end, once for several things."""
    names: frozenset[str]
    """Casefolded names, areas and floors that a conjunction may join: "the TV and the lamp"."""
    longest_name: int
    """Words in the longest of them."""
    kinds: frozenset[str]
    """Words for things without a name: "the lights"."""
    elliptic: Elliptic

    @classmethod
    def of(cls, data: LanguageData, names: frozenset[str], places: frozenset[str]) -> Splitter:
        """For the language of `data` and a home's `names` and `places`."""
        words = "|".join(re.escape(w) for w in sorted(data.conjunctions, key=len, reverse=True))
        marks = r"\s*[,;.!?。，、！？](?!\d)\s*"
        joined = rf"(?:{marks}|\s+)(?:{words})\s+|{marks}" if words else marks
        articles = "|".join(re.escape(w) for w in sorted(data.articles, key=len, reverse=True))
        return cls(
            re.compile(joined, re.IGNORECASE),
            re.compile(rf"^(?:(?:{articles})\s+)+" if articles else r"^\b\B", re.IGNORECASE),
            _any_of(data.pronouns),
            _any_of(data.there),
            data.verb_last,
            names,
            max((len(name.split()) for name in names), default=0),
            (frozenset(map(str.casefold, data.kinds)) | kinds_of_things(data))
            - frozenset(data.particles),
            Elliptic.of(data, names, places),
        )


class _Budget:
    def __init__(self, read: Reader) -> None:
        self._read = read
        self._left = _MOST_READINGS
        self._known: dict[str, Intent | None] = {}

    def __call__(self, text: str) -> Intent | None:
        text = text.strip()
        if text not in self._known:
            if self._left <= 0 or not text:
                return None
            self._left -= 1
            self._known[text] = self._read(text)
        return self._known[text]


def read_all(text: str, read: Reader, splitter: Splitter) -> tuple[Intent, ...]:
    """The intents of `text` in spoken order: one, several, or none.

    Several only where every part is understood; a part left over makes nothing of the whole.
    """
    once = _Budget(read)
    whole = once(text)
    if whole is not None:
        return (whole,)
    if len(splitter.separator.findall(text)) > _MOST_SEPARATORS:
        return ()
    return _parts(text, once, splitter, _Frame())


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before and behind a name: the part that a next object inherits."""

    before: str = ""
    behind: str = ""

    def around(self, text: str) -> Iterator[str]:
        if self.before:
            yield f"{self.before} {text}"
        if self.behind:
            yield f"{text} {self.behind}"
            if self.before:
                yield f"{self.before} {text} {self.behind}"


def _parts(text: str, read: Reader, splitter: Splitter, frame: _Frame) -> tuple[Intent, ...]:
    whole = _one(text, read, frame)
    if whole is not None:
        return (whole,)
    for separator in splitter.separator.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        first = _one(left, read, frame)
        if first is None:
            continue
        right = _filled(right, first, splitter)
        after = _frame(left, splitter) or frame
        somewhere: tuple[Intent, ...] = ()
        for form in (right, *splitter.elliptic.whole(right, left, first)):
            if rest := _parts(form, read, splitter, after):
                rest = (splitter.elliptic.of_the_same(first, rest[0], rest[0].text), *rest[1:])
                found = (first, *(rest if form == right else _timed_alike(first, rest)))
                if rest[0].response not in _VAGUE:
                    return found
                somewhere = somewhere or found  # "the office light red and 40%" says where
        if somewhere:
            return somewhere
    for one, other in _shared(text, splitter):
        first_parts = _parts(one, read, splitter, frame)
        if not first_parts:
            continue
        other_parts = _parts(other, read, splitter, frame)
        if other_parts:
            return (*first_parts, *other_parts)
    return _lent(text, read, splitter, frame) if splitter.verb_last else ()


def _timed_alike(first: Intent, rest: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """ "An alarm at six in the morning and another at 6:20": of the same day, and half of it."""
    again, *others = rest
    given, hour = again.slots, first.slots.get("hour")
    if again.name != first.name or not isinstance(hour, int) or "hour" not in given:
        return rest
    slots = dict(given)
    if given.keys().isdisjoint(_DAYS):
        slots |= {key: first.slots[key] for key in _DAYS if key in first.slots}
    if "clock" in given and "clock" not in first.slots:
        slots["hour"] = int(str(given["hour"])) % 12 + (12 if hour >= 12 else 0)
        del slots["clock"]
    return (replace(again, slots=slots), *others)


def _lent(text: str, read: Reader, splitter: Splitter, frame: _Frame) -> tuple[Intent, ...]:
    """ "Das Licht in der Küche und den Fernseher aus": what ends the last part ends them all."""
    for separator in splitter.separator.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        words = right.split()
        for count in range(1, min(_LONGEST_END, len(words) - 1) + 1):
            end = " ".join(words[-count:])
            first = read(f"{left} {end}")
            rest = _parts(right, read, splitter, frame) if first is not None else ()
            if first is not None and rest:
                return (first, *rest)
    return ()


def _one(text: str, read: Reader, frame: _Frame) -> Intent | None:
    read_it = (read(form) for form in (text, *frame.around(text)))
    return next((intent for intent in read_it if intent is not None), None)


def _filled(right: str, first: Intent, splitter: Splitter) -> str:
    """`right` with what its pronouns stand for."""
    for words, slot in ((splitter.pronouns, "name"), (splitter.there, "area")):
        named = str(first.slots.get(slot, ""))
        if named and words is not None:
            right = words.sub(lambda _, name=named: name, right)  # type: ignore[misc]
    return right


def _frame(text: str, splitter: Splitter) -> _Frame | None:
    words = text.split()
    for count in range(min(splitter.longest_name, len(words)), 0, -1):
        for start in range(len(words) - count + 1):
            if _is_name(words[start : start + count], splitter):
                return _around(words, start, start + count, splitter)
    for start in range(len(words) - 1, 0, -1):
        if words[start].casefold() in splitter.kinds:
            return _around(words, start, start + 1, splitter)
    return None


def _around(words: list[str], start: int, end: int, splitter: Splitter) -> _Frame:
    before = words[:start]
    while before and splitter.articles.match(f"{before[-1]} "):
        before.pop()
    return _Frame(" ".join(before), " ".join(words[end:]))


def _shared(text: str, splitter: Splitter) -> Iterator[tuple[str, str]]:
    """Readings of "A X and Y B" as "A X B" and "A Y B", where X and Y are names of the home.

    The last words of Y may belong to X too: "the left and right blind".
    """
    for separator in splitter.separator.finditer(text):
        left = text[: separator.start()].split()
        after = splitter.articles.sub("", text[separator.end() :]).split()
        for y_count in range(min(splitter.longest_name, len(after)), 0, -1):
            y, behind = after[:y_count], after[y_count:]
            if not _is_name(y, splitter):
                continue
            for shared in range(y_count - 1, -1, -1):
                tail = y[y_count - shared :]
                for x_count in range(min(splitter.longest_name, len(left)), 0, -1):
                    x, before = [*left[-x_count:], *tail], left[:-x_count]
                    if _is_name(x, splitter):
                        yield " ".join([*before, *x, *behind]), " ".join([*before, *y, *behind])


def _is_name(words: list[str], splitter: Splitter) -> bool:
    return " ".join(words).casefold() in splitter.names


def _any_of(words: Sequence[str]) -> re.Pattern[str] | None:
    choice = "|".join(map(re.escape, words))
    return re.compile(rf"\b(?:{choice})\b", re.IGNORECASE) if words else None


def without_repeats(intents: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """ "Make sure the door is locked, lock it" asks for one thing; so does "mow, send it out"."""
    intents = tuple(one for i, one in enumerate(intents) if not _told_again(one, intents[i + 1 :]))
    done: dict[tuple[object, ...], Intent] = {}
    for intent in intents:
        again = intent.name in _NO_MORE_IF_REPEATED
        what = (intent.name, tuple(sorted(intent.slots.items(), key=str)), intent.response)
        done.setdefault(what if again else (len(done),), intent)
    kept = tuple(done.values())
    exact = (one for one, then in pairwise(kept) if not _said(one, then))
    return (*exact, *kept[-1:])


def _told_again(bare: Intent, rest: tuple[Intent, ...]) -> bool:
    """Whether what names nothing comes again, with what it is about."""
    if bare.slots or bare.device_ids or bare.name not in _NO_MORE_IF_REPEATED:
        return False
    return any(one.name == bare.name and one.slots for one in rest)


def _said(first: Intent, then: Intent) -> bool:
    """Whether `then` says more exactly what `first` did: "turn it down, 17 degrees will do".

    Of two values of one thing the last is meant: "warm light, 3000 kelvin".
    """
    if first.name.removesuffix("Relative") != then.name:
        return False
    if first.response in _ROUGHLY and then.response not in _ROUGHLY:  # "too bright, 30 will do"
        return {**first.slots, "brightness": 0} == {**then.slots, "brightness": 0}
    parts = [
        (
            {key: value for key, value in intent.slots.items() if key in _TARGET},
            {key.removesuffix("_step").removesuffix("_level") for key in intent.slots} - _TARGET,
        )
        for intent in (first, then)
    ]
    (of_first, values), (of_then, exact) = parts
    steps, again = (any(k.endswith("_step") for k in i.slots) for i in (first, then))
    exacter = steps or (first.name in _SETTING and not again)
    return bool(of_first) and of_first == of_then and exacter and values == exact
