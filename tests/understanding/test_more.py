"""Plays `more/` and `strangers/`: what people say besides the sentences of `said/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import said_cases

from assistant.understanding.repair.guess import Guess

_MORE = Path(__file__).parent / "more"
_STRANGERS = Path(__file__).parent / "strangers"
_FILES = sorted(path.relative_to(_MORE) for path in _MORE.rglob("*.yaml"))


@pytest.mark.parametrize("file", _FILES, ids=str)
async def test_every_further_sentence_comes_out_right(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = said_cases.Stage(file.stem)
    monkeypatch.setattr(stage.understanding, "guess", _no_guess)
    verdicts = [await stage.play(case) for case in said_cases.cases_in(_MORE / file)]
    wrong = [line for verdict in verdicts if not verdict.right for line in verdict.told]
    assert wrong == []


@pytest.mark.parametrize("file", ["en", "en_again", "en_third"])
async def test_strangers_are_understood_and_nothing_is_done_that_they_did_not_ask_for(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = said_cases.Stage("en")
    monkeypatch.setattr(stage.understanding, "guess", _no_guess)
    verdicts = [await stage.play(case) for case in said_cases.cases_in(_STRANGERS / f"{file}.yaml")]
    wrong = [line for verdict in verdicts if not verdict.right for line in verdict.told]
    assert [verdict.told for verdict in verdicts if verdict.false_action] == []
    assert len(wrong) < 0.05 * len(verdicts), wrong


async def _no_guess(*_: object, **__: object) -> Guess:
    """Repair by sound is tested by itself."""
    return Guess("", (), sure=False, reason="")
