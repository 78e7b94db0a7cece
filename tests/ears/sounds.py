"""Sounds that nobody said, and what the tests compare words by."""

import re

import numpy as np

RATE = 16000


def silence(seconds: float) -> np.ndarray:
    """A quiet room: faint noise."""
    return np.random.default_rng(1).normal(0, 3, int(seconds * RATE)).astype(np.int16)


def noise(seconds: float, level: float = 800) -> np.ndarray:
    """A fan."""
    return np.random.default_rng(2).normal(0, level, int(seconds * RATE)).astype(np.int16)


def cough() -> np.ndarray:
    """A burst of 0.2 s that dies away."""
    burst = np.random.default_rng(3).normal(0, 1, RATE // 5)
    return (burst * np.exp(-np.arange(RATE // 5) / 800) * 9000).astype(np.int16)


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
