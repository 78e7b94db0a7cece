"""What a template may use up: steps, processor time, and the size of what it makes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.utils import Namespace

MOST_STEPS = 20_000
"""Turns of loops, calls and filters in one rendering."""

MOST_TIME_S = 0.05
"""Processor time of one rendering."""

MOST_SIZE = 524_288
"""Characters and elements of one value, and of all that a rendering writes."""

_WIDE_FORMAT = re.compile(r"\d{4,}|\*|\{[^{}]*\{")
_LONGEST_FORMAT = 4096


class _Budget:
    __slots__ = ("size", "steps", "until")

    def __init__(self) -> None:
        self.steps = MOST_STEPS
        self.size = MOST_SIZE
        self.until = time.thread_time() + MOST_TIME_S


_BUDGET: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def limited() -> Iterator[None]:
    """Everything inside shares one budget."""
    token = _BUDGET.set(_Budget())
    try:
        yield
    finally:
        _BUDGET.reset(token)


def step() -> None:
    """Count one step. Raises `SecurityError` when there have been too many."""
    budget = _BUDGET.get()
    if budget is None:
        return
    budget.steps -= 1
    if budget.steps < 0 or time.thread_time() > budget.until:
        raise SecurityError("it takes too long")


def written(text: str) -> str:
    """Count what a rendering writes. Raises `SecurityError` when it is too much."""
    budget = _BUDGET.get()
    if budget is not None:
        budget.size -= len(text)
        if budget.size < 0:
            raise SecurityError("it writes too much")
    return text


def sized(value: Any) -> Any:
    """The value, if it and all that it holds is small. Raises `SecurityError`."""
    if isinstance(value, str):
        if len(value) > MOST_SIZE:
            raise SecurityError("a text is too long")
    elif isinstance(value, list | tuple | dict):
        _weigh(value)
    return value


def _weigh(value: Any) -> None:
    left = MOST_SIZE
    waiting = [value]
    while waiting:
        one = waiting.pop()
        left -= 1
        if isinstance(one, str):
            left -= len(one)
        elif isinstance(one, dict):
            left -= len(one)
            waiting += one.values()
            waiting += one.keys()
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Namespace):
            raise SecurityError("a namespace cannot be put into a list")
        if left < len(waiting):
            raise SecurityError("a list is too long")


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as one step, with a result that is small."""

    @wraps(function)
    def guard(*arguments: Any, **named: Any) -> Any:
        step()
        return sized(function(*arguments, **named))

    return guard


def check_format(text: str) -> None:
    """Raise `SecurityError` for a format that may become much longer than its values."""
    if len(text) > _LONGEST_FORMAT or _WIDE_FORMAT.search(text):
        raise SecurityError("the format is too wide")
