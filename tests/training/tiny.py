"""A model of two small layers with random weights, and a short run of it. Needs torch."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.training.train import Checkpoint, Settings, Way, fit


class Bytes:
    """A tokenizer whose tokens are the text's bytes."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return list(text.encode())


def tiny() -> LlamaForCausalLM:
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=256, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=8192,
        attn_implementation="sdpa",
    )  # fmt: skip
    return LlamaForCausalLM(shape).eval()


SETTINGS = Settings(
    base="tiny.gguf", steps=6, per_home=3, rank=4, first_layer=1, dtype="float32", rate=1e-2
)


def run(folder: Path, settings: Settings = SETTINGS, begin: Path | None = None) -> Checkpoint:
    """Trained on a base whose hash is "x"."""
    way = Way(save_every=2, begin=begin, compiled=False)
    return fit(tiny(), Bytes(), settings, folder, way, base_hash="x")
