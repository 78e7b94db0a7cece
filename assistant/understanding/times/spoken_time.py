"""Understanding room: the times and lengths in a sentence, and where in it they stand.

What may be said is data, `intents/<language>/times.yaml`: regular expressions with names in angle
brackets for numbers, names of days and the file's own macros. Templates never spell out a time:
it is taken out of the sentence before they see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.understanding.language import load_yaml, own_folder
from assistant.understanding.times.number_words import (
    CODED,
    CODED_LENGTH,
    CODED_LONG,
    CODED_ORDINAL,
    CODED_TWO,
    Coded,
    Numbers,
)

FILE = "times.yaml"

Value = str | int | float | bool

_MACRO = re.compile(r"(?<!\?P)<(\w+)>")
_SECONDS = {
    "seconds": 1, "minutes": 60, "quarters": 900, "hours": 3600, "days": 86_400,
    "weeks": 604_800, "months": 2_592_000, "years": 31_536_000,
}  # fmt: skip
_COUNTED = frozenset(
    {"hour", "minute", "mm", "past", "before", "compact", "quarters", "month_day", "month_number"}
)
_LENGTHS = frozenset({"length", "ahead", "behind"})
_LITERAL = re.compile(r"[^\W\d_]{2,}\??")
_NO_LITERAL = re.compile(r"<\w+>|\\.|\(\?P|\(\?[:=!<]+|\[[^\]]*\]")
_RANGE = re.compile(r"{(\d+)-(\d+)}")
_KINDS = ("length", "clock", "day", "days", "part", "sun")


class TimeData(BaseModel):
    """A language's `times.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: dict[str, float] = Field(default_factory=dict, description="words besides the usual")
    not_numbers: tuple[str, ...] = Field((), description="number words that are articles too")
    ordinals: dict[str, int] = Field(default_factory=dict, description="words for 1st, 2nd…")
    ordinal_digits: str = Field("(?!)", description="how an ordinal is written in digits")
    number_begins: str = Field(r"(?<!\w)", description="what holds before a number word")
    number_ends: str = Field(r"(?!\w)", description="what holds behind it")
    begins: str = Field(r"(?<!\w)", description="what holds before a time")
    ends: str = Field(r"(?!\w)", description="what holds behind it")
    length_begins: str = Field(r"(?<!\w)", description="what holds before a length")
    length_ends: str = Field(r"(?!\w)", description="what holds behind it")
    minus: str = Field("minus", description="words before a number below zero")
    units: dict[str, str] = Field(description="seconds, minutes, quarters, hours, days, …")
    amounts: tuple[tuple[str, float], ...] = Field(
        description="what stands before a unit, and what it adds to the <number> in it"
    )
    fractions: tuple[tuple[str, float], ...] = Field(
        (), description="of a unit, behind it; times the <number> in it, if there is one"
    )
    joints: str = Field(description="between two parts of a length")
    corrections: str = Field(description='"seven, no, eight"')
    weekdays: dict[str, str] = Field(description="monday… and how they are called")
    weekday_joints: str = Field(description="between several weekdays")
    months: tuple[str, ...] = Field((), description="twelve names, the first is January's")
    macros: dict[str, str] = Field(default_factory=dict)
    says: dict[str, tuple[dict[str, str | int | float | bool], ...]] = Field(
        description="by kind: an expression `say`, and the values that it stands for"
    )
    bare: str = Field("(?!)", description="a <number> without a unit: minutes, or until that hour?")
    examples: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="what repair and recognizers expect to hear"
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A time in a text: `text[start:end]`."""

    start: int
    end: int
    kind: str
    """length, clock, day, days (repeated), part (of the day), or sun."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Numbers and names, by what they are: hour, minute, day, length (in seconds)…"""


@dataclass(frozen=True, slots=True, eq=False)
class _Saying:
    kind: str
    pattern: re.Pattern[str]
    values: Mapping[str, Value]
    loose: bool


class SpokenTimes:
    """Finds the times in one language's texts. Its expressions see each number as one sign."""

    def __init__(self, data: TimeData, language: str) -> None:
        self.data = data
        self.numbers = Numbers(
            language, data.numbers, data.not_numbers, data.ordinals, data.ordinal_digits,
            begins=data.number_begins, ends=data.number_ends,
        )  # fmt: skip
        self._corrected = rf"(?:{CODED}[\s,]+(?:{data.corrections})[\s,]+)?"
        amount = "|".join(
            f"(?P<a{i}>{said.replace('<number>', f'(?P<n{i}>{CODED}(?:[.,]{CODED})?)')})"
            for i, (said, _) in enumerate(data.amounts)
        )
        unit = "|".join(rf"(?P<{unit}>{said})" for unit, said in data.units.items())
        behind = "|".join(
            rf"(?P<f{i}>{said.replace('<number>', f'(?P<g{i}>{CODED})')})"
            for i, (said, _) in enumerate(data.fractions)
        )
        piece = rf"{self._corrected}(?:{amount})[\s-]?(?:{unit})(?:{behind})?"
        self._piece = re.compile(piece, re.I)
        nameless = re.sub(r"\(\?P<\w+>", "(?:", piece)
        length = rf"(?:(?:{data.minus})\s?)?{nameless}(?:(?:{data.joints}){nameless})*"
        self._length = re.compile(
            rf"(?:{data.length_begins})(?:{length})(?:{data.length_ends})", re.I
        )
        self._below_zero = re.compile(rf"(?:{data.minus})\s?", re.I)
        self._weekdays = {day: re.compile(said, re.I) for day, said in data.weekdays.items()}
        self._months = tuple(re.compile(said, re.I) for said in data.months)
        self._sayings = tuple(
            self._saying(kind, entry) for kind, says in data.says.items() for entry in says
        )
        bare = data.bare.replace("<number>", f"(?P<number>{CODED})")
        self._bare = re.compile(rf"(?:{data.begins})(?:{bare})(?:{data.ends})", re.IGNORECASE)
        self._correction = re.compile(rf"[\s,，]*(?:{data.corrections})[\s,，]*", re.I)

    def find(self, text: str, *, loose: bool = False) -> tuple[Span, ...]:
        """The times in `text` in their order; of two that overlap the first, then the longer.

        With `loose` also what is a time only where one is expected: "for 7", "to 7.30".
        """
        coded = self.numbers.code(text)
        coded = coded.with_lengths(self._length, partial(self._seconds, coded))
        kept: list[Span] = []
        ahead = [(saying, saying.pattern.search(coded.text))
                 for saying in self._sayings if loose or not saying.loose]  # fmt: skip
        while True:
            done = kept[-1].end if kept else 0
            ahead = [
                (
                    saying,
                    match if match.start() >= done else saying.pattern.search(coded.text, done),
                )
                for saying, match in ahead
                if match is not None
            ]
            found = [(saying, match) for saying, match in ahead if match is not None]
            if not found:
                break
            first, match = min(found, key=lambda one: (one[1].start(), -one[1].end()))
            values = self._values(first, match, coded)
            kept.append(Span(match.start(), match.end(), first.kind, values))
        return tuple(
            replace(span, start=coded.place(span.start), end=coded.place(span.end))
            for span in self._corrections(coded.text, kept)
        )

    def bare_number(self, text: str) -> Span | None:
        """The number in `text` of which nothing says what it counts: "a timer for six"."""
        coded = self.numbers.code(text)
        found = list(self._bare.finditer(coded.text))
        if len(found) != 1:
            return None
        [match] = found
        values = {"number": int(coded.value(match["number"]))}
        return Span(coded.place(match.start()), coded.place(match.end()), "number", values)

    def examples(self, kind: str) -> Iterator[str]:
        """Typical ways of saying a `kind` of time, the numbers in words."""
        for said in self.data.examples.get(kind, ()):
            yield from self._expanded(said)

    def words(self) -> Iterator[str]:
        """The words that times are made of."""
        yield from self.numbers.words()
        data = self.data
        said = [*(str(entry["say"]) for says in data.says.values() for entry in says),
                *data.units.values(), *data.weekdays.values(), *data.months, *data.macros.values(),
                *(amount for amount, _ in (*data.amounts, *data.fractions))]  # fmt: skip
        for pattern in said:
            for word in _LITERAL.findall(_NO_LITERAL.sub(" ", pattern)):
                yield word.rstrip("?")
                if word.endswith("?"):
                    yield word[:-2]

    def _corrections(self, text: str, spans: list[Span]) -> Iterator[Span]:
        """Of "Thursday, no, Friday" Friday, which then covers both."""
        pending: Span | None = None
        for span in spans:
            if pending is not None:
                gap = text[pending.end : span.start]
                if pending.kind == span.kind and self._correction.fullmatch(gap):
                    pending = replace(span, start=pending.start)
                    continue
                yield pending
            pending = span
        if pending is not None:
            yield pending

    def _saying(self, kind: str, entry: Mapping[str, Value]) -> _Saying:
        values = dict(entry)
        said = str(values.pop("say"))
        loose = bool(values.pop("loose", False))
        while _MACRO.search(said):
            said = _MACRO.sub(self._macro, said)
        pattern = rf"(?:{self.data.begins})(?:{said})(?:{self.data.ends})"
        return _Saying(kind, re.compile(pattern, re.IGNORECASE), values, loose)

    def _macro(self, match: re.Match[str]) -> str:
        name = match[1]
        if name in self.data.macros:
            return rf"(?:{self.data.macros[name]})"
        if name == "mm":
            return rf"(?P<mm>{CODED_TWO})"
        if name == "compact":
            return rf"(?P<compact>{CODED_LONG})"
        if name in _COUNTED:
            return rf"{self._corrected}(?P<{name}>{CODED})"
        if name in _LENGTHS:
            return rf"(?P<{name}>{CODED_LENGTH})"
        if name == "ordinal":
            return rf"(?P<ordinal>{CODED_ORDINAL})"
        weekday = "|".join(self.data.weekdays.values())
        if name in ("weekday", "until_weekday"):
            return rf"(?P<{name}>{weekday})"
        if name == "weekdays":
            joint = self.data.weekday_joints
            return rf"(?P<weekdays>(?:{weekday})(?:(?:{joint})(?:{weekday}))*)"
        if name == "month":
            return rf"(?P<month>{'|'.join(self.data.months)})"
        raise ConfigError(f"{FILE}: there is no <{name}>. Correct this file.")

    def _values(self, saying: _Saying, match: re.Match[str], coded: Coded) -> dict[str, Value]:
        values = dict(saying.values)
        for name, text in match.groupdict().items():
            if text is None:
                continue
            if name in _COUNTED:
                values[{"mm": "minute", "month_number": "month"}.get(name, name)] = int(
                    coded.value(text)
                )
            elif name in _LENGTHS:
                values[name] = coded.value(text)
            elif name == "ordinal":
                values["month_day"] = int(coded.value(text))
            elif name == "month":
                names = enumerate(self._months, start=1)
                values[name] = next(number for number, said in names if said.fullmatch(text))
            else:
                values[name] = ",".join(self._weekdays_in(text))
        return values

    def _seconds(self, coded: Coded, text: str) -> float:
        """How long a length is; below zero for "minus five minutes"."""
        total = 0.0
        for piece in self._piece.finditer(text):
            groups = piece.groupdict()
            unit = next(_SECONDS[name] for name in self.data.units if groups[name])
            for index, (_, added) in enumerate(self.data.amounts):
                if groups[f"a{index}"]:
                    number = groups.get(f"n{index}")
                    total += unit * (added + (coded.value(number) if number else 0))
            for index, (_, added) in enumerate(self.data.fractions):
                if groups[f"f{index}"]:
                    number = groups.get(f"g{index}")
                    total += unit * added * (coded.value(number) if number else 1)
        return -total if self._below_zero.match(text) else total

    def _weekdays_in(self, text: str) -> list[str]:
        found = [(m.start(), day) for day, s in self._weekdays.items() for m in s.finditer(text)]
        return [day for _, day in sorted(found)]

    def _expanded(self, said: str) -> Iterator[str]:
        numbers = _RANGE.search(said)
        if numbers is None:
            yield said
            return
        for value in range(int(numbers[1]), int(numbers[2]) + 1):
            word = self.numbers.word(value)
            yield from self._expanded(said[: numbers.start()] + word + said[numbers.end() :])


@cache
def spoken_times(language: str) -> SpokenTimes | None:
    """The reader of `language`; None where there is no `times.yaml`. Raises `ConfigError`."""
    folder = own_folder(language)
    path = folder / FILE if folder else None
    if path is None or not path.is_file():
        return None
    try:
        return SpokenTimes(TimeData.model_validate(load_yaml(path)), language)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {place}: {first['msg']}. Correct this file.") from error
    except re.error as error:
        raise ConfigError(f"{path}: {error}. Correct this file.") from error
