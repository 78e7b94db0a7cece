"""A LoRA on the installed model: on and off again, and files that do not fit it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.llm.llama import LlamaModel
from tests.llm.adapter_file import write_adapter

pytestmark = pytest.mark.engine
PROMPT, TEXTS = "The capital of France is", [" Paris", " Berlin"]


def test_an_adapter_changes_what_the_model_believes_and_can_be_taken_off(
    model: LlamaModel, model_file: Path, tmp_path: Path
) -> None:
    adapter = write_adapter(tmp_path / "adapter.gguf")
    adapted = LlamaModel(model_file, context=512, adapter=adapter)
    try:
        base, _ = model.score(PROMPT, TEXTS)
        on, _ = adapted.score(PROMPT, TEXTS)
        off, _ = adapted.score(PROMPT, TEXTS, adapted=False)
        again, _ = adapted.score(PROMPT, TEXTS)
        assert abs(on - base).max() > 0.05
        assert off == pytest.approx(base, abs=0.01)
        assert again == pytest.approx(on, abs=0.01)
        assert adapted.fingerprint != model.fingerprint
    finally:
        adapted.close()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"architecture": "gemma3"}, "made for a model of the kind gemma3"),
        ({"kind": "model"}, "not a LoRA adapter"),
        ({"width": 640}, "does not fit"),
    ],
)
def test_an_adapter_of_another_model_is_refused_in_a_sentence(
    model_file: Path, tmp_path: Path, wrong: dict[str, str | int], says: str
) -> None:
    adapter = write_adapter(tmp_path / "adapter.gguf", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=says):
        LlamaModel(model_file, context=512, adapter=adapter)


@pytest.mark.parametrize("part", [0.001, 0.02, 0.5, 0.97])
def test_a_damaged_adapter_is_refused_in_a_sentence(
    model_file: Path, tmp_path: Path, part: float
) -> None:
    adapter = write_adapter(tmp_path / "adapter.gguf")
    whole = adapter.read_bytes()
    adapter.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ModelError, match="damaged"):
        LlamaModel(model_file, context=512, adapter=adapter)


def test_a_missing_adapter_is_named(model_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        LlamaModel(model_file, context=512, adapter=tmp_path / "none.gguf")
