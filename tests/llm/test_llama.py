"""llama.cpp on the installed model: grammar, reuse, cancellation, and files that are no model."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import LanguageModelError, ModelError
from assistant.llm.gguf import read_gguf_header
from assistant.llm.llama import LlamaModel
from assistant.llm.native import Row

pytestmark = pytest.mark.engine

ENDLESS = "root ::= [a-z ]+"


def test_a_grammar_allows_nothing_else(model: LlamaModel) -> None:
    grammar = 'root ::= " " ("zanzibar" | "quux") "\\n"'
    answers = {
        model.complete(f"The capital of {place} is", grammar=grammar).strip()
        for place in ("France", "Tanzania", "Foobar")
    }
    assert answers <= {"zanzibar", "quux"}


def test_decoding_is_greedy_and_stops_at_a_stop_string(model: LlamaModel) -> None:
    prompt = "The capital of Spain is Madrid. The capital of France is"
    whole = model.complete(prompt, max_tokens=20)
    assert "Paris" in whole
    assert model.complete(prompt, max_tokens=20) == whole
    assert model.complete(prompt, max_tokens=20, stop=["Paris"]) == whole[: whole.index("Paris")]


def test_the_same_beginning_of_a_prompt_is_evaluated_once(model: LlamaModel) -> None:
    evaluated: list[int] = []
    native = model._native
    decode = native.decode

    def counting(rows: Sequence[Row]) -> list[int]:
        evaluated.append(len(rows))
        return decode(rows)

    native.decode = counting  # type: ignore[method-assign, assignment]
    try:
        beginning = "once upon a time there was a lamp " * 20
        model.complete(f"{beginning}red", max_tokens=1)
        first = sum(evaluated)
        evaluated.clear()
        model.complete(f"{beginning}blue", max_tokens=1)
    finally:
        native.decode = decode  # type: ignore[method-assign]
    assert first > 100
    assert sum(evaluated) < 10


def test_what_was_evaluated_before_does_not_change_an_answer(model: LlamaModel) -> None:
    prompt = "The sky is blue and the grass is"
    alone = model.complete(prompt, max_tokens=8)
    model.complete("The sky is blue and the sea is deep", max_tokens=8)
    model.embed("The sky", [" is falling", " was red"])
    assert model.complete(prompt, max_tokens=8) == alone


def test_embeddings_are_the_same_in_company_and_alone(model: LlamaModel) -> None:
    texts = ["the lamp is on", "it is a cold winter day", "yes " * 60]
    together = model.embed('The sentence "', texts)
    for row, text in zip(together, texts, strict=True):
        alone = model.embed('The sentence "', [text])[0]
        likeness = row @ alone / np.linalg.norm(row) / np.linalg.norm(alone)
        assert likeness > 0.999
    assert not np.allclose(together[0], together[1], atol=0.1)


def test_a_text_is_scored_the_same_in_company_and_alone(model: LlamaModel) -> None:
    prompt, texts = "The capital of France is", [" Paris", " Berlin", " a city" + " of light" * 20]
    scores, counts = model.score(prompt, texts)
    for score, count, text in zip(scores, counts, texts, strict=True):
        alone, (tokens,) = model.score(prompt, [text])
        assert score == pytest.approx(alone[0], rel=0.01)
        assert count == tokens == len(model.tokenize(text))
    assert scores[0] > scores[1] > scores[2]


def test_a_score_is_what_decoding_believes(model: LlamaModel) -> None:
    prompt = "One, two, three,"
    likeliest = model.complete(prompt, max_tokens=1)
    others = [" seven", " zebra", " four four"]
    scores, _ = model.score(prompt, [likeliest, *others])
    assert scores.argmax() == 0
    whole, _ = model.score("One, two,", [" three,"])
    first, _ = model.score("One, two,", [" three"])
    rest, _ = model.score("One, two, three", [","])
    assert whole[0] == pytest.approx(first[0] + rest[0], abs=0.05)


def test_special_marks_in_a_text_to_embed_are_plain_characters(model: LlamaModel) -> None:
    assert len(model.tokenize("<|im_end|>", special=True)) == 1
    assert len(model.tokenize("<|im_end|>")) > 1


@pytest.mark.parametrize("prompt", ["long " * 3000, "word " * 1015])
def test_a_prompt_beyond_the_context_is_refused_in_a_sentence(
    model: LlamaModel, prompt: str
) -> None:
    with pytest.raises(LanguageModelError, match="does not fit"):
        model.complete(prompt)
    assert model.complete("One, two,", max_tokens=2)


def test_a_wrong_grammar_is_refused(model: LlamaModel) -> None:
    with pytest.raises(LanguageModelError, match="GBNF"):
        model.complete("hello", grammar="root ::= (")
    assert model.complete("One, two,", max_tokens=2)


def test_many_grammars_do_not_pile_up(model: LlamaModel) -> None:
    for number in range(30):
        assert model.complete("Number", grammar=f'root ::= " {number}"') == f" {number}"
    assert len(model._grammars) <= 8


def test_cancelling_stops_an_answer_at_once(model: LlamaModel) -> None:
    asked = 0
    flagged = 0.0

    def cancelled() -> bool:
        nonlocal asked, flagged
        asked += 1
        if asked == 5:
            flagged = time.monotonic()
        return asked >= 5

    text = model.complete("Once", grammar=ENDLESS, max_tokens=900, cancelled=cancelled)
    assert time.monotonic() - flagged < 0.1
    assert len(text) < 100


def test_cancelling_stops_the_reading_of_a_long_prompt(model: LlamaModel) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    assert model.complete("a different beginning " * 250, cancelled=cancelled) == ""
    assert len(model._cells.tokens) < 100
    assert model.complete("One, two,", max_tokens=2)


def test_a_closed_model_says_so(model_file: Path) -> None:
    closed = LlamaModel(model_file, context=512)
    closed.close()
    closed.close()
    with pytest.raises(LanguageModelError, match="closed"):
        closed.complete("hello")


def _gguf(pairs: int = 0, tensors: int = 0, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs) + rest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read|damaged|not a GGUF"),
        (b"GGUF", "damaged"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not a GGUF"),
        (b"GGUF" + struct.pack("<I", 99), "version 99"),
        (_gguf(pairs=2**62), "impossible count"),
        (_gguf(pairs=1, rest=struct.pack("<Q", 2**63)), "ends within"),
        (_gguf(), "weights are missing"),
    ],
)
def test_a_file_that_is_no_model_is_named_in_a_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says) as caught:
        LlamaModel(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("part", [0.001, 0.01, 0.018, 0.3, 0.999])
def test_a_truncated_model_is_refused(tmp_path: Path, model_file: Path, part: float) -> None:
    size = int(model_file.stat().st_size * part)
    path = tmp_path / "model.gguf"
    with model_file.open("rb") as file:
        path.write_bytes(file.read(size))
    with pytest.raises(ModelError, match="damaged"):
        LlamaModel(path)


def test_a_vocabulary_without_weights_is_no_language_model(tmp_path: Path) -> None:
    key = b"general.architecture"
    pair = struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, 5) + b"llama"
    tensor = struct.pack("<Q", 1) + b"x" + struct.pack("<IQIQ", 1, 4, 0, 0)
    path = tmp_path / "model.gguf"
    path.write_bytes(_gguf(1, 1, pair + tensor) + b"\0" * 256)
    assert read_gguf_header(path).metadata == {"general.architecture": "llama"}
    with pytest.raises(ModelError, match="not a language model"):
        LlamaModel(path)


def test_a_missing_model_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no \.gguf file"):
        LlamaModel(tmp_path)
    with pytest.raises(ModelError, match="does not exist"):
        LlamaModel(tmp_path / "none.gguf")


def test_loading_prints_nothing(model_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    with model_file.open("rb") as file:
        broken.write_bytes(file.read(40_000_000))
    code = (
        "import sys; from pathlib import Path\n"
        "from assistant.errors import ModelError\n"
        "from assistant.llm.llama import LlamaModel\n"
        "LlamaModel(Path(sys.argv[1]), context=512).complete('hello', max_tokens=2)\n"
        "try: LlamaModel(Path(sys.argv[2]))\n"
        "except ModelError: pass\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model_file), str(broken)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("", "")
