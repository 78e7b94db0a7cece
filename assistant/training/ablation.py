"""What α is worth: a run for each, from the same start on the same data, measured alike."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import torch

from assistant.errors import ConfigError, ModelError
from assistant.llm.gguf import find_gguf
from assistant.training.batches import Tokenizer, batch
from assistant.training.evaluate import Answering, Tally, some, tally
from assistant.training.generator.examples import UNSEEN, Pack
from assistant.training.gguf_adapter import write
from assistant.training.losses import losses
from assistant.training.train import (
    Checkpoint,
    Settings,
    Way,
    answer_logits,
    newest,
    taught,
    train,
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What one run makes of phrasings and homes that it never saw."""

    checkpoint: Checkpoint
    hard: float
    """Nats a token."""
    soft: float
    """Nats a token, at the run's temperature."""
    answers: Tally
    """Under the choices that the home allows."""


def ablation(
    settings: Settings, alphas: Sequence[float], folder: Path, way: Way, *, n: int
) -> Iterator[str]:
    """Train with each α in a sub-folder of its own, measure each with `n` requests: Markdown.

    The table is written to `ablation.md` in `folder` too. Cut off and started again, it goes on
    from the newest checkpoint. Raises `ConfigError` for an α out of 0..1; `ModelError` where a
    sub-folder holds a run of other settings, or the generator changed between the runs.
    """
    if not alphas or not all(0 <= alpha <= 1 for alpha in alphas):
        raise ConfigError("--alphas wants numbers from 0 to 1, such as 0,0.5,1")
    settings = replace(settings, base=str(find_gguf(Path(settings.base))))
    runs = [(replace(settings, alpha=a), folder / f"alpha-{a:g}") for a in dict.fromkeys(alphas)]
    for own, place in runs:
        _fits(own, place, way)
    packs = some(UNSEEN, settings.language, n, held_out=True)
    held: list[Held] = []
    for number, (own, place) in enumerate(runs, start=1):
        _LOG.info("%d of %d: alpha %g in %s", number, len(runs), own.alpha, place)
        checkpoint = train(own, place, way)
        if held and checkpoint.data_hash != held[0].checkpoint.data_hash:
            raise ModelError(
                f"the runs in {folder} saw different data, so the generator was changed in "
                "between: begin again in another folder"
            )
        held.append(measure(checkpoint, Path(own.base), packs, way.threads))
        _LOG.info("%s", _line(held[-1]))
    lines = list(table(held))
    (folder / "ablation.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    yield from lines


def measure(checkpoint: Checkpoint, base: Path, packs: Sequence[Pack], threads: int) -> Held:
    """Losses in torch, answers in llama.cpp. Raises `ModelError`."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, tokenizer = taught(checkpoint, base, device)
    hard, soft = mean_losses(model, tokenizer, packs, checkpoint.settings.temperature)
    del model
    with TemporaryDirectory(prefix="assistant-ablation-") as folder:
        adapter = Path(folder) / "adapter.gguf"
        write(checkpoint.weights, checkpoint.settings.lora_alpha, base, adapter)
        with Answering(base, adapter, threads) as answering:
            return Held(checkpoint, hard, soft, tally(answering.answer_all(packs)))


def mean_losses(
    model: Any, tokenizer: Tokenizer, packs: Sequence[Pack], temperature: float
) -> tuple[float, float]:
    """L_hard and L_soft, nats a token, over all tokens of the packs' answers.

    Which of the right answers is drawn for L_hard depends on nothing but its place.
    """
    hard = soft = 0.0
    tokens = 0
    with torch.no_grad():
        for number, pack in enumerate(packs):
            laid = batch(pack, tokenizer, Random(number))  # noqa: S311
            logits = answer_logits(model, laid)
            found = losses(logits, laid.hard.to(logits.device), laid.soft, 0.5, temperature)
            count = len(laid.asked)
            hard += float(found.hard) * count
            soft += float(found.soft) * count
            tokens += count
    return hard / max(tokens, 1), soft / max(tokens, 1)


def table(held: Sequence[Held]) -> Iterator[str]:
    """Markdown, with what was the same for all."""
    checkpoint, answers = held[0].checkpoint, held[0].answers
    settings, parent = checkpoint.settings, checkpoint.parent
    start = (
        f"an adapter of {parent.steps_done} steps (SHA-256 {parent.sha256[:12]}…)"
        if parent is not None
        else "the base alone"
    )
    yield "| α | L_hard | L_soft | exact | false actions |"
    yield "|---|---|---|---|---|"
    for one in held:
        yield _line(one)
    yield ""
    yield (
        f"L = α·L_hard + (1-α)·L_soft at temperature T = {settings.temperature:g}. "
        f"{settings.steps} steps of {settings.per_home} requests for each α, from the same "
        f"start ({start}) on the same data (seed {settings.seed}, SHA-256 "
        f"{checkpoint.data_hash[:12]}…); rate {settings.rate:g}, rank {settings.rank}, layers from "
        f"{settings.first_layer} on, {settings.dtype}; base {Path(settings.base).name}."
    )
    yield ""
    yield (
        f"Measured with {answers.requests} requests in phrasings never trained, of homes never "
        f"trained (seed {UNSEEN}): losses in nats a token of the right answers, at the same T; "
        "exact answers under the choices that the home allows, before any threshold of certainty "
        f"(a standard deviation of chance is up to {50 / math.sqrt(max(answers.requests, 1)):.1f} "
        f"points); false actions of the {answers.for_nothing} requests that should lead to nothing."
    )


def _line(held: Held) -> str:
    answers = held.answers
    false = answers.false / max(answers.for_nothing, 1)
    alpha = held.checkpoint.settings.alpha
    return f"| {alpha:g} | {held.hard:.4f} | {held.soft:.4f} | {answers.exact:.1%} | {false:.1%} |"


def _fits(settings: Settings, folder: Path, way: Way) -> None:
    """A run that is there must be one of this very table, also in what makes its schedule."""
    if (last := newest(folder)) is None:
        return
    there = replace(last.settings, base=settings.base)
    other = [f for f in Settings.__slots__ if getattr(there, f) != getattr(settings, f)]
    if way.begin is None and last.parent is not None:
        other.append("--from")
    if other:
        raise ModelError(
            f"{folder} holds a run of another {', '.join(other)}: give the same, or a new --folder"
        )
