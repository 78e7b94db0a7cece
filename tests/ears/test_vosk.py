"""Vosk on its real engine, with the Korean model."""

from pathlib import Path

import numpy as np
import pytest

from assistant.ears.vosk import VoskRecognizer
from assistant.errors import ModelError

pytestmark = pytest.mark.engine

PHRASES = ["거실 불 켜 줘", "부엌 불 을 꺼", "창문 을 닫아", "오늘 날씨"]


@pytest.fixture
def grammar(korean) -> VoskRecognizer:
    assert korean.prime(PHRASES, ["음악", "정지"]) == []
    return korean


def stream(recognizer: VoskRecognizer, samples: np.ndarray) -> list[str]:
    recognizer.start()
    partials = []
    for at in range(0, len(samples), 1600):
        recognizer.accept(samples[at : at + 1600])
        partials.append(recognizer.partial().text)
    return partials


@pytest.mark.parametrize(
    ("spoken", "text"), [("부엌 불을 꺼", "부엌 불 을 꺼"), ("오늘 날씨", "오늘 날씨")]
)
def test_spoken_commands_are_recognized(grammar, say_korean, spoken: str, text: str) -> None:
    stream(grammar, say_korean(spoken))
    final = grammar.finish()
    assert final.text == text
    assert final.language == "ko"
    assert 0.5 < final.confidence <= 1
    assert [word.text for word in final.words] == text.split()
    assert grammar.finish() is final


def test_words_come_while_they_are_spoken(grammar, say_korean) -> None:
    partials = stream(grammar, say_korean("부엌 불을 꺼"))
    assert partials[0] == ""
    assert "부엌 불" in partials[:-1]
    assert [len(p) for p in partials] == sorted(len(p) for p in partials)


def test_the_next_utterance_begins_anew_with_times_from_its_own_start(grammar, say_korean) -> None:
    stream(grammar, say_korean("부엌 불을 꺼"))
    stream(grammar, say_korean("오늘 날씨"))
    final = grammar.finish()
    assert final.text == "오늘 날씨"
    assert 0 <= final.words[0].start_s < 0.3
    assert final.words[0].start_s < final.words[0].end_s <= final.words[1].start_s + 0.1


def test_words_that_the_model_lacks_are_reported(korean) -> None:
    missing = korean.prime([*PHRASES, "zigbee 불 켜 줘"], ["음악", "쿼크롱"])
    assert missing == ["zigbee", "쿼크롱"]


def test_a_grammar_lets_nothing_else_be_heard(korean, store, say_korean) -> None:
    spoken = say_korean("안녕하세요 반갑습니다")
    korean.prime(PHRASES, [])
    stream(korean, spoken)
    words = {word for phrase in PHRASES for word in phrase.split()}
    assert set(korean.finish().text.split()) <= words
    free = VoskRecognizer(
        store.require("recognition", engine="vosk", language="ko").path, "ko", grammar=False
    )
    assert free.prime(PHRASES, []) == []
    stream(free, spoken)
    assert not set(free.finish().text.split()) <= words
    free.close()


def test_silence_has_no_words(grammar) -> None:
    stream(grammar, np.zeros(16000, np.int16))
    assert grammar.finish().text == ""


def test_what_is_mostly_unknown_is_no_command(korean) -> None:
    result = """{"text": "<UNK> 불 <UNK>", "result": [
        {"word": "<UNK>", "start": 0.0, "end": 0.6, "conf": 1.0},
        {"word": "불", "start": 0.6, "end": 0.9, "conf": 0.9},
        {"word": "<UNK>", "start": 0.9, "end": 1.5, "conf": 1.0}]}"""
    assert korean._join([korean._read(result)]).text == ""


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"am/final\.mdl is missing"):
        VoskRecognizer(tmp_path, "ko")
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"no model")
    with pytest.raises(ModelError, match="damaged"):
        VoskRecognizer(tmp_path, "ko")
