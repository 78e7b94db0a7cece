"""WAV files of all sorts, good and bad."""

import logging
import struct
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import read_wav, write_wav
from assistant.errors import AudioError

TONE_HZ = 440.0


def tone(rate: int, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * TONE_HZ * np.arange(int(rate * seconds)) / rate)


def wav(
    body: bytes,
    *,
    tag: int = 1,
    channels: int = 1,
    rate: int = 16000,
    bits: int = 16,
    extensible: bool = False,
    before: bytes = b"",
    size: int | None = None,
) -> bytes:
    block = channels * bits // 8
    header = struct.pack(
        "<HHIIHH", 0xFFFE if extensible else tag, channels, rate, rate * block, block, bits
    )
    if extensible:
        guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
        header += struct.pack("<HHI", 22, bits, 0) + guid
    data = b"data" + struct.pack("<I", len(body) if size is None else size) + body
    inner = b"WAVE" + before + b"fmt " + struct.pack("<I", len(header)) + header + data
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def encoded(signal: np.ndarray, tag: int, bits: int, channels: int) -> bytes:
    frames = np.repeat(signal[:, None], channels, axis=1)
    if tag == 3:
        return frames.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.rint(frames * 127 + 128).astype(np.uint8).tobytes()
    wide = np.rint(frames * (2**31 - 1)).astype("<i4")
    return wide.reshape(-1, 1).view(np.uint8)[:, 4 - bits // 8 :].tobytes()


@pytest.mark.parametrize(
    ("rate", "channels", "tag", "bits", "extensible"),
    [
        (16000, 1, 1, 16, False),
        (48000, 2, 1, 16, False),
        (8000, 1, 1, 8, False),
        (44100, 2, 1, 24, False),
        (22050, 1, 1, 32, False),
        (48000, 6, 1, 24, True),
        (96000, 2, 3, 32, True),
        (11025, 1, 3, 64, False),
    ],
)
def test_every_kind_of_wav_becomes_the_same_16_khz_mono(
    rate: int, channels: int, tag: int, bits: int, extensible: bool
) -> None:
    body = encoded(tone(rate), tag, bits, channels)
    document = wav(body, tag=tag, channels=channels, rate=rate, bits=bits, extensible=extensible)
    samples = read_wav(document)
    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(8000, abs=2)
    middle = samples[1000:7000].astype(float)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 * 32768 / np.sqrt(2), rel=0.03)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * 16000 / len(middle) == pytest.approx(TONE_HZ, abs=3)


def test_channels_are_averaged() -> None:
    frames = np.stack([np.full(100, 3000), np.full(100, 1000)], axis=1).astype("<i2")
    samples = read_wav(wav(frames.tobytes(), channels=2))
    assert set(samples) == {2000}


def test_a_truncated_wav_gives_what_is_there(caplog: pytest.LogCaptureFixture) -> None:
    whole = wav(encoded(tone(16000), 1, 16, 1))
    with caplog.at_level(logging.WARNING):
        samples = read_wav(whole[: len(whole) // 2 + 1])
    assert 3900 < len(samples) < 4100
    assert "truncated" in caplog.text


def test_a_streamed_wav_of_unknown_length_is_whole(caplog: pytest.LogCaptureFixture) -> None:
    body = encoded(tone(16000), 1, 16, 1)
    for size in (0xFFFFFFFF, 0x7FFFF000):
        assert len(read_wav(wav(body, size=size))) == 8000
    assert not caplog.records


def test_chunks_before_the_format_and_of_odd_length_are_skipped() -> None:
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert len(read_wav(wav(encoded(tone(16000), 1, 16, 1), before=extra))) == 8000


def test_floats_that_are_no_numbers_are_silence() -> None:
    body = np.array([np.nan, np.inf, -np.inf, 0.5] * 100, "<f4").tobytes()
    samples = read_wav(wav(body, tag=3, bits=32))
    assert samples[0] == 0
    assert samples[1] == 32767
    assert samples[2] == -32768


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "no WAV file"),
        (b"hello", "no WAV file"),
        (b"\xff\xfb\x90\x00" * 1000, "no WAV file"),
        (b"RIFF\x00\x00\x00\x00AVI ", "no WAV file"),
        (wav(b"")[:30], "format header is too short"),
        (wav(b"")[:36], "cut off before its sound"),
        (wav(b""), "without any sound"),
        (wav(b"\0"), "without any sound"),
        (wav(b"\0" * 100, tag=7, bits=8), "µ-law"),
        (wav(b"\0" * 100, tag=0x4242), "unknown kind"),
        (wav(b"\0" * 100, bits=12), "12-bit"),
        (wav(b"\0" * 100, channels=0), "cannot be right"),
        (wav(b"\0" * 100, rate=3), "cannot be right"),
        (wav(b"\0" * 1_300_000, rate=1000, bits=8, size=1_300_000), "at most 10"),
        (b"RIFF\x10\0\0\0WAVEdata\x04\0\0\0\0\0\0\0", "samples come before"),
    ],
)
def test_what_is_no_usable_wav_is_refused_in_one_sentence(document: bytes, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence):
        read_wav(document)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"nothing\.wav does not exist"):
        read_wav(tmp_path / "nothing.wav")
    with pytest.raises(AudioError, match="is a folder"):
        read_wav(tmp_path)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    samples = np.arange(-500, 500, dtype=np.int16)
    write_wav(tmp_path / "a.wav", samples)
    assert np.array_equal(read_wav(tmp_path / "a.wav"), samples)
    with pytest.raises(AudioError, match="cannot be written"):
        write_wav(tmp_path / "no" / "a.wav", samples)
