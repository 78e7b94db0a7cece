"""What people ask about the clock and the calendar, in four languages, and what they are told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml
from said_cases import Case, Stage

_CASES = yaml.safe_load(Path(__file__).with_name("calendar.yaml").read_text("utf-8"))


@cache
def _stage(language: str) -> Stage:
    return Stage(language, guess=False)


@pytest.mark.parametrize(
    ("language", "asked", "told"),
    [(language, asked, told) for language, some in _CASES.items() for asked, told in some.items()],
)
async def test_a_question_about_the_calendar_is_answered(
    language: str, asked: str, told: list[str]
) -> None:
    verdict = await _stage(language).play(Case("calendar", ({"say": asked, "tell": told},)))
    assert verdict.right, verdict.told
