"""Understanding room: numbers in words made digits, where a particle might be read into them.

Without spaces "밝기 이십 퍼센트" (twenty percent) is "밝기이" (the brightness) "십
퍼센트" (ten) too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.understanding.language import LanguageData
from assistant.understanding.spelled import number_engine
from assistant.understanding.times.number_words import pattern_of_words

_NUMBERS = (*range(10, 200), *range(200, 10_000, 100))
_PLAIN = "spellout-numbering"


@dataclass(frozen=True, slots=True)
class Numerals:
    """Reads one language's numbers in front of what is counted."""

    number: re.Pattern[str]
    values: Mapping[str, str]
    """By the number's word: its digits."""

    @classmethod
    def of(cls, data: LanguageData, language: str) -> Numerals | None:
        """For `data.counted`; None where the language has none."""
        if not data.counted:
            return None
        engine = number_engine(language.replace("_", "-").split("-")[0])
        words = {engine.format_number(n).text_by_ruleset[_PLAIN]: str(n) for n in _NUMBERS}
        long = pattern_of_words([word for word in words if len(word) > 1])
        short = pattern_of_words([word for word in words if len(word) == 1])
        behind = "|".join(data.counted)
        return cls(re.compile(rf"(?:{long}|(?<!\w)(?:{short}))(?={behind})"), words)

    def __call__(self, text: str) -> str:
        """`text` with digits for the numbers before what is counted."""
        return self.number.sub(lambda found: self.values[found[0]], text)
