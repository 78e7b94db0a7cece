"""Saying replies: early, one after the other, and stopped at once. On espeak-ng and Piper."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import numpy as np
import numpy.typing as npt
import pytest

from assistant.config import Settings
from assistant.errors import AudioError, ModelError
from assistant.models import ModelStore
from assistant.voice import sounds
from assistant.voice import speaker as speaker_room
from assistant.voice.espeak import EspeakSynthesizer
from assistant.voice.piper import PiperSynthesizer
from assistant.voice.speaker import Speaker

LIMIT_S = 10.0
TWO = "The kitchen light is on. The door is locked."

Sound = npt.NDArray[np.int16]


class Tape:
    """A loudspeaker that records; held, it plays nothing until it is let go."""

    def __init__(self) -> None:
        self.writes: list[tuple[Sound, int]] = []
        self.playing = asyncio.Event()
        self.let_go = asyncio.Event()
        self.let_go.set()
        self.stops = 0
        self.fails = False

    async def write(self, samples: Sound, sample_rate: int) -> None:
        if self.fails:
            raise AudioError("the loudspeaker was unplugged: plug it in again")
        self.writes.append((samples, sample_rate))
        self.playing.set()
        await self.let_go.wait()

    async def drain(self) -> None:
        await self.let_go.wait()

    def stop(self) -> None:
        self.stops += 1

    async def close(self) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        return sum(samples.size / rate for samples, rate in self.writes)


class Overheard:
    """A real synthesizer whose texts are noted, and which fails when told to."""

    def __init__(self) -> None:
        self._voice = EspeakSynthesizer("en")
        self.sample_rate = self._voice.sample_rate
        self.texts: list[str] = []
        self.finished: list[str] = []
        self.fails = False

    def synthesize(self, text: str) -> Iterator[Sound]:
        self.texts.append(text)
        if self.fails:
            raise ModelError("the voice is damaged: fetch it again")
        yield from self._voice.synthesize(text)
        self.finished.append(text)

    def cancel(self) -> None:
        self._voice.cancel()

    def close(self) -> None:
        self._voice.close()


@pytest.fixture
async def tape() -> Tape:
    return Tape()


@pytest.fixture
def voice() -> Overheard:
    return Overheard()


@pytest.fixture
async def speaker(voice: Overheard, tape: Tape) -> AsyncIterator[Speaker]:
    speaker = Speaker(voice, tape)
    yield speaker
    tape.let_go.set()
    await speaker.close()


async def until(condition: object) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():
            await asyncio.sleep(0.005)


async def test_sentences_are_said_in_order(speaker: Speaker, voice: Overheard, tape: Tape) -> None:
    before = time.monotonic()
    timings = await speaker.speak(TWO)
    assert voice.texts == ["The kitchen light is on.", "The door is locked."]
    assert 2.0 < tape.seconds < 5.0
    assert timings.first_audio_s is not None
    assert before < timings.first_audio_s <= timings.finished_s <= time.monotonic()
    assert not timings.interrupted


async def test_the_next_sentence_is_made_while_the_first_is_heard(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    tape.let_go.clear()
    speaking = asyncio.create_task(speaker.speak(TWO + " And a third one."))
    await until(lambda: "The door is locked." in voice.finished)
    assert len(tape.writes) == 1
    assert "And a third one." not in voice.texts
    tape.let_go.set()
    await asyncio.wait_for(speaking, LIMIT_S)
    assert voice.finished[-1] == "And a third one."


async def test_units_are_spoken(speaker: Speaker, voice: Overheard) -> None:
    await speaker.speak("It is 21.5 °C.")
    assert voice.texts == ["It is 21.5 degrees."]


@pytest.mark.parametrize("text", ["", " ", "😀", "..."])
async def test_what_cannot_be_said_is_silence(speaker: Speaker, tape: Tape, text: str) -> None:
    assert (await speaker.speak(text)).first_audio_s is None
    assert tape.writes == []


async def test_stop_silences_at_once(speaker: Speaker, tape: Tape) -> None:
    tape.let_go.clear()
    speaking = asyncio.create_task(speaker.speak(TWO))
    await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
    stopped = time.monotonic()
    speaker.stop()
    timings = await asyncio.wait_for(speaking, LIMIT_S)
    assert timings.finished_s - stopped < 0.1
    assert timings.interrupted
    assert tape.stops
    assert len(tape.writes) == 1


async def test_cancelling_the_task_silences_at_once(speaker: Speaker, tape: Tape) -> None:
    tape.let_go.clear()
    speaking = asyncio.create_task(speaker.speak(TWO))
    await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
    stopped = time.monotonic()
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert time.monotonic() - stopped < 0.1
    assert tape.stops


async def test_after_stop_the_next_reply_is_said_whole(speaker: Speaker, tape: Tape) -> None:
    tape.let_go.clear()
    speaking = asyncio.create_task(speaker.speak("word " * 2000))
    await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
    speaker.stop()
    tape.let_go.set()
    await asyncio.wait_for(speaking, LIMIT_S)
    tape.writes.clear()
    await asyncio.wait_for(speaker.speak("The door is locked."), LIMIT_S)
    assert 0.8 < tape.seconds < 2.5


async def test_what_waits_for_its_turn_is_stopped_too(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    tape.let_go.clear()
    first = asyncio.create_task(speaker.speak("First."))
    second = asyncio.create_task(speaker.speak("Second."))
    await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
    speaker.stop()
    for task in (first, second):
        assert (await asyncio.wait_for(task, LIMIT_S)).interrupted
    assert len(tape.writes) == 1


async def test_two_replies_do_not_mix(speaker: Speaker, voice: Overheard, tape: Tape) -> None:
    alone = Tape()
    other = Speaker(voice, alone)
    for text in (TWO, "Okay."):
        await other.speak(text)
    await asyncio.gather(speaker.speak(TWO), speaker.speak("Okay."))
    joined = [np.concatenate([s for s, _ in one.writes]) for one in (tape, alone)]
    assert np.array_equal(*joined)
    await other.close()


async def test_a_short_reply_is_made_only_once(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    await speaker.prepare(["Done."])
    assert tape.writes == []
    first = await speaker.speak("Done.")
    again = await speaker.speak("Done.")
    assert voice.texts == ["Done."]
    assert None not in (first.first_audio_s, again.first_audio_s)
    sound = np.concatenate([samples for samples, _ in tape.writes])
    assert np.array_equal(*np.split(sound, 2))


async def test_the_memory_for_short_replies_has_an_end(
    speaker: Speaker, voice: Overheard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker_room, "CACHE_BYTES", 150_000)
    for text in ("One.", "Two.", "Three.", "Four.", "Five.", "Six.", "One.", "Six."):
        await speaker.speak(text)
    assert voice.texts.count("One.") == 2
    assert voice.texts.count("Six.") == 1
    assert speaker._cached_bytes == sum(s.nbytes for s in speaker._cache.values()) <= 150_000


async def test_what_was_broken_off_is_not_remembered(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    text = "one two three four five six seven eight nine ten"
    speaking = asyncio.create_task(speaker.speak(text))
    await until(lambda: voice.texts)
    speaker.stop()
    await speaking
    tape.writes.clear()
    await speaker.speak(text)
    assert tape.seconds > 2.0


async def test_an_unplugged_loudspeaker_is_reported_and_plugged_in_again(
    speaker: Speaker, tape: Tape, caplog: pytest.LogCaptureFixture
) -> None:
    tape.fails = True
    for attempt in (speaker.speak("Done."), speaker.chime("wake"), speaker.ring("timer")):
        with pytest.raises(AudioError, match="plug it in again"):
            await asyncio.wait_for(attempt, LIMIT_S)
    assert "the loudspeaker was unplugged" in caplog.text
    tape.fails = False
    assert (await speaker.speak("Done.")).first_audio_s is not None


async def test_a_voice_that_fails_is_reported_and_the_next_reply_is_said(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    voice.fails = True
    with pytest.raises(ModelError, match="fetch it again"):
        await speaker.speak("Done.")
    voice.fails = False
    await speaker.speak("Done.")
    assert tape.seconds > 0.2


@pytest.mark.parametrize(("volume", "share"), [(100, 1.0), (50, 0.25), (0, 0.0)])
async def test_volume_is_followed(speaker: Speaker, tape: Tape, volume: int, share: float) -> None:
    speaker.volume = volume
    await speaker.chime("done")
    loudest = max(int(np.abs(samples.astype(int)).max()) for samples, _ in tape.writes)
    whole = int(np.abs(sounds.chime("done").astype(int)).max())
    assert loudest == pytest.approx(whole * share, abs=1)


async def test_a_ring_goes_on_until_stopped(
    speaker: Speaker, tape: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "RING_PAUSE_S", 0.0)
    ringing = asyncio.create_task(speaker.ring("timer"))
    await until(lambda: tape.seconds > 10)
    assert not ringing.done()
    speaker.stop()
    await asyncio.wait_for(ringing, LIMIT_S)
    loud = [int(np.abs(samples.astype(int)).max()) for samples, _ in tape.writes]
    assert max(loud[:5]) * 3 < max(loud[-15:])


async def test_a_reply_is_said_between_two_rounds_of_a_ring(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    ringing = asyncio.create_task(speaker.ring("alarm"))
    await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
    await asyncio.wait_for(speaker.speak("Okay."), LIMIT_S)
    assert not ringing.done()
    ringing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ringing


@pytest.mark.engine
class TestWithPiper:
    async def test_a_long_reply_begins_with_its_first_clause_and_can_be_stopped(
        self, tape: Tape
    ) -> None:
        folder = ModelStore.from_settings(Settings()).require("voice", language="en").path
        speaker = Speaker(PiperSynthesizer(folder), tape)
        tape.let_go.clear()
        reply = "Your pizza timer is set for ten minutes, " + "and this goes on and on " * 400
        speaking = asyncio.create_task(speaker.speak(reply))
        await asyncio.wait_for(tape.playing.wait(), LIMIT_S)
        stopped = time.monotonic()
        speaker.stop()
        assert (await asyncio.wait_for(speaking, LIMIT_S)).finished_s - stopped < 0.1
        tape.let_go.set()
        tape.writes.clear()
        timings = await speaker.speak("Never mind.")
        assert timings.first_audio_s is not None
        assert timings.first_audio_s - stopped < 3.0
        assert 0.3 < tape.seconds < 2.0
        await speaker.close()


class Writer:
    """Sentences that somebody is still writing."""

    def __init__(self) -> None:
        self._written: asyncio.Queue[str | None] = asyncio.Queue()
        self.write = self._written.put_nowait

    async def sentences(self) -> AsyncIterator[str]:
        while (sentence := await self._written.get()) is not None:
            yield sentence


async def test_the_first_sentence_is_heard_before_the_next_is_written(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    writer = Writer()
    speaking = asyncio.create_task(speaker.speak_as_written(writer.sentences()))
    writer.write("The kitchen light is on.")
    await until(lambda: tape.writes and voice.finished)
    assert voice.texts == ["The kitchen light is on."]
    writer.write("The door is locked.")
    writer.write(None)
    timings = await asyncio.wait_for(speaking, LIMIT_S)
    assert voice.texts == ["The kitchen light is on.", "The door is locked."]
    assert timings.first_audio_s is not None
    assert not timings.interrupted


async def test_stopping_ends_the_wait_for_what_is_still_being_written(
    speaker: Speaker, voice: Overheard, tape: Tape
) -> None:
    writer = Writer()
    speaking = asyncio.create_task(speaker.speak_as_written(writer.sentences()))
    writer.write("The kitchen light is on.")
    await until(lambda: tape.writes)
    speaker.stop()
    assert (await asyncio.wait_for(speaking, LIMIT_S)).interrupted
    writer.write("The door is locked.")
    await speaker.speak("It is late.")
    assert "The door is locked." not in voice.texts
