"""The JSON of announcements, read with the same care whichever dialect they are in."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from assistant.home.mqtt.dialect import AnnouncementError

MAX_DEPTH = 64
"""Deepest nesting of lists and objects that is read."""

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def parse_announcement(payload: bytes, limit: int) -> Any:
    """What an announcement of at most `limit` bytes holds: strict JSON (RFC 8259) in UTF-8.

    Raises `AnnouncementError` for anything else: `NaN`, nesting beyond `MAX_DEPTH`, texts with
    half of a surrogate pair. Numbers too great for a float come as infinity.
    """
    if len(payload) > limit:
        raise AnnouncementError(f"longer than {limit} bytes")
    try:
        text = payload.decode("utf-8")
        document = json.loads(text, parse_constant=_refuse)
        if _HALF_PAIR.search(text):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise AnnouncementError(f"not JSON ({error})") from error
    if _deeper(document, MAX_DEPTH):
        raise AnnouncementError(f"nested deeper than {MAX_DEPTH} levels")
    return document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _deeper(document: Any, depth: int) -> bool:
    """Whether a document has more than `depth` levels of lists and objects."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(depth):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return bool(level)
