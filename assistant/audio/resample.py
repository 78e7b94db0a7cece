"""Any rate, any number of channels, any sample type in; 16 kHz mono int16 out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.types import SAMPLE_RATE, Samples

_FULL_SCALE = 32768.0


def to_pcm16k(samples: npt.NDArray[Any], sample_rate: int) -> Samples:
    """`(n,)` or `(n, channels)` at `sample_rate` Hz as `(m,)` int16, 16 kHz mono.

    Integers count as full-scale PCM of their width (uint8 is offset by 128), floats as -1..1;
    channels are averaged.
    """
    if samples.dtype == np.int16 and samples.ndim == 1 and sample_rate == SAMPLE_RATE:
        return samples
    mono = to_mono_float(samples)
    if sample_rate != SAMPLE_RATE and mono.size:
        import soxr

        mono = soxr.resample(mono, sample_rate, SAMPLE_RATE)
    return to_int16(mono)


class Resampler:
    """Resamples a stream piece by piece, `(n,)` or `(n, channels)` int16 or float to `(m,)` int16.

    `to_rate` is 16 kHz for what is heard; the loudspeaker's rate for what is said.
    """

    def __init__(self, from_rate: int, to_rate: int = SAMPLE_RATE) -> None:
        self._stream: Any = None
        if from_rate != to_rate:
            import soxr

            self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32")

    def process(self, samples: npt.NDArray[Any]) -> Samples:
        """The samples that are ready; some stay inside until more comes."""
        if self._stream is None and samples.ndim == 1 and samples.dtype == np.int16:
            return samples
        mono = to_mono_float(samples)
        return to_int16(mono if self._stream is None else self._stream.resample_chunk(mono))

    def flush(self) -> Samples:
        """What is still inside; ends the stream."""
        if self._stream is None:
            return np.zeros(0, np.int16)
        return to_int16(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))


def to_mono_float(samples: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """`(n,)` or `(n, channels)` of any sample type as `(n,)` float32 in -1..1."""
    if samples.dtype == np.uint8:
        scaled = (samples.astype(np.float32) - 128.0) / 128.0
    elif np.issubdtype(samples.dtype, np.signedinteger):
        scaled = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    else:
        scaled = np.nan_to_num(samples.astype(np.float32), posinf=1.0, neginf=-1.0)
    return scaled if scaled.ndim == 1 else scaled.mean(axis=1, dtype=np.float32)


def to_int16(samples: npt.NDArray[np.float32]) -> Samples:
    """`(n,)` float32 in -1..1 as int16; what is louder is clipped."""
    clipped: npt.NDArray[np.float32] = np.clip(np.rint(samples * _FULL_SCALE), -32768, 32767)
    return clipped.astype(np.int16)
