"""Plain values of the home file, as YAML gives them and as they are meant."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def text_of(value: Any) -> Any:
    """YAML reads a name like `5` or `true` as something else than text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


def texts_of(value: Any) -> Any:
    """A list of texts; also one text."""
    if value is None:
        return []
    if isinstance(value, str | int | float):
        value = [value]
    return [text_of(item) for item in value] if isinstance(value, list) else value


Text = Annotated[str, BeforeValidator(text_of)]
Texts = Annotated[list[str], BeforeValidator(texts_of)]
