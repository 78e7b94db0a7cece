"""The wake word and voice activity on their real engines."""

from pathlib import Path

import numpy as np
import pytest
from sounds import cough, noise, silence

from assistant.config import WakeSettings
from assistant.ears.vad import SileroVad
from assistant.ears.wake import MicroWakeWord
from assistant.ears.wakecut import after_wake_word, without_wake_word
from assistant.errors import ModelError

pytestmark = pytest.mark.engine


def detections(wake: MicroWakeWord, samples: np.ndarray) -> list[float]:
    return [
        (at + 320) / 16000
        for at in range(0, len(samples) - 319, 320)
        if wake.process(samples[at : at + 320])
    ]


@pytest.mark.parametrize("length_scale", [0.85, 1.0, 1.2, 1.4])
def test_the_wake_word_is_found_once_just_after_its_end(wake, say, length_scale: float) -> None:
    word = say("okay nabu", length_scale)
    found = detections(wake, np.concatenate([silence(1), word, silence(1)]))
    assert len(found) == 1
    assert -0.1 < found[0] - (1 + len(word) / 16000) < 0.4


def test_other_words_noise_and_silence_do_not_wake(wake, say) -> None:
    other = [say("turn on the kitchen lights"), say("what time is it"), noise(2), cough()]
    assert detections(wake, np.concatenate([silence(1), *other, silence(1)])) == []


def test_a_threshold_of_one_is_never_reached(say) -> None:
    deaf = MicroWakeWord(WakeSettings(threshold=1.0))
    assert detections(deaf, np.concatenate([silence(1), say("okay nabu"), silence(1)])) == []


def test_after_a_reset_the_word_is_found_again(wake, say) -> None:
    audio = np.concatenate([silence(1), say("okay nabu"), silence(0.3)])
    assert len(detections(wake, audio)) == 1
    wake.reset()
    assert len(detections(wake, audio)) == 1


def test_the_cut_is_in_the_pause_between_wake_word_and_request() -> None:
    loud = noise(0.2, 5000)
    recent = np.concatenate([loud, silence(0.06), loud[:1600]])
    kept = after_wake_word(recent)
    assert 1600 < len(kept) < 1600 + 0.06 * 16000
    assert len(after_wake_word(loud)) == int(0.12 * 16000)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Okay Nabu, turn on the light.", "Turn on the light."),
        ("Ok, Nabu. Turn on the light.", "Turn on the light."),
        ("OK Nobu. What is the temperature?", "What is the temperature?"),
        ("Abu. Wake me up at 7.30.", "Wake me up at 7.30."),
        ("Nabu, what time is it?", "What time is it?"),
        ("Nabu.", ""),
        ("Turn on the light.", "Turn on the light."),
        ("Okay, turn on the light.", "Okay, turn on the light."),
        ("No.", "No."),
        ("Yes.", "Yes."),
        ("Stop.", "Stop."),
        ("Boost the heating.", "Boost the heating."),
        ("", ""),
    ],
)
def test_only_the_wake_word_is_taken_from_the_front(text: str, rest: str) -> None:
    assert without_wake_word(text, "Okay Nabu") == rest


def probabilities(vad: SileroVad, samples: np.ndarray) -> np.ndarray:
    chunks = range(0, len(samples) - 319, 320)
    return np.array([vad.process(samples[at : at + 320]) for at in chunks])


def test_speech_is_told_from_silence_and_noise(vad, say) -> None:
    speech = say("close all the blinds in the living room")
    found = probabilities(vad, np.concatenate([silence(1), speech, silence(1)])) > 0.5
    assert not found[:45].any()
    assert found[50 : 50 + len(speech) // 320].mean() > 0.8
    assert not found[-40:].any()
    vad.reset()
    assert probabilities(vad, noise(3)).mean() < 0.2


def test_pieces_of_any_size_give_the_same_probability(vad, say) -> None:
    speech = say("what time is it")[: 512 * 20]
    at_once = vad.process(speech)
    vad.reset()
    for at in range(0, len(speech), 100):
        in_pieces = vad.process(speech[at : at + 100])
    assert in_pieces == at_once


def test_a_missing_or_damaged_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="assistant models fetch silero-vad"):
        SileroVad(tmp_path)
    damaged = tmp_path / "silero.onnx"
    damaged.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="damaged"):
        SileroVad(damaged)
