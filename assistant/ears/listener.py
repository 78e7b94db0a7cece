"""The ears: from chunks of sound to heard utterances."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.config import ListeningSettings
from assistant.ears.endpoint import WORDLESS_MS, Endpointer, Phase
from assistant.ears.events import (
    EarEvent,
    Heard,
    HearingFailed,
    Listening,
    NothingHeard,
    PartialHeard,
    Reason,
    SpeechEnded,
)
from assistant.ears.front import Front
from assistant.ears.utterance import Utterance
from assistant.ears.wakecut import without_wake_word
from assistant.ears.worker import Worker
from assistant.errors import RecognitionError
from assistant.ports import AudioSource, Recognizer, VoiceActivityDetector, WakeWordDetector
from assistant.types import SAMPLE_RATE, Completeness, Samples, Transcript

_LOG = logging.getLogger(__name__)

SPECULATE_MS = 120.0
"""Silence after which the words so far are recognized, in case that was all. Early enough for the
result to be there when a whole request may end, late enough not to run between syllables."""

_LEAD_CHUNKS = 40
"""Audio kept from before an utterance counts as begun, so that its first sounds are not lost."""

_IDLE_CHUNKS = 4
"""While only the wake word is listened for, 80 ms are looked at together: it saves wake-ups."""

_GLANCE_MS = 1000.0
_QUICK_S = 0.3
"""An engine slower than this shows no words before a pause: they would hold up the last ones."""

_STREAM_CHUNKS = 5
"""A streaming recognizer gets its audio in pieces of 100 ms."""

Completer = Callable[[str], Awaitable[Completeness]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    samples: Samples
    arrived_s: float


@dataclass(frozen=True, slots=True)
class _Open:
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Cancel:
    pass


@dataclass(frozen=True, slots=True)
class _SourceEnded:
    error: Exception | None = None


@dataclass(slots=True)
class _Speculation:
    """Recognition of the words before a pause, and understanding's view of them."""

    task: asyncio.Task[tuple[Transcript, Completeness]]
    taken: bool = False


_Input = _Chunk | _Open | _Cancel | _SourceEnded | _Speculation


@dataclass(slots=True)
class _Hearing:
    """The state of one open microphone."""

    reason: Reason
    endpointer: Endpointer
    utterance: Utterance
    lead: deque[Samples]
    held: list[Samples]
    speculation: _Speculation | None = None
    unstreamed: int = 0
    next_glance_ms: float = 900.0
    shown: str = ""


class Ears:
    """Listens to a source for ever: wake word, utterance, transcript, and again.

    `worker` is the recognizer's thread; without it the ears make one. `completeness` is asked
    about the words before each pause, and `unsure` told those that it knows nothing of. A source
    with an attribute `realtime` that is false is listened to in audio time alone: each pause waits
    for its verdict, so that the result does not depend on the machine's speed.
    """

    def __init__(
        self,
        source: AudioSource,
        *,
        wake: WakeWordDetector,
        vad: VoiceActivityDetector,
        recognizer: Recognizer,
        completeness: Completer,
        settings: ListeningSettings,
        wake_enabled: bool = True,
        worker: Worker | None = None,
        unsure: Callable[[str], None] = lambda text: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.muted = False
        """True while the assistant itself speaks: only the wake word is listened for."""
        self._source = source
        self._recognizer = recognizer
        self._completeness = completeness
        self._unsure = unsure
        self._settings = settings
        self._wake_phrase = str(getattr(wake, "phrase", ""))
        self._streams = bool(getattr(recognizer, "streaming", False))
        self._live = bool(getattr(source, "realtime", True))
        self._monotonic = monotonic
        self._front = Front(wake, vad, wake_enabled=wake_enabled)
        self._own_worker = worker is None
        self._worker = worker or Worker("recognizer")
        self._inbox: asyncio.Queue[_Input] = asyncio.Queue()
        self._room = asyncio.Semaphore(16)
        self._events: asyncio.Queue[EarEvent | None] = asyncio.Queue()
        self._unseen: list[_Chunk] = []
        self._now: _Hearing | None = None
        self._arrived_s = monotonic()
        self._glancing: asyncio.Task[None] | None = None
        self._decoding_s = 0.0

    @property
    def listening(self) -> bool:
        """Whether the microphone is open for an utterance."""
        return self._now is not None

    def open(self, reason: Reason = "push") -> None:
        """Listen for one utterance without the wake word; begins when `muted` is false."""
        self._inbox.put_nowait(_Open(reason))

    def cancel(self) -> None:
        """Close the microphone; what was said is forgotten."""
        self._inbox.put_nowait(_Cancel())

    async def events(self) -> AsyncIterator[EarEvent]:
        """What is heard, until the source ends.

        Raises `AudioError` when the microphone goes away.
        """
        pump = asyncio.create_task(self._pump(), name="ears pump")
        main = asyncio.create_task(self._listen(), name="ears")
        main.add_done_callback(lambda _: self._events.put_nowait(None))
        try:
            while (event := await self._events.get()) is not None:
                yield event
            await main
        finally:
            pump.cancel()
            main.cancel()
            await asyncio.gather(pump, main, return_exceptions=True)
            self._drop_speculation()
            if self._glancing is not None:
                self._glancing.cancel()
            self._front.close()
            if self._own_worker:
                self._worker.close()

    async def _pump(self) -> None:
        try:
            async for samples in self._source.chunks():
                if not self._live:
                    await self._room.acquire()
                self._inbox.put_nowait(_Chunk(samples, self._monotonic()))
        except Exception as error:  # handed on to whoever listens, and raised there
            self._inbox.put_nowait(_SourceEnded(error))
        else:
            self._inbox.put_nowait(_SourceEnded())

    async def _listen(self) -> None:
        while True:
            match await self._inbox.get():
                case _Chunk() as chunk:
                    await self._on_chunk(chunk)
                    if not self._live:
                        self._room.release()
                case _Speculation() as speculation:
                    await self._on_speculation(speculation)
                case _Open(reason=reason):
                    self._begin(reason, np.zeros(0, np.int16))
                case _Cancel():
                    if self._now is not None:
                        self._close(NothingHeard("cancelled"))
                case _SourceEnded(error=error):
                    if error is not None:
                        raise error
                    await self._on_source_end()
                    return

    async def _on_chunk(self, chunk: _Chunk) -> None:
        self._unseen.append(chunk)
        if self._now is not None or len(self._unseen) >= _IDLE_CHUNKS:
            await self._look()

    async def _look(self) -> None:
        unseen, self._unseen = self._unseen, []
        while unseen:
            look = await self._front.look(
                [chunk.samples for chunk in unseen], listening=self._now is not None
            )
            self._arrived_s = unseen[look.seen - 1].arrived_s
            if look.spotted:
                self._begin("wake", self._front.after_wake_word())
            elif self._now is not None:
                await self._on_sound(self._now, unseen[0].samples, look.speech)
            del unseen[: look.seen]

    async def _on_sound(self, now: _Hearing, samples: Samples, probability: float) -> None:
        if self.muted and now.reason != "wake":
            now.lead.clear()
            return
        before = now.endpointer.phase
        phase = now.endpointer.feed(probability, len(samples) / SAMPLE_RATE * 1000)
        self._keep(now, samples, before, phase)
        if phase is Phase.TIMED_OUT:
            self._close(NothingHeard("silence"))
        elif phase in (Phase.ENDED, Phase.TOO_LONG):
            await self._finish(now)
        elif phase is Phase.PAUSING:
            await self._on_pause(now)
        elif phase is Phase.SPEAKING and self._streams:
            await self._stream(now)
        elif phase is Phase.SPEAKING:
            self._glance(now)

    def _begin(self, reason: Reason, lead: Samples) -> None:
        self._drop_speculation()
        if self._now is None:
            self._front.listen_anew()
        self._now = _Hearing(
            reason=reason,
            endpointer=Endpointer(self._settings),
            utterance=Utterance(self._recognizer),
            lead=deque([lead], maxlen=_LEAD_CHUNKS),
            held=[],
        )
        self._events.put_nowait(Listening(reason))

    def _close(self, event: EarEvent) -> None:
        self._drop_speculation()
        self._now = None
        self._events.put_nowait(event)

    def _drop_speculation(self) -> None:
        if self._now is not None and self._now.speculation is not None:
            self._now.speculation.task.cancel()
            self._now.speculation = None

    def _keep(self, now: _Hearing, samples: Samples, before: Phase, phase: Phase) -> None:
        """Put the chunk where it belongs: before, in, or perhaps after the utterance."""
        if phase is Phase.WAITING:
            now.lead.append(samples)
            return
        if before is Phase.WAITING:
            for piece in now.lead:
                now.utterance.add(piece)
            now.lead.clear()
        if phase is Phase.SPEAKING and now.speculation is not None:
            self._drop_speculation()
            for piece in now.held:
                now.utterance.add(piece)
            now.held.clear()
        if now.speculation is not None and not self._streams:
            now.held.append(samples)
        else:
            now.utterance.add(samples)
            now.unstreamed += 1

    def _glance(self, now: _Hearing) -> None:
        """Show the words so far of an engine that decodes all of them anew, where it is quick."""
        due = now.endpointer.speech_ms >= now.next_glance_ms
        if due and self._live and self._decoding_s <= _QUICK_S and not self._glancing:
            now.next_glance_ms = now.endpointer.speech_ms + _GLANCE_MS
            self._glancing = asyncio.create_task(self._peek(now), name="partial words")

    async def _peek(self, now: _Hearing) -> None:
        started_s = self._monotonic()
        try:
            transcript = await self._worker.call(now.utterance.partial)
        except RecognitionError:
            return  # the recognition that counts will meet it again, and tell
        finally:
            self._glancing = None
        self._decoding_s = self._monotonic() - started_s
        if self._now is now:
            self._show(now, transcript)

    async def _stream(self, now: _Hearing) -> None:
        if now.unstreamed >= _STREAM_CHUNKS:
            now.unstreamed = 0
            try:
                self._show(now, await self._worker.call(now.utterance.partial))
            except RecognitionError as error:
                self._close(HearingFailed(error))

    async def _on_pause(self, now: _Hearing) -> None:
        speculation = now.speculation
        again = self._streams and now.unstreamed >= _STREAM_CHUNKS
        due = again and speculation.taken if speculation is not None else True
        if due and now.endpointer.silence_ms >= SPECULATE_MS:
            now.unstreamed = 0
            task = asyncio.create_task(self._speculate(now.utterance), name="speculation")
            speculation = now.speculation = _Speculation(task)
            if self._live:
                task.add_done_callback(lambda _: self._inbox.put_nowait(speculation))
        if not self._live and speculation is not None and not speculation.taken:
            await asyncio.wait((speculation.task,))
            await self._on_speculation(speculation)

    async def _speculate(self, utterance: Utterance) -> tuple[Transcript, Completeness]:
        transcript = self._clean(await self._worker.call(utterance.partial))
        if not transcript.text:
            return transcript, Completeness.INCOMPLETE
        verdict = await self._completeness(transcript.text)
        if verdict is Completeness.UNKNOWN:
            self._unsure(transcript.text)
        if verdict is Completeness.UNKNOWN and not self._streams:
            transcript = self._clean(await self._worker.call(utterance.reconsider))
            for alternative in transcript.alternatives:
                if await self._completeness(alternative) is Completeness.COMPLETE:
                    return transcript, Completeness.COMPLETE
        return transcript, verdict

    async def _on_speculation(self, speculation: _Speculation) -> None:
        now = self._now
        if now is None or now.speculation is not speculation or speculation.taken:
            return
        speculation.taken = True
        try:
            transcript, verdict = speculation.task.result()
        except RecognitionError as error:
            self._close(HearingFailed(error))
            return
        if not transcript.text:
            # the last words of a streaming recognizer come only with the silence after them
            if not self._streams and now.endpointer.speech_ms < WORDLESS_MS:
                self._dismiss(now)
            return
        self._show(now, transcript)
        if now.endpointer.judge(verdict) is Phase.ENDED:
            await self._finish(now)

    def _dismiss(self, now: _Hearing) -> None:
        """There were no words in so short a sound: a cough, or the end of the wake word."""
        now.endpointer.dismiss()
        now.utterance = Utterance(self._recognizer)
        now.lead.extend(now.held)
        now.held.clear()
        now.speculation = None

    async def _finish(self, now: _Hearing) -> None:
        ended_s = self._arrived_s - now.endpointer.silence_ms / 1000
        self._events.put_nowait(SpeechEnded(ended_s))
        try:
            transcript = self._clean(await self._worker.call(now.utterance.finish))
        except RecognitionError as error:
            self._close(HearingFailed(error))
            return
        if not transcript.text:
            self._close(NothingHeard("no_words"))
            return
        seconds = now.utterance.samples / SAMPLE_RATE
        _LOG.info("heard %.1f s of speech", seconds)
        utterance = now.utterance

        async def weigh(texts: Sequence[str]) -> Sequence[float]:
            return await self._worker.call(utterance.weigh, texts)

        self._close(Heard(transcript, seconds, ended_s, self._monotonic(), weigh))

    async def _on_source_end(self) -> None:
        await self._look()
        now = self._now
        if now is None:
            return
        if now.endpointer.phase in (Phase.SPEAKING, Phase.PAUSING):
            await self._finish(now)
        else:
            self._close(NothingHeard("silence"))

    def _show(self, now: _Hearing, transcript: Transcript) -> None:
        text = self._clean(transcript).text
        if text and text != now.shown:
            now.shown = text
            self._events.put_nowait(PartialHeard(text))

    def _clean(self, transcript: Transcript) -> Transcript:
        """The transcript without a wake word that slipped into the audio."""
        if self._now is None or self._now.reason != "wake" or not self._wake_phrase:
            return transcript
        return replace(
            transcript,
            text=without_wake_word(transcript.text, self._wake_phrase),
            alternatives=tuple(
                without_wake_word(text, self._wake_phrase) for text in transcript.alternatives
            ),
        )
