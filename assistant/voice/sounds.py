"""The sounds that are not speech, made of enveloped sines. `(n,)` int16 mono at `SAMPLE_RATE`."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.int16]

SAMPLE_RATE = 22_050
"""Sample rate in Hz of all sounds here."""

CHIMES = ("wake", "done", "error", "announcement")
RINGS = ("timer", "alarm", "reminder", "bell", "birds", "chimes", "beep")

RING_PAUSE_S = 0.8
"""Silence between two rounds of a ring: time to hear somebody say "stop"."""

_QUIETEST = 0.2
_ROUNDS_TO_FULL = 8
_SECONDS_TO_FULL = 20.0

_C5, _D5, _E5, _G5, _A5, _C6, _E6, _G6 = (
    523.25, 587.33, 659.26, 783.99, 880.00, 1046.50, 1318.51, 1567.98,
)  # fmt: skip


@functools.cache
def chime(name: str) -> Sound:
    """A short sound: "wake" (rising), "done" (one soft note), "error", "announcement" (falling).

    Raises `KeyError` for another name.
    """
    notes = {
        "wake": ((0.0, _G5, 0.10), (0.07, _C6, 0.14)),
        "done": ((0.0, _E6, 0.22),),
        "announcement": ((0.0, _E5, 0.30), (0.22, _C5, 0.33)),
        "error": ((0.0, _E5, 0.18), (0.15, _C5 / 2 * 1.1892, 0.32)),
    }[name]
    return _int16(_melody(notes) * 0.35)


def ring(name: str, round_: int) -> Sound:
    """One round of a ring of `RINGS`; it grows louder from round to round (0, 1, …).

    Raises `KeyError` for another name.
    """
    growth = min(1.0, round_ / _ROUNDS_TO_FULL)
    gain = _QUIETEST * (1.0 / _QUIETEST) ** growth
    return _int16(_ring(name) * (0.8 * gain))


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A sound from a file, to ring with: its peak at 1."""

    wave: npt.NDArray[np.float64]
    sample_rate: int

    def round(self, number: int) -> Sound:
        """One round of it (0, 1, …); it grows louder all the time, as the others do."""
        seconds = np.arange(self.wave.size) / self.sample_rate
        before = number * (self.wave.size / self.sample_rate + RING_PAUSE_S)
        growth = np.minimum(1.0, (before + seconds) / _SECONDS_TO_FULL)
        return _int16(self.wave * (0.8 * _QUIETEST * (1.0 / _QUIETEST) ** growth))


@functools.cache
def _ring(name: str) -> npt.NDArray[np.float64]:
    notes: dict[str, tuple[tuple[float, float, float], ...]] = {
        "timer": tuple(
            (start + beat, pitch, 0.16)
            for start in (0.0, 0.6)
            for beat, pitch in ((0.0, _A5), (0.12, _E6), (0.24, _A5 * 2))
        ),
        "reminder": ((0.0, _C6, 0.5), (0.25, _G5, 0.5), (0.5, _E6, 0.9)),
        "alarm": tuple(
            (0.22 * step, pitch, 0.5)
            for step, pitch in enumerate((_C5, _E5, _G5, _C6, _G5, _C6, _E6, _G6))
        ),
        "bell": ((0.0, _G5, 1.2), (0.01, _G5 * 2.76, 0.5), (0.01, _G5 * 1.19, 0.8)),
        "chimes": tuple(
            (0.35 * step, pitch, 1.1)
            for step, pitch in enumerate((_E6, _C6, _D5 * 2, _G5, _G5, _D5 * 2, _E6, _C6))
        ),
        "beep": tuple((0.25 * step, _A5 * 2, 0.12) for step in range(4)),
    }
    return _birds() if name == "birds" else _melody(notes[name])


def _birds() -> npt.NDArray[np.float64]:
    """Three phrases of chirps: short notes between 2.5 and 4.5 kHz that glide up or down."""
    chirps = (
        (0.00, 2600, 3900, 0.09), (0.13, 2700, 4100, 0.09), (0.26, 2800, 4300, 0.14),
        (0.62, 4200, 3100, 0.07), (0.71, 4200, 3100, 0.07), (0.80, 4200, 3100, 0.07),
        (0.89, 4300, 2900, 0.16), (1.30, 3000, 3600, 0.20), (1.54, 3600, 2700, 0.24),
    )  # fmt: skip
    mix = np.zeros(round(1.9 * SAMPLE_RATE))
    for start, low, high, duration in chirps:
        t = np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE
        pitch = low + (high - low) * t / duration
        chirp = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)
        first = round(start * SAMPLE_RATE)
        mix[first : first + t.size] += chirp * np.sin(np.pi * t / duration) ** 2
    return np.asarray(mix / np.max(np.abs(mix)))


def _melody(notes: tuple[tuple[float, float, float], ...]) -> npt.NDArray[np.float64]:
    """Sum of notes (start in s, pitch in Hz, length in s), its peak at 1."""
    length = max(start + duration for start, _, duration in notes)
    mix = np.zeros(round(length * SAMPLE_RATE) + 1)
    for start, pitch, duration in notes:
        note = _note(pitch, duration)
        first = round(start * SAMPLE_RATE)
        mix[first : first + note.size] += note[: mix.size - first]
    return np.asarray(mix / np.max(np.abs(mix)))


def _note(pitch: float, duration_s: float) -> npt.NDArray[np.float64]:
    """A struck bar: soft attack, exponential decay, two partials that fade sooner."""
    t = np.arange(round(duration_s * SAMPLE_RATE)) / SAMPLE_RATE
    tone = np.zeros_like(t)
    for partial, share, decay in ((1.0, 1.0, 3.5), (2.0, 0.25, 6.0), (3.0, 0.08, 9.0)):
        tone += share * np.exp(-decay * t / duration_s) * np.sin(2 * np.pi * pitch * partial * t)
    attack = np.minimum(1.0, t / 0.006)
    release = np.minimum(1.0, (duration_s - t) / 0.02)
    return np.asarray(tone * np.sin(attack * np.pi / 2) * release)


def _int16(wave: npt.NDArray[np.float64]) -> Sound:
    samples = np.round(wave * 32767).astype(np.int16)
    samples.flags.writeable = False
    return samples
