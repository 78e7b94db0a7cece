"""`assistant eval` as a person at the terminal meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.cli.main import main

EVAL = Path(__file__).parents[1] / "llm" / "eval"
FLAT = EVAL / "flat.yaml"
Run = Callable[..., int]

CASES = """
{"text": "turn on the big light", "category": "plain", "expect": {"do": ["light.turn_on big_light"]}}
{"text": "unlock the flat door", "category": "plain", "expect": {"confirm": ["lock.unlock flat_door"]}}
{"text": "is the kettle on", "category": "asked", "expect": {"tell": ["off|no"]}}
{"text": "turn on the kettle", "category": "wrong", "expect": {"nothing": true}}
"""  # noqa: E501


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "assistant.toml"
    config.write_text("[llm]\nenabled = false\n")
    cases = tmp_path / "cases.jsonl"
    cases.write_text(CASES)

    def run(*arguments: str, home: Path = FLAT) -> int:
        fixed = ["--config", str(config), "eval", str(cases), "--home", str(home)]
        return main([*fixed, *arguments])

    return run


def test_tables_say_how_much_was_right_lists_what_was_not_and_setups_stand_side_by_side(
    run: Run, capsys: pytest.CaptureFixture[str]
):
    assert run("--tiers", "all", "--adapter", "none", "--adapter", "none") == 0
    tables, together = capsys.readouterr().out.split("side by side")
    lines = tables.splitlines()
    wrong, again = [line for line in lines if "→" in line]
    assert wrong == again
    assert wrong.split("→")[0].split() == ["!", "5", "[wrong]", "turn", "on", "the", "kettle"]
    assert "switch.turn_on kettle" in wrong
    rows = {line.split()[0]: line.split()[1:5] for line in lines if line[:1].isalpha()}
    assert rows["plain"] == ["2", "100.0", "0.0", "0.0"]
    assert rows["all"] == ["4", "75.0", "0.0", "25.0"]
    assert rows["template"][0] == "en"
    setups = [line.split()[:3] for line in together.splitlines() if line.startswith("none")]
    assert setups == [["none", "4", "75.0"]] * 2


def test_json_holds_every_case_and_every_figure(run: Run, capsys: pytest.CaptureFixture[str]):
    assert run("--tiers", "all", "--json", "--category", "plain") == 0
    result = json.loads(capsys.readouterr().out)
    assert [case["right"] for case in result["cases"]] == [True, True]
    assert result["all"]["exact_pct"] == 100
    assert result["all"]["p95_ms"] > 0
    assert result["resident_mb"] > 0
    assert result["answers"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--tiers", "llm"], "llm.enabled is false"),
        (["--tiers", "all", "--category", "none"], 'category "none"'),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_one_sentence(
    arguments: list[str], sentence: str, run: Run, capsys: pytest.CaptureFixture[str]
):
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_cases_for_another_home_are_not_played(run: Run, capsys: pytest.CaptureFixture[str]):
    assert run("--tiers", "all", home=EVAL / "home.yaml") == 1
    assert 'command to "big_light"' in capsys.readouterr().err


@pytest.mark.engine
def test_the_model_alone_proposes_answers_and_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    cases = tmp_path / "cases.jsonl"
    cases.write_text(
        '{"text": "it is so dark in here", "area": "main_room", "expect": {"do": '
        '["light.turn_on big_light"]}}\n'
        '{"text": "why is the sky blue", "expect": {"chat": true}}\n'
        '{"text": "why is the grass green", "expect": {"chat": true}}\n'
        '{"text": "who won the election", "expect": {"chat": true}}\n'
    )
    assert main(["eval", str(cases), "--home", str(FLAT), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {case["tier"] for case in result["cases"]} <= {"llm", None}
    assert result["all"]["false_actions_pct"] == 0
    assert 50 < result["model_mb"] < result["resident_mb"]
    assert result["answers"]["answers"] == 2, "what was declined is no free answer"
    assert result["answers_by_language"] == {}
    assert result["answers"]["perplexity"] > 1
