"""Base, adapter and quantizations side by side: what each can do, and what it costs.

Each is measured in a process of its own, so that the memory is its own too.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import ConfigError, ModelError
from assistant.llm.gguf import find_gguf, read_language_model_header
from assistant.llm.quantizing import KINDS, is_quantized, kind_of, mix, quantize
from assistant.training.evaluate import Answering, Tally, some, tally

_LOG = logging.getLogger(__name__)
_MB = 1e6
_LITTLE = 0.005
"""A share of weights that is not worth naming."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What each is asked: `n` requests in trained and `n` in held-out phrasings."""

    n: int
    seed: int
    language: str = "en"
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One model's."""

    trained: Tally
    held_out: Tally
    file_mb: float
    """Of the model, and of the adapter where one is on it."""
    resident_mb: float
    """What is in RAM more than before it was loaded, mapped files included."""
    tokens_per_s: float
    """Of plain generation."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    weights: str
    adapted: bool
    figures: Figures


def compare(
    base: Path, adapter: Path | None, quantizations: Sequence[str], asking: Asking
) -> Iterator[str]:
    """The table in Markdown, with progress in the log.

    Raises `ConfigError` for an unknown quantization, `ModelError` for a file that is none.
    """
    if unknown := [kind for kind in quantizations if kind not in KINDS]:
        raise ConfigError(f"no quantization {', '.join(unknown)}: one of {', '.join(KINDS)}")
    base = find_gguf(base)
    header = read_language_model_header(base)
    own = kind_of(header) or "another kind"
    others = [kind for kind in dict.fromkeys(quantizations) if kind != own]
    adapters = (None,) if adapter is None else (None, find_gguf(adapter))
    total = (1 + len(others)) * len(adapters)
    rows: list[Row] = []
    mixes: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="assistant-compare-") as folder:
        for kind in (own, *others):
            model = base if kind == own else Path(folder) / f"{kind}.gguf"
            if kind != own:
                _LOG.info("making %s", kind)
                quantize(base, kind, model, asking.threads)
            mixes[kind] = mix(read_language_model_header(model))
            for put_on in adapters:
                name = f"{kind}{'' if put_on is None else ' with the adapter'}"
                _LOG.info("%d of %d: %s", len(rows) + 1, total, name)
                started = time.monotonic()
                rows.append(Row(kind, put_on is not None, measure_apart(model, put_on, asking)))
                _LOG.info("%s, %.0f s", _line(rows[-1]), time.monotonic() - started)
            if kind != own:
                model.unlink()
    yield from table(rows)
    yield ""
    yield from _notes(rows[0].figures, base.name, own, mixes, asking)
    if is_quantized(header) and others:
        yield (
            f"- All but {own} are requantized from it: what its rounding lost stays lost, so they "
            "do not say what the same kinds would do if made from the original weights."
        )


def measure_apart(model: Path, adapter: Path | None, asking: Asking) -> Figures:
    """`measure` in a new process. Raises `ModelError`, also where that process is killed."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        try:
            return process.submit(measure, model, adapter, asking).result()
        except BrokenProcessPool as error:
            raise ModelError(
                f"the process that measured {model.name} was ended: is there enough memory?"
            ) from error


def measure(model: Path, adapter: Path | None, asking: Asking) -> Figures:
    """Load a model, ask it all, and let it generate. Raises `ModelError`."""
    sets = [some(asking.seed, asking.language, asking.n, held_out) for held_out in (False, True)]
    before = _resident_mb()
    with Answering(model, adapter, asking.threads) as answering:
        trained, held_out = (tally(answering.answer_all(packs)) for packs in sets)
        speed = answering.tokens_per_s()
        resident = _resident_mb() - before
    size = sum(file.stat().st_size for file in (model, adapter) if file is not None) / _MB
    return Figures(trained, held_out, size, resident, speed)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows in Markdown."""
    yield (
        "| weights | adapter | exact, trained phrasings | exact, never trained | false actions "
        "| file MB | memory MB | p50 ms | tokens/s |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield _line(row)


def _line(row: Row) -> str:
    f = row.figures
    false, silent = (
        f.trained.false + f.held_out.false,
        f.trained.for_nothing + f.held_out.for_nothing,
    )
    cells = (
        row.weights, "yes" if row.adapted else "no", f"{f.trained.exact:.1%}",
        f"{f.held_out.exact:.1%}", f"{false / max(silent, 1):.1%}", f"{f.file_mb:.0f}",
        f"{f.resident_mb:.0f}", f"{f.held_out.p50_ms:.0f}", f"{f.tokens_per_s:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _notes(
    first: Figures, name: str, own: str, mixes: dict[str, dict[str, float]], asking: Asking
) -> Iterator[str]:
    silent = first.trained.for_nothing + first.held_out.for_nothing
    yield (
        f"- {name}, {own} as it came. {first.trained.requests} requests in trained phrasings and "
        f"{first.held_out.requests} in phrasings never trained, of homes never trained (seed "
        f"{asking.seed}), before any threshold of certainty. False actions: of the {silent} "
        "requests that should lead to nothing."
    )
    yield (
        "- Memory: what a process of its own has in RAM more after loading and answering, mapped "
        "file and a context of 2,048 tokens included. Time: of a request of the held-out ones. "
        f"Threads: {asking.threads or 'as many as cores were free'}; "
        f"{os.getloadavg()[0]:.1f} processes ran on {os.cpu_count()} cores at the end, and the "
        "times hold for no other load."
    )
    for kind, shares in mixes.items():
        named = ", ".join(f"{share:.0%} {t}" for t, share in shares.items() if share > _LITTLE)
        yield f"- {kind} holds {named}."


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB
