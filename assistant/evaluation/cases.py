"""Evaluation room: the cases of a file, one JSON object a line as for `assistant ask --batch`.

What is added to a request is `expect` and, for the tables, `category`: tests/llm/eval/FORMAT.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import EvaluationError
from assistant.evaluation.commands import Wanted, read_command
from assistant.home.model import Home


class Kind(StrEnum):
    """What a request leads to."""

    DO = "do"
    """Commands, or anything else that is done or kept."""
    CONFIRM = "confirm"
    """Commands that are asked about before anything is done."""
    TELL = "tell"
    """An answer from the home."""
    ASK = "ask"
    """A question back that proposes no command."""
    CHAT = "chat"
    """An answer that says nothing of the home."""
    NOTHING = "nothing"
    """Nothing, or a refusal."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that would be right."""

    kind: Kind
    commands: tuple[Wanted, ...] = ()
    """Of `do` and `confirm`."""
    words: tuple[str, ...] = ()
    """Of `tell`: all must be in the reply; "off|closed*" is either, and what begins so."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request and what is right for it."""

    line: int
    text: str
    expected: tuple[Expected, ...]
    category: str = "all"
    area: str | None = None
    language: str | None = None
    conversation: str = ""
    """Lines with the same follow one another; each its own unless given."""


class _Expect(BaseModel):
    model_config = ConfigDict(extra="forbid")

    do: list[str] = Field(default_factory=list)
    confirm: list[str] = Field(default_factory=list)
    tell: list[str] = Field(default_factory=list)
    ask: bool = False
    chat: bool = False
    nothing: bool = False
    any: list[list[str] | _Expect] = Field(default_factory=list)

    def expected(self) -> Iterator[Expected]:
        """Everything that would be right."""
        for kind, lines in ((Kind.DO, self.do), (Kind.CONFIRM, self.confirm)):
            if lines:
                yield Expected(kind, tuple(map(read_command, lines)))
        if self.tell:
            yield Expected(Kind.TELL, words=tuple(self.tell))
        for kind in (Kind.ASK, Kind.CHAT, Kind.NOTHING):
            if getattr(self, kind.value):
                yield Expected(kind)
        for one in self.any:
            if isinstance(one, list):
                yield Expected(Kind.DO, tuple(map(read_command, one)))
            else:
                yield from one.expected()


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1)
    expect: _Expect
    category: str = Field("all", min_length=1)
    area: str | None = None
    language: str | None = None
    conversation: str = ""


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of `path`. Raises `EvaluationError`, naming the line and what was expected."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise EvaluationError(f"{path} cannot be read: {reason}") from error
    cases = tuple(
        _case(line, f"{path}, line {number}", number)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    )
    if not cases:
        raise EvaluationError(f"{path} holds no cases: one JSON object a line is expected")
    return cases


def check_devices(cases: Sequence[Case], home: Home) -> None:
    """Raise `EvaluationError` for the first case that speaks of a device `home` lacks."""
    for case in cases:
        for expected in case.expected:
            for wanted in expected.commands:
                for device in wanted.devices:
                    if device not in home.devices:
                        raise EvaluationError(
                            f'Line {case.line} expects a command to "{device}", which the home '
                            "lacks: are the cases for another home? (--home)"
                        )


def _case(line: str, where: str, number: int) -> Case:
    try:
        entry = _Line.model_validate_json(line)
        expected = tuple(entry.expect.expected())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EvaluationError(f"{where}: {place}: {first['msg']}".replace(": :", ":")) from error
    except EvaluationError as error:
        raise EvaluationError(f"{where}: {error}") from error
    if not expected:
        raise EvaluationError(
            f"{where}: expect is empty: it needs do, confirm, tell, ask, chat, nothing or any"
        )
    return Case(
        number, entry.text, expected, entry.category, entry.area, entry.language,
        entry.conversation or f"line {number}",
    )  # fmt: skip
