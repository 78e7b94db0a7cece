"""Chimes and rings."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.voice import sounds


@pytest.mark.parametrize("name", sounds.CHIMES)
def test_a_chime_is_short_and_begins_and_ends_without_a_click(name: str) -> None:
    sound = sounds.chime(name)
    assert sound.dtype == np.int16
    assert 0.1 < sound.size / sounds.SAMPLE_RATE < 0.6
    assert 3_000 < np.abs(sound.astype(int)).max() < 16_000
    assert abs(int(sound[0])) < 50
    assert abs(int(sound[-1])) < 50


@pytest.mark.parametrize("name", sounds.RINGS)
def test_a_ring_grows_louder_to_a_limit(name: str) -> None:
    peaks = [int(np.abs(sounds.ring(name, n).astype(int)).max()) for n in range(20)]
    assert peaks == sorted(peaks)
    assert peaks[0] * 4 < peaks[8] == peaks[19] < 32_000


def test_the_sounds_differ() -> None:
    made = [sounds.chime(n).tobytes() for n in sounds.CHIMES]
    made += [sounds.ring(n, 0).tobytes() for n in sounds.RINGS]
    assert len(set(made)) == len(made)
