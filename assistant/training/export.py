"""A checkpoint as a GGUF adapter for llama.cpp, with the recipe that made it beside it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

import torch

from assistant.errors import ModelError
from assistant.llm.llama import LlamaModel
from assistant.llm.native import EngineOptions
from assistant.training.base import file_hash
from assistant.training.batches import batch
from assistant.training.generator.examples import UNSEEN, Pack, packs
from assistant.training.gguf_adapter import LICENCE, write
from assistant.training.train import Checkpoint, answer_logits, newest, taught

CHECKED = 4
"""Requests by which torch and llama.cpp are compared."""


def export(base: Path, folder: Path, to: Path, *, note: str, check: bool) -> Iterator[str]:
    """Write the newest checkpoint of `folder` to `to`, and tell what was done, line by line.

    Raises `ModelError` where there is no checkpoint, or it was trained on another base.
    """
    checkpoint = newest(folder)
    if checkpoint is None:
        raise ModelError(f"{folder} has no checkpoint: run `python -m assistant.training train`")
    if checkpoint.base_hash != file_hash(base):
        raise ModelError(f"the checkpoint in {folder} was not trained on {base}")
    write(checkpoint.weights, checkpoint.settings.lora_alpha, base, to)
    recipe = to.with_suffix(".toml")
    recipe.write_text(recipe_text(checkpoint, base, note), encoding="utf-8")
    yield f"{to}: step {checkpoint.step}, {to.stat().st_size / 1e6:.1f} MB; {recipe.name}"
    if check:
        apart = compare(checkpoint, base, to)
        yield f"torch and llama.cpp differ by at most {apart:.3f} nats a token in {CHECKED} answers"


def recipe_text(checkpoint: Checkpoint, base: Path, note: str = "") -> str:
    """TOML that says what the adapter was made from and how."""
    about: dict[str, Any] = {
        "base": base.name,
        "base_sha256": checkpoint.base_hash,
        "licence": f"{LICENCE}, as the base; the data is made by the project's own generator",
        **({"note": note} if note else {}),
        "steps_done": checkpoint.step,
        "requests_seen": checkpoint.step * checkpoint.settings.per_home,
        "data_sha256": checkpoint.data_hash,
        "loss_hard": round(checkpoint.hard, 4),
        "loss_soft": round(checkpoint.soft, 4),
    }
    settings = {k: v for k, v in asdict(checkpoint.settings).items() if k != "base"}
    lines = [*map(_line, about.items()), "", "[settings]", *map(_line, settings.items())]
    if checkpoint.parent is not None:
        lines += ["", "[parent]", *map(_line, asdict(checkpoint.parent).items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def compare(checkpoint: Checkpoint, base: Path, adapter: Path) -> float:
    """How far torch's and llama.cpp's log probabilities of answers lie apart, nats per token.

    The most of a few answers of a home that was never trained on.
    """
    model, tokenizer = taught(checkpoint, base, "cpu")
    pack = next(packs(UNSEEN, checkpoint.settings.language, per_home=CHECKED))
    llama = LlamaModel(base, EngineOptions(context=2048), adapter=adapter)
    worst = 0.0
    try:
        for example in pack.examples:
            text = f" {max(example.answers, key=lambda a: example.answers[a])}\n"
            alone = Pack(pack.home, (replace(example, answers={text.strip(): 1.0}),))
            laid = batch(alone, tokenizer, Random(0))  # noqa: S311
            with torch.no_grad():
                log_p = torch.log_softmax(answer_logits(model, laid), dim=-1)
            ours = float(log_p.gather(1, laid.hard[:, None]).sum())
            scores, counts = llama.score(pack.home.menu.fixed + example.prompt, [text])
            worst = max(worst, abs(ours - float(scores[0])) / int(counts[0]))
    finally:
        llama.close()
    return worst


def _line(item: tuple[str, Any]) -> str:
    key, value = item
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
