"""Whisper's log-mel spectrogram in numpy.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section
2.1 and its reference implementation: 16 kHz, windows of 25 ms (Hann) every 10 ms, 80 mel bands on
the Slaney scale with area normalisation, log10 clamped to 8 below the maximum, then (x + 4) / 4.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from assistant.types import SAMPLE_RATE, Samples

FRAME_SAMPLES = 160
"""Samples from one frame to the next: 10 ms."""

_WINDOW = 400

Floats = npt.NDArray[np.float32]


@cache
def mel_filters(bands: int) -> Floats:
    """Triangular filters `(bands, 201)` float32 from 0 to 8 kHz on the Slaney mel scale.

    The Slaney scale (Auditory Toolbox, 1998) is linear up to 1 kHz (15 mel) and logarithmic
    above; each filter has unit area.
    """
    top = 15.0 + 27.0 * np.log(SAMPLE_RATE / 2 / 1000.0) / np.log(6.4)
    mels = np.linspace(0.0, top, bands + 2)
    hertz = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * 6.4 ** ((mels - 15.0) / 27.0))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, _WINDOW // 2 + 1)
    rising = (bins[None, :] - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins[None, :]) / (hertz[2:] - hertz[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    areas = 2.0 / (hertz[2:] - hertz[:-2])
    return np.ascontiguousarray(triangles * areas[:, None], dtype=np.float32)


@cache
def _window() -> Floats:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


def log_mel(samples: Samples, *, bands: int = 80, frames: int = 1500) -> Floats:
    """The spectrogram `(bands, frames)` float32 of `(n,) int16, 16 kHz mono`.

    Shorter audio is padded with silence to `frames` of 10 ms, longer audio is cut. Silence costs
    nothing: its frames are filled in, not computed.
    """
    audio = samples[: frames * FRAME_SAMPLES].astype(np.float32) / 32768.0
    heard = min(frames, len(audio) // FRAME_SAMPLES + 2)
    # the reference pads silence to the full length before reflecting half a window at the start
    padded = np.zeros(heard * FRAME_SAMPLES + _WINDOW, np.float32)
    half = _WINDOW // 2
    padded[half : half + len(audio)] = audio[: len(padded) - half]
    padded[:half] = padded[half + 1 : _WINDOW + 1][::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::FRAME_SAMPLES][:heard]
    spectrum = np.fft.rfft(windows * _window(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mel = np.full((bands, frames), 1e-10, np.float32)
    np.maximum(mel_filters(bands) @ power.T, 1e-10, out=mel[:, :heard])
    log = np.log10(mel)
    np.maximum(log, log.max() - 8.0, out=log)
    return np.asarray((log + 4.0) / 4.0, dtype=np.float32)
