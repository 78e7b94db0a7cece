"""The first look at every chunk: is it the wake word, and does somebody speak?"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.ears.wakecut import SEARCH_S, after_wake_word
from assistant.ears.worker import Worker
from assistant.ports import VoiceActivityDetector, WakeWordDetector
from assistant.types import CHUNK_SAMPLES, SAMPLE_RATE, Samples

_RECENT_CHUNKS = 1 + int(SEARCH_S * SAMPLE_RATE) // CHUNK_SAMPLES


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at chunks of sound told."""

    seen: int
    """How many of them were looked at."""
    spotted: bool
    """Whether the last of these ended the wake word."""
    speech: float
    """The last one's probability of speech, 0..1; 0 while nobody is listened to."""


class Front:
    """Wake word and voice activity, in a thread of their own."""

    def __init__(
        self, wake: WakeWordDetector, vad: VoiceActivityDetector, *, wake_enabled: bool
    ) -> None:
        self._wake = wake
        self._vad = vad
        self._wake_enabled = wake_enabled
        self._vad_is_cold = True
        self._recent: deque[Samples] = deque(maxlen=_RECENT_CHUNKS)
        self._worker = Worker("wake word and voice activity")

    async def look(self, chunks: Sequence[Samples], *, listening: bool) -> Look:
        """Look at the next chunk, or at all up to the wake word while nobody is listened to.

        `chunks` are `(320,)` int16, 16 kHz mono.
        """
        look = await self._worker.call(self._look, chunks, listening)
        self._recent.extend(chunks[: look.seen])
        return look

    def after_wake_word(self) -> Samples:
        """The newest sound, from the wake word's end on: `(n,)` int16, 16 kHz mono."""
        return after_wake_word(np.concatenate(self._recent))

    def listen_anew(self) -> None:
        """The next chunk that is listened to follows upon sound that was not."""
        self._vad_is_cold = True

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _look(self, chunks: Sequence[Samples], listening: bool) -> Look:
        if listening and self._vad_is_cold:
            self._vad_is_cold = False
            self._vad.reset()
            self._vad.process(np.concatenate((np.zeros(0, np.int16), *self._recent)))
        for seen, chunk in enumerate(chunks, 1):
            spotted = self._wake_enabled and self._wake.process(chunk)
            if listening or spotted:
                return Look(seen, spotted, self._vad.process(chunk) if listening else 0.0)
        return Look(len(chunks), False, 0.0)
