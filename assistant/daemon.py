"""The composition root: builds the engines, runs the turns, owns the event loop."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from assistant.audio.devices import find_input, find_output
from assistant.audio.sinks import LoudspeakerSink, NullSink
from assistant.audio.sources import MicrophoneSource
from assistant.control import ControlServer
from assistant.conversation import Request
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
from assistant.errors import AssistantError, AudioError, ModelError, RecognitionError
from assistant.events import Observer, Stage, StageEvent
from assistant.household import Household
from assistant.ports import AudioSink, AudioSource, Recognizer
from assistant.schedule.schedule import Ring
from assistant.service import Notifier
from assistant.turn_json import ring_to_json, turn_to_json
from assistant.types import Completeness, Turn
from assistant.voice.speaker import Speaker
from assistant.voice.synthesizer import load_synthesizer

_LOG = logging.getLogger(__name__)
_RETRY_S = (2.0, 5.0, 15.0, 30.0)
_LIKELY_REPLIES = 40
_IDLE_PAUSE_S = 0.5
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
        self.speaker: Speaker | None = None
        self.ears: Ears | None = None
        self._open_source = open_source or self._microphone
        self._open_sink = open_sink or self._loudspeaker
        self._control = ControlServer(self._operations()) if control else None
        self._notifier = Notifier()
        self._hearing = Hearing(household)
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn: asyncio.Task[None] | None = None
        self._ring: asyncio.Task[None] | None = None

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
        await self.household.start(self._on_ring, self._on_quiet)
        recognizer = await self._load_engines()
        self._own_topics()
        self.household.on_refresh.append(self._prime)
        self.household.notice(self.household.summary())
        if recognizer is not None:
            self._spawn(self._attend(recognizer), "ears")
        else:
            self._idle()
        if self.settings.llm.enabled:
            self.household.load_language_model()
        if self.speaker is not None:
            self._spawn(self._prepare_likely_replies(self.speaker), "likely replies")
        self._notifier.ready()
        if self._notifier.watchdog_interval_s:
            self._spawn(self._watchdog(self._notifier.watchdog_interval_s), "watchdog")

    async def stop(self) -> None:
        """Stop in the opposite order of starting; timers stay set."""
        self._notifier.stopping()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._control is not None:
            await self._control.stop()
        if self.speaker is not None:
            await self.speaker.close()
        await self._hearing.close()
        await self.household.stop()

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
            self.speaker = Speaker(
                voice,
                await asyncio.to_thread(self._open_sink),
                settings.audio.volume,
                household.language,
            )
        if isinstance(recognizer, BaseException):
            self._missing("It cannot hear", recognizer)
            return None
        return recognizer

    def _missing(self, consequence: str, error: BaseException) -> None:
        if not isinstance(error, AssistantError):
            raise error
        self.household.notice(f"{consequence}: {error}")

    def _loudspeaker(self) -> AudioSink:
        device = find_output(self.settings.audio.output)
        if isinstance(device, str):
            self.household.notice(device)
            return NullSink()
        return LoudspeakerSink(device)

    # Hearing

    async def _attend(self, recognizer: Recognizer) -> None:
        """Listen for ever; a microphone that goes away is waited for, a missing model is not."""
        failures = 0
        while True:
            try:
                await self._listen(recognizer)
                return
            except AudioError as error:
                pause = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                if failures == 0:
                    sentence = str(error).rstrip(".")
                    self.household.notice(f"{sentence}. Until then it is reachable by text.")
                    self._idle()
                failures += 1
                await asyncio.sleep(pause)
            except ModelError as error:
                self._missing("It cannot hear", error)
                return
            finally:
                self.ears = None

    async def _listen(self, recognizer: Recognizer) -> None:
        source = await asyncio.to_thread(self._open_source)
        try:
            vad = await asyncio.to_thread(load_vad, self.household.models)
            wake = await asyncio.to_thread(MicroWakeWord, self.settings.wake)
            self.ears = Ears(
                source, wake=wake, vad=vad, recognizer=recognizer, worker=self._hearing.worker,
                completeness=self._completeness,
                settings=self.settings.listening, wake_enabled=self.settings.wake.enabled,
            )  # fmt: skip
            self._idle()
            async for event in self.ears.events():
                self._on_ear(event)
        finally:
            await source.close()

    async def _completeness(self, text: str) -> Completeness:
        """Judge a partial transcript; while a complete one is waited out, prepare the reply."""
        talk = self.household.conversation()
        verdict = await talk.understanding.completeness(text)
        if verdict is Completeness.COMPLETE and self.speaker is not None:
            request = self.household.located(Request(text, conversation=_VOICE))
            self._spawn(self._prepare_reply(self.speaker, request), "reply in advance")
        return verdict

    async def _prepare_likely_replies(self, speaker: Speaker) -> None:
        """Synthesize in idle moments what will be said most often, so that it is said at once."""
        talk = self.household.conversation()
        common = [talk.replies.render(key) for key in ("not_understood", "cancelled")]
        replies = [*common, *[reply async for reply in talk.likely_replies()]]
        for reply in replies[:_LIKELY_REPLIES]:
            await asyncio.sleep(_IDLE_PAUSE_S)
            if self._turn is None or self._turn.done():
                await speaker.prepare([reply])

    async def _prepare_reply(self, speaker: Speaker, request: Request) -> None:
        reply = await self.household.conversation().foresee(request)
        await speaker.prepare([reply] if reply else [])

    def _prime(self) -> None:
        self._spawn(self._hearing.prime(), "prime")

    def _microphone(self) -> AudioSource:
        device = find_input(self.settings.audio.input)
        if isinstance(device, str):
            raise AudioError(device)
        return MicrophoneSource(device)

    def _on_ear(self, event: EarEvent) -> None:
        observe = self.household.observe
        match event:
            case Listening(reason=reason):
                self._hush()
                observe(StageEvent(Stage.LISTENING, reason))
                if reason == "wake" and self.settings.wake.chime and self.speaker:
                    self._spawn(self.speaker.chime("wake"), "chime")
            case PartialHeard(text=text):
                observe(StageEvent(Stage.PARTIAL, text))
            case Heard():
                self._turn = self._spawn(self._spoken_turn(event), "turn")
            case NothingHeard(reason="no_words"):
                unclear = RecognitionError("There were no words to make out in what was said.")
                self._turn = self._spawn(self._apologize(unclear), "turn")
            case NothingHeard(reason=reason):
                why = "nobody spoke" if reason == "silence" else "the microphone was closed"
                self.household.notice(f"Nothing was heard: {why}.")
                self._idle()
                self._resume_ringing()
            case HearingFailed(error=error):
                self._turn = self._spawn(self._apologize(error), "turn")
            case SpeechEnded():
                pass

    def _hush(self) -> None:
        """Somebody speaks: drop what is being said and the turn it belongs to."""
        for task in (self._turn, self._ring):
            if task is not None:
                task.cancel()
        if self.speaker is not None:
            self.speaker.stop()

    # Turns

    async def _spoken_turn(self, heard: Heard) -> None:
        household = self.household
        clock = household.clock
        hear_ms = (heard.recognized_s - heard.speech_end_s) * 1000
        household.observe(StageEvent(Stage.HEARD, heard.transcript.text, hear_ms))
        transcript = heard.transcript
        turn = await household.ask(
            Request(transcript.text, alternatives=transcript.alternatives, conversation=_VOICE)
        )
        answered_ms = (clock.monotonic() - heard.speech_end_s) * 1000
        turn = replace(turn, timings_ms={"hear": round(hear_ms, 1), **turn.timings_ms})
        first_audio_s = await self.say(turn.reply)
        timings = {**turn.timings_ms, "answered": round(answered_ms, 1)}
        if first_audio_s is not None:
            timings["first_sound"] = round((first_audio_s - heard.speech_end_s) * 1000, 1)
        household.observe(replace(turn, timings_ms=timings))
        self._idle()
        if turn.question and self.ears is not None:
            self.ears.open("question")
        else:
            self._resume_ringing()

    def _idle(self) -> None:
        """Tell observers that the assistant waits, and how it can be reached."""
        by_text = 'assistant ask "…" from another terminal'
        if self.ears is None:
            how = by_text
        elif self.settings.wake.enabled:
            how = f'say "{self.settings.wake.word.replace("_", " ")}", or: {by_text}'
        else:
            how = f"assistant listen opens the microphone, or: {by_text}"
        self.household.observe(StageEvent(Stage.IDLE, f"{how}   (Ctrl-C ends)"))

    async def _apologize(self, error: AssistantError) -> None:
        _LOG.warning("hearing failed: %s", error)
        replies = self.household.conversation().replies
        await self.say(replies.render(f"errors.{error.spoken}"))
        self._idle()
        self._resume_ringing()

    async def say(self, text: str) -> float | None:
        """Speak; returns the monotonic time of the first sound, None when it cannot speak."""
        observe = self.household.observe
        if self.speaker is None or not text:
            observe(StageEvent(Stage.SAID, text))
            return None
        observe(StageEvent(Stage.SAYING, text))
        started = self.household.clock.monotonic()
        if self.ears is not None:
            self.ears.muted = True
        try:
            spoken = await self.speaker.speak(text)
        except AssistantError as error:
            self.household.notice(f"It cannot speak: {error}")
            observe(StageEvent(Stage.SAID, text))
            return None
        finally:
            if self.ears is not None:
                self.ears.muted = False
        first = spoken.first_audio_s
        ms = (first - started) * 1000 if first is not None else None
        observe(StageEvent(Stage.SAID, text, ms))
        return first

    # Ringing

    def _on_ring(self, ring: Ring) -> None:
        told = ring_to_json(ring, self.household.conversation().replies)
        text = told["text"]
        self.household.observe(StageEvent(Stage.RINGING, text))
        topic = f"{self.settings.mqtt.base_topic}/ring"
        payload = json.dumps(told, ensure_ascii=False)
        self._spawn(self.household.bus.publish(topic, payload), "publish ring")
        self._hush()
        self._ring = self._spawn(self._announce(text, ring), "ring")

    def _on_quiet(self, ring: Ring) -> None:
        del ring
        if not self.household.schedule.ringing() and self._ring is not None:
            self._ring.cancel()

    async def _announce(self, text: str, ring: Ring) -> None:
        await self.say(text)
        if self.speaker is not None and not ring.missed:
            await self.speaker.ring(ring.kind)

    def _resume_ringing(self) -> None:
        ringing = self.household.schedule.ringing()
        if ringing and self.speaker is not None:
            self._ring = self._spawn(self.speaker.ring(ringing[0].kind), "ring")

    # Ways in

    def _operations(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "ask": self._ask,
            "listen": self._open_microphone,
            "home": self._picture,
            "status": self._status,
            "stop": self._stop_speaking,
        }

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = Request(
            str(request.get("text") or ""),
            area=request.get("area"),
            language=request.get("language"),
            conversation=str(request.get("conversation") or "control"),
            dry_run=bool(request.get("dry_run")),
        )
        if "pcm16k" in request:
            samples = np.frombuffer(base64.b64decode(request["pcm16k"]), dtype=np.int16)
            turn = await self._hearing.ask(samples, asked)
        else:
            self.household.observe(StageEvent(Stage.LISTENING, "text"))
            self.household.observe(StageEvent(Stage.HEARD, asked.text))
            turn = await self.household.ask(asked)
            self.household.observe(StageEvent(Stage.SAID, turn.reply))
            self._idle()
        self.household.observe(turn)
        return turn_to_json(turn)

    async def _open_microphone(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        if self.ears is None:
            raise AudioError("There is no microphone to open.")
        self.ears.open("push")
        return {"listening": True}

    async def _picture(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        return self.household.picture()

    async def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        schedule = self.household.schedule
        replies = self.household.conversation().replies
        return {
            "listening": self.ears is not None,
            "speaking": self.speaker is not None,
            "broker": self.household.bus.connected,
            "timers": len(schedule.timers()),
            "alarms": len(schedule.alarms()),
            "ringing": [ring_to_json(ring, replies) for ring in schedule.ringing()],
        }

    async def _stop_speaking(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        self._hush()
        self.household.schedule.silence()
        return {"stopped": True}

    def _own_topics(self) -> None:
        """Push-to-talk, text in and replies out, by MQTT (docs/mqtt.md)."""
        base, bus = self.settings.mqtt.base_topic, self.household.bus

        def listen(topic: str, payload: bytes) -> None:
            if self.ears is not None:
                self.ears.open("push")

        def ask(topic: str, payload: bytes) -> None:
            text = payload.decode("utf-8", errors="replace")[:1000]
            self._spawn(self._answer_by_mqtt(text), "mqtt request")

        bus.subscribe(f"{base}/listen", listen)
        bus.subscribe(f"{base}/ask", ask)
        self.observe(self._publish_turn)

    async def _answer_by_mqtt(self, text: str) -> None:
        await self._ask({"text": text, "conversation": "mqtt"})

    def _publish_turn(self, event: object) -> None:
        if isinstance(event, Turn):
            payload = json.dumps(turn_to_json(event), ensure_ascii=False)
            topic = f"{self.settings.mqtt.base_topic}/reply"
            self._spawn(self.household.bus.publish(topic, payload), "publish reply")

    # Supervision

    def _spawn(self, work: Any, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, AssistantError):
            _LOG.warning("%s: %s", task.get_name(), error)
        else:
            _LOG.error("%s ended: %s", task.get_name(), error, exc_info=error)

    async def _watchdog(self, interval_s: float) -> None:
        while True:
            self._notifier.watchdog()
            await asyncio.sleep(interval_s)
