"""The training loop: one pack a step, a cosine schedule, and checkpoints to go on from."""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import torch

from assistant.errors import ModelError
from assistant.training import lora
from assistant.training.base import file_hash, load_base
from assistant.training.batches import Batch, Tokenizer, batch
from assistant.training.generator.examples import Pack, packs
from assistant.training.losses import losses
from assistant.training.parents import Parent, begin_with

_LOG = logging.getLogger(__name__)
_WARM_UP = 30
_CLIP = 1.0
_FLOOR = 0.05
"""The last learning rate, as a share of the highest."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run depends on; all of it goes into the recipe."""

    base: str
    language: str = "en"
    seed: int = 1
    steps: int = 3000
    per_home: int = 16
    rate: float = 1e-3
    alpha: float = 0.5
    temperature: float = 1.0
    rank: int = 16
    lora_alpha: float = 32.0
    first_layer: int = 10
    dtype: str = "bfloat16"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run at one of its steps, as `torch.save` keeps it."""

    settings: Settings
    step: int
    weights: dict[str, torch.Tensor]
    optimizer: dict[str, Any]
    data_hash: str
    base_hash: str
    hard: float
    soft: float
    parent: Parent | None = None
    """The adapter that it began with; None: with nothing."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a run is made; what comes out depends on `begin` alone."""

    save_every: int = 50
    """Steps between checkpoints."""
    begin: Path | None = None
    """A GGUF adapter whose matrices a new run starts with."""
    threads: int = 0
    """0: as torch chooses."""
    compiled: bool = True
    """Fuse the model's small steps with torch.compile, which wants a C++ compiler."""


def train(settings: Settings, folder: Path, way: Way) -> Checkpoint:
    """Train until `settings.steps`, going on from the newest checkpoint in `folder`.

    A checkpoint is resumed with the settings given here, so that a run can be made longer; the
    base and the adapter's shape must be the same. Raises `ModelError`.
    """
    if way.threads:
        torch.set_num_threads(way.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    base_hash = file_hash(Path(settings.base))
    model, tokenizer = load_base(Path(settings.base), device, getattr(torch, settings.dtype))
    return fit(model, tokenizer, settings, folder, way, base_hash=base_hash)


def fit(
    model: Any,
    tokenizer: Tokenizer,
    settings: Settings,
    folder: Path,
    way: Way,
    *,
    base_hash: str,
) -> Checkpoint:
    """`train`, of a model that is already there."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    parameters = lora.put_on(model, settings.rank, settings.lora_alpha, settings.first_layer)
    optimizer = torch.optim.AdamW(
        parameters, lr=settings.rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    step, data_hash, hard, soft, parent = 0, "", math.nan, math.nan, None
    if (last := newest(folder)) is not None:
        _same(last, settings, base_hash, way.begin)
        lora.load(model, last.weights)
        optimizer.load_state_dict(last.optimizer)
        step, data_hash, hard, soft = last.step, last.data_hash, last.hard, last.soft
        parent = last.parent
        _LOG.info("going on from step %d", step)
    elif way.begin is not None:
        parent = begin_with(way.begin, model, settings.lora_alpha, base_hash)
        _LOG.info("beginning with %s, %d steps old", way.begin.name, parent.steps_done)
    if way.compiled:
        model.model.compile(dynamic=True)
    started, first = time.monotonic(), step
    for pack in _packs(settings, step):
        if step >= settings.steps:
            break
        rate = learning_rate(step, settings)
        for group in optimizer.param_groups:
            group["lr"] = rate
        laid = batch(pack, tokenizer, Random(f"{settings.seed} {step}"))  # noqa: S311
        now_hard, now_soft = _step(model, laid, settings, optimizer, parameters)
        step += 1
        data_hash = hashlib.sha256(f"{data_hash}{pack.digest}".encode()).hexdigest()
        hard, soft = _smooth(hard, now_hard), _smooth(soft, now_soft)
        if step % 10 == 0 or step == settings.steps:
            each = (time.monotonic() - started) / (step - first)
            _LOG.info(
                "step %d of %d  L_hard %.4f  L_soft %.4f  rate %.1e  %.2f s a step  %d min to go",
                step, settings.steps, hard, soft, rate, each, (settings.steps - step) * each / 60,
            )  # fmt: skip
        if step % way.save_every == 0 or step == settings.steps:
            last = Checkpoint(
                replace(settings), step, lora.weights(model), optimizer.state_dict(), data_hash,
                base_hash, hard, soft, parent,
            )  # fmt: skip
            save(last, folder)
    if last is None:
        raise ModelError(f"nothing to train: {settings.steps} steps")
    return last


def taught(checkpoint: Checkpoint, base: Path, device: str) -> tuple[Any, Any]:
    """The base in float32 with what `checkpoint` learned, and its tokenizer; `ModelError`."""
    model, tokenizer = load_base(base, device, torch.float32)
    settings = checkpoint.settings
    lora.put_on(model, settings.rank, settings.lora_alpha, settings.first_layer)
    lora.load(model, checkpoint.weights)
    return model, tokenizer


def learning_rate(step: int, settings: Settings) -> float:
    """Linear warm-up, then half a cosine."""
    warm = min(_WARM_UP, max(settings.steps // 10, 1))
    if step < warm:
        return settings.rate * (step + 1) / warm
    done = min((step - warm) / max(settings.steps - warm, 1), 1.0)
    return settings.rate * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * done)))


def newest(folder: Path) -> Checkpoint | None:
    """The checkpoint of the highest step in `folder`."""
    found = sorted(folder.glob("step-*.pt"))
    return read(found[-1]) if found else None


def read(path: Path) -> Checkpoint:
    """A checkpoint. Raises `ModelError` for what is none."""
    try:
        raw = torch.load(path, map_location="cpu", weights_only=True)
        if (parent := raw.pop("parent", None)) is not None:
            parent = Parent(**parent)
        return Checkpoint(settings=Settings(**raw.pop("settings")), parent=parent, **raw)
    except (OSError, RuntimeError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} is not a whole checkpoint; delete it: {error}") from error


def save(checkpoint: Checkpoint, folder: Path) -> Path:
    """Write it so that a cut in the middle leaves no half of it; older ones but two are deleted."""
    path = folder / f"step-{checkpoint.step:07}.pt"
    raw = {f: getattr(checkpoint, f) for f in Checkpoint.__slots__}
    parent = checkpoint.parent and asdict(checkpoint.parent)
    plain = {**raw, "settings": asdict(checkpoint.settings), "parent": parent}
    torch.save(plain, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
    for old in sorted(folder.glob("step-*.pt"))[:-3]:
        old.unlink()
    return path


def _packs(settings: Settings, start: int) -> Iterator[Pack]:
    return packs(settings.seed, settings.language, start=start, per_home=settings.per_home)


def _step(
    model: Any,
    laid: Batch,
    settings: Settings,
    optimizer: torch.optim.Optimizer,
    parameters: list[torch.nn.Parameter],
) -> tuple[float, float]:
    logits = answer_logits(model, laid)
    found = losses(
        logits, laid.hard.to(logits.device), laid.soft, settings.alpha, settings.temperature
    )
    optimizer.zero_grad(set_to_none=True)
    found.total.backward()
    torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
    optimizer.step()
    return float(found.hard.detach()), float(found.soft.detach())


def answer_logits(model: Any, laid: Batch) -> torch.Tensor:
    """The logits where answers are learned, `(m, vocabulary)` float32; the others are not made."""
    device = model.device
    hidden = model.model(
        input_ids=laid.tokens.to(device),
        position_ids=laid.positions.to(device),
        attention_mask=laid.seen.to(device),
        use_cache=False,
    ).last_hidden_state[0, laid.asked.to(device)]
    logits: torch.Tensor = model.lm_head(hidden).float()
    return logits


def _same(last: Checkpoint, settings: Settings, base_hash: str, begin: Path | None) -> None:
    shape = ("language", "seed", "per_home", "rank", "lora_alpha", "first_layer")
    other = [f for f in shape if getattr(last.settings, f) != getattr(settings, f)]
    if other or last.base_hash != base_hash:
        raise ModelError(
            f"the checkpoint is of another {', '.join(other) or 'base'}: "
            "give the same, or another folder"
        )
    if begin is not None and (last.parent is None or last.parent.sha256 != file_hash(begin)):
        raise ModelError(
            f"the checkpoint of step {last.step} did not begin with {begin}: leave --from out to "
            "go on with it, or give another folder"
        )


def _smooth(before: float, now: float) -> float:
    return now if math.isnan(before) else 0.95 * before + 0.05 * now
