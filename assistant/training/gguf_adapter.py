"""A LoRA as llama.cpp keeps it: GGUF, in the format of its `convert_lora_to_gguf.py`.

Two things differ from torch: names, and the rows of the query and key projections, which llama.cpp
keeps in the order of its rotary embedding, so that B's rows follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from assistant.errors import ModelError
from assistant.llm.gguf import read_gguf_header

LICENCE = "Apache-2.0"
_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip
_ROTARY = ("attn_q", "attn_k")


@dataclass(frozen=True, slots=True)
class Heads:
    """How many a model has."""

    queries: int
    keys: int


def write(weights: Mapping[str, torch.Tensor], lora_alpha: float, base: Path, to: Path) -> None:
    """The matrices (as `lora.weights` gives them) in float16.

    Raises `ModelError` for a base that is no GGUF.
    """
    from gguf import GGUFWriter

    architecture, heads = _shape(base)
    to.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(str(to.with_suffix(".part")), architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_string("general.name", to.name.removesuffix(".gguf"))
    writer.add_string("general.license", LICENCE.lower())
    writer.add_float32("adapter.lora.alpha", lora_alpha)
    for name, value in sorted(weights.items()):
        _, _, block, inner, projection, part = name.split(".")
        theirs = _NAMES[f"{inner}.{projection}"]
        matrix = value.numpy()
        if part == "b" and theirs in _ROTARY:
            matrix = rotary(matrix, heads.queries if theirs == "attn_q" else heads.keys)
        writer.add_tensor(f"blk.{block}.{theirs}.weight.lora_{part}", matrix.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    to.with_suffix(".part").replace(to)


def read(path: Path, heads: Heads) -> tuple[dict[str, torch.Tensor], float]:
    """What `write` wrote for a base with these heads: the matrices, float32, and LoRA's alpha.

    Raises `ModelError` for what is no whole adapter, or one of other layers than `write` knows.
    """
    from gguf import GGUFReader

    if read_gguf_header(path).metadata.get("adapter.type") != "lora":
        raise ModelError(f"{path} is a GGUF file but not a LoRA adapter")
    ours = {theirs: name for name, theirs in _NAMES.items()}
    found: dict[str, torch.Tensor] = {}
    try:
        reader = GGUFReader(str(path))
        alpha = float(reader.fields["adapter.lora.alpha"].contents())
        for tensor in reader.tensors:
            _, block, theirs, _, part = tensor.name.split(".")
            matrix = tensor.data.astype(np.float32)
            if part == "lora_b" and theirs in _ROTARY:
                matrix = halves(matrix, heads.queries if theirs == "attn_q" else heads.keys)
            name = f"model.layers.{int(block)}.{ours[theirs]}.{part.removeprefix('lora_')}"
            found[name] = torch.from_numpy(np.ascontiguousarray(matrix))
    except (ValueError, KeyError, IndexError) as error:
        raise ModelError(f"{path} is damaged, or no adapter that was trained here") from error
    return found, alpha


def rotary(rows: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """The rows of each head in llama.cpp's order: pairs side by side, rather than halves."""
    return _turned(rows, heads, (2, -1))


def halves(rows: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """The rows of each head in torch's order again: what `rotary` undoes."""
    return _turned(rows, heads, (-1, 2))


def _turned(
    rows: npt.NDArray[np.float32], heads: int, split: tuple[int, int]
) -> npt.NDArray[np.float32]:
    return rows.reshape(heads, *split, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def _shape(base: Path) -> tuple[str, Heads]:
    about = read_gguf_header(base).metadata
    architecture = about.get("general.architecture")
    queries, keys = (
        about.get(f"{architecture}.attention.{key}") for key in ("head_count", "head_count_kv")
    )
    if not (isinstance(architecture, str) and isinstance(queries, int) and isinstance(keys, int)):
        raise ModelError(f"{base} does not say how many heads it has: is it a language model?")
    return architecture, Heads(queries, keys)
