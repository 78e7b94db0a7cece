"""Which language model fits a machine."""

from __future__ import annotations

import pytest

from assistant.llm.recommending import bandwidth, fits, pick
from assistant.models.manifest import ManifestEntry

BIG, MIDDLE, SMALL, UNKNOWN = (
    ManifestEntry(name, "llm", "llama", ("*",), "MIT", (), size=size, about=about)
    for name, size, about in (
        ("big", None, 1_100_000_000),
        ("middle", 400_000_000, None),
        ("small", 98_000_000, None),
        ("unknown", None, None),
    )
)
ALL = (BIG, MIDDLE, SMALL, UNKNOWN)


@pytest.mark.parametrize(
    ("free", "gb_per_s", "taught", "picked"),
    [
        (8_000_000_000, 20.0, (), "big"),
        (8_000_000_000, 6.0, (), "middle"),
        (1_000_000_000, 20.0, (), "middle"),
        (400_000_000, 20.0, (), "small"),
        (8_000_000_000, 20.0, ("small",), "small"),
        (400_000_000, 20.0, ("big",), "small"),
        (100_000_000, 20.0, (), None),
        (8_000_000_000, 0.1, (), None),
        (None, 20.0, (), "big"),
    ],
)
def test_the_model_that_fits_is_picked(
    free: int | None, gb_per_s: float, taught: tuple[str, ...], picked: str | None
) -> None:
    found = fits(ALL, free=free, bytes_per_s=gb_per_s * 1e9, taught=taught, installed=())
    chosen = pick(found)
    assert (chosen.name if chosen else None) == picked
    assert found[-1].why_not == "its size is not known"


@pytest.mark.parametrize(
    ("tokens_of_the_smallest_per_s", "picked", "takes_s"),
    [(2000.0, "big", 0.57), (100.0, "big", 2.3), (30.0, "middle", 2.4), (3.0, None, 5.4)],
)
def test_a_model_that_reads_a_request_too_slowly_is_not_picked(
    tokens_of_the_smallest_per_s: float, picked: str | None, takes_s: float
) -> None:
    reads = tokens_of_the_smallest_per_s * 98_000_000
    found = fits(
        ALL, free=8_000_000_000, bytes_per_s=20e9, reads_per_s=reads, taught=(), installed=()
    )
    chosen = pick(found)
    assert (chosen.name if chosen else None) == picked
    told = chosen or found[2]
    assert told.action_s == pytest.approx(takes_s, abs=0.1)


def test_this_machines_memory_is_read_at_some_speed() -> None:
    assert bandwidth(1) > 1e8
