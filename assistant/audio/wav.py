"""WAV files, as they are found in the world.

Source: Microsoft and IBM 1991, "Multimedia Programming Interface and Data Specifications 1.0"
(RIFF WAVE), and Microsoft's WAVE_FORMAT_EXTENSIBLE. The standard library's reader knows neither
floating point nor extensible headers in Python 3.11, and gives nothing of a truncated file.
"""

from __future__ import annotations

import logging
import struct
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.audio.resample import to_pcm16k
from assistant.errors import AudioError
from assistant.types import SAMPLE_RATE, Samples

_LOG = logging.getLogger(__name__)

MAX_DURATION_S = 600
"""Longer recordings are refused."""

_MAX_BYTES = 512 * 1024 * 1024
_MAX_CHANNELS = 32
_STREAMED = 0x7FFF0000
"""Writers that do not know the length yet put such a size: 0xFFFFFFFF, 0x7FFFF000…"""

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_COMPRESSED = {0x0002: "ADPCM", 0x0006: "A-law", 0x0007: "µ-law", 0x0011: "ADPCM", 0x0055: "MP3"}


@dataclass(frozen=True, slots=True)
class _Format:
    tag: int
    channels: int
    rate: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(source: Path | str | bytes) -> Samples:
    """A WAV file (its path or its bytes) as `(n,)` int16, 16 kHz mono.

    Takes PCM of 8, 16, 24 and 32 bits and floats of 32 and 64, any rate from 1 to 384 kHz and up
    to 32 channels. Of a truncated file it gives what is there and logs a warning. Raises
    `AudioError` for what is no WAV, compressed, empty, or longer than ten minutes.
    """
    name, data = _load(source)
    wav_format, body, truncated = _parse(name, data)
    frames = len(body) // wav_format.frame_bytes
    if frames == 0:
        raise AudioError(f"{name} is a WAV file without any sound in it.")
    seconds = frames / wav_format.rate
    if seconds > MAX_DURATION_S:
        raise AudioError(
            f"{name} is {seconds / 60:.0f} minutes long; give at most {MAX_DURATION_S // 60}."
        )
    if truncated:
        _LOG.warning("%s is truncated: the %.1f s that are there are used", name, seconds)
    samples = _decode(wav_format, body[: frames * wav_format.frame_bytes])
    return to_pcm16k(samples[:, 0] if wav_format.channels == 1 else samples, wav_format.rate)


def write_wav(path: Path, samples: Samples) -> None:
    """Write `(n,)` int16 16 kHz mono as a 16-bit WAV file. Raises `AudioError` when it cannot."""
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(samples.astype("<i2", copy=False).tobytes())
    except OSError as error:
        raise AudioError(f"{path} cannot be written: {error.strerror or error}.") from error


def _load(source: Path | str | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "The sound", source
    path = Path(source)
    try:
        if not path.is_file():
            reason = "is a folder, not a WAV file" if path.is_dir() else "does not exist"
            raise AudioError(f"{path} {reason}.")
        if path.stat().st_size > _MAX_BYTES:
            raise AudioError(f"{path} is larger than {_MAX_BYTES >> 20} MB; cut it.")
        return str(path), path.read_bytes()
    except OSError as error:
        raise AudioError(f"{path} cannot be read: {error.strerror or error}.") from error


def _parse(name: str, data: bytes) -> tuple[_Format, memoryview, bool]:
    """The format, the bytes of the samples, and whether some of these are missing."""
    if len(data) < 12 or data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        raise AudioError(
            f"{name} is no WAV file; convert it first, for example: "
            "ffmpeg -i INPUT -ac 1 -ar 16000 OUTPUT.wav"
        )
    view = memoryview(data)
    wav_format: _Format | None = None
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        at += 8
        if kind == b"fmt ":
            wav_format = _read_format(name, data[at : at + size])
        elif kind == b"data":
            if wav_format is None:
                raise AudioError(f"{name} is damaged: its samples come before their format.")
            streamed = size >= _STREAMED or (size == 0 and at + 8 > len(data) - 8)
            missing = at + size > len(data) and not streamed
            return wav_format, view[at:] if streamed else view[at : at + size], missing
        at += size + size % 2
    raise AudioError(f"{name} is a WAV file that was cut off before its sound begins.")


def _read_format(name: str, header: bytes) -> _Format:
    if len(header) < 16:
        raise AudioError(f"{name} is damaged: its format header is too short.")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", header)
    if tag == _EXTENSIBLE and len(header) >= 26:
        tag = struct.unpack_from("<H", header, 24)[0]
    if (tag == _PCM and bits not in (8, 16, 24, 32)) or (tag == _FLOAT and bits not in (32, 64)):
        raise AudioError(f"{name} has {bits}-bit samples; convert it to 16-bit PCM.")
    if tag not in (_PCM, _FLOAT):
        kind = _COMPRESSED.get(tag, f"of an unknown kind ({tag:#06x})")
        raise AudioError(f"The sound in {name} is {kind}; convert it to 16-bit PCM.")
    if not 1 <= channels <= _MAX_CHANNELS or not 1000 <= rate <= 384_000:
        raise AudioError(f"{name} is damaged: {channels} channels at {rate} Hz cannot be right.")
    return _Format(tag, channels, rate, bits)


def _decode(wav_format: _Format, body: memoryview) -> npt.NDArray[Any]:
    """`(frames, channels)` in the file's own sample type; 24 bits become 32."""
    if wav_format.tag == _FLOAT:
        samples: npt.NDArray[Any] = np.frombuffer(body, f"<f{wav_format.bits // 8}")
    elif wav_format.bits == 8:
        samples = np.frombuffer(body, np.uint8)
    elif wav_format.bits == 24:
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4")[:, 0]
    else:
        samples = np.frombuffer(body, f"<i{wav_format.bits // 8}")
    return samples.reshape(-1, wav_format.channels)
