"""Plays `more/`: what is said in Chinese and Korean besides the sentences of `said/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import said_cases

from assistant.understanding.repair.guess import Guess

_MORE = Path(__file__).parent / "more"


@pytest.mark.parametrize("language", ["zh", "ko"])
async def test_every_further_sentence_comes_out_right(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = said_cases.Stage(language)
    monkeypatch.setattr(stage.understanding, "guess", _no_guess)
    verdicts = [await stage.play(case) for case in said_cases.cases_in(_MORE / f"{language}.yaml")]
    wrong = [line for verdict in verdicts if not verdict.right for line in verdict.told]
    assert wrong == []


async def _no_guess(*_: object, **__: object) -> Guess:
    """Repair by sound is tested by itself."""
    return Guess("", (), sure=False, reason="")
