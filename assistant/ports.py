"""The Protocols that engines implement. Small on purpose: an engine is one adapter file."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.types import Action, ActionResult, Samples, Transcript


class Clock(Protocol):
    """The only source of time."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never jumps, and may stand still while it sleeps."""

    def elapsed(self) -> float:
        """The same, with the time that the machine has slept since it was started."""

    def now(self) -> dt.datetime:
        """The wall clock, timezone-aware, in the home's time zone."""


class AudioSource(Protocol):
    """Live or recorded sound."""

    def chunks(self) -> AsyncIterator[Samples]:
        """Chunks of `CHUNK_SAMPLES`, `(320,)` int16, 16 kHz mono, until the source ends.

        Raises `AudioError` when the device goes away.
        """

    async def close(self) -> None:
        """Let go of the device; idempotent."""


class AudioSink(Protocol):
    """A loudspeaker or something standing in for one."""

    async def write(self, samples: npt.NDArray[np.int16], sample_rate: int) -> None:
        """Queue `(n,)` int16 mono at `sample_rate` Hz; waits while its buffer is full.

        Raises `AudioError` when the device goes away.
        """

    async def drain(self) -> None:
        """Wait until all that was written has been heard."""

    def stop(self) -> None:
        """Fall silent within 50 ms and forget what was queued."""

    async def close(self) -> None:
        """Let go of the device; idempotent."""


class WakeWordDetector(Protocol):
    """Spots the wake word; fed every chunk, in order."""

    def process(self, chunk: Samples) -> bool:
        """True when the wake word has just ended in `chunk` (a multiple of 10 ms)."""

    def reset(self) -> None:
        """Forget all audio."""


class VoiceActivityDetector(Protocol):
    """Tells speech from everything else; fed every chunk, in order."""

    def process(self, chunk: Samples) -> float:
        """Probability 0..1 that the newest full window was speech."""

    def reset(self) -> None:
        """Forget all audio."""


class Recognizer(Protocol):
    """Streaming speech recognition. Blocking; lives in a worker thread of its own."""

    language: str

    def start(self) -> None:
        """Begin a new utterance; whatever was heard before is forgotten."""

    def accept(self, samples: Samples) -> None:
        """Take in more of the utterance."""

    def partial(self) -> Transcript:
        """What was said so far. May decode now (Whisper) or be free (Vosk)."""

    def finish(self) -> Transcript:
        """The final transcript. Raises `RecognitionError`."""

    def reconsider(self) -> Transcript:
        """What was said so far, with `alternatives` where the engine has any; may be slow.

        `finish` gives the same transcript if no more audio comes. Raises `RecognitionError`.
        """

    def weigh(self, texts: Sequence[str]) -> list[float]:
        """How well each of `texts` fits what was said: natural logarithms of probabilities.

        Empty where the engine cannot tell. Raises `RecognitionError`.
        """

    def prime(self, phrases: Sequence[str], words: Sequence[str]) -> list[str]:
        """Tell the engine what may be said: typical phrases with the home's names, and all words.

        Returns the words that the engine's vocabulary lacks.
        """

    def close(self) -> None:
        """Free the model."""


class Synthesizer(Protocol):
    """Text to speech. Blocking; lives in a worker thread of its own."""

    sample_rate: int

    def synthesize(self, text: str) -> Iterator[npt.NDArray[np.int16]]:
        """Pieces of `(n,)` int16 mono at `sample_rate`, the first as early as it can be had."""

    def close(self) -> None:
        """Free the model."""


class LanguageModel(Protocol):
    """A text generator whose output can be held to a grammar. Blocking; one worker thread."""

    def complete(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        stop: Sequence[str] = (),
        adapted: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> str:
        """Continue `prompt`, greedily. `grammar` is GBNF; `adapted` false: as the model came.

        Raises `LanguageModelError`.
        """

    def stream(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        adapted: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Like `complete`, piece by piece as it is written."""

    def embed(
        self,
        prompt: str,
        texts: Sequence[str],
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> npt.NDArray[np.float32]:
        """The last hidden state after `prompt` and each text, `(len(texts), width)`.

        No rows when `cancelled` turned true. Raises `LanguageModelError`.
        """

    def dialogue(self, system: str, user: str, before: Sequence[tuple[str, str]] = ()) -> str:
        """The prompt that makes the model answer `user` after the turns `before`, in its format."""

    @property
    def fingerprint(self) -> str:
        """Tells this model's weights from others', for what is kept of its embeddings."""

    def close(self) -> None:
        """Free the model."""


class DeviceBus(Protocol):
    """Carries actions to devices and knows what came of them."""

    @property
    def connected(self) -> bool:
        """Whether devices can be reached at all now."""

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """Do all at once, wait for each device's own confirmation, one result per action in order.

        Never raises for a device's or broker's fault: that is what the statuses are for.
        """
