"""Piper and espeak-ng themselves, and the choice between them."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from assistant.config import ModelSettings, Settings, VoiceSettings
from assistant.errors import ModelError
from assistant.models import ModelStore
from assistant.ports import Synthesizer
from assistant.voice.espeak import EspeakSynthesizer
from assistant.voice.piper import PiperSynthesizer
from assistant.voice.synthesizer import load_synthesizer

SENTENCE = "Turned on the kitchen lights."


@pytest.fixture(scope="module")
def voice_folder() -> Path:
    store = ModelStore.from_settings(Settings())
    return store.require("voice", engine="piper", language="en").path


@pytest.fixture(scope="module")
def piper(voice_folder: Path) -> PiperSynthesizer:
    return PiperSynthesizer(voice_folder)


def said(synthesizer: Synthesizer, text: str) -> npt.NDArray[np.int16]:
    found = list(synthesizer.synthesize(text))
    assert all(piece.dtype == np.int16 and piece.ndim == 1 for piece in found)
    return np.concatenate([np.zeros(0, np.int16), *found])


def seconds(synthesizer: Synthesizer, text: str) -> float:
    return said(synthesizer, text).size / synthesizer.sample_rate


@pytest.mark.engine
class TestPiper:
    def test_a_sentence_sounds_for_as_long_as_it_takes_to_say(
        self, piper: PiperSynthesizer
    ) -> None:
        sound = said(piper, SENTENCE)
        assert piper.sample_rate == 22_050
        assert 1.0 < sound.size / piper.sample_rate < 3.0
        assert np.abs(sound.astype(int)).max() > 10_000

    def test_it_begins_to_speak_without_delay(self, piper: PiperSynthesizer) -> None:
        sound = np.abs(said(piper, "Done.").astype(int))
        assert np.flatnonzero(sound > 200)[0] / piper.sample_rate <= 0.021

    def test_twice_the_speed_takes_about_half_the_time(
        self, piper: PiperSynthesizer, voice_folder: Path
    ) -> None:
        fast = PiperSynthesizer(voice_folder, speed=2.0)
        assert seconds(fast, SENTENCE) < 0.7 * seconds(piper, SENTENCE)

    @pytest.mark.parametrize("text", ["", "...", "😀", "\n", "灯已打开", "[[", "$(reboot) `x`"])
    def test_odd_text_does_no_harm(self, piper: PiperSynthesizer, text: str) -> None:
        assert seconds(piper, text) < 10
        assert seconds(piper, "Done.") > 0.2

    def test_a_long_sentence_is_broken_off_when_cancelled(self, piper: PiperSynthesizer) -> None:
        text = "one and " * 100
        made: list[int] = []
        thread = threading.Thread(target=lambda: made.append(said(piper, text).size))
        thread.start()
        while piper._session._options is None and thread.is_alive():
            time.sleep(0.001)
        started = time.monotonic()
        piper.cancel()
        thread.join(10)
        assert time.monotonic() - started < 0.5
        assert made == [0]
        assert seconds(piper, "Done.") > 0.2

    @pytest.mark.parametrize(
        ("spoil", "complaint"),
        [
            (lambda onnx, config: onnx.unlink(), "there is no Piper voice"),
            (lambda onnx, config: onnx.write_bytes(b""), "is empty"),
            (lambda onnx, config: onnx.write_text("not a model"), "damaged or no ONNX model"),
            (
                lambda onnx, config: onnx.write_bytes(onnx.read_bytes()[:1_000_000]),
                "damaged or no ONNX model",
            ),
            (lambda onnx, config: config.unlink(), "description .* is missing"),
            (lambda onnx, config: config.write_text("{"), "description .* cannot be used"),
            (lambda onnx, config: config.write_text("[]"), "description .* cannot be used"),
            (lambda onnx, config: config.write_text("{}"), "description .* cannot be used"),
        ],
    )
    def test_a_spoiled_voice_is_refused_in_one_sentence(
        self, voice_folder: Path, tmp_path: Path, spoil: object, complaint: str
    ) -> None:
        folder = tmp_path / voice_folder.name
        shutil.copytree(voice_folder, folder)
        onnx = folder / f"{folder.name}.onnx"
        spoil(onnx, onnx.with_name(onnx.name + ".json"))
        with pytest.raises(ModelError, match=complaint) as refused:
            PiperSynthesizer(folder)
        assert f"assistant models fetch {folder.name}" in str(refused.value)
        assert "\n" not in str(refused.value)

    def test_a_model_of_another_kind_is_refused(self, voice_folder: Path, tmp_path: Path) -> None:
        vad = ModelStore.from_settings(Settings()).require("vad", engine="silero").path
        shutil.copy(next(vad.glob("*.onnx")), tmp_path / "odd.onnx")
        config = voice_folder / f"{voice_folder.name}.onnx.json"
        shutil.copy(config, tmp_path / "odd.onnx.json")
        with pytest.raises(ModelError, match="of another kind"):
            PiperSynthesizer(tmp_path)


@pytest.mark.engine
class TestEspeak:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", SENTENCE),
            ("ko", "불을 켰습니다."),
            ("pt_BR", "A luz está acesa."),
            ("zh", "灯开了"),
        ],
    )
    def test_it_speaks_many_languages(self, language: str, text: str) -> None:
        synthesizer = EspeakSynthesizer(language)
        sound = said(synthesizer, text)
        assert 0.4 < sound.size / synthesizer.sample_rate < 4
        assert np.abs(sound.astype(int)).max() > 3_000

    def test_sound_comes_before_all_of_it_is_made(self) -> None:
        synthesizer = EspeakSynthesizer("en")
        pieces = synthesizer.synthesize("word " * 200)
        assert next(pieces).size < synthesizer.sample_rate
        pieces.close()

    def test_text_is_never_a_command_or_an_option(self, tmp_path: Path) -> None:
        synthesizer = EspeakSynthesizer("en")
        target = tmp_path / "made"
        for text in (
            f"$(touch {target})",
            f"; touch {target}",
            f"-w {target}",
            f"`touch {target}`",
        ):
            assert seconds(synthesizer, text) > 0.2
        assert not target.exists()

    def test_speed_is_followed(self) -> None:
        slow, fast = EspeakSynthesizer("en", speed=0.5), EspeakSynthesizer("en", speed=2.0)
        assert seconds(fast, SENTENCE) < 0.6 * seconds(slow, SENTENCE)

    def test_a_missing_program_says_what_to_install(self) -> None:
        with pytest.raises(ModelError, match="apt install espeak-ng"):
            EspeakSynthesizer("en", program="espeak-ng-that-is-not-there")

    def test_a_language_it_does_not_know_is_named(self) -> None:
        with pytest.raises(ModelError, match='no voice for the language "tlh"'):
            EspeakSynthesizer("tlh")

    def test_a_program_that_is_something_else_is_refused(self) -> None:
        with pytest.raises(ModelError):
            EspeakSynthesizer("en", program="true")


def speaking(language: str, **voice: object) -> Settings:
    return Settings(language=language, voice=VoiceSettings(**voice))


@pytest.mark.engine
class TestChoice:
    def test_a_piper_voice_of_the_language_is_taken(self) -> None:
        settings = speaking("en")
        voice = load_synthesizer(ModelStore.from_settings(settings), settings)
        assert isinstance(voice, PiperSynthesizer)

    def test_without_one_espeak_speaks_and_the_log_says_so(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        settings = speaking("en")
        voice = load_synthesizer(ModelStore.from_settings(settings), settings, "ko")
        assert isinstance(voice, EspeakSynthesizer)
        assert 'no Piper voice for "ko"' in caplog.text

    def test_a_voice_that_is_not_installed_is_named_and_another_taken(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings = speaking("en", model="en_US-nobody-high")
        voice = load_synthesizer(ModelStore.from_settings(settings), settings)
        assert isinstance(voice, PiperSynthesizer)
        assert "assistant models fetch en_US-nobody-high" in caplog.text

    def test_a_damaged_voice_does_not_make_it_dumb(
        self, voice_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder = tmp_path / "en_US-spoiled-medium"
        folder.mkdir()
        config = json.loads((voice_folder / f"{voice_folder.name}.onnx.json").read_text())
        (folder / f"{folder.name}.onnx.json").write_text(json.dumps(config))
        (folder / f"{folder.name}.onnx").write_text("spoiled " * 1000)
        settings = Settings(models=ModelSettings(directory=str(tmp_path)))
        voice = load_synthesizer(ModelStore([tmp_path]), settings)
        assert isinstance(voice, EspeakSynthesizer)
        assert "spoiled" in caplog.text

    def test_without_any_voice_it_says_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ModelError, match="apt install espeak-ng"):
            load_synthesizer(ModelStore([tmp_path]), speaking("ko"))
