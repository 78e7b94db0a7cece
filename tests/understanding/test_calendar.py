"""What people ask about the clock and the calendar, in four languages, and what they are told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml
from said_cases import Case, Stage

from assistant.understanding.understanding import Understanding

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


async def test_a_day_of_ones_own_is_named_in_a_file_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "language: en\nlists:\n  holiday:\n    values:\n"
        '      - {in: "our anniversary", out: "your anniversary = 06-14"}\n',
        "utf-8",
    )
    stage = Stage("en", guess=False)
    stage.understanding = Understanding(stage.home, "en", extra_sentences=[mine])
    asked = {"say": "how many days until our anniversary", "tell": ["222 days"]}
    verdict = await stage.play(Case("calendar", (asked,)))
    assert verdict.right, verdict.told
