"""Which language model fits this machine: by its free memory, and by how fast it reads weights.

Writing a token reads every weight once, so that tokens per second are at most the memory's
bandwidth over the model's size (Kim et al. 2023, "Full Stack Optimization of Transformer
Inference: a Survey", arXiv:2302.14017). Small models lose some more to the steps in between.
Reading a request is a matter of arithmetic instead, about as much for each byte of any model: where
one is installed, it is measured.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from assistant.models.manifest import ManifestEntry

_PROBE_BYTES = 64_000_000
_PROBE_S = 0.15
_STEP_S = 0.004
"""What a token costs beside reading weights, measured on SmolLM2-135M."""
_BESIDE = 1.15
_BUFFERS = 100_000_000
_MOST_OF_FREE = 0.7
_FAST_ENOUGH = 8.0
"""Tokens per second: speech is about four, and a request must be read too."""
_REQUEST, _COMMAND = 16, 8
"""Tokens of a usual request, and of the command that comes of it."""
_MOST_S = 4.0
"""Nobody waits longer for a light."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One model on this machine."""

    name: str
    size: int | None
    """Bytes; None where nobody knows."""
    needs: int | None
    """Bytes of memory, estimated."""
    tokens_per_s: float | None
    """Estimated."""
    action_s: float | None
    """From a request to its command, estimated; None where no model could be measured."""
    taught: bool
    """Whether there is an adapter that taught it the commands of a home."""
    installed: bool
    why_not: str
    """Empty: it fits."""


def bandwidth(threads: int) -> float:
    """Bytes per second that `threads` cores read from memory together. Takes about 0.3 s."""
    arrays = [np.ones(_PROBE_BYTES // 8, dtype=np.int64) for _ in range(threads)]

    def read(array: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
        rounds, ends = 0, time.perf_counter() + _PROBE_S
        while time.perf_counter() < ends:
            array.max()
            rounds += 1
        return rounds

    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        rounds = sum(pool.map(read, arrays))
        return rounds * _PROBE_BYTES / (time.perf_counter() - started)


def fits(
    entries: Sequence[ManifestEntry],
    *,
    free: int | None,
    bytes_per_s: float,
    reads_per_s: float | None = None,
    taught: Collection[str],
    installed: Collection[str],
) -> tuple[Fit, ...]:
    """How each of `entries` would do, in their order; `free` None: memory is not known.

    `reads_per_s` are the bytes of a model times the tokens of a request that are read in a second.
    """
    return tuple(
        _fit(
            entry, free, bytes_per_s=bytes_per_s, reads_per_s=reads_per_s,
            taught=taught, installed=installed,
        )
        for entry in entries
    )  # fmt: skip


def pick(found: Sequence[Fit]) -> Fit | None:
    """The one to take: of those that fit, a taught one, else the first (the manifest's best)."""
    able = [fit for fit in found if not fit.why_not]
    return next((fit for fit in able if fit.taught), able[0] if able else None)


def _fit(
    entry: ManifestEntry, free: int | None, *, bytes_per_s: float, reads_per_s: float | None,
    taught: Collection[str], installed: Collection[str],
) -> Fit:  # fmt: skip
    size = entry.size or entry.about
    known = {"taught": entry.name in taught, "installed": entry.name in installed}
    if not size:
        return Fit(entry.name, None, None, None, None, why_not="its size is not known", **known)
    needs = int(size * _BESIDE) + _BUFFERS
    speed = 1 / (size / bytes_per_s + _STEP_S)
    action_s = _REQUEST * size / reads_per_s + _COMMAND / speed if reads_per_s else None
    why_not = ""
    if free is not None and needs > free * _MOST_OF_FREE:
        why_not = "too big for the free memory"
    elif speed < _FAST_ENOUGH or (action_s or 0.0) > _MOST_S:
        why_not = "too slow"
    return Fit(entry.name, size, needs, speed, action_s, why_not=why_not, **known)
