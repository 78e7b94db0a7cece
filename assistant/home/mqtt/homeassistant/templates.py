"""Value and command templates: Jinja in a sandbox, with the filters that devices use.

Templates come from the network: they can read what they are given and nothing else, and they are
stopped when they take too long or make too much (`sandbox`, `limits`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.home.mqtt.dialect import AnnouncementError, GarbageError

if TYPE_CHECKING:
    from assistant.home.mqtt.homeassistant.sandbox import TemplateSandbox

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
def value_template(source: str) -> Render:
    """A template over a payload: `value` is its text, `value_json` what it holds as JSON.

    Called with the payload, and further variables by name. Raises `AnnouncementError` for a
    template that cannot be read.
    """
    if (lookup := _PLAIN_LOOKUP.fullmatch(source.strip())) is not None:
        path = tuple(dot or bracket for dot, bracket in _STEP.findall(lookup[1]))
        return lambda payload, **variables: _look_up(payload, path)
    render = command_template(source)

    def read(payload: str, **variables: object) -> str:
        try:
            value_json = json.loads(payload)
        except (ValueError, RecursionError):
            return render(value=payload, **variables)
        return render(value=payload, value_json=value_json, **variables)

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

    from assistant.home.mqtt.homeassistant.limits import limited
    from assistant.home.mqtt.homeassistant.template_functions import NotDefinedError

    if len(source) > _MAX_SOURCE:
        raise AnnouncementError("a template is too long")
    try:
        with limited():
            template = _sandbox().limited_template(source)
    except (
        TemplateError, RecursionError, MemoryError, SyntaxError, ValueError, OverflowError,
    ) as error:  # fmt: skip
        raise AnnouncementError(f"the template {source[:60]!r} cannot be read: {error}") from error

    def render(**variables: Any) -> str:
        try:
            with limited():
                return str(template.render(**variables)).strip()[:_MAX_RESULT]
        except NotDefinedError:
            return ""
        except (
            TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
        ) as error:  # fmt: skip
            raise GarbageError(f"the template {source[:60]!r} failed: {error}") from error
        except (RecursionError, MemoryError) as error:
            raise GarbageError(f"the template {source[:60]!r} wants too much") from error

    return render


@lru_cache(maxsize=1)
def _sandbox() -> TemplateSandbox:
    from assistant.home.mqtt.homeassistant.sandbox import TemplateSandbox

    return TemplateSandbox()
