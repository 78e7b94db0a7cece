"""Says replies and plays sounds through one loudspeaker."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from assistant.errors import AssistantError
from assistant.ports import AudioSink, Synthesizer
from assistant.voice import sounds
from assistant.voice.sentences import pieces
from assistant.voice.spoken import spoken

_LOG = logging.getLogger(__name__)

Sound = npt.NDArray[np.int16]

_SLICE_S = 0.1
_CACHED_TEXT = 80
CACHE_BYTES = 4 * 1024 * 1024
"""Memory for short replies kept as sound: about a minute and a half."""


@runtime_checkable
class Interruptible(Protocol):
    """A synthesizer that can be stopped in the middle of a sentence."""

    def cancel(self) -> None:
        """End a running `synthesize` soon; callable from any thread."""


@dataclass(frozen=True, slots=True)
class SpokenTimings:
    """When a text was heard, by the monotonic clock."""

    first_audio_s: float | None
    """When the first samples were handed to the sink; None: there was nothing to say."""
    finished_s: float
    interrupted: bool = False
    """True when `stop` cut it off."""


class _Synthesis:
    """One piece of text on its way through the worker thread, or found in the cache."""

    def __init__(self, piece: str) -> None:
        self.piece = piece
        self.cancelled = threading.Event()
        self.running = False
        self.done = asyncio.Event()
        self._queue: asyncio.Queue[Sound | BaseException | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def fill(self, sound: Sound) -> None:
        """It is all there already."""
        self._queue.put_nowait(sound)
        self._queue.put_nowait(None)

    def run(self, synthesizer: Synthesizer) -> list[Sound]:
        """In the worker thread: hand every piece of sound to the loop as it comes."""
        made: list[Sound] = []
        if self.cancelled.is_set():
            return made
        self.running = True
        try:
            for sound in synthesizer.synthesize(self.piece):
                if self.cancelled.is_set():
                    break
                made.append(sound)
                self._loop.call_soon_threadsafe(self._queue.put_nowait, sound)
        finally:
            self.running = False
        return made

    def finish(self, future: asyncio.Future[list[Sound]]) -> None:
        """On the loop: the worker is through with it."""
        self._queue.put_nowait(None if future.cancelled() else future.exception())
        self.done.set()

    async def stream(self) -> AsyncIterator[Sound]:
        """The sound, piece by piece; raises what the synthesizer raised."""
        while (item := await self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


class Speaker:
    """The assistant's mouth. Belongs to the event loop; what it says comes one after the other.

    Synthesis runs in one worker thread of its own: the next sentence while this one is heard.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        sink: AudioSink,
        volume: int = 100,
        language: str = "en",
    ) -> None:
        """`volume` in percent of loudness, 0 to 100."""
        self._synthesizer = synthesizer
        self._sink = sink
        self._language = language
        self.volume = volume
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="synthesizer")
        self._floor = asyncio.Lock()
        self._active: set[asyncio.Task[Any]] = set()
        self._syntheses: set[_Synthesis] = set()
        self._ahead: dict[str, _Synthesis] = {}
        """Begun by `prepare`, and not wanted by anybody yet."""
        self._cache: OrderedDict[str, Sound] = OrderedDict()
        self._cached_bytes = 0

    async def speak(self, text: str) -> SpokenTimings:
        """Say `text` and return when it was heard, or cut off by `stop`.

        Cancelling the task silences it too. Raises `ModelError` or `AudioError`; what comes
        next can be said all the same.
        """
        parts = pieces(spoken(text, self._language), self._language)
        heard: list[float] = []
        interrupted = await self._stoppable(self._say(parts, heard)) if parts else False
        return SpokenTimings(heard[0] if heard else None, time.monotonic(), interrupted)

    async def speak_as_written(self, texts: AsyncIterator[str]) -> SpokenTimings:
        """Say `texts` one after the other as they come: the first while the next is written.

        Like `speak` in everything else; `stop` ends the waiting for the next one too.
        """
        heard: list[float] = []
        interrupted = await self._stoppable(self._say_as_written(texts, heard))
        return SpokenTimings(heard[0] if heard else None, time.monotonic(), interrupted)

    async def chime(self, name: str) -> None:
        """Play one of `sounds.CHIMES`. Raises `AudioError`."""
        await self._stoppable(self._play(sounds.chime(name)))

    async def ring(self, tune: str | sounds.Recording) -> None:
        """Ring with one of `sounds.RINGS` or a recording, louder and louder, until stopped.

        Between two rounds replies can be said. Raises `AudioError`.
        """
        await self._stoppable(self._ring(tune))

    def stop(self) -> None:
        """Fall silent at once and forget what was still to be said."""
        for task in self._active:
            task.cancel()
        self._abandon(self._syntheses)
        self._sink.stop()

    async def prepare(self, texts: Iterable[str]) -> None:
        """Synthesize short replies into the memory, so that they can be said at once.

        One that is to be said before it is finished is said as far as it is. Raises `ModelError`.
        """
        for text in texts:
            for piece in pieces(spoken(text, self._language), self._language):
                if piece in self._cache or piece in self._ahead:
                    continue
                synthesis = self._ahead[piece] = self._begin(piece)
                await synthesis.done.wait()
                if self._ahead.pop(piece, None) is synthesis:
                    async for _ in synthesis.stream():
                        pass

    async def close(self) -> None:
        """Fall silent, free the voice and let go of the loudspeaker."""
        self.stop()
        await asyncio.gather(*self._active, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._worker, self._synthesizer.close)
        self._worker.shutdown(wait=False)
        await self._sink.close()

    async def _stoppable(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do `work` so that `stop` ends it; True when it did. Logs and raises its errors."""
        task = asyncio.create_task(work)
        self._active.add(task)
        try:
            await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return True
        except AssistantError as error:
            _LOG.error("it could not be said: %s", error)
            raise
        finally:
            self._active.discard(task)
        return False

    async def _say(self, parts: tuple[str, ...], heard: list[float]) -> None:
        begun = [self._begin(parts[0])]
        try:
            async with self._turn():
                for index in range(len(parts)):
                    begun += [self._begin(part) for part in parts[index + 1 : index + 2]]
                    async for sound in begun[index].stream():
                        await self._write(sound, self._synthesizer.sample_rate, heard)
                await self._sink.drain()
        finally:
            self._abandon(begun)

    async def _say_as_written(self, texts: AsyncIterator[str], heard: list[float]) -> None:
        begun: list[_Synthesis] = []
        waiting: asyncio.Queue[_Synthesis | None] = asyncio.Queue()

        async def synthesize() -> None:
            try:
                async for text in texts:
                    for piece in pieces(spoken(text, self._language), self._language):
                        begun.append(self._begin(piece))
                        waiting.put_nowait(begun[-1])
            finally:
                waiting.put_nowait(None)

        writing = asyncio.create_task(synthesize())
        try:
            async with self._turn():
                while (synthesis := await waiting.get()) is not None:
                    async for sound in synthesis.stream():
                        await self._write(sound, self._synthesizer.sample_rate, heard)
                await self._sink.drain()
            await writing
        finally:
            writing.cancel()
            self._abandon(begun)

    async def _ring(self, tune: str | sounds.Recording) -> None:
        for round_ in itertools.count():
            if isinstance(tune, str):
                await self._play(sounds.ring(tune, round_))
            else:
                await self._play(tune.round(round_), tune.sample_rate)
            await asyncio.sleep(sounds.RING_PAUSE_S)

    async def _play(self, sound: Sound, sample_rate: int = sounds.SAMPLE_RATE) -> None:
        async with self._turn():
            await self._write(sound, sample_rate, [])
            await self._sink.drain()

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One at a time; who is cancelled while it sounds falls silent."""
        async with self._floor:
            try:
                yield
            except asyncio.CancelledError:
                self._sink.stop()
                raise

    async def _write(self, sound: Sound, sample_rate: int, heard: list[float]) -> None:
        """Hand over in slices, so that a sink with room for much is no obstacle to stopping."""
        size = round(_SLICE_S * sample_rate)
        for start in range(0, sound.size, size):
            part = self._at_volume(sound[start : start + size])
            if not heard:
                heard.append(time.monotonic())
            await self._sink.write(part, sample_rate)

    def _at_volume(self, sound: Sound) -> Sound:
        # Loudness grows with about the square root of the amplitude.
        gain = (min(max(self.volume, 0), 100) / 100) ** 2
        return sound if gain == 1 else np.round(sound * gain).astype(np.int16)

    def _begin(self, piece: str) -> _Synthesis:
        ahead = self._ahead.pop(piece, None)
        if ahead is not None and not ahead.cancelled.is_set():
            return ahead
        synthesis = _Synthesis(piece)
        cached = self._cache.get(piece)
        if cached is not None:
            self._cache.move_to_end(piece)
            synthesis.fill(cached)
            return synthesis
        self._syntheses.add(synthesis)
        future = asyncio.get_running_loop().run_in_executor(
            self._worker, synthesis.run, self._synthesizer
        )

        def through(done: asyncio.Future[list[Sound]]) -> None:
            self._syntheses.discard(synthesis)
            synthesis.finish(done)
            if not (done.cancelled() or done.exception() or synthesis.cancelled.is_set()):
                self._remember(piece, done.result())

        future.add_done_callback(through)
        return synthesis

    def _abandon(self, syntheses: Iterable[_Synthesis]) -> None:
        running = False
        for synthesis in syntheses:
            synthesis.cancelled.set()
            running = running or synthesis.running
        if running and isinstance(self._synthesizer, Interruptible):
            self._synthesizer.cancel()

    def _remember(self, piece: str, made: list[Sound]) -> None:
        if len(piece) > _CACHED_TEXT or not made:
            return
        sound = np.concatenate(made)
        if sound.nbytes > CACHE_BYTES:
            return
        forgotten = self._cache.pop(piece, None)
        self._cached_bytes += sound.nbytes - (forgotten.nbytes if forgotten is not None else 0)
        self._cache[piece] = sound
        while self._cached_bytes > CACHE_BYTES:
            _, oldest = self._cache.popitem(last=False)
            self._cached_bytes -= oldest.nbytes
