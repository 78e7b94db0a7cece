"""What people say in four languages, through a whole conversation, repair included."""

from __future__ import annotations

import pytest
import said_cases

pytestmark = pytest.mark.engine

RIGHT_PCT = {"en": 95.0, "de": 95.0, "zh": 95.0, "ko": 95.0}
FALSE_PCT = 0.5
FEWEST = {"en": 600, "de": 150, "zh": 150, "ko": 150}


@pytest.mark.parametrize("language", said_cases.LANGUAGES)
async def test_what_is_said_is_done_and_nothing_else(language: str, tables: list[str]) -> None:
    verdicts = await said_cases.judged(language)
    tables += ["", language, *said_cases.table(verdicts, "topic")]
    tables += ["", *said_cases.table(verdicts, "kind")]
    false = [verdict.told for verdict in verdicts if verdict.false_action]
    assert 100 * len(false) / len(verdicts) < FALSE_PCT, false
    wrong = [verdict.told for verdict in verdicts if not verdict.right]
    assert 100 * (1 - len(wrong) / len(verdicts)) >= RIGHT_PCT[language], wrong


@pytest.mark.parametrize("language", said_cases.LANGUAGES)
def test_the_tables_hold_enough_of_what_is_not_to_be_acted_upon(language: str) -> None:
    cases = said_cases.cases(language)
    assert len(cases) >= FEWEST[language]
    idle = [case for case in cases if all("nothing" in turn for turn in case.turns)]
    assert len(idle) >= len(cases) / 4
