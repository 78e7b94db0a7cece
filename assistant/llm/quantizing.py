"""A GGUF model in other numbers of bits, by llama.cpp's own function."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from assistant.errors import ModelError
from assistant.llm.gguf import GgufHeader
from assistant.llm.native import library

KINDS = (
    "f16", "bf16", "q8_0", "q6_k", "q5_k_m", "q5_k_s", "q5_1", "q5_0", "q4_k_m", "q4_k_s", "q4_1",
    "q4_0", "iq4_nl", "q3_k_l", "q3_k_m", "q3_k_s", "q2_k",
)  # fmt: skip
"""What can be asked for: all that need no list of how important each weight is."""
_FULL = ("f16", "bf16")


def quantize(model: Path, kind: str, to: Path, threads: int = 0) -> None:
    """Write `model` to `to` as `kind`, one of `KINDS`; `threads` 0: all cores.

    Weights that are of this kind already are copied, others quantized from what they are. Where a
    matrix's rows do not divide into a kind's blocks, llama.cpp takes another kind for it (`mix`
    tells). Raises `ModelError`.
    """
    c = library()
    parameters = c.llama_model_quantize_default_params()
    parameters.ftype = getattr(c, f"LLAMA_FTYPE_MOSTLY_{kind.upper()}")
    parameters.allow_requantize = True
    parameters.nthread = threads
    code = c.llama_model_quantize(os.fsencode(model), os.fsencode(to), ctypes.byref(parameters))
    if code != 0:
        to.unlink(missing_ok=True)
        raise ModelError(f"{model} cannot be made {kind}: is there room for it in {to.parent}?")


def kind_of(model: GgufHeader) -> str | None:
    """Which of `KINDS` a model says that it is; None: another."""
    c = library()
    said = model.metadata.get("general.file_type")
    return next((k for k in KINDS if getattr(c, f"LLAMA_FTYPE_MOSTLY_{k.upper()}") == said), None)


def is_quantized(model: GgufHeader) -> bool:
    """Whether its weights have been rounded to fewer than 16 bits."""
    return any(kind not in ("f32", "f16", "bf16") for kind in mix(model))


def mix(model: GgufHeader) -> dict[str, float]:
    """The share of a model's weights that is of each of ggml's types, the largest first."""
    c = library()
    prefix = "GGML_TYPE_"
    names = {getattr(c, n): n.removeprefix(prefix).lower() for n in dir(c) if n.startswith(prefix)}
    total = sum(model.kinds.values())
    shares = {names.get(kind, str(kind)): count / total for kind, count in model.kinds.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))
