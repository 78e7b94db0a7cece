"""Templates of sentences, and the words that numbers are said in.

`(a|b|)` is one of several, in any depth; `{slot}` is filled by the caller.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from assistant.errors import ConfigError

Fill = Callable[[str], str]
_SLOT = re.compile(r"\{([\w:]+)\}")
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@cache
def data(language: str, name: str) -> Any:
    """What `<language>/<name>.yaml` holds, or all files of the folder `<language>/<name>/`.

    What stands under one key in several files of a folder is put together: lists one behind the
    other, other values from the first file that has them. Raises `ConfigError` where there is none.
    """
    path = Path(__file__).parent / language / name
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path.with_suffix(".yaml")]
    if not files or not files[0].exists():
        raise ConfigError(f"{path}.yaml is missing: there is no generator for {language!r}")
    whole: Any = {}
    for file in files:
        _put_together(whole, yaml.safe_load(file.read_text(encoding="utf-8")))
    return whole


def _put_together(whole: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _put_together(whole.setdefault(key, {}), value)
        elif isinstance(value, list):
            whole[key] = [*whole.get(key, []), *value]
        else:
            whole.setdefault(key, value)


def expand(template: str, random: Random, fill: Fill) -> str:
    """One sentence of the template, its slots filled."""
    text = template
    while (end := text.find(")")) >= 0:
        start = text.rindex("(", 0, end)
        text = text[:start] + random.choice(text[start + 1 : end].split("|")) + text[end + 1 :]
    text = _SLOT.sub(lambda slot: fill(slot[1]), text)
    return re.sub(r"\s+([,:?.])", r"\1", " ".join(text.split())).strip(" ,")


def is_held_out(template: str) -> bool:
    """Whether the template is of the tenth that is never trained on, only measured with."""
    return zlib.crc32(template.encode()) % 10 == 0


def number(value: float) -> str:
    """A number of up to three digits, halves too, in words."""
    if value != int(value):
        return f"{number(int(value))} and a half" if value > 0 else "a half"
    whole = int(value)
    if whole < 20:
        return _ONES[whole]
    if whole < 100:
        tens, ones = divmod(whole, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(whole, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {number(rest)}" if rest else "")
