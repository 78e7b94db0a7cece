"""The bounded ring between PortAudio's thread and the event loop."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt


class Ring:
    """Holds the newest `frames` frames of `(channels,)` int16; the oldest give way.

    Memory is allocated once. `write` may be called from one other thread.
    """

    def __init__(self, frames: int, channels: int) -> None:
        self._store = np.zeros((frames, channels), np.int16)
        self._lock = threading.Lock()
        self._start = 0
        self._held = 0
        self.dropped = 0
        """Frames that gave way before they were read."""

    def write(self, frames: npt.NDArray[Any]) -> None:
        """Copy `(n, channels)` int16 in."""
        size = len(self._store)
        with self._lock:
            if len(frames) > size:
                self.dropped += len(frames) - size
                frames = frames[-size:]
            excess = max(0, self._held + len(frames) - size)
            self.dropped += excess
            self._start = (self._start + excess) % size
            self._held -= excess
            at = (self._start + self._held) % size
            first = min(len(frames), size - at)
            self._store[at : at + first] = frames[:first]
            self._store[: len(frames) - first] = frames[first:]
            self._held += len(frames)

    def read(self) -> npt.NDArray[np.int16]:
        """All that is held, `(n, channels)` int16; the ring is empty then."""
        with self._lock:
            end = self._start + self._held
            size = len(self._store)
            parts = (self._store[self._start : end], self._store[: max(0, end - size)])
            frames: npt.NDArray[np.int16] = np.concatenate(parts)
            self._start = end % size
            self._held = 0
            return frames
