"""Speech from the espeak-ng program: any language, plain voice, the fallback for Piper.

Sound comes as a WAV stream on standard output (`espeak-ng --stdout`), whose header carries no
true lengths, as espeak-ng does not know them when it begins.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError

_WORDS_PER_MINUTE = 165
_PIECE_S = 0.25
_VOICES = {"en": "en-us", "zh": "cmn", "no": "nb", "tl": "fil", "iw": "he", "in": "id"}
"""espeak-ng's name for a language where it has another one."""


class EspeakSynthesizer:
    """One espeak-ng voice. Blocking; use it from one thread, but for `cancel`."""

    def __init__(self, language: str, *, speed: float = 1.0, program: str = "espeak-ng") -> None:
        """Raises `ModelError` when the program or its voice for `language` is missing."""
        path = shutil.which(program)
        if path is None:
            raise ModelError(
                "the speech program espeak-ng is not installed: install the package espeak-ng "
                "(sudo apt install espeak-ng)"
            )
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False
        rate = str(round(_WORDS_PER_MINUTE * speed))
        for voice in _candidates(language):
            self._command = [path, "-v", voice, "-s", rate, "--stdin", "--stdout"]
            try:
                self.sample_rate = self._probe()
            except ModelError as error:
                reason = error
            else:
                return
        raise ModelError(
            f'espeak-ng has no voice for the language "{language}" ({reason}): '
            "`espeak-ng --voices` shows those it has"
        )

    def synthesize(self, text: str) -> Iterator[npt.NDArray[np.int16]]:
        """Pieces of about 0.25 s of `(n,)` int16 mono at `sample_rate`. Raises `ModelError`."""
        self._cancelled = False
        with self._run(text) as process:
            self._process = process
            try:
                stream = _stdout(process)
                read_header(stream)
                size = round(_PIECE_S * self.sample_rate) * 2
                while data := stream.read(size):
                    if self._cancelled:
                        return
                    yield np.frombuffer(data[: len(data) // 2 * 2], np.dtype("<i2"))
            except (EOFError, ValueError) as error:
                if not self._cancelled:
                    raise _failure(process, error) from error
            finally:
                self._process = None
                process.kill()

    def cancel(self) -> None:
        """End a `synthesize` that runs in another thread."""
        self._cancelled = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Nothing is held between texts."""

    def _probe(self) -> int:
        with self._run("1") as process:
            try:
                rate = read_header(_stdout(process))
            except (EOFError, ValueError) as error:
                raise _failure(process, error) from error
            finally:
                process.kill()
        return rate

    def _run(self, text: str) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(  # noqa: S603 - a fixed argument list, text on stdin
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise ModelError(
                f"the speech program espeak-ng cannot be run ({error.strerror}): "
                "install the package espeak-ng again"
            ) from error
        if process.stdin is not None:
            try:
                process.stdin.write(text.encode() + b"\n")
                process.stdin.close()
            except BrokenPipeError:
                pass  # It has ended already; its output tells why.
        return process


def read_header(stream: IO[bytes]) -> int:
    """Read a WAV stream up to its samples; the sample rate in Hz.

    Raises `ValueError` for anything but 16-bit mono PCM, `EOFError` when the stream ends before.
    """
    riff, _, wave = struct.unpack("<4sI4s", _exactly(stream, 12))
    if riff != b"RIFF" or wave != b"WAVE":
        raise ValueError("no WAV stream")
    rate = 0
    while True:
        name, size = struct.unpack("<4sI", _exactly(stream, 8))
        if name == b"data":
            if not rate:
                raise ValueError("a WAV stream without a format")
            return rate
        content = _exactly(stream, size + size % 2)
        if name == b"fmt ":
            format_, channels, rate, _, _, bits = struct.unpack("<HHIIHH", content[:16])
            if (format_, channels, bits) != (1, 1, 16):
                raise ValueError(f"{channels} channels of {bits} bits where 16-bit mono was due")


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("it wrote no sound")
    return data


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("no standard output")
    return process.stdout


def _failure(process: subprocess.Popen[bytes], error: Exception) -> ModelError:
    said = b""
    if process.stderr is not None:
        process.wait(timeout=5)
        said = process.stderr.read(500)
    reason = said.decode("utf-8", "replace").strip() or str(error)
    return ModelError(f"espeak-ng failed: {reason}")


def _candidates(language: str) -> tuple[str, ...]:
    """Names under which espeak-ng may know a language: "pt_BR" as "pt-br", then "pt"."""
    whole = language.replace("_", "-").casefold()
    primary = whole.split("-")[0]
    names = (_VOICES.get(whole, whole), _VOICES.get(primary, primary))
    return tuple(dict.fromkeys(names))
