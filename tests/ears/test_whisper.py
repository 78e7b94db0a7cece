"""Whisper on its real engine, and its spectrogram against a plain computation."""

import time
from pathlib import Path

import numpy as np
import pytest
from sounds import cough, noise, plain, silence

from assistant.ears.logmel import log_mel, mel_filters
from assistant.ears.whisper import WhisperRecognizer, without_repetition
from assistant.errors import ModelError, RecognitionError


def test_the_spectrogram_is_that_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    samples = (rng.normal(0, 0.1, 16000) * 32768).astype(np.int16)
    audio = np.concatenate([samples / 32768, np.zeros(16000 * 9)])
    padded = np.pad(audio, 200, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    power = np.array(
        [np.abs(np.fft.rfft(padded[at : at + 400] * window)) ** 2 for at in range(0, 160000, 160)]
    )
    log = np.log10(np.maximum(mel_filters(80).astype(float) @ power.T, 1e-10))
    expected = (np.maximum(log, log.max() - 8) + 4) / 4
    found = log_mel(samples, frames=1000)
    assert found.shape == (80, 1000)
    assert found.dtype == np.float32
    assert np.max(np.abs(found - expected)) < 1e-3


def test_mel_filters_follow_the_slaney_scale() -> None:
    filters = mel_filters(80)
    peaks = filters.argmax(axis=1) * 40.0
    assert np.all(np.diff(peaks) >= 0)
    assert filters[0].max() == pytest.approx(0.0249, abs=0.0005)
    assert peaks[-1] == pytest.approx(7760, abs=80)


@pytest.mark.parametrize(
    ("text", "seconds", "rest"),
    [
        ("Open the door. Open the door. Open the door. Open the", 1.5, "Open the door."),
        ("Louder. Louder.", 1.5, "Louder. Louder."),
        ("Turn it on. Turn it on.", 3.0, "Turn it on. Turn it on."),
        ("Turn it on and open the door", 0.8, "Turn it on and open the door"),
    ],
)
def test_a_loop_is_said_once_and_a_repetition_stays(text: str, seconds: float, rest: str) -> None:
    assert without_repetition(text, seconds) == rest


def hear(whisper: WhisperRecognizer, samples: np.ndarray) -> str:
    whisper.start()
    for at in range(0, len(samples), 1600):
        whisper.accept(samples[at : at + 1600])
    return whisper.finish().text


@pytest.mark.engine
@pytest.mark.parametrize(
    "sentence",
    [
        "turn on the kitchen lights",
        "turn off the living room lamp",
        "dim the hallway light",
        "set a timer for ten minutes",
        "what time is it",
        "lock the front door",
        "turn on the fan and turn off the tv",
        "cancel the pizza timer",
    ],
)
def test_spoken_sentences_are_recognized(whisper, say, sentence: str) -> None:
    assert plain(hear(whisper, say(sentence))) == sentence


@pytest.mark.engine
def test_what_was_said_weighs_more_than_what_sounds_like_it(whisper, say) -> None:
    hear(whisper, say("dim the hallway light"))
    texts = ["dim the hallway light", "dim the holiday tide", "what time is it"]
    weights = whisper.weigh(texts)
    assert weights == sorted(weights, reverse=True)
    assert weights[0] - weights[2] > 10
    assert whisper.weigh([]) == []


@pytest.mark.engine
def test_the_prompt_makes_a_name_heard_as_it_is_written(whisper, say) -> None:
    spoken = say("turn on the moko lamp")
    whisper.prime([], [])
    unprimed = plain(hear(whisper, spoken))
    whisper.prime(["Turn on the mocha lamp", "Turn off the mocha lamp"], ["mocha"])
    assert plain(hear(whisper, spoken)) == "turn on the mocha lamp"
    assert unprimed != "turn on the mocha lamp"


@pytest.mark.engine
@pytest.mark.parametrize(
    "sound", [silence(1), noise(2), noise(6, 3000), cough(), np.zeros(3200, np.int16)]
)
def test_what_nobody_said_has_no_words(whisper, sound: np.ndarray) -> None:
    assert hear(whisper, sound) == ""


@pytest.mark.engine
def test_finishing_after_a_partial_costs_nothing_and_says_the_same(whisper, say) -> None:
    whisper.start()
    whisper.accept(say("lock the front door"))
    started = time.perf_counter()
    partial = whisper.partial()
    decoding_s = time.perf_counter() - started
    started = time.perf_counter()
    assert whisper.finish() is partial
    assert time.perf_counter() - started < decoding_s / 10
    assert 0.5 < partial.confidence <= 1


@pytest.mark.engine
def test_one_utterance_leaves_nothing_to_the_next(whisper, say) -> None:
    assert plain(hear(whisper, say("lock the front door"))) == "lock the front door"
    assert plain(hear(whisper, say("what time is it"))) == "what time is it"


@pytest.mark.engine
def test_long_talk_is_recognized_as_far_as_the_model_hears(whisper, say) -> None:
    sentence = say("turn off the living room lamp")
    talk = np.concatenate([np.concatenate([sentence, silence(0.4)])] * 20)
    assert len(talk) > 31 * 16000
    assert plain(hear(whisper, talk)).count("turn off the living room") > 8


@pytest.mark.engine
def test_a_model_that_is_missing_truncated_or_of_another_kind_is_named(
    store, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"model\.bin is missing"):
        WhisperRecognizer(tmp_path, "en")
    real = store.require("recognition", engine="whisper", language="en").path
    for file in real.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="damaged or of another kind"):
        WhisperRecognizer(tmp_path, "en")


@pytest.mark.engine
def test_a_closed_recognizer_says_so(store, say) -> None:
    recognizer = WhisperRecognizer(
        store.require("recognition", engine="whisper", language="en").path, "en"
    )
    recognizer.close()
    recognizer.accept(say("what time is it"))
    with pytest.raises(RecognitionError, match="closed"):
        recognizer.finish()
