"""The model that is taught: a GGUF (dequantized) or a folder of safetensors, in torch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch

from assistant.errors import ModelError


def load_base(path: Path, device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """The model and its tokenizer. Raises `ModelError` where there is none at `path`."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    if not path.exists():
        raise ModelError(f"{path} does not exist: name the base's .gguf file or its folder")
    is_gguf = path.suffix == ".gguf"
    named = {"gguf_file": path.name} if is_gguf else {}
    folder = str(path.parent if is_gguf else path)
    tokenizer = AutoTokenizer.from_pretrained(folder, **named)
    options: dict[str, Any] = dict(named)
    if is_gguf:
        options["quantization_config"] = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, attn_implementation="sdpa", **options
    )
    return model.to(device).eval(), tokenizer


def file_hash(path: Path) -> str:
    """SHA-256 of a file, or of the weights in a folder."""
    files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as data:
            while block := data.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
