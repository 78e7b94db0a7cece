"""What alarms and timers ring with: melodies made here, and files of the user's, read ahead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assistant.config import ScheduleSettings
from assistant.errors import AudioError
from assistant.types import SAMPLE_RATE, Samples
from assistant.voice.sounds import RINGS, Recording

_LOG = logging.getLogger(__name__)

LONGEST_S = 10.0
"""So much of a file makes one round: between two of them "stop" is heard best."""


class Tunes:
    """Finds what an entry rings with, at once: files were read by `prepare`.

    What cannot be had gives way to what is usual, and that to the melody made for the kind.
    """

    def __init__(self, settings: ScheduleSettings, read: Callable[[Path], Samples]) -> None:
        """`read` gives a file as `(n,)` int16, 16 kHz mono, and raises `AudioError`."""
        self._read = read
        self._files = {name: Path(path).expanduser() for name, path in settings.sounds.items()}
        self._usual = {"alarm": settings.alarm_sound, "timer": settings.timer_sound}
        for name in self._usual.values():
            if name and name not in RINGS and name not in self._files:
                self._files[name] = Path(name).expanduser()
        self._recordings: dict[str, Recording] = {}

    def prepare(self) -> list[str]:
        """Read all files; a sentence for each that cannot be used. Blocking; any thread."""
        mistakes = []
        for name, path in self._files.items():
            try:
                self._recordings[name] = _recording(path, self._read(path))
            except AudioError as error:
                mistakes.append(
                    f'The sound "{name}" cannot be used, the usual one will be: {error}'
                )
        return mistakes

    def of(self, kind: str, sound: str) -> str | Recording:
        """What an entry of `kind` rings with that asks for `sound` (empty: for what is usual)."""
        for name in (sound, self._usual.get(kind, "")):
            if name in self._recordings:
                return self._recordings[name]
            if name in RINGS:
                return name
            if name:
                _LOG.warning('there is no sound "%s": the usual one rings for the %s', name, kind)
        return kind


def _recording(path: Path, samples: Samples) -> Recording:
    wave = samples[: round(LONGEST_S * SAMPLE_RATE)].astype(np.float64)
    peak = float(np.max(np.abs(wave)))
    if peak < 33:  # -60 dB
        raise AudioError(f"{path} is silent.")
    fade = min(wave.size, round(0.02 * SAMPLE_RATE))
    wave[-fade:] *= np.linspace(1, 0, fade)
    return Recording(wave / peak, SAMPLE_RATE)
