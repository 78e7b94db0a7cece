"""The ears from sound to events, on the real engines."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from sounds import cough, noise, plain, silence

from assistant.audio.sources import MemorySource
from assistant.config import ListeningSettings
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
from assistant.ears.recording import utterance_in
from assistant.ears.worker import Worker
from assistant.errors import AudioError, RecognitionError
from assistant.types import Completeness, Samples, Transcript

pytestmark = pytest.mark.engine

COMPLETE = {
    "turn on the kitchen lights",
    "what time is it",
    "turn off the living room lamp",
    "lock the front door",
}


async def judge(text: str) -> Completeness:
    if plain(text) in COMPLETE:
        return Completeness.COMPLETE
    unfinished = plain(text).split()[-1:] in (["the"], ["turn"], ["on"])
    return Completeness.INCOMPLETE if unfinished else Completeness.UNKNOWN


@pytest.fixture
def build(wake, vad, whisper):
    def make(source: Any, **changes: Any) -> Ears:
        arguments: dict[str, Any] = {
            "wake": wake,
            "vad": vad,
            "recognizer": whisper,
            "completeness": judge,
            "settings": ListeningSettings(),
            **changes,
        }
        return Ears(source, **arguments)

    return make


def joined(*pieces: np.ndarray) -> MemorySource:
    return MemorySource(np.concatenate([silence(0.5), *pieces]))


async def story(ears: Ears) -> list[EarEvent]:
    async with asyncio.timeout(60):
        return [event async for event in ears.events()]


def transcribe(samples: Samples, vad: Any, recognizer: Any) -> Transcript:
    utterance = utterance_in(samples, vad, recognizer)
    return utterance.finish() if utterance is not None else Transcript("", "en")


def kinds(events: list[EarEvent]) -> list[type]:
    return [type(event) for event in events if not isinstance(event, PartialHeard)]


def texts(events: list[EarEvent]) -> list[str]:
    return [plain(event.transcript.text) for event in events if isinstance(event, Heard)]


async def test_a_wake_word_a_pause_and_a_command_are_heard(build, say) -> None:
    command = say("turn on the kitchen lights")
    source = joined(say("okay nabu"), silence(0.5), command, silence(1.5))
    events = await story(build(source))
    assert kinds(events) == [Listening, SpeechEnded, Heard]
    assert events[0] == Listening("wake")
    assert texts(events) == ["turn on the kitchen lights"]
    heard = events[-1]
    assert len(command) / 16000 < heard.samples_s < len(command) / 16000 + 1.2


@pytest.mark.parametrize(
    ("command", "told"),
    [("turn on the kitchen lights", []), ("it is dark in here", ["it is dark in here"])],
)
async def test_words_that_mean_nothing_yet_are_told_once_while_more_is_waited_for(
    build, say, command: str, told: list[str]
) -> None:
    heard: list[str] = []
    source = joined(say("okay nabu"), silence(0.5), say(command), silence(1.5))
    events = await story(build(source, unsure=heard.append))
    assert texts(events) == [command]
    assert [plain(text) for text in heard] == told


@pytest.mark.parametrize(
    "command", ["turn on the kitchen lights", "what time is it", "turn off the living room lamp"]
)
async def test_wake_word_and_command_in_one_breath_lose_nothing(build, say, command: str) -> None:
    events = await story(build(joined(say(f"okay nabu, {command}"), silence(1.5))))
    assert texts(events) == [command]


async def test_without_the_wake_word_nothing_is_heard(build, say) -> None:
    talk = joined(say("turn on the kitchen lights"), silence(1), cough(), noise(1))
    assert await story(build(talk)) == []


@pytest.mark.parametrize("after", ["silence", "cough", "noise"])
async def test_after_the_wake_word_only_words_are_heard(build, say, after: str) -> None:
    sound = {"silence": silence(6), "cough": cough(), "noise": noise(6)}[after]
    events = await story(build(joined(say("okay nabu"), silence(0.3), sound, silence(6))))
    assert kinds(events)[0] is Listening
    assert kinds(events)[-1] is NothingHeard
    assert texts(events) == []


async def test_a_cough_before_the_command_does_not_lose_it(build, say) -> None:
    source = joined(
        say("okay nabu"), silence(0.4), cough(), silence(0.5), say("lock the front door"),
        silence(1.5),
    )  # fmt: skip
    assert texts(await story(build(source))) == ["lock the front door"]


async def test_two_turns_follow_each_other(build, say) -> None:
    source = joined(
        say("okay nabu"), silence(0.5), say("what time is it"), silence(2),
        say("okay nabu"), silence(0.5), say("lock the front door"), silence(1.5),
    )  # fmt: skip
    assert texts(await story(build(source))) == ["what time is it", "lock the front door"]


async def test_push_to_talk_needs_no_wake_word(build, say) -> None:
    ears = build(joined(say("lock the front door"), silence(1.5)), wake_enabled=False)
    ears.open("push")
    events = await story(ears)
    assert events[0] == Listening("push")
    assert texts(events) == ["lock the front door"]
    assert not ears.listening


async def test_a_pause_after_an_unfinished_sentence_is_waited_for(build, say) -> None:
    asked: list[str] = []

    async def unfinished_first(text: str) -> Completeness:
        asked.append(plain(text))
        return Completeness.INCOMPLETE if len(asked) == 1 else Completeness.COMPLETE

    pieces = (say("turn on the"), silence(0.9), say("kitchen lights"), silence(1.5))
    ears = build(joined(*pieces), completeness=unfinished_first, wake_enabled=False)
    ears.open()
    events = await story(ears)
    assert len(asked) == 2
    assert texts(events)[0].endswith("kitchen lights")
    assert asked[0] in texts(events)[0]


async def test_a_complete_sentence_ends_sooner_than_an_unknown_one(build, say) -> None:
    async def ended_after(verdict: Completeness) -> float:
        clock = iter(range(10**9))
        sentence = say("what time is it")

        async def always(text: str) -> Completeness:
            return verdict

        ears = build(
            joined(sentence, silence(3)), completeness=always, wake_enabled=False,
            monotonic=lambda: next(clock) * 0.02,
        )  # fmt: skip
        ears.open()
        heard = next(event for event in await story(ears) if isinstance(event, Heard))
        return heard.recognized_s - heard.speech_end_s

    complete, unknown, incomplete = [await ended_after(verdict) for verdict in (
        Completeness.COMPLETE, Completeness.UNKNOWN, Completeness.INCOMPLETE
    )]  # fmt: skip
    assert complete < unknown < incomplete


async def test_talk_without_end_is_cut_off_and_heard(build, say) -> None:
    sentence = say("turn off the living room lamp")
    ears = build(
        joined(*[sentence] * 12), wake_enabled=False,
        settings=ListeningSettings(max_utterance_s=5.0),
    )  # fmt: skip
    ears.open()
    events = await story(ears)
    (heard,) = [event for event in events if isinstance(event, Heard)]
    assert 4.5 < heard.samples_s < 6.5
    assert plain(heard.transcript.text).startswith("turn off the living room")


async def test_a_recording_that_ends_in_a_word_is_still_heard(build, say) -> None:
    ears = build(joined(say("lock the front door")), wake_enabled=False)
    ears.open()
    assert texts(await story(ears)) == ["lock the front door"]


async def test_while_muted_only_the_wake_word_is_listened_for(build, say) -> None:
    ears = build(joined(say("lock the front door"), silence(1), say("okay nabu"),
                        silence(0.5), say("what time is it"), silence(1.5)))  # fmt: skip
    ears.muted = True
    ears.open("question")
    events = await story(ears)
    assert events[:2] == [Listening("question"), Listening("wake")]
    assert texts(events) == ["what time is it"]


async def test_cancelling_closes_the_microphone(build) -> None:
    source = MemorySource(silence(0.1), endless=True)
    ears = build(source)
    ears.open()
    ears.cancel()
    async with asyncio.timeout(20):
        async for event in ears.events():
            if isinstance(event, NothingHeard):
                assert event.reason == "cancelled"
                await source.close()


class Failing:
    """A recognizer whose first decoding fails."""

    language = "en"

    def __init__(self, real: Any) -> None:
        self._real = real
        self.failures = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def partial(self) -> Transcript:
        if self.failures:
            self.failures -= 1
            raise RecognitionError("It failed; say it again.")
        return self._real.partial()


async def test_a_recognizer_that_fails_once_does_not_end_the_ears(build, whisper, say) -> None:
    sentence = say("what time is it")
    source = joined(say("okay nabu"), silence(0.5), sentence, silence(2),
                    say("okay nabu"), silence(0.5), sentence, silence(1.5))  # fmt: skip
    events = await story(build(source, recognizer=Failing(whisper)))
    assert kinds(events)[:2] == [Listening, HearingFailed]
    assert texts(events) == ["what time is it"]


class Unplugged:
    """A microphone that goes away after a moment."""

    async def chunks(self) -> AsyncIterator[Samples]:
        yield silence(0.02)
        raise AudioError("The microphone is gone; plug it in again.")

    async def close(self) -> None:
        pass


async def test_a_microphone_that_goes_away_is_told_to_whoever_listens(build) -> None:
    with pytest.raises(AudioError, match="gone"):
        await story(build(Unplugged()))


async def test_a_file_recognized_in_between_does_not_disturb_an_utterance(
    build, whisper, say, store
) -> None:
    from assistant.ears.vad import SileroVad

    worker = Worker("recognizer")
    own_vad = SileroVad(store.require("vad", engine="silero").path)
    between: list[str] = []

    async def interrupted(text: str) -> Completeness:
        found = await worker.call(transcribe, say("lock the front door"), own_vad, whisper)
        between.append(plain(found.text))
        return Completeness.COMPLETE

    ears = build(joined(say("what time is it"), silence(1.5)), worker=worker,
                 completeness=interrupted, wake_enabled=False)  # fmt: skip
    ears.open()
    events = await story(ears)
    assert between == ["lock the front door"]
    assert texts(events) == ["what time is it"]
    worker.close()


async def test_vosk_shows_words_while_they_are_spoken(build, korean, say_korean) -> None:
    korean.prime(["부엌 불 을 꺼", "오늘 날씨"], [])
    ears = build(joined(say_korean("부엌 불을 꺼"), silence(1.5)), recognizer=korean,
                 wake_enabled=False)  # fmt: skip
    ears.open()
    events = await story(ears)
    partials = [event.text for event in events if isinstance(event, PartialHeard)]
    assert partials[0] != partials[-1] == "부엌 불 을 꺼"
    assert texts(events) == ["부엌 불 을 꺼"]


@pytest.mark.parametrize("sound", [silence(3), cough(), noise(3), np.zeros(0, np.int16)])
def test_a_recording_without_speech_has_no_transcript(vad, whisper, sound: np.ndarray) -> None:
    assert utterance_in(sound, vad, whisper) is None


def test_a_recording_is_recognized_with_its_silence_cut_off(vad, whisper, say) -> None:
    recording = np.concatenate([silence(20), say("turn on the kitchen lights"), silence(20)])
    assert plain(transcribe(recording, vad, whisper).text) == "turn on the kitchen lights"


def test_of_a_minute_of_talk_the_first_30_seconds_are_recognized(
    vad, whisper, say, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    sentence = np.concatenate([say("turn off the living room lamp"), silence(0.5)])
    talk = np.concatenate([sentence] * (60 * 16000 // len(sentence)))
    found = transcribe(talk, vad, whisper)
    assert plain(found.text).count("turn off the living room") > 8
    assert "the first" in caplog.text


async def test_a_worker_runs_in_one_thread_hands_on_faults_and_closes() -> None:
    worker = Worker("engine")
    names = {await worker.call(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"engine"}
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0)
    assert await worker.call(divmod, 7, 2) == (3, 1)
    worker.close()
    worker.close()
    with pytest.raises(RuntimeError, match="closed"):
        await worker.call(divmod, 7, 2)


async def test_a_call_that_nobody_awaits_any_more_is_skipped() -> None:
    worker = Worker("engine")
    gate = threading.Event()
    ran: list[str] = []
    first = asyncio.create_task(worker.call(gate.wait, 5))
    second = asyncio.create_task(worker.call(ran.append, "second"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    gate.set()
    await first
    await worker.call(ran.append, "third")
    assert ran == ["third"]
    worker.close()
