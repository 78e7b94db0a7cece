"""Endpointing on sequences of speech probability, 20 ms each."""

import pytest

from assistant.config import ListeningSettings
from assistant.ears.endpoint import FALL_MS, Endpointer, Phase
from assistant.types import Completeness

CHUNK_MS = 20.0
SETTINGS = ListeningSettings()


def feed(endpointer: Endpointer, probability: float, ms: float) -> Phase:
    for _ in range(round(ms / CHUNK_MS)):
        endpointer.feed(probability, CHUNK_MS)
    return endpointer.phase


def silence_until_end(endpointer: Endpointer) -> float:
    ms = 0.0
    while not endpointer.over:
        endpointer.feed(0.02, CHUNK_MS)
        ms += CHUNK_MS
        assert ms < 10_000
    return ms + FALL_MS


@pytest.mark.parametrize(
    ("verdict", "silence_ms"),
    [
        (Completeness.COMPLETE, SETTINGS.silence_complete_ms),
        (Completeness.UNKNOWN, SETTINGS.silence_unknown_ms),
        (Completeness.INCOMPLETE, SETTINGS.silence_incomplete_ms),
        (None, SETTINGS.silence_unknown_ms),
    ],
)
def test_the_verdict_decides_how_long_the_silence_must_be(
    verdict: Completeness | None, silence_ms: int
) -> None:
    endpointer = Endpointer(SETTINGS)
    assert feed(endpointer, 0.9, 1000) is Phase.SPEAKING
    assert feed(endpointer, 0.1, 60) is Phase.PAUSING
    if verdict is not None:
        endpointer.judge(verdict)
    assert 60 + silence_until_end(endpointer) == pytest.approx(silence_ms, abs=CHUNK_MS)
    assert endpointer.phase is Phase.ENDED


def test_a_late_verdict_ends_at_once_what_has_been_silent_for_long_enough() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.9, 1000)
    assert feed(endpointer, 0.1, 500) is Phase.PAUSING
    assert endpointer.judge(Completeness.COMPLETE) is Phase.ENDED


def test_a_verdict_is_forgotten_when_speech_goes_on() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.9, 600)
    feed(endpointer, 0.1, 200)
    endpointer.judge(Completeness.COMPLETE)
    assert feed(endpointer, 0.9, 300) is Phase.SPEAKING
    assert feed(endpointer, 0.1, 400) is Phase.PAUSING
    assert feed(endpointer, 0.1, 300) is Phase.ENDED


def test_a_click_in_the_pause_does_not_begin_it_anew() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.9, 600)
    feed(endpointer, 0.1, 200)
    endpointer.judge(Completeness.COMPLETE)
    assert feed(endpointer, 0.9, 60) is Phase.PAUSING
    assert feed(endpointer, 0.1, 60) is Phase.ENDED


def test_a_cough_is_no_utterance_and_the_wait_for_speech_goes_on() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.1, 500)
    feed(endpointer, 0.95, 120)
    assert feed(endpointer, 0.1, 1000) is Phase.WAITING
    assert not endpointer.sound
    feed(endpointer, 0.95, 120)
    assert feed(endpointer, 0.1, 5000) is Phase.TIMED_OUT


def test_nobody_speaking_times_out() -> None:
    endpointer = Endpointer(SETTINGS)
    assert feed(endpointer, 0.1, 4980) is Phase.WAITING
    assert feed(endpointer, 0.1, 20) is Phase.TIMED_OUT


def test_sound_that_never_ends_is_cut_off() -> None:
    endpointer = Endpointer(SETTINGS)
    assert feed(endpointer, 0.9, 14_980) is Phase.SPEAKING
    assert feed(endpointer, 0.9, 20) is Phase.TOO_LONG
    assert feed(endpointer, 0.1, 2000) is Phase.TOO_LONG


def test_a_probability_that_wavers_around_the_threshold_is_one_utterance() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.9, 300)
    for probability in (0.45, 0.55, 0.4, 0.36) * 10:
        assert endpointer.feed(probability, CHUNK_MS) is Phase.SPEAKING
    wavering = Endpointer(SETTINGS)
    assert feed(wavering, 0.45, 1000) is Phase.WAITING
    assert not wavering.sound


def test_what_was_dismissed_leaves_the_time_limit_running() -> None:
    endpointer = Endpointer(SETTINGS)
    feed(endpointer, 0.9, 300)
    feed(endpointer, 0.1, 200)
    endpointer.dismiss()
    assert feed(endpointer, 0.1, 4480) is Phase.WAITING
    assert feed(endpointer, 0.1, 20) is Phase.TIMED_OUT
