from __future__ import annotations

from pathlib import Path

import pytest
from said_cases import Case, Stage, cases_in

_CASES = cases_in(Path(__file__).with_name("said_variations.yaml"))


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage("en")


@pytest.mark.parametrize("case", _CASES, ids=[str(case.turns[0]["say"]) for case in _CASES])
async def test_what_is_said_in_other_words_is_done(stage: Stage, case: Case) -> None:
    understood = stage.understanding.read(str(case.turns[0]["say"]), case.turns[0].get("in"))
    verdict = await stage.play(case)
    assert verdict.right, verdict.told
    assert bool(understood.intents) or "nothing" in case.turns[0]
