"""Writes a small LoRA in GGUF for SmolLM2-135M: of random weights, so that it changes answers."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_STRING, _FLOAT, _F32 = 8, 6, 0


def write_adapter(
    path: Path,
    *,
    architecture: str = "llama",
    kind: str = "adapter",
    width: int = 576,
    strength: float = 0.05,
) -> Path:
    """`width` is that of the base's hidden state; 576 is right."""
    rng = np.random.default_rng(1)
    rank = 4
    shapes = {
        "blk.0.attn_q.weight.lora_a": (rank, width),
        "blk.0.attn_q.weight.lora_b": (width, rank),
        "blk.29.ffn_down.weight.lora_a": (rank, 1536),
        "blk.29.ffn_down.weight.lora_b": (width, rank),
    }
    pairs = b"".join(
        _text(key) + struct.pack("<I", _STRING) + _text(value)
        for key, value in (
            ("general.architecture", architecture),
            ("general.type", kind),
            ("adapter.type", "lora"),
        )
    )
    pairs += _text("adapter.lora.alpha") + struct.pack("<If", _FLOAT, 8.0)
    infos, data = b"", b""
    for name, shape in shapes.items():
        weights = (rng.standard_normal(shape) * strength).astype(np.float32)
        infos += _text(name) + struct.pack("<IQQIQ", 2, shape[1], shape[0], _F32, len(data))
        data += weights.tobytes()
        data += b"\0" * (-len(data) % 32)
    header = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), 4) + pairs + infos
    path.write_bytes(header + b"\0" * (-len(header) % 32) + data)
    return path


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()
