"""`assistant timers`, `alarms`, `reminders`, `lists` against a daemon in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from processes import Process

pytestmark = pytest.mark.engine


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    running = Process(tmp_path)
    await running.start()
    yield running
    await running.end(signal.SIGKILL)
    running.notify.close()


def _run(process: Process, *line: str) -> tuple[int, str]:
    """The exit status and the words of an `assistant` command."""
    ran = subprocess.run(
        [sys.executable, "-m", "assistant", "--config", str(process.settings), *line],
        env={**os.environ, "RUNTIME_DIRECTORY": str(process.folder / "run")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


async def test_what_was_set_on_the_command_line_is_shown_changed_and_survives_kill_9(
    process: Process,
) -> None:
    for line in (
        ("timers", "start", "1h", "--name", "pizza"),
        ("timers", "pause", "pizza"),
        ("alarms", "set", "7:30", "--days", "weekdays", "--name", "work"),
        ("alarms", "change", "work", "8:00", "--every", "other_week", "--sound", "birds"),
        ("reminders", "set", "call mum", "--in", "2h"),
        ("lists", "add", "shopping", "milk", "brown bread"),
        ("lists", "done", "shopping", "milk"),
    ):
        status, words = _run(process, *line)
        assert status == 0, words
    held = _run(process, "timers")[1]
    assert held.endswith(" of 1:00:00  held  pizza\n")
    for _ in range(2):
        assert _run(process, "timers")[1] == held
        assert "08:00  every other mon,tue,wed,thu,fri  work  (birds)" in _run(process, "alarms")[1]
        assert "call mum" in _run(process, "reminders")[1]
        assert _run(process, "lists")[1] == "shopping:\n  brown bread\n"
        await process.end(signal.SIGKILL)
        await process.start()


async def test_what_makes_no_sense_is_one_sentence_and_fails(process: Process) -> None:
    for line, why in (
        (("timers", "start", "0s"), "at least one second"),
        (("timers", "start", "40d"), "30 days"),
        (("alarms", "set", "8:00", "--date", "2027-02-31"), "date"),
        (("lists", "clear", "shopping"), "--yes"),
        (("timers", "cancel", "tea"), "no such timer"),
    ):
        status, words = _run(process, *line)
        assert (status, why in words, words.count("\n")) == (1, True, 1), words
