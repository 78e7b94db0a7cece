"""Understanding room: whether a request has ended, or more words will follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.types import Completeness, Intent
from assistant.understanding.language import LanguageData


@dataclass(frozen=True, slots=True)
class Endings:
    """How requests end in one language; compiled once from its `language.yaml`."""

    unfinished: re.Pattern[str] | None
    counted: frozenset[str]
    """Words of requests that do not end in a bare number."""
    units: frozenset[str]

    @classmethod
    def of(cls, data: LanguageData) -> Endings:
        """Compile the words of `data`."""
        words = "|".join(re.escape(w) for w in sorted(data.unfinished, key=len, reverse=True))
        start = "" if data.ignore_whitespace else r"(?:^|\s)"
        return cls(
            re.compile(rf"{start}(?:{words})$", re.IGNORECASE) if words else None,
            frozenset(data.unfinished_after_number),
            frozenset(data.units),
        )

    def understood(self, last: Intent, text: str) -> Completeness:
        """Of a whole request: "wake me at seven" may go on with "thirty"."""
        bare = last.name == "AssistantSetAlarm" and not {"day", "days"} & last.slots.keys()
        if bare and text.casefold().split()[-1] not in self.units:
            return Completeness.UNKNOWN
        return Completeness.COMPLETE

    def not_understood(self, text: str) -> Completeness:
        """Of words that are no request: whether they are clearly only the beginning of one."""
        words = text.casefold().split()
        if self.unfinished is not None and self.unfinished.search(text):
            return Completeness.INCOMPLETE
        bare_number = bool(self.counted & set(words)) and words[-1] not in self.units
        return Completeness.INCOMPLETE if bare_number else Completeness.UNKNOWN
