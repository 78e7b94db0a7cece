"""The composition root: builds the engines, attends to the microphone, owns the event loop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import replace

from assistant.audio.devices import find_output
from assistant.audio.sinks import LoudspeakerSink, NullSink
from assistant.control import ControlServer
from assistant.conversation import Conversation
from assistant.ears.events import (
    EarEvent,
    Heard,
    HearingFailed,
    Listening,
    NothingHeard,
    PartialHeard,
    SpeechEnded,
)
from assistant.engines import Hearing
from assistant.entrances import Entrances
from assistant.errors import AssistantError, RecognitionError
from assistant.events import Event, Observer, Stage, StageEvent
from assistant.household import Household
from assistant.later import Later
from assistant.microphone import Microphone
from assistant.mouth import Mouth
from assistant.ports import AudioSink, AudioSource, Recognizer
from assistant.presence.presence import Presence
from assistant.schedule.schedule import Ring
from assistant.service import Notifier
from assistant.tasks import Tasks
from assistant.types import Completeness, Request, Turn
from assistant.voice.speaker import Speaker
from assistant.voice.synthesizer import load_synthesizer

_LOG = logging.getLogger(__name__)
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
        self._open_sink = open_sink
        self._tasks = Tasks()
        self._hearing = Hearing(household)
        self._microphone = Microphone(
            household, self._hearing, open_source=open_source, completeness=self._completeness,
            unsure=self._unsure,
            on_event=self._on_ear, on_idle=self.idle,
        )  # fmt: skip
        self.mouth = Mouth(
            household, self._tasks, on_speaking=self._microphone.speaking, busy=self._is_busy
        )
        household.speaks = lambda: self.speaks
        household.observers.append(self._announce)
        self._later = Later(household, self._tasks, self.mouth.tell, self._ask, _VOICE)
        self._entrances = Entrances(household, self._hearing, self)
        self._presence = Presence(household, self, self._entrances.ask, self._tasks)
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
        await self.household.start(
            self._on_ring, self._presence.on_quiet, self._later.on_command, self.mouth.on_sound
        )
        self._microphone.restore()
        recognizer = await self._load_engines()
        await self._presence.start()
        self.household.on_refresh.append(self._prime)
        self.household.notice(self.household.summary())
        if recognizer is not None:
            self._tasks.spawn(self._microphone.attend(recognizer), "ears")
        else:
            self.idle()
        if self.settings.llm.enabled and self.settings.llm.load == "start":
            self.household.llm.begin()
        if trouble := self.household.trouble:
            self.mouth.tell(self._talk().replies.render(f"errors.{trouble}"))
        self.mouth.ring_on()
        self.mouth.prepare_tunes()
        self.mouth.prepare_likely_replies()
        understanding = self.household.conversation().understanding
        self._tasks.spawn(understanding.prepare_to_guess(), "pronounce the sentences")
        # What is loaded stays: collections need not go through it, which would hold the loop.
        gc.freeze()
        self._notifier.ready()
        if self._notifier.watchdog_interval_s:
            self._tasks.spawn(self._watchdog(self._notifier.watchdog_interval_s), "watchdog")

    async def stop(self) -> None:
        """Stop in the opposite order of starting; timers stay set."""
        self._notifier.stopping()
        await self._tasks.stop()
        await self._presence.stop()
        if self._control is not None:
            await self._control.stop()
        await self.mouth.close()
        await self._hearing.close()
        await self.household.stop()

    # What the other ways in need

    @property
    def hears(self) -> bool:
        """Whether there is a microphone, and it is open."""
        return self._microphone.is_open

    @property
    def speaks(self) -> bool:
        """Whether there is a voice."""
        return self.mouth.speaker is not None

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed until somebody opens it again."""
        return self._microphone.muted

    @property
    def volume(self) -> int:
        """Loudness of replies and rings in percent."""
        return self.mouth.volume

    def open_microphone(self) -> None:
        """Push to talk: listen for one utterance without the wake word. Raises `AudioError`."""
        self._microphone.listen("push")

    def mute(self, muted: bool) -> None:
        """Close the microphone, or open it again; so it stays after a restart.

        Raises `StoreError` where that cannot be kept; it is done all the same.
        """
        listened = self._microphone.listening
        try:
            self._microphone.mute(muted)
        finally:
            if listened:
                self.mouth.ring_on()

    def set_volume(self, volume: int) -> None:
        """Loudness of replies and rings in percent, at once. Raises `StoreError`."""
        self.mouth.set_volume(volume)

    def say(self, text: str) -> None:
        """Say a text when nobody is listened to or answered. Raises `AudioError`."""
        self.mouth.announce(text)

    def stop_speaking(self) -> None:
        """Drop the present turn, close the ear, fall silent, and silence what rings."""
        self.mouth.forget_announcements()
        self._hush()
        self._microphone.forget()
        self.household.schedule.silence()
        self.idle()

    def idle(self) -> None:
        """Tell observers that the assistant waits, and how it can be reached."""
        by_text = 'assistant ask "…" from another terminal'
        if self.muted:
            how = f"the microphone is muted until: assistant unmute; or: {by_text}"
        elif not self.hears:
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
            self.mouth.speaker = Speaker(voice, sink, self.mouth.volume, household.language)
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

    def _prime(self) -> None:
        self._tasks.spawn(self._hearing.prime(), "prime")

    # Hearing

    async def _completeness(self, text: str) -> Completeness:
        """Judge a partial transcript; while a complete one is waited out, prepare the reply."""
        verdict = await self._talk().completeness(text, _VOICE)
        if verdict is Completeness.COMPLETE:
            self.mouth.prepare_reply(Request(text, conversation=_VOICE))
        return verdict

    def _unsure(self, text: str) -> None:
        """Show the language model what no template knows, in the silence that waits for more."""
        if not self._talk().waits_for_answer(_VOICE):
            area = self.household.area_id(None)
            self._tasks.spawn(self.household.llm.expect(text, area), "look ahead")

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
        return self._microphone.listening or (self._turn is not None and not self._turn.done())

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
        if question and self.hears:
            self._microphone.listen("question")
        else:
            self.mouth.ring_on()

    async def _answer(self, heard: Heard) -> bool:
        """Do what was said and answer aloud; whether the answer is a question."""
        household, transcript = self.household, heard.transcript
        hear_ms = (heard.recognized_s - heard.speech_end_s) * 1000
        household.observe(StageEvent(Stage.HEARD, transcript.text, hear_ms))
        answering = self.mouth.answering()
        try:
            turn = await household.ask(
                Request(
                    transcript.text,
                    alternatives=transcript.alternatives,
                    conversation=_VOICE,
                    weigh=heard.weigh,
                    written=answering.write,
                )
            )
            answered_ms = (household.clock.monotonic() - heard.speech_end_s) * 1000
            first_audio_s = await answering.finish(turn)
        finally:
            answering.drop()
        timings = {"hear": round(hear_ms, 1), **turn.timings_ms, "answered": round(answered_ms, 1)}
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

    def _announce(self, event: Event) -> None:
        """Say what a finished turn has for everybody; after the reply, if it was asked aloud."""
        if isinstance(event, Turn) and event.announcement:
            self.mouth.tell(event.announcement, chime=True)

    def _on_ring(self, ring: Ring) -> None:
        self.mouth.on_ring(ring)
        self._presence.on_ring(ring)

    def _talk(self) -> Conversation:
        return self.household.conversation()

    def _ask(self, question: str, still_open: Callable[[], bool], left: Callable[[], None]) -> bool:
        """Ask what nobody has spoken of just now; False where nobody could answer."""
        if not (self.hears and self.speaks):
            return False

        def listen() -> bool:
            if not (self.hears and still_open()):
                return False
            self._microphone.listen("question")
            return True

        self.mouth.ask(question, listen, left)
        return True

    # Supervision

    async def _watchdog(self, interval_s: float) -> None:
        while True:
            self._notifier.watchdog()
            await asyncio.sleep(interval_s)
