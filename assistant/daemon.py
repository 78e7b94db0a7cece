"""The composition root: builds the engines, attends to the microphone, owns the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from assistant.audio.devices import find_input, find_output
from assistant.audio.sinks import LoudspeakerSink, NullSink
from assistant.audio.sources import MicrophoneSource
from assistant.control import ControlServer
from assistant.conversation import Conversation, Request
from assistant.ears.events import (
    EarEvent,
    Heard,
    HearingFailed,
    Listening,
    NothingHeard,
    PartialHeard,
    SpeechEnded,
)
from assistant.ears.listener import Ears
from assistant.ears.wake import MicroWakeWord
from assistant.engines import Hearing, load_vad
from assistant.entrances import Entrances
from assistant.errors import AssistantError, AudioError, ModelError, RecognitionError
from assistant.events import Observer, Stage, StageEvent
from assistant.household import Household
from assistant.mouth import Mouth
from assistant.ports import AudioSink, AudioSource, Recognizer
from assistant.service import Notifier
from assistant.tasks import Tasks
from assistant.types import Completeness
from assistant.voice.speaker import Speaker
from assistant.voice.synthesizer import load_synthesizer

_LOG = logging.getLogger(__name__)
_RETRY_S = (2.0, 5.0, 15.0, 30.0)
_STEADY_S = 30.0
"""A microphone that was listened to for so long has come back for good."""

_VOICE = "voice"
"""The conversation held through the microphone."""


class Daemon:
    """The whole assistant.

    `open_source` and `open_sink` stand in for microphone and loudspeaker (tests, demo, bench);
    without them the configured devices are used, and where there are none it says so and goes on.
    """

    def __init__(
        self,
        household: Household,
        *,
        open_source: Callable[[], AudioSource] | None = None,
        open_sink: Callable[[], AudioSink] | None = None,
        control: bool = True,
    ) -> None:
        self.household = household
        self.settings = household.settings
        self.ears: Ears | None = None
        self._open_source = open_source
        self._open_sink = open_sink
        self._tasks = Tasks()
        self.mouth = Mouth(household, self._tasks, on_speaking=self._mute, busy=self._is_busy)
        self._hearing = Hearing(household)
        self._entrances = Entrances(household, self._hearing, self, self._tasks)
        self._control = ControlServer(self._entrances.operations()) if control else None
        self._notifier = Notifier()
        self._turn: asyncio.Task[None] | None = None

    def observe(self, observer: Observer) -> None:
        """Have `observer` told of every stage and turn from now on."""
        self.household.observers.append(observer)

    async def start(self) -> None:
        """Start everything; returns when a request can be answered.

        Raises `AssistantError` for what makes running pointless: another daemon on the same
        socket or database, a wrong home file.
        """
        if self._control is not None:
            await self._control.start()
        await self.household.start(self.mouth.on_ring, self.mouth.on_quiet)
        recognizer = await self._load_engines()
        self._entrances.subscribe()
        self.household.on_refresh.append(self._prime)
        self.household.notice(self.household.summary())
        if recognizer is not None:
            self._tasks.spawn(self._attend(recognizer), "ears")
        else:
            self.idle()
        if self.settings.llm.enabled:
            self.household.load_language_model()
        self.mouth.ring_on()
        self.mouth.prepare_likely_replies()
        self._notifier.ready()
        if self._notifier.watchdog_interval_s:
            self._tasks.spawn(self._watchdog(self._notifier.watchdog_interval_s), "watchdog")

    async def stop(self) -> None:
        """Stop in the opposite order of starting; timers stay set."""
        self._notifier.stopping()
        await self._tasks.stop()
        if self._control is not None:
            await self._control.stop()
        await self.mouth.close()
        await self._hearing.close()
        await self.household.stop()

    # What the other ways in need

    @property
    def hears(self) -> bool:
        """Whether there is a microphone."""
        return self.ears is not None

    @property
    def speaks(self) -> bool:
        """Whether there is a voice."""
        return self.mouth.speaker is not None

    def open_microphone(self) -> None:
        """Push to talk: listen for one utterance without the wake word."""
        if self.ears is not None:
            self.ears.open("push")

    def stop_speaking(self) -> None:
        """Drop the present turn, fall silent, and silence what rings."""
        self._hush()
        self.household.schedule.silence()

    def idle(self) -> None:
        """Tell observers that the assistant waits, and how it can be reached."""
        by_text = 'assistant ask "…" from another terminal'
        if self.ears is None:
            how = by_text
        elif self.settings.wake.enabled:
            how = f'say "{self.settings.wake.word.replace("_", " ")}", or: {by_text}'
        else:
            how = f"assistant listen opens the microphone, or: {by_text}"
        self.household.observe(StageEvent(Stage.IDLE, f"{how}   (Ctrl-C ends)"))

    # Engines

    async def _load_engines(self) -> Recognizer | None:
        """Load all engines at once; what is missing is said, and the rest works without it."""
        household, settings = self.household, self.settings
        voice, recognizer = await asyncio.gather(
            asyncio.to_thread(load_synthesizer, household.models, settings, household.language),
            self._hearing.recognizer(household.language),
            return_exceptions=True,
        )
        if isinstance(voice, BaseException):
            self._missing("It will not speak", voice)
        else:
            sink = self._open_sink() if self._open_sink else await self._loudspeaker()
            self.mouth.speaker = Speaker(voice, sink, settings.audio.volume, household.language)
        if isinstance(recognizer, BaseException):
            self._missing("It cannot hear", recognizer)
            return None
        return recognizer

    def _missing(self, consequence: str, error: BaseException) -> None:
        if not isinstance(error, AssistantError):
            raise error
        self.household.notice(f"{consequence}: {error}", logging.WARNING)

    async def _loudspeaker(self) -> AudioSink:
        device = await asyncio.to_thread(find_output, self.settings.audio.output)
        if isinstance(device, str):
            self.household.notice(device)
            return NullSink()
        return LoudspeakerSink(device)

    async def _microphone(self) -> AudioSource:
        device = await asyncio.to_thread(find_input, self.settings.audio.input)
        if isinstance(device, str):
            raise AudioError(device)
        return MicrophoneSource(device)

    def _prime(self) -> None:
        self._tasks.spawn(self._hearing.prime(), "prime")

    # Hearing

    async def _attend(self, recognizer: Recognizer) -> None:
        """Listen for ever; a microphone that goes away is waited for, a missing model is not."""
        clock = self.household.clock
        failures = 0
        while True:
            began_s = clock.monotonic()
            try:
                await self._listen(recognizer)
                return
            except ModelError as error:
                self._missing("It cannot hear", error)
                return
            except AudioError as error:
                sentence = f"{str(error).rstrip('.')}. Until then it is reachable by text."
            except Exception:  # the supervisor of hearing: an assistant must not stay deaf
                _LOG.exception("listening failed")
                sentence = "Listening failed; the log says why. It tries again."
            finally:
                self.ears = None
                self.idle()
            failures = 1 if clock.monotonic() - began_s > _STEADY_S else failures + 1
            if failures == 1:
                self.household.notice(sentence)
            await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S)) - 1])

    async def _listen(self, recognizer: Recognizer) -> None:
        source = self._open_source() if self._open_source else await self._microphone()
        try:
            vad = await asyncio.to_thread(load_vad, self.household.models)
            wake = await asyncio.to_thread(MicroWakeWord, self.settings.wake)
            self.ears = Ears(
                source, wake=wake, vad=vad, recognizer=recognizer, worker=self._hearing.worker,
                completeness=self._completeness,
                settings=self.settings.listening, wake_enabled=self.settings.wake.enabled,
            )  # fmt: skip
            self.idle()
            async for event in self.ears.events():
                self._on_ear(event)
        finally:
            await source.close()

    async def _completeness(self, text: str) -> Completeness:
        """Judge a partial transcript; while a complete one is waited out, prepare the reply."""
        verdict = await self._talk().understanding.completeness(text)
        if verdict is Completeness.COMPLETE:
            self.mouth.prepare_reply(Request(text, conversation=_VOICE))
        return verdict

    def _on_ear(self, event: EarEvent) -> None:
        observe = self.household.observe
        match event:
            case Listening(reason=reason):
                self._hush()
                observe(StageEvent(Stage.LISTENING, reason))
                if reason == "wake" and self.settings.wake.chime:
                    self.mouth.chime()
            case PartialHeard(text=text):
                observe(StageEvent(Stage.PARTIAL, text))
            case Heard():
                self._turn = self._tasks.spawn(self._spoken_turn(event), "turn")
            case NothingHeard(reason="no_words"):
                unclear = RecognitionError("There were no words to make out in what was said.")
                self._turn = self._tasks.spawn(self._apologize(unclear), "turn")
            case NothingHeard(reason="silence") if self._talk().waits_for_answer(_VOICE):
                self._turn = self._tasks.spawn(self._give_up_question(), "turn")
            case NothingHeard(reason=reason):
                why = "nobody spoke" if reason == "silence" else "the microphone was closed"
                self.household.notice(f"Nothing was heard: {why}.")
                self.idle()
                self.mouth.ring_on()
            case HearingFailed(error=error):
                self._turn = self._tasks.spawn(self._apologize(error), "turn")
            case SpeechEnded():
                pass

    def _is_busy(self) -> bool:
        """Whether somebody is listened to or answered."""
        listening = self.ears is not None and self.ears.listening
        return listening or (self._turn is not None and not self._turn.done())

    def _mute(self, speaking: bool) -> None:
        if self.ears is not None:
            self.ears.muted = speaking

    def _hush(self) -> None:
        """Somebody speaks: drop what is being said and the turn it belongs to."""
        if self._turn is not None:
            self._turn.cancel()
        self.mouth.hush()

    # Turns

    async def _spoken_turn(self, heard: Heard) -> None:
        try:
            question = await self._answer(heard)
        except AssistantError as error:
            await self._apologize(error)
            return
        self._turn = None
        self.idle()
        if question and self.ears is not None:
            self.ears.open("question")
        else:
            self.mouth.ring_on()

    async def _answer(self, heard: Heard) -> bool:
        """Do what was said and answer aloud; whether the answer is a question."""
        household, transcript = self.household, heard.transcript
        hear_ms = (heard.recognized_s - heard.speech_end_s) * 1000
        household.observe(StageEvent(Stage.HEARD, transcript.text, hear_ms))
        turn = await household.ask(
            Request(transcript.text, alternatives=transcript.alternatives, conversation=_VOICE)
        )
        answered_ms = (household.clock.monotonic() - heard.speech_end_s) * 1000
        timings = {"hear": round(hear_ms, 1), **turn.timings_ms, "answered": round(answered_ms, 1)}
        first_audio_s = await self.mouth.say(turn.reply)
        if first_audio_s is not None:
            timings["first_sound"] = round((first_audio_s - heard.speech_end_s) * 1000, 1)
        household.observe(replace(turn, timings_ms=timings))
        return turn.question

    async def _give_up_question(self) -> None:
        self._talk().forget_question(_VOICE)
        await self._close_turn(self._talk().replies.render("timed_out"))

    async def _apologize(self, error: AssistantError) -> None:
        _LOG.warning("hearing failed: %s", error)
        await self._close_turn(self._talk().replies.render(f"errors.{error.spoken}"))

    async def _close_turn(self, reply: str) -> None:
        await self.mouth.say(reply)
        self._turn = None
        self.idle()
        self.mouth.ring_on()

    def _talk(self) -> Conversation:
        return self.household.conversation()

    # Supervision

    async def _watchdog(self, interval_s: float) -> None:
        while True:
            self._notifier.watchdog()
            await asyncio.sleep(interval_s)
