"""What is said in German in other words than those that were written down first."""

from __future__ import annotations

from pathlib import Path

import pytest
from said_cases import Case, Stage, cases_in

_ROWS = cases_in(Path(__file__).with_name("german_sentences.yaml"))


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage("de", guess=False)


@pytest.mark.parametrize("case", _ROWS, ids=lambda case: str(case.turns[0]["say"]))
async def test_what_is_said_in_german_comes_to_pass(stage: Stage, case: Case) -> None:
    verdict = await stage.play(case)
    assert verdict.right, verdict.told
