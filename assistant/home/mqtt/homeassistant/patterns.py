"""Regular expressions from the network, only such as cannot take for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST_PATTERN = 512
"""Longest regular expression read, in characters."""

_MOST_STEPS = 2_000_000
_GROUP = re.compile(r"\(\?(?:[:=!]|<[=!]|P<\w+>|i\))")
_REPEAT = re.compile(r"[*+]|\{(\d*)(,?)(\d*)\}|\?")


class CostlyPatternError(ValueError):
    """A regular expression that may take too long, or cannot be read at all."""


@dataclass(slots=True)
class _Freedom:
    """In how many ways a pattern can go on: loops without an end, and choices."""

    loops: int = 0
    choices: int = 0


@lru_cache(maxsize=256)
def _compiled(source: str) -> tuple[re.Pattern[str], _Freedom]:
    if len(source) > LONGEST_PATTERN:
        raise CostlyPatternError("the regular expression is too long")
    try:
        return re.compile(source), _freedom(source)
    except (re.error, OverflowError, RecursionError) as error:
        raise CostlyPatternError(f"the regular expression cannot be read: {error}") from error


def bounded_pattern(source: str, length: int) -> re.Pattern[str]:
    """The pattern, if no text of `length` characters can make it search for long.

    Backtracking tries at most every end of every loop, from every start, for every choice.
    Raises `CostlyPatternError` where that is too much, and for loops over what itself may vary.
    """
    pattern, freedom = _compiled(source)
    if (length + 1) ** (freedom.loops + 1) * 2**freedom.choices > _MOST_STEPS:
        raise CostlyPatternError("the regular expression is too costly")
    return pattern


def _freedom(source: str) -> _Freedom:
    freedom = _Freedom()
    outside: list[tuple[int, int]] = []
    closed: tuple[int, int] | None = None
    at = 0
    while at < len(source):
        sign = source[at]
        repeat = _REPEAT.match(source, at)
        if repeat is not None:
            _count(freedom, repeat, closed)
            closed, at = None, repeat.end()
            continue
        closed = None
        match sign:
            case "\\":
                at += 1
            case "[":
                at = _class_end(source, at)
            case "(":
                outside.append((freedom.loops, freedom.choices))
                if source.startswith("(?", at):
                    group = _GROUP.match(source, at)
                    if group is None:
                        raise CostlyPatternError("the regular expression has an unusual group")
                    if group.group().endswith("i)"):
                        outside.pop()
                    at = group.end() - 1
            case ")":
                closed = outside.pop() if outside else None
            case "|":
                freedom.choices += 1
        at += 1
    return freedom


def _count(freedom: _Freedom, repeat: re.Match[str], closed: tuple[int, int] | None) -> None:
    if repeat.group() == "?":
        freedom.choices += 1
        return
    if closed is not None and closed != (freedom.loops, freedom.choices):
        raise CostlyPatternError("the regular expression repeats what itself may vary")
    least, comma, _ = repeat.groups()
    if repeat.group()[0] in "*+" or comma or not least:
        freedom.loops += 1


def _class_end(source: str, start: int) -> int:
    """Where the set of characters that begins at `start` ends."""
    at = start + 1
    if source.startswith("^", at):
        at += 1
    at += 1  # a bracket that comes first is itself in the set
    while at < len(source) and source[at] != "]":
        at += 2 if source[at] == "\\" else 1
    return at
