"""A machine that has no thread left: what was to be kept is told to be lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest
from manual_clock import ManualClock

from assistant.errors import StoreError
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database


async def test_a_timer_for_which_no_thread_begins_is_lost_and_the_next_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise RuntimeError("can't start new thread")

    database = Database.open(tmp_path / "assistant.db")
    schedule = Schedule(database, ManualClock(), boot="this boot")
    database.writer.start()
    with monkeypatch.context() as patched:
        patched.setattr(ThreadPoolExecutor, "submit", refuse)
        with pytest.raises(StoreError, match="start new thread"):
            async with schedule.saved():
                schedule.start_timer(60, "tea")
    assert schedule.timers() == ()
    async with schedule.saved():
        schedule.start_timer(60, "egg")
    assert [timer.name for timer in schedule.timers()] == ["egg"]
    database.close()
