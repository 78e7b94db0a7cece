"""YAML that keeps its comments while it is changed, and the lines on which its values stand.

What is read with comments is ruamel.yaml's CommentedMap and CommentedSeq (`Any` here: it tells the
type checker nothing of their `lc`, line and column, and `fa`, one line or several).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assistant.errors import HomeFileError
from assistant.home.file.entries import SCALARS

if TYPE_CHECKING:
    from ruamel.yaml import YAML

_BARE = re.compile(r"\w([\w .()/+-]*[\w)])?")
_SEQUENCE = re.compile(r"^( *)- ", re.MULTILINE)


def round_trip(text: str) -> YAML:
    """Reads and writes YAML as it is; lists as far indented as those that are there."""
    from ruamel.yaml import YAML
    from ruamel.yaml.resolver import VersionedResolver

    forms: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, form, first in SCALARS:
        for sign in first:
            forms.setdefault(sign, []).append((tag, re.compile(f"(?:{form.pattern})$")))

    class Resolver(VersionedResolver):
        """Takes for numbers and truth values what the home file's reader does."""

        versioned_resolver = forms

    yaml = YAML()
    yaml.Resolver = Resolver
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    dash = _SEQUENCE.search(text)
    offset = len(dash[1]) if dash else 2
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def split_lines(text: str) -> list[str]:
    """The lines with their ends; other signs that end lines for some are left alone."""
    return list(io.StringIO(text))


def dumped(yaml: YAML, document: Any) -> str:
    """A document as text."""
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def dumped_item(value: str) -> str:
    """An item of a list, without its dash."""
    return dumped(round_trip(""), mapping({"_": written(value)})).removeprefix("_: ")


def is_block(value: Any) -> bool:
    """Whether a list or mapping stands on lines of its own."""
    if not (is_list(value) or is_mapping(value)):
        return False
    return len(value) > 0 and not value.fa.flow_style()


def is_mapping(value: Any) -> bool:
    """Whether it has keys."""
    return isinstance(value, dict)


def is_list(value: Any) -> bool:
    """Whether it has items."""
    return isinstance(value, list)


def mapping(content: Mapping[str, Any]) -> Any:
    """A mapping to be written over several lines."""
    from ruamel.yaml.comments import CommentedMap

    return CommentedMap(content)


def written(value: Any) -> Any:
    """A value as it is written: lists and mappings on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, dict):
        value = CommentedMap({key: written(one) for key, one in value.items()})
    elif isinstance(value, list):
        value = CommentedSeq([written(str(item)) for item in value])
    else:
        if isinstance(value, str) and not value.isprintable():
            raise HomeFileError(f"{value!r} has signs that cannot be seen; leave them out.")
        bare = not isinstance(value, str) or _BARE.fullmatch(value)
        return value if bare else DoubleQuotedScalarString(value)
    value.fa.set_flow_style()
    return value


def end_of_block(text: str, line: int, column: int) -> int:
    """The number of the line after what begins on `line`, in `column`, and its deeper lines.

    Blank lines and comments after it belong to what follows.
    """
    end = line + 1
    for number, content in enumerate(split_lines(text)[line + 1 :], line + 1):
        stripped = content.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if len(content) - len(content.lstrip()) < column:
            break
        end = number + 1
    return end
