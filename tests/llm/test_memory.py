"""Too little memory is told before a model is loaded, not by the kernel's killing."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.llm import machine, native
from assistant.llm.gguf import read_language_model_header
from assistant.llm.llama import LlamaModel
from assistant.llm.machine import available_memory, resident_bytes, usable_cores
from assistant.llm.native import EngineOptions, memory_needed

pytestmark = pytest.mark.engine


def test_too_little_memory_is_told_in_a_sentence(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "available_memory", lambda: 120_000_000)
    with pytest.raises(ModelError, match=r"needs about .* MB of memory and 120 MB are free"):
        LlamaModel(model_file, context=2048)


def test_a_machine_that_does_not_say_is_believed_to_have_enough(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "available_memory", lambda: None)
    LlamaModel(model_file, context=512).close()


def test_what_is_kept_in_eight_bits_takes_half(model_file: Path) -> None:
    header = read_language_model_header(model_file)
    whole, half, none = (
        memory_needed(model_file, header, EngineOptions(context=context, cache_type=kind))
        for context, kind in ((2048, "f16"), (2048, "q8_0"), (0, "f16"))
    )
    assert (half - none) / (whole - none) == pytest.approx(0.53, abs=0.01)
    assert whole - none == 2048 * 30 * 2 * 3 * 64 * 2


def test_a_model_that_is_let_go_gives_its_memory_back(model_file: Path) -> None:
    LlamaModel(model_file, context=512).close()  # llama.cpp itself stays
    before = resident_bytes()
    model = LlamaModel(model_file, context=1024)
    model.complete("hello " * 200, max_tokens=4)
    held = resident_bytes() - before
    model.close()
    assert held > 80e6
    assert resident_bytes() - before < held / 5


def test_a_model_runs_with_every_option(model_file: Path) -> None:
    options = EngineOptions(
        context=512, threads=1, memory_map=False, cache_type="q8_0", flash_attention=True
    )
    model = LlamaModel(model_file, options)
    try:
        assert "Paris" in model.complete("The capital of France is", max_tokens=6)
    finally:
        model.close()


@pytest.mark.parametrize(
    ("loadavg", "cores"),
    [("0.5 0.4 0.3 1/99 7", 4), ("9 9 9 3/99 7", 2), ("9 9 9 12/99 7", 1), ("", 4), ("x", 4)],
)
def test_cores_that_others_compute_on_are_left_to_them(
    loadavg: str, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "loadavg"
    file.write_text(loadavg)
    monkeypatch.setattr(machine, "_LOADAVG", file)
    assert machine.free_cores(4) == cores


def test_this_machine_has_memory_and_cores() -> None:
    assert (available_memory() or 0) > 0
    assert usable_cores() >= 1
