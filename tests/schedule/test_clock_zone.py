"""The time zone of the machine, changed while the assistant runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import tzlocal

from assistant import clock as clocks
from assistant.clock import SystemClock


@pytest.fixture
def zone_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What tells that the zone was changed; TZ says which it is."""
    file = tmp_path / "localtime"
    file.write_text("")
    monkeypatch.setattr(clocks, "_ZONE_FILES", (file,))
    monkeypatch.setattr(clocks, "_ZONE_LOOK_S", -1.0)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    tzlocal.reload_localzone()
    yield file
    monkeypatch.undo()
    tzlocal.reload_localzone()


def test_a_zone_that_was_changed_is_followed(
    zone_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemClock()
    assert str(clock.now().tzinfo) == "Europe/Berlin"
    monkeypatch.setenv("TZ", "Asia/Seoul")
    os.utime(zone_file, (1, 1))
    assert str(clock.now().tzinfo) == "Asia/Seoul"


def test_a_zone_that_cannot_be_read_changes_nothing_until_it_can(
    zone_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemClock()
    monkeypatch.setenv("TZ", "Nowhere/Land")
    os.utime(zone_file, (1, 1))
    assert str(clock.now().tzinfo) == "Europe/Berlin"
    monkeypatch.setenv("TZ", "Asia/Seoul")
    assert str(clock.now().tzinfo) == "Asia/Seoul"
