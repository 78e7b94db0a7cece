"""The installed model, the shipped adapter and a quantization in one table."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.llm.gguf import find_gguf
from assistant.models import ModelStore
from assistant.training.__main__ import main
from assistant.training.compare import Asking, compare, measure_apart
from assistant.training.evaluate import some

SHIPPED = Path("models/adapters/smollm2-135m-instruct-q4_1.en.adapter.gguf")
FEW = Asking(n=4, seed=900_001, threads=1)


@pytest.fixture
def base() -> Path:
    return find_gguf(ModelStore.from_settings(Settings()).require("llm", language="en").path)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return tmp_path / "scratch"


def test_as_many_requests_are_made_as_are_asked_for() -> None:
    assert [len(pack.examples) for pack in some(1, "en", 20, held_out=True)] == [16, 4]
    assert [len(pack.examples) for pack in some(1, "en", 16, held_out=True)] == [16]


@pytest.mark.engine
def test_base_adapter_and_quantizations_stand_in_one_table(
    base: Path, scratch: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lines = list(compare(base, SHIPPED, ["q4_1", "q4_0"], FEW))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:6]]
    assert [row[:2] for row in rows] == [
        ["q4_1", "no"], ["q4_1", "yes"], ["q4_0", "no"], ["q4_0", "yes"],
    ]  # fmt: skip
    trained, held_out = (sum(float(row[at][:-1]) for row in rows[1::2]) for at in (2, 3))
    assert trained + held_out > sum(float(row[at][:-1]) for row in rows[::2] for at in (2, 3))
    sizes = [int(row[5]) for row in rows]
    assert sizes[0] == round(base.stat().st_size / 1e6)
    assert sizes[1] == round((base.stat().st_size + SHIPPED.stat().st_size) / 1e6)
    assert sizes[2] < sizes[0]
    for row in rows:
        assert int(row[5]) < int(row[6]) < 400
        assert int(row[7]) > 0
        assert int(row[8]) > 0
    notes = "\n".join(lines[6:])
    assert "4 requests in trained phrasings and 4 in phrasings never trained" in notes
    assert "- q4_0 holds 79% q4_0, 21% q8_0." in notes
    assert "All but q4_1 are requantized from it" in notes
    assert "4 of 4: q4_0 with the adapter" in caplog.text
    assert not list(scratch.iterdir())


@pytest.mark.engine
def test_what_was_quantized_is_gone_when_the_measuring_fails(
    base: Path, scratch: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(SHIPPED.read_bytes()[:2_000_000])
    with pytest.raises(ModelError, match="damaged"):
        list(compare(base, broken, ["q4_0"], FEW))
    assert not list(scratch.iterdir())


@pytest.mark.engine
def test_what_was_quantized_is_gone_when_it_is_ended(base: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assistant.training", "compare", "--base", str(base)]
    options = ["--n", "1", "--threads", "1", "--quantizations", "q4_0"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*command, *options], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "2 of 2: q4_0" in line:
                break
        assert list(tmp_path.glob("assistant-compare-*/q4_0.gguf"))
        process.terminate()
        assert process.wait(60) == 143
    assert not list(tmp_path.glob("assistant-compare-*"))


@pytest.mark.engine
def test_an_error_in_the_process_that_measures_is_told_here(base: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(base.read_bytes()[:50_000_000])
    with pytest.raises(ModelError, match=r"cut\.gguf is damaged or incomplete"):
        measure_apart(cut, None, FEW)


def test_an_unknown_quantization_and_a_missing_base_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["compare", "--base", str(tmp_path / "none.gguf")]
    assert main([*options, "--quantizations", "q4_0,q9_9"]) == 1
    assert "no quantization q9_9: one of f16, " in capsys.readouterr().err
    assert main(options) == 1
    assert "does not exist" in capsys.readouterr().err
