"""Plays `more/`: what is said in German, Chinese and Korean besides the sentences of `said/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import said_cases

from assistant.understanding.repair.guess import Guess

_MORE = Path(__file__).parent / "more"
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


async def _no_guess(*_: object, **__: object) -> Guess:
    """Repair by sound is tested by itself."""
    return Guess("", (), sure=False, reason="")
