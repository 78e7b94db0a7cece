"""The installed model in other numbers of bits, made by llama.cpp."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.llm.gguf import read_gguf_header
from assistant.llm.llama import LlamaModel
from assistant.llm.quantizing import KINDS, is_quantized, kind_of, mix, quantize

pytestmark = pytest.mark.engine
PROMPT, TEXTS = "The capital of France is", [" Paris", " Berlin", " a banana"]


def test_a_model_says_what_its_weights_are_kept_in(model_file: Path, tmp_path: Path) -> None:
    header = read_gguf_header(model_file)
    assert kind_of(header) == "q4_1"
    assert is_quantized(header)
    assert {k: round(v, 2) for k, v in mix(header).items()} == {
        "q4_1": 0.79,
        "q8_0": 0.21,
        "f32": 0,
    }
    quantize(model_file, "f16", tmp_path / "f16.gguf", 1)
    full = read_gguf_header(tmp_path / "f16.gguf")
    assert kind_of(full) == "f16"
    assert not is_quantized(full)
    assert mix(full)["f16"] > 0.99


@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=() if k in ("q8_0", "q2_k") else pytest.mark.thorough) for k in KINDS],
)
def test_every_kind_can_be_made_and_still_speaks(
    model: LlamaModel, model_file: Path, tmp_path: Path, kind: str
) -> None:
    """It believes the same in the same order; a copy of what is so already, to the same amount."""
    made = tmp_path / f"{kind}.gguf"
    quantize(model_file, kind, made, 1)
    assert kind_of(read_gguf_header(made)) == kind
    before, _ = model.score(PROMPT, TEXTS)
    again = LlamaModel(made, context=256)
    try:
        after, _ = again.score(PROMPT, TEXTS)
    finally:
        again.close()
    assert after.argsort().tolist() == before.argsort().tolist()
    if kind == "q4_1":
        assert after == pytest.approx(before, abs=0.01)


def test_a_damaged_model_and_a_place_that_is_none_are_told(
    model_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="cannot be made q8_0"):
        quantize(model_file, "q8_0", tmp_path / "none" / "a.gguf", 1)
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(model_file.read_bytes()[:50_000_000])
    with pytest.raises(ModelError, match="cannot be made q8_0"):
        quantize(cut, "q8_0", tmp_path / "a.gguf", 1)
    assert not (tmp_path / "a.gguf").exists()
