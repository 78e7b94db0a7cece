"""What the sentence templates read in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Match:
    """One reading of a text."""

    intent: str
    slots: dict[str, Any]
    response: str
    domain: str | None
    """The domain of the device that the name slot means."""
    devices: tuple[str, ...]
    """Ids of the devices that bear the spoken name, in that domain."""
    here: bool
    """The template relies on the speaker's area, which is not known."""
    spoken: tuple[str, ...]
    """The pieces of the text that became slots."""
    sentence: str = ""
    """The template's text."""
    file: str = ""
    """Where the template is from; empty: the base package."""
    users: bool = False
    """The template is the user's own."""
