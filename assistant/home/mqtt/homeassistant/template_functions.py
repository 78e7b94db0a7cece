"""The filters, tests and functions that templates for devices use.

Named as in Home Assistant (home-assistant.io/docs/configuration/templating, /template-functions);
those that ask about other entities are not there.
"""

from __future__ import annotations

import base64
import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jinja2.runtime import Undefined

from assistant.home.mqtt.homeassistant.limits import check_format
from assistant.home.mqtt.homeassistant.patterns import bounded_pattern

_MISSING: Any = object()
_LONGEST_RANGE = 256

BUILT_IN_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "groupby", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Jinja's own filters that do no more work than their input is long."""


class NotDefinedError(Exception):
    """`is_defined` found nothing: the message has nothing to say to this template."""


def from_json(text: Any, default: Any = _MISSING) -> Any:
    """What a text holds as JSON. Raises `ValueError` without a default."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return _or_else(default, "from_json needs JSON")


def _or_else(default: Any, complaint: str) -> Any:
    if default is _MISSING:
        raise ValueError(complaint)
    return default


def _to_json(value: Any, ensure_ascii: bool = False, **named: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"))


def to_float(value: Any, default: Any = 0.0) -> Any:
    """A number, or the default where there is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return default


def _int(value: Any, default: Any = 0, base: int = 10) -> Any:
    try:
        if isinstance(value, str) and base != 10:
            return int(value, base)
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return default


def _bool(value: Any, default: Any = _MISSING) -> Any:
    if isinstance(value, bool | int | float):
        return bool(value)
    word = str(value).lower().strip()
    if word in ("1", "true", "yes", "on", "enable"):
        return True
    if word in ("0", "false", "no", "off", "disable"):
        return False
    return _or_else(default, "bool needs a truth value")


def _round(value: Any, precision: int = 0, method: str = "common", default: Any = _MISSING) -> Any:
    number = to_float(value, None)
    if number is None or not math.isfinite(number):
        return _or_else(default, "round needs a number")
    precision = max(-12, min(12, int(precision)))
    scale = 10.0**precision
    match method:
        case "floor":
            rounded = math.floor(number * scale) / scale
        case "ceil":
            rounded = math.ceil(number * scale) / scale
        case "half":
            rounded = round(number * 2) / 2
        case _:
            rounded = round(number, precision)
    return int(rounded) if precision == 0 else rounded


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = _MISSING) -> Any:
    if value is None and if_none is not _MISSING:
        return if_none
    return if_true if value else if_false


def _is_defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        raise NotDefinedError
    return value


def _arithmetic(work: Callable[[float, float], float]) -> Callable[..., Any]:
    def function(value: Any, amount: Any, default: Any = _MISSING) -> Any:
        left, right = to_float(value, None), to_float(amount, None)
        if left is None or right is None:
            return _or_else(default, "expected a number")
        return work(left, right)

    return function


def _calculation(work: Callable[[float], float]) -> Callable[..., Any]:
    def function(value: Any, default: Any = _MISSING) -> Any:
        try:
            return work(float(value))
        except (TypeError, ValueError, OverflowError):
            return _or_else(default, "expected a number")

    return function


def _log(value: Any, base: Any = math.e, default: Any = _MISSING) -> Any:
    try:
        return math.log(float(value), float(base))
    except (TypeError, ValueError, ArithmeticError):
        return _or_else(default, "log needs a number above 0")


def _numbers(values: Iterable[Any]) -> list[float]:
    return [float(value) for value in values]


def _average(values: Iterable[Any], default: Any = _MISSING) -> Any:
    try:
        numbers = _numbers(values)
        return sum(numbers) / len(numbers)
    except (TypeError, ValueError, ZeroDivisionError):
        return _or_else(default, "average needs numbers")


def _sum(values: Iterable[Any], attribute: str | None = None, start: float = 0) -> float:
    if attribute is not None:
        values = [value.get(attribute) for value in values if isinstance(value, dict)]
    return sum((value for value in values if isinstance(value, int | float)), start)


def _join(values: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        values = [value.get(attribute, "") for value in values if isinstance(value, dict)]
    parts = [str(value) for value in values]
    if len(between) * len(parts) > 65_536:
        raise ValueError("join makes too much")
    return between.join(parts)


def _replace(text: Any, old: str, new: str, count: int | None = None) -> str:
    whole, old, new = str(text), str(old), str(new)
    if (whole.count(old) if old else len(whole) + 1) * len(new) > 65_536:
        raise ValueError("replace makes too much")
    return whole.replace(old, new, -1 if count is None else count)


def _format(text: Any, *arguments: Any, **named: Any) -> str:
    check_format(str(text))
    values: object = named or arguments
    return str(text) % values


def _pattern(source: Any, text: Any, ignore_case: bool) -> tuple[re.Pattern[str], str]:
    text = str(text)
    return bounded_pattern(f"(?i){source}" if ignore_case else str(source), len(text)), text


def _regex_match(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    pattern, text = _pattern(find, value, ignorecase)
    return pattern.match(text) is not None


def _regex_search(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    pattern, text = _pattern(find, value, ignorecase)
    return pattern.search(text) is not None


def _regex_replace(value: Any, find: str = "", replace: str = "", ignorecase: bool = False) -> str:
    pattern, text = _pattern(find, value, ignorecase)
    if (len(text) + 1) * (len(replace) + len(text) * replace.count("\\")) > 1_000_000:
        raise ValueError("regex_replace makes too much")
    return pattern.sub(replace, text)


def _regex_findall(value: Any, find: str = "", ignorecase: bool = False) -> list[Any]:
    pattern, text = _pattern(find, value, ignorecase)
    return pattern.findall(text)


def _regex_findall_index(
    value: Any, find: str = "", index: int = 0, ignorecase: bool = False
) -> Any:
    return _regex_findall(value, find, ignorecase)[index]


def _as_datetime(value: Any, default: Any = _MISSING) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        number = to_float(value, None)
        if number is not None:
            return datetime.fromtimestamp(number, UTC)
        return datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return _or_else(default, "expected a time")


def _as_timestamp(value: Any, default: Any = _MISSING) -> Any:
    moment = _as_datetime(value, None if default is not _MISSING else _MISSING)
    return default if moment is None else _aware(moment).timestamp()


def _aware(moment: datetime) -> datetime:
    return moment.astimezone()


def _timestamp_custom(
    value: Any, form: str = "%Y-%m-%d %H:%M:%S", local: bool = True, default: Any = _MISSING
) -> Any:
    try:
        moment = datetime.fromtimestamp(float(value), UTC)
        return (_aware(moment) if local else moment).strftime(form)
    except (TypeError, ValueError, OverflowError, OSError):
        return _or_else(default, "expected a timestamp")


def _timestamp_text(local: bool) -> Callable[..., Any]:
    def function(value: Any, default: Any = _MISSING) -> Any:
        try:
            moment = datetime.fromtimestamp(float(value), UTC)
            return (_aware(moment) if local else moment).isoformat()
        except (TypeError, ValueError, OverflowError, OSError):
            return _or_else(default, "expected a timestamp")

    return function


def _strptime(text: str, form: str, default: Any = _MISSING) -> Any:
    if len(str(text)) > 100 or len(str(form)) > 100:
        raise ValueError("strptime needs a short text")
    try:
        return datetime.strptime(text, form)
    except (TypeError, ValueError):
        return _or_else(default, "strptime found no time")


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > _LONGEST_RANGE:
        raise ValueError("the range is too long")
    return numbers


def _least(values: Any, *more: Any) -> Any:
    return min(values, *more)


def _greatest(values: Any, *more: Any) -> Any:
    return max(values, *more)


def _slug(text: Any, separator: str = "_") -> str:
    words = "".join(c if c.isalnum() else " " for c in str(text).lower()).split()
    return separator.join(words)


def _decoded(text: Any) -> str:
    return base64.b64decode(str(text)).decode("utf-8", "replace")


def _encoded(text: Any) -> str:
    return base64.b64encode(str(text).encode()).decode()


_SHARED: Mapping[str, Callable[..., Any]] = {
    "from_json": from_json, "to_json": _to_json, "float": to_float, "int": _int, "bool": _bool,
    "iif": _iif, "log": _log, "average": _average, "as_timestamp": _as_timestamp,
    "as_datetime": _as_datetime, "as_local": _aware, "slugify": _slug,
    "sqrt": _calculation(math.sqrt), "sin": _calculation(math.sin), "cos": _calculation(math.cos),
    "tan": _calculation(math.tan), "base64_encode": _encoded, "base64_decode": _decoded,
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
}  # fmt: skip

FILTER_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **_SHARED, "tojson": _to_json, "round": _round, "is_defined": _is_defined, "ord": ord,
    "multiply": _arithmetic(operator.mul), "add": _arithmetic(operator.add), "sum": _sum,
    "join": _join, "replace": _replace, "format": _format, "contains": operator.contains,
    "regex_match": _regex_match, "regex_search": _regex_search, "regex_replace": _regex_replace,
    "regex_findall": _regex_findall, "regex_findall_index": _regex_findall_index,
    "timestamp_custom": _timestamp_custom, "timestamp_local": _timestamp_text(True),
    "timestamp_utc": _timestamp_text(False),
}  # fmt: skip

GLOBAL_FUNCTIONS: Mapping[str, Any] = {
    **_SHARED, "range": _range, "min": _least, "max": _greatest, "strptime": _strptime,
    "timedelta": timedelta, "now": lambda: datetime.now().astimezone(),
    "utcnow": lambda: datetime.now(UTC), "dict": dict,
    "zip": lambda *lists: list(zip(*lists, strict=False)),
    "pi": math.pi, "e": math.e,
}  # fmt: skip

TESTS: Mapping[str, Callable[..., bool]] = {
    "is_number": lambda value: math.isfinite(to_float(value, math.nan)),
    "match": _regex_match,
    "search": _regex_search,
    "contains": operator.contains,
    "list": lambda value: isinstance(value, list),
    "datetime": lambda value: isinstance(value, datetime),
}
