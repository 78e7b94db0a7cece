"""Bad sound through the whole daemon: one clear sentence for each, and the next command works."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import struct
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from exchange import (
    COMMAND,
    Voice,
    command,
    fast_microphone,
    obeys,
    rehearsal_settings,
    talk,
)

from assistant.audio import to_pcm16k
from assistant.audio.sinks import MemorySink
from assistant.cli.main import main
from assistant.config import Settings
from assistant.daemon import Daemon
from assistant.errors import AudioError
from assistant.household import Household
from assistant.models import ModelStore
from assistant.rehearsal import Rehearsal, rehearsal, silence
from assistant.replies import Replies
from assistant.types import SAMPLE_RATE, Samples
from assistant.voice.espeak import EspeakSynthesizer

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

TALK = (
    "The committee met again on Thursday, and nobody could agree on the colour of the curtains. "
    "My grandmother used to say that a good soup needs three days and a quiet neighbour. "
    "In the end the train left without us, so we walked along the river until it was dark. "
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Rehearsal]:
    """A daemon in the demo home that hears as fast as it listens."""
    async with rehearsal(rehearsal_settings(), make_source=fast_microphone) as stage:
        yield stage


def cough() -> Samples:
    """A burst of 0.2 s that dies away."""
    burst = np.random.default_rng(3).normal(0, 1, SAMPLE_RATE // 5)
    return (burst * np.exp(-np.arange(burst.size) / 800) * 9000).astype(np.int16)


@pytest.mark.parametrize(
    "sound",
    [silence(6), np.concatenate([cough(), silence(6)]), np.tile(cough(), 20)],
    ids=["silence", "a cough", "a fit of coughing"],
)
async def test_no_words_after_the_wake_word_do_nothing_and_are_logged(
    stage: Rehearsal, voice: Voice, sound: Samples, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        nothing = await talk(
            stage, silence(1.2), voice("okay nabu"), silence(0.4), sound, silence(6)
        )
    assert nothing.turn is None
    assert "Nothing was heard" in caplog.text
    assert "Nothing was heard" in nothing.notices
    assert await obeys(stage, voice)


async def test_speech_without_a_word_to_make_out_is_answered_aloud(
    stage: Rehearsal, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    backwards = voice(TALK)[: 4 * SAMPLE_RATE][::-1].copy()
    with caplog.at_level(logging.INFO):
        answer = await talk(
            stage, silence(1.2), voice("okay nabu"), silence(0.4), backwards, silence(6)
        )
    assert answer.turn is None or (answer.turn.failed and not answer.turn.results)
    assert "not" in answer.said
    assert answer.spoken_aloud
    assert caplog.text
    assert await obeys(stage, voice)


async def test_a_minute_of_talk_gets_one_sentence_and_changes_nothing(
    stage: Rehearsal, voice: Voice
) -> None:
    minute = np.resize(voice(TALK), 60 * SAMPLE_RATE)
    before = {d: dict(stage.household.home.state(d)) for d in stage.household.home.devices}
    answer = await talk(stage, silence(1.2), voice("okay nabu"), silence(0.4), minute)
    assert answer.turn is not None
    assert answer.turn.failed
    assert answer.said in Replies("en").variants("not_understood")
    assert answer.spoken_aloud
    assert {d: dict(stage.household.home.state(d)) for d in before} == before
    assert await obeys(stage, voice)


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Mach bitte das Licht in der Küche an"), ("fr", "Allume la lumière de la cuisine")],
)
async def test_another_language_gets_an_honest_answer(
    stage: Rehearsal, voice: Voice, language: str, text: str
) -> None:
    engine = EspeakSynthesizer(language)
    foreign = to_pcm16k(np.concatenate(list(engine.synthesize(text))), engine.sample_rate)
    answer = await talk(stage, silence(1.2), voice("okay nabu"), silence(0.4), foreign, silence(6))
    assert "not" in answer.said
    assert answer.spoken_aloud
    assert answer.turn is None or not answer.turn.results
    assert await obeys(stage, voice)


async def test_a_loudspeaker_that_fails_while_it_speaks_is_told_and_used_again(
    voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    class Unplugged(MemorySink):
        """A loudspeaker that is pulled out after two pieces of sound."""

        broken = True

        async def write(self, samples: Samples, sample_rate: int) -> None:
            if self.broken and len(self.written) >= 2:
                raise AudioError("The loudspeaker is gone; plug it in again.")
            await super().write(samples, sample_rate)

    stage = Rehearsal(rehearsal_settings(), make_source=fast_microphone)
    stage.sink = sink = Unplugged()
    await stage.daemon.start()
    try:
        answer = await command(stage, voice, COMMAND)
        assert answer.confirmed
        assert len(sink.written) == 2
        assert "The loudspeaker is gone" in answer.notices
        assert "The loudspeaker is gone" in caplog.text
        assert "Traceback" not in caplog.text
        assert (await command(stage, voice, COMMAND)).confirmed

        stage.household.schedule.start_timer(1.0)
        await asyncio.wait_for(_rings(stage), 10)
        sink.broken = False
        assert await obeys(stage, voice)
        stage.household.schedule.silence()
    finally:
        await stage.daemon.stop()


async def _rings(stage: Rehearsal) -> None:
    while not stage.household.schedule.ringing():
        await asyncio.sleep(0.01)


# Files, asked of a running daemon by the command line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """A daemon that the command line finds; it has neither microphone nor loudspeaker."""
    folder = tmp_path_factory.mktemp("daemon")
    models = ModelStore.from_settings(Settings()).directory
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RUNTIME_DIRECTORY", str(folder))
        environment.setenv("STATE_DIRECTORY", str(folder))
        settings = rehearsal_settings(
            audio={"input": "none", "output": "none"}, models={"directory": str(models)}
        )
        daemon = Daemon(Household(settings, scratch=True))
        try:
            await daemon.start()
            yield daemon
        finally:
            await daemon.stop()


def pcm(samples: np.ndarray, rate: int, channels: int = 1) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(samples.dtype.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return data.getvalue()


def eight_bit(samples: Samples) -> bytes:
    return pcm((samples / 256 + 128).astype(np.uint8), SAMPLE_RATE)


def stereo_48k(samples: Samples) -> bytes:
    wide = np.interp(np.arange(len(samples) * 3) / 3, np.arange(len(samples)), samples)
    return pcm(np.stack([wide, wide * 0.7], axis=1).astype(np.int16), 48_000, channels=2)


def floats(samples: Samples) -> bytes:
    body = (samples / 32768).astype("<f4").tobytes()
    header = struct.pack("<HHIIHH", 3, 1, SAMPLE_RATE, SAMPLE_RATE * 4, 4, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + header + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(chunks) + len(body)) + chunks + body


def truncated(samples: Samples) -> bytes:
    """A file whose header promises a minute more than there is."""
    whole = pcm(np.concatenate([samples, silence(60)]), SAMPLE_RATE)
    return whole[: 44 + 2 * len(samples) + 1]


@pytest.mark.parametrize("kind", [eight_bit, stereo_48k, floats, truncated])
async def test_a_command_in_any_kind_of_wav_is_understood(
    daemon: Daemon,
    voice: Voice,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: Callable[[Samples], bytes],
) -> None:
    path = tmp_path / "request.wav"
    path.write_bytes(kind(voice(COMMAND)))
    assert await asyncio.to_thread(main, ["ask", "--wav", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["text"].lower().startswith("turn on the kitchen light")
    assert [a["outcome"] for a in answer["actions"]] == ["confirmed"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no sound at all", "no WAV file"),
        (pcm(np.zeros(0, np.int16), SAMPLE_RATE), "without any sound"),
        (pcm(silence(2), SAMPLE_RATE)[:30], "too short"),
        (pcm(silence(2), SAMPLE_RATE), "did not hear anything"),
        (pcm(cough(), SAMPLE_RATE), "did not hear anything"),
    ],
    ids=["text", "empty", "cut off in the header", "silence", "a cough"],
)
async def test_a_file_without_words_is_one_sentence_and_the_next_command_works(
    daemon: Daemon,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    sentence: str,
) -> None:
    path = tmp_path / "request.wav"
    path.write_bytes(content)
    assert await asyncio.to_thread(main, ["ask", "--wav", str(path)]) == 1
    printed = capsys.readouterr()
    told = (printed.out + printed.err).strip()
    assert sentence in told
    assert "\n" not in told
    assert await asyncio.to_thread(main, ["ask", COMMAND]) == 0


@pytest.mark.parametrize("text", ["", "🎉🎉🎉", "a" * 10_000, "Mach das Licht an"])
async def test_a_text_that_is_no_request_is_answered_and_the_next_command_works(
    daemon: Daemon, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert await asyncio.to_thread(main, ["ask", "--json", text]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["actions"] == []
    assert "not" in answer["reply"]
    assert await asyncio.to_thread(main, ["ask", COMMAND]) == 0
