"""The adapter that a run begins with: what is checked of it, and what the recipe says of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assistant.errors import ModelError
from assistant.training import lora
from assistant.training.base import file_hash
from assistant.training.gguf_adapter import Heads, read


@dataclass(frozen=True, slots=True)
class Parent:
    """What a recipe says of the adapter that its run began with."""

    sha256: str
    steps_done: int
    data_sha256: str


def begin_with(path: Path, model: Any, lora_alpha: float, base_hash: str) -> Parent:
    """Put the GGUF adapter at `path` into `model`, which `lora.put_on` has adapted.

    Raises `ModelError` where the adapter has no recipe beside it, or was made for another base or
    in another shape than the model's own adapter.
    """
    about = _recipe(path)
    if about["base_sha256"] != base_hash:
        raise ModelError(
            f"{path} was made for another base, {about.get('base', 'unnamed')} (SHA-256 "
            f"{str(about['base_sha256'])[:12]}…): train on that one, or leave --from out"
        )
    heads = Heads(model.config.num_attention_heads, model.config.num_key_value_heads)
    weights, alpha = read(path, heads)
    theirs, ours = _shape(weights, alpha), _shape(lora.weights(model), lora_alpha)
    if theirs != ours:
        raise ModelError(
            f"{path} has {theirs}, and this run {ours}: give its --rank and --first-layer"
        )
    lora.load(model, weights)
    return Parent(file_hash(path), int(about["steps_done"]), str(about["data_sha256"]))


def _recipe(path: Path) -> dict[str, Any]:
    recipe = path.with_suffix(".toml")
    if not path.is_file():
        raise ModelError(f"{path} does not exist: name the .gguf of an adapter")
    try:
        about = tomllib.loads(recipe.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            f"{recipe} cannot be read, and only a recipe says what {path.name} was made for: "
            "put it beside the adapter"
        ) from error
    if missing := {"base_sha256", "steps_done", "data_sha256"} - about.keys():
        raise ModelError(f"{recipe} does not say {', '.join(sorted(missing))}")
    return about


def _shape(weights: Mapping[str, torch.Tensor], alpha: float) -> str:
    ranks = {w.shape[0 if name.endswith(".a") else 1] for name, w in weights.items()}
    blocks = sorted({int(name.split(".")[2]) for name in weights})
    return (
        f"rank {', '.join(map(str, sorted(ranks)))}, alpha {alpha:g} and {len(weights)} matrices "
        f"in layers {blocks[0]} to {blocks[-1]}"
    )
