"""`assistant audio` on a machine with or without sound."""

import numpy as np
import pytest

from assistant.audio.devices import Device
from assistant.cli import audio
from assistant.cli.main import main


@pytest.mark.parametrize(("decibels", "filled"), [(0.0, 40), (-30.0, 20), (-60.0, 0), (-90.0, 0)])
def test_the_bar_follows_the_level(decibels: float, filled: int) -> None:
    assert audio.bar(decibels).count("#") == filled


def test_full_scale_is_0_db_and_silence_is_far_below() -> None:
    assert audio.level_db(np.full(320, -32768, np.int16)) == pytest.approx(0, abs=0.01)
    assert audio.level_db(np.zeros(320, np.int16)) <= -90


def test_the_list_marks_what_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (
        Device(0, "Webcam", 1, 0, 16000),
        Device(1, "USB Microphone", 2, 0, 48000, is_default_input=True),
    )
    monkeypatch.setattr("assistant.audio.devices.list_devices", lambda: found)
    assert main(["audio", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  Webcam")
    assert lines[1].startswith("* USB Microphone  (2 in; 48000 Hz)")
    assert lines[2].startswith("No loudspeaker")


def test_without_a_microphone_the_meter_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("assistant.audio.devices.list_devices", lambda: ())
    assert main(["audio", "meter", "--seconds", "1"]) == 1
    assert capsys.readouterr().err.startswith("assistant: No microphone was found")
