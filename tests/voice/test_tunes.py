"""What rings: the melodies made here, and files of the user's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.audio.wav import read_wav, write_wav
from assistant.config import ScheduleSettings
from assistant.schedule.entries import BUILT_IN_SOUNDS
from assistant.types import SAMPLE_RATE
from assistant.voice.sounds import RINGS, Recording
from assistant.voice.tunes import LONGEST_S, Tunes


def _tone(path: Path, seconds: float, amplitude: int = 3000) -> Path:
    t = np.arange(round(seconds * SAMPLE_RATE))
    write_wav(path, (amplitude * np.sin(t / 5)).astype(np.int16))
    return path


def test_every_sound_that_may_be_asked_for_can_be_rung() -> None:
    assert set(BUILT_IN_SOUNDS) <= set(RINGS)


def test_a_file_rings_louder_and_louder_and_no_round_is_endless(tmp_path: Path) -> None:
    path = _tone(tmp_path / "rooster.wav", 25)
    tunes = Tunes(ScheduleSettings(sounds={"rooster": str(path)}), read_wav)
    assert tunes.prepare() == []
    tune = tunes.of("alarm", "rooster")
    assert isinstance(tune, Recording)
    rounds = [tune.round(n) for n in range(4)]
    assert all(r.dtype == np.int16 and r.size == LONGEST_S * SAMPLE_RATE for r in rounds)
    starts = [int(np.abs(r[:200].astype(int)).max()) for r in rounds]
    assert 4_000 < starts[0] < starts[1] < starts[2] == starts[3] < 32_000


@pytest.mark.parametrize("trouble", ["missing", "damaged", "silent", "folder"])
def test_a_file_that_cannot_be_used_gives_way_to_what_is_usual(
    tmp_path: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rooster.wav"
    if trouble == "damaged":
        path.write_bytes(b"RIFF\x00\x00")
    elif trouble == "silent":
        _tone(path, 1, amplitude=0)
    elif trouble == "folder":
        path.mkdir()
    tunes = Tunes(ScheduleSettings(sounds={"rooster": str(path)}, alarm_sound="birds"), read_wav)
    [mistake] = tunes.prepare()
    assert str(path) in mistake
    assert tunes.of("alarm", "rooster") == "birds"
    assert tunes.of("timer", "rooster") == "timer"
    assert "rooster" in caplog.text


def test_what_is_usual_may_be_a_file_or_no_longer_there(tmp_path: Path) -> None:
    path = _tone(tmp_path / "my alarm.wav", 1)
    tunes = Tunes(ScheduleSettings(alarm_sound=str(path), timer_sound="trumpet"), read_wav)
    assert tunes.of("alarm", "") == "alarm"  # not read yet: the ring does not wait for that
    assert len(tunes.prepare()) == 1
    path.unlink()
    assert isinstance(tunes.of("alarm", ""), Recording)
    assert isinstance(tunes.of("alarm", "trumpet"), Recording)
    assert tunes.of("timer", "") == "timer"
    assert tunes.of("reminder", "") == "reminder"
