"""Engines and synthesized speech for the ears' tests, each made once."""

import subprocess
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from assistant.audio import read_wav, to_pcm16k
from assistant.config import Settings, WakeSettings
from assistant.ears.vad import SileroVad
from assistant.ears.vosk import VoskRecognizer
from assistant.ears.wake import MicroWakeWord
from assistant.ears.whisper import WhisperRecognizer
from assistant.models import ModelStore

PHRASES = [
    "Turn on the kitchen lights",
    "Turn off the living room lamp",
    "Dim the hallway light",
    "Set a timer for ten minutes",
    "What time is it?",
    "Lock the front door",
]

Say = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def store() -> ModelStore:
    return ModelStore.from_settings(Settings())


@pytest.fixture(scope="session")
def say(store: ModelStore) -> Say:
    """Speaks English with Piper: `(n,)` int16, 16 kHz mono, without silence at its end."""
    from piper import PiperVoice, SynthesisConfig

    folder = store.require("voice", engine="piper", language="en").path
    voice = PiperVoice.load(next(folder.glob("*.onnx")))
    spoken: dict[tuple[str, float], np.ndarray] = {}

    def synthesize(text: str, length_scale: float = 1.0) -> np.ndarray:
        key = (text, length_scale)
        if key not in spoken:
            always_the_same = SynthesisConfig(
                length_scale=length_scale, noise_scale=0.0, noise_w_scale=0.0
            )
            pieces = voice.synthesize(text, always_the_same)
            whole = np.concatenate([piece.audio_int16_array for piece in pieces])
            samples = to_pcm16k(whole, voice.config.sample_rate)
            loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
            spoken[key] = samples[: loud[-1] + 1]
        return spoken[key]

    return synthesize


@pytest.fixture(scope="session")
def say_korean() -> Callable[[str], np.ndarray]:
    """Speaks Korean with espeak-ng: `(n,)` int16, 16 kHz mono."""

    def synthesize(text: str) -> np.ndarray:
        command = ["espeak-ng", "-v", "ko", "-s", "150", "--stdout", text]
        return read_wav(subprocess.run(command, capture_output=True, check=True).stdout)

    return synthesize


@pytest.fixture
def wake() -> MicroWakeWord:
    return MicroWakeWord(WakeSettings())


@pytest.fixture(scope="session")
def vad_model(store: ModelStore) -> SileroVad:
    return SileroVad(store.require("vad", engine="silero").path)


@pytest.fixture
def vad(vad_model: SileroVad) -> SileroVad:
    vad_model.reset()
    return vad_model


@pytest.fixture(scope="session")
def whisper_model(store: ModelStore) -> Iterator[WhisperRecognizer]:
    path = store.require("recognition", engine="whisper", language="en").path
    recognizer = WhisperRecognizer(path, "en")
    yield recognizer
    recognizer.close()


@pytest.fixture
def whisper(whisper_model: WhisperRecognizer) -> WhisperRecognizer:
    whisper_model.prime(PHRASES, ["kitchen", "hallway"])
    return whisper_model


@pytest.fixture(scope="session")
def korean(store: ModelStore) -> Iterator[VoskRecognizer]:
    path = store.require("recognition", engine="vosk", language="ko").path
    recognizer = VoskRecognizer(path, "ko")
    yield recognizer
    recognizer.close()
