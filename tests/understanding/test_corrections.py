"""What was just asked for, corrected by the next sentence, in four languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from said_cases import Case, Stage, cases_in

_CASES = cases_in(Path(__file__).with_name("corrections.yaml"))


@cache
def _stage(language: str) -> Stage:
    return Stage(language, guess=False)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: str(case.turns[-1]["say"]))
async def test_a_correction_changes_what_was_asked_for(case: Case) -> None:
    verdict = await _stage(case.topic).play(case)
    assert verdict.right, verdict.told
