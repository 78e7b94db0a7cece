"""Value and command templates: Jinja in a sandbox, with the filters that devices use.

Templates come from the network: they can read what they are given and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.home.mqtt.dialect import AnnouncementError, GarbageError

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

Render = Callable[..., str]
"""Renders a template with the variables given by name. Raises `GarbageError`."""

_MAX_SOURCE = 8192
_MAX_RESULT = 65536
_PLAIN_LOOKUP = re.compile(r"\{\{\s*value_json((?:\.[A-Za-z_]\w*|\[['\"][^'\"\]]+['\"]\])+)\s*\}\}")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[['\"]([^'\"\]]+)['\"]\]")


def parse_json(text: str) -> Any:
    """JSON from the network. Raises `GarbageError`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GarbageError("expected JSON") from error


@lru_cache(maxsize=1024)
def value_template(source: str) -> Callable[[str], str]:
    """A template over a payload: `value` is its text, `value_json` what it holds as JSON.

    Raises `AnnouncementError` for a template that cannot be read.
    """
    if (lookup := _PLAIN_LOOKUP.fullmatch(source.strip())) is not None:
        path = tuple(dot or bracket for dot, bracket in _STEP.findall(lookup[1]))
        return lambda payload: _look_up(payload, path)
    render = command_template(source)

    def read(payload: str) -> str:
        try:
            value_json = json.loads(payload)
        except (ValueError, RecursionError):
            return render(value=payload)
        return render(value=payload, value_json=value_json)

    return read


def _look_up(payload: str, path: tuple[str, ...]) -> str:
    """What the commonest template, `{{ value_json.key }}`, gives, without Jinja."""
    found = parse_json(payload)
    for step in path:
        if not isinstance(found, dict) or step not in found:
            return ""
        found = found[step]
    return found if isinstance(found, str) else str(found)


@lru_cache(maxsize=1024)
def command_template(source: str) -> Render:
    """A template with variables given by name. Raises `AnnouncementError` if unreadable."""
    from jinja2 import TemplateError

    if len(source) > _MAX_SOURCE:
        raise AnnouncementError("a template is too long")
    try:
        template = _environment().from_string(source)
    except (TemplateError, RecursionError) as error:
        raise AnnouncementError(f"the template {source[:60]!r} cannot be read: {error}") from error

    def render(**variables: Any) -> str:
        try:
            result = template.render(**variables).strip()
        except (
            TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
        ) as error:  # fmt: skip
            raise GarbageError(f"the template {source[:60]!r} failed: {error}") from error
        except (RecursionError, MemoryError) as error:
            raise GarbageError(f"the template {source[:60]!r} wants too much") from error
        return result[:_MAX_RESULT]

    return render


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Also refuses sums that would eat all memory or time."""

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            for operand in (left, right):
                if not isinstance(operand, int | float) or abs(operand) > 1e9:
                    raise SecurityError("only small numbers can be multiplied")
            if operator == "**" and (abs(left) > 1e4 or abs(right) > 16):
                raise SecurityError("the power is too great")
            return super().call_binop(context, operator, left, right)

    environment = Environment(autoescape=False)
    environment.filters.pop("center", None)
    environment.filters.pop("indent", None)
    environment.globals = {"range": _short_range, "float": _float, "int": _int, "iif": _iif}
    environment.filters.update(
        from_json=parse_json, to_json=json.dumps, float=_float, int=_int, iif=_iif,
        multiply=_multiply,
    )  # fmt: skip
    environment.tests["is_number"] = lambda value: _float(value, None) is not None
    return environment


def _short_range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > 256:
        raise ValueError("the range is too long")
    return numbers


def _float(value: Any, default: Any = 0.0) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return default


def _int(value: Any, default: Any = 0) -> Any:
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return default


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = None) -> Any:
    if value is None and if_none is not None:
        return if_none
    return if_true if value else if_false


def _multiply(value: Any, amount: float) -> Any:
    return _float(value) * amount
