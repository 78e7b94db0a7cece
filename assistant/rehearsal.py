"""The daemon with a synthesizer in the place of its user: for the demo and the bench.

Speech goes into the daemon's ear at the pace of real time, so that every latency is the one a
person would see; what it says is kept instead of played.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from assistant.audio import to_pcm16k
from assistant.audio.sinks import MemorySink
from assistant.audio.sources import MemorySource
from assistant.config import Settings
from assistant.daemon import Daemon
from assistant.errors import RecognitionError
from assistant.events import Event
from assistant.household import Household
from assistant.models import ModelStore
from assistant.types import SAMPLE_RATE, Samples, Turn
from assistant.voice.synthesizer import load_synthesizer

_ANSWER_LIMIT_S = 30.0
_SPEECH_FLOOR = 0.02
"""Share of the peak below which the synthesizer's tail counts as silence."""


async def spoken_by_a_voice(settings: Settings, texts: Iterable[str]) -> dict[str, Samples]:
    """Each text as spoken by the configured voice: `(n,)` int16, 16 kHz mono, trimmed.

    Synthesized in a process of its own, so that this one is measured without it. Raises
    `ModelError` when there is no voice.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        speaking = pool.submit(_speak, settings, tuple(dict.fromkeys(texts)))
        return await asyncio.wrap_future(speaking)


def _speak(settings: Settings, texts: Sequence[str]) -> dict[str, Samples]:
    voice = load_synthesizer(ModelStore.from_settings(settings), settings, settings.language)
    try:
        return {
            text: _trimmed(
                to_pcm16k(np.concatenate(list(voice.synthesize(text))), voice.sample_rate)
            )
            for text in texts
        }
    finally:
        voice.close()


class Rehearsal:
    """A daemon that is spoken to by `say`, and what it answered in `sink`."""

    def __init__(
        self,
        settings: Settings,
        home_file: Path | None = None,
        *,
        make_source: Callable[[], MemorySource] | None = None,
    ) -> None:
        self.household = Household(settings, home_file=home_file, scratch=True)
        self.sink = MemorySink()
        self.source: MemorySource | None = None
        """The microphone that is open now; a new one each time the daemon opens one."""
        self.daemon = Daemon(
            self.household,
            open_source=self._open_source,
            open_sink=lambda: self.sink,
            control=False,
        )
        self._make_source = make_source or _new_microphone
        self._turns: asyncio.Queue[Turn] = asyncio.Queue()
        self._opened = asyncio.Event()
        self.daemon.observe(self._keep)

    async def say(self, *pieces: Samples) -> tuple[Turn, float]:
        """Speak and wait for the finished turn.

        Returns it with the monotonic time at which the last sample of speech was heard. Raises
        `RecognitionError` when no turn came of it.
        """
        while not self._turns.empty():
            self._turns.get_nowait()
        ended_s = await self.feed(*pieces)
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                return await self._turns.get(), ended_s
        except TimeoutError as error:
            raise RecognitionError("No turn came of what was said.") from error

    async def feed(self, *pieces: Samples) -> float:
        """Make sounds; returns the monotonic time at which the last sample was heard."""
        source = await self._microphone()
        source.feed(np.concatenate(pieces))
        await source.drained()
        return self.household.clock.monotonic()

    async def _microphone(self) -> MemorySource:
        while self.source is None:
            await self._opened.wait()
        return self.source

    def _open_source(self) -> MemorySource:
        self.source = self._make_source()
        self._opened.set()
        return self.source

    def _keep(self, event: Event) -> None:
        if isinstance(event, Turn):
            self._turns.put_nowait(event)


def _new_microphone() -> MemorySource:
    return MemorySource(np.zeros(0, np.int16), realtime=True, endless=True)


@contextlib.asynccontextmanager
async def rehearsal(
    settings: Settings,
    home_file: Path | None = None,
    *,
    make_source: Callable[[], MemorySource] | None = None,
) -> AsyncIterator[Rehearsal]:
    """A started daemon that hears only what `Rehearsal.say` tells it; timers are thrown away."""
    stage = Rehearsal(settings, home_file, make_source=make_source)
    try:
        await stage.daemon.start()
        yield stage
    finally:
        await stage.daemon.stop()


def in_demo_home(settings: Settings) -> Settings:
    """The same settings without the configured broker and home: an embedded one, the demo home."""
    mqtt = settings.mqtt.model_copy(update={"host": ""})
    return settings.model_copy(update={"mqtt": mqtt, "home": "", "area": ""})


def silence(seconds: float) -> Samples:
    """Digital silence: `(n,)` int16, 16 kHz mono."""
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > _SPEECH_FLOOR * np.abs(samples).max(initial=1))
    return samples[: loud[-1] + 1] if loud.size else samples
