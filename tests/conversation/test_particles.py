from __future__ import annotations

import pytest

from assistant.particles import with_particle


@pytest.mark.parametrize(
    ("word", "forms", "said"),
    [
        ("복도등", "을/를", "복도등을"),
        ("스탠드", "을/를", "스탠드를"),
        ("거실", "으로/로", "거실로"),
        ("침실", "은/는", "침실은"),
        ("Console", "으로/로", "Console로"),
        ("자동", "으로/로", "자동으로"),
        ("3", "이에요/예요", "3이에요"),
        ("오후 10시", "이에요/예요", "오후 10시예요"),
        ("21", "으로/로", "21로"),
        ("", "을/를", "를"),
    ],
)
def test_a_particle_follows_the_sound_before_it(word: str, forms: str, said: str) -> None:
    assert with_particle(word, forms) == said
