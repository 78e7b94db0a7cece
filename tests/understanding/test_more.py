"""Plays `more/` and `strangers/`: what people say besides the sentences of `said/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import said_cases

from assistant.understanding.repair.guess import Guess

_MORE = Path(__file__).parent / "more"
_STRANGERS = Path(__file__).parent / "strangers"
_WHOLLY_RIGHT = sorted(
    [*_MORE.glob("*.yaml"), *(_STRANGERS / f"{x}.yaml" for x in ("de", "ko", "zh"))]
)
_BEYOND = "beyond templates"
"""The topic of what only a language model could know; acting upon it wrongly is no better."""
_NEARLY_ALL_RIGHT = sorted({*_STRANGERS.glob("*.yaml")} - {*_WHOLLY_RIGHT})


@pytest.mark.parametrize("file", _WHOLLY_RIGHT, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_every_further_sentence_comes_out_right(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = await _played(file, monkeypatch)
    assert [line for verdict in verdicts if not verdict.right for line in verdict.told] == []


@pytest.mark.parametrize("file", _NEARLY_ALL_RIGHT, ids=lambda path: path.stem)
async def test_strangers_are_understood_and_nothing_is_done_that_they_did_not_ask_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = await _played(file, monkeypatch)
    wrong = [v.told for v in verdicts if not v.right and v.case.topic != _BEYOND]
    assert [verdict.told for verdict in verdicts if verdict.false_action] == []
    assert sum(verdict.case.topic == _BEYOND for verdict in verdicts) < 0.15 * len(verdicts)
    assert len(wrong) < 0.05 * len(verdicts), wrong


async def _played(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[said_cases.Verdict]:
    stage = said_cases.Stage(file.stem.partition("_")[0])
    monkeypatch.setattr(stage.understanding, "guess", _no_guess)
    return [await stage.play(case) for case in said_cases.cases_in(file)]


async def _no_guess(*_: object, **__: object) -> Guess:
    """Repair by sound is tested by itself."""
    return Guess("", (), sure=False, reason="")
