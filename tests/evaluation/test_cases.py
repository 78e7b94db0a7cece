"""Files of cases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import EvaluationError
from assistant.evaluation.cases import Kind, check_devices, read_cases
from assistant.home.file.reading import load_home

EVAL = Path(__file__).parents[1] / "llm" / "eval"
FILES = ("home", "flat")


@pytest.mark.parametrize("name", FILES)
def test_every_case_speaks_of_devices_and_rooms_of_its_home(name: str):
    cases, home = read_cases(EVAL / f"{name}.jsonl"), load_home(EVAL / f"{name}.yaml").to_home()
    check_devices(cases, home)
    assert {case.area for case in cases} <= {None, *home.areas}
    assert len({case.text for case in cases}) == len(cases)


def test_a_third_of_the_cases_must_lead_to_no_action():
    cases = [case for name in FILES for case in read_cases(EVAL / f"{name}.jsonl")]
    kinds = Counter(case.expected[0].kind for case in cases)
    assert len(cases) >= 400
    assert kinds[Kind.NOTHING] > 0.3 * len(cases)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "JSON"),
        ('{"text": "hi"}', "expect"),
        ('{"text": "hi", "expect": {}}', "expect is empty"),
        ('{"text": "hi", "expect": {"doo": ["x.y z"]}}', "doo"),
        ('{"text": "hi", "expect": {"do": ["lamp on"]}}', "is no command"),
        ('{"wav": "hi.wav", "expect": {"ask": true}}', "text"),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(line: str, words: str, tmp_path: Path):
    file = tmp_path / "cases.jsonl"
    file.write_text(f'{{"text": "hello", "expect": {{"chat": true}}}}\n{line}\n')
    with pytest.raises(EvaluationError) as caught:
        read_cases(file)
    assert "line 2" in str(caught.value)
    assert words in str(caught.value)


def test_a_device_that_the_home_lacks_is_named(tmp_path: Path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"text": "on", "expect": {"do": ["light.turn_on chandelier"]}}\n')
    home = load_home(EVAL / "flat.yaml").to_home()
    with pytest.raises(EvaluationError, match="chandelier"):
        check_devices(read_cases(file), home)
