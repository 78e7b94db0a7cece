"""A checkpoint as a GGUF adapter for llama.cpp, with the recipe that made it beside it.

Format: llama.cpp's `convert_lora_to_gguf.py`. Two things differ between torch and llama.cpp: names,
and the rows of the query and key projections, which llama.cpp keeps in the order of its rotary
embedding, so that B's rows have to follow.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError
from assistant.llm.native import EngineOptions
from assistant.training.base import file_hash
from assistant.training.train import Checkpoint, newest

_NAMES = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip
_LICENCE = "Apache-2.0"
_CHECKED = 4
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
    write(checkpoint, base, to)
    recipe = to.with_suffix(".toml")
    recipe.write_text(recipe_text(checkpoint, base, note), encoding="utf-8")
    yield f"{to}: step {checkpoint.step}, {to.stat().st_size / 1e6:.1f} MB; {recipe.name}"
    if check:
        yield compare(checkpoint, base, to)


def write(checkpoint: Checkpoint, base: Path, to: Path) -> None:
    """The adapter's matrices in float16. Raises `ModelError` for a base that is no GGUF."""
    from gguf import GGUFWriter

    architecture, heads, heads_kv = _shape(base)
    to.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(str(to.with_suffix(".part")), architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_string("general.name", to.name.removesuffix(".gguf"))
    writer.add_string("general.license", _LICENCE.lower())
    writer.add_float32("adapter.lora.alpha", checkpoint.settings.lora_alpha)
    for name, value in sorted(checkpoint.weights.items()):
        parts = name.split(".")
        block, projection, part = parts[2], parts[-2], parts[-1]
        matrix = value.numpy()
        if part == "b" and projection in ("q_proj", "k_proj"):
            matrix = rotary(matrix, heads if projection == "q_proj" else heads_kv)
        writer.add_tensor(
            f"blk.{block}.{_NAMES[projection]}.weight.lora_{part}", matrix.astype(np.float16)
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    to.with_suffix(".part").replace(to)


def rotary(rows: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """The rows of each head in llama.cpp's order: pairs side by side, rather than halves."""
    shape = rows.shape
    turned = rows.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2)
    return turned.reshape(shape)


def recipe_text(checkpoint: Checkpoint, base: Path, note: str = "") -> str:
    """TOML that says what the adapter was made from and how."""
    about: dict[str, Any] = {
        "base": base.name,
        "base_sha256": checkpoint.base_hash,
        "licence": f"{_LICENCE}, as the base; the data is made by the project's own generator",
        **({"note": note} if note else {}),
        "steps_done": checkpoint.step,
        "requests_seen": checkpoint.step * checkpoint.settings.per_home,
        "data_sha256": checkpoint.data_hash,
        "loss_hard": round(checkpoint.hard, 4),
        "loss_soft": round(checkpoint.soft, 4),
    }
    settings = {k: v for k, v in asdict(checkpoint.settings).items() if k != "base"}
    lines = [*map(_line, about.items()), "", "[settings]", *map(_line, settings.items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def compare(checkpoint: Checkpoint, base: Path, adapter: Path) -> str:
    """How far torch's and llama.cpp's log probabilities of answers lie apart, nats per token."""
    import torch

    from assistant.llm.llama import LlamaModel
    from assistant.training import lora
    from assistant.training.base import load_base
    from assistant.training.generator.examples import Example, Pack, packs

    settings = checkpoint.settings
    model, tokenizer = load_base(base, "cpu", torch.float32)
    lora.put_on(model, settings.rank, settings.lora_alpha, settings.first_layer)
    lora.load(model, checkpoint.weights)
    pack = next(packs(900_001, settings.language, per_home=_CHECKED))
    llama = LlamaModel(base, EngineOptions(context=2048), adapter=adapter)
    worst = 0.0
    try:
        for example in pack.examples:
            text = f" {max(example.answers, key=lambda a: example.answers[a])}\n"
            alone = Pack(pack.home, (Example(example.said, example.area, example.prompt,
                                             {text.strip(): 1.0}, example.kind),))  # fmt: skip
            ours = _log_probability(model, tokenizer, alone)
            prompt = pack.home.menu.fixed + example.prompt
            scores, counts = llama.score(prompt, [text])
            worst = max(worst, abs(ours - float(scores[0])) / int(counts[0]))
    finally:
        llama.close()
    return f"torch and llama.cpp differ by at most {worst:.3f} nats a token in {_CHECKED} answers"


def _log_probability(model: Any, tokenizer: Any, pack: Any) -> float:
    from random import Random

    import torch

    from assistant.training.batches import batch
    from assistant.training.train import answer_logits

    laid = batch(pack, tokenizer, Random(0))  # noqa: S311
    with torch.no_grad():
        log_p = torch.log_softmax(answer_logits(model, laid), dim=-1)
    return float(log_p.gather(1, laid.hard[:, None]).sum())


def _shape(base: Path) -> tuple[str, int, int]:
    from gguf import GGUFReader

    reader = GGUFReader(str(base))
    try:
        architecture = str(reader.fields["general.architecture"].contents())
        heads = int(reader.fields[f"{architecture}.attention.head_count"].contents())
        heads_kv = int(reader.fields[f"{architecture}.attention.head_count_kv"].contents())
    except KeyError as error:
        raise ModelError(f"{base} does not say {error}: is it a language model?") from error
    return architecture, heads, heads_kv


def _line(item: tuple[str, Any]) -> str:
    key, value = item
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
