"""Understanding room: scripts in which spaces between words say nothing.

Chinese writes none, Korean writers and recognizers put them as they like. Templates, names and
texts of such a language are matched without those beside a Chinese or Hangul character; what a
free-text slot took is given back with its spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SCRIPT = "一-鿿㐀-䶿぀-ヿ가-힯ㄱ-ㆎ"
_GAP = re.compile(rf"(?<=[{_SCRIPT}])\s+|\s+(?=[{_SCRIPT}])")
_OPTIONAL_SPACE = re.compile(r"\[\s+\]")
_TEMPLATE_GAP = re.compile(
    rf"(?<=[{_SCRIPT}])\s+|\s+(?=[{_SCRIPT}])|(?<=[)\]}}>|])\s+(?=[(\[{{<|])"
)


@dataclass(frozen=True, slots=True)
class Glued:
    """A text without its spaces, and where each character that is left came from."""

    text: str
    original: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, original: str) -> Glued:
        """Take the spaces out of `original`."""
        gone = {place for gap in _GAP.finditer(original) for place in range(*gap.span())}
        places = tuple(place for place in range(len(original)) if place not in gone)
        return cls("".join(original[place] for place in places), original, places)

    def spaced(self, start: int, end: int) -> str:
        """The original of `text[start:end]`."""
        if not start < end <= len(self.places):
            return self.text[start:end]
        return self.original[self.places[start] : self.places[end - 1] + 1].strip()


def glued(text: str) -> str:
    """`text` without the spaces that say nothing."""
    return _GAP.sub("", text)


def glue_templates(content: dict[str, Any]) -> dict[str, Any]:
    """A template file's content with its sentences, rules and lists glued."""
    lists = content.get("lists") or {}
    for values in lists.values():
        if isinstance(values, dict) and isinstance(values.get("values"), list):
            values["values"] = [_glued_value(value) for value in values["values"]]
    rules = content.get("expansion_rules") or {}
    content["expansion_rules"] = {name: glued_template(body) for name, body in rules.items()}
    for intent in content["intents"].values():
        intent["data"] = [_glued_block(block) for block in intent["data"]]
    return content


def _glued_block(block: dict[str, Any]) -> dict[str, Any]:
    if block.get("lists") or block.get("expansion_rules"):
        block = glue_templates({**block, "intents": {}})
        del block["intents"]
    return {**block, "sentences": [glued_template(str(s)) for s in block["sentences"]]}


def _glued_value(value: Any) -> Any:
    if isinstance(value, dict) and "in" in value:
        return {**value, "in": glued_template(str(value["in"]))}
    return glued_template(value) if isinstance(value, str) else value


def glued_template(template: str) -> str:
    """A sentence template without the spaces that say nothing."""
    return _TEMPLATE_GAP.sub("", _OPTIONAL_SPACE.sub("", template))
