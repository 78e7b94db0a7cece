"""A database that cannot be written, or is damaged: the assistant starts all the same."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from manual_clock import ManualClock
from test_database import ALARM, TIMER, without_rights

from assistant.clock import SystemClock
from assistant.errors import StoreError
from assistant.schedule.commands import Command
from assistant.schedule.schedule import Schedule
from assistant.store.appointments import AppointmentRepository
from assistant.store.countdowns import CountdownRepository
from assistant.store.database import Database
from assistant.store.opening import BEGAN_ANEW, UNWRITABLE, open_database
from assistant.types import Intent

SystemClock()  # nobody may not read what it loads


@pytest.fixture
def path() -> Iterator[Path]:
    """Of a database that was cut off with a write-ahead log, in a folder that anybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        kept, cut = Path(folder) / "kept.db", Path(folder) / "here" / "assistant.db"
        cut.parent.mkdir()
        database = Database.open(kept)
        CountdownRepository(database).save(TIMER)
        AppointmentRepository(database).save(ALARM)
        schedule = Schedule(database, ManualClock(dt.datetime(2026, 3, 1, tzinfo=dt.UTC)))
        schedule.do_in(3600, Command.of([Intent("HassTurnOff", {"name": "Fan"})]), "fan off")
        for part in ("", "-wal"):  # as it stands on the disk while it is open
            shutil.copyfile(kept.with_name(kept.name + part), cut.with_name(cut.name + part))
        database.close()
        cut.with_name(f"{cut.name}.lock").touch()
        Path(folder).chmod(0o755)
        yield cut
        cut.parent.chmod(0o755)


def _contents(path: Path) -> dict[str, bytes]:
    files = (file for file in path.parent.iterdir() if file.suffix != ".lock")
    return {file.name: file.read_bytes() for file in files}


def _forbid(path: Path, *, folder: int) -> None:
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.with_name(f"{path.name}.lock").chmod(0o666)
    path.parent.chmod(folder)


def test_a_file_that_cannot_be_written_gives_way_to_a_copy_and_is_kept(path: Path) -> None:
    _forbid(path, folder=0o777)
    with without_rights():
        database, trouble = open_database(path)
        timers = CountdownRepository(database)
        assert trouble == ""
        assert {record.name for record in timers.all()} == {"pizza", "fan off"}
        assert AppointmentRepository(database).all() == [ALARM]
        timers.delete(["a"])
        database.close()
        database, trouble = open_database(path)
        assert (trouble, [r.name for r in CountdownRepository(database).all()]) == ("", ["fan off"])
        database.close()
    [aside] = path.parent.glob("assistant.db.unwritable-*")
    assert aside.read_bytes()[:16] == b"SQLite format 3\0"


def test_a_copy_that_the_power_cut_kept_from_its_place_is_put_there(path: Path) -> None:
    database = Database.open(path)
    database.write_to(path.with_name(f"{path.name}.new"))
    database.close()
    path.rename(path.with_name(f"{path.name}.unwritable-then"))
    database, trouble = open_database(path)
    assert (trouble, AppointmentRepository(database).all()) == ("", [ALARM])
    database.close()


def test_where_nothing_can_be_written_a_copy_in_memory_stands_in_and_does_no_commands(
    path: Path,
) -> None:
    _forbid(path, folder=0o555)
    before = _contents(path)
    with without_rights():
        database, trouble = open_database(path)
        assert trouble == UNWRITABLE
        assert [record.name for record in CountdownRepository(database).all()] == ["pizza"]
        assert AppointmentRepository(database).all() == [ALARM]
        schedule = Schedule(database, ManualClock(dt.datetime(2026, 3, 1, tzinfo=dt.UTC)))
        schedule.start_timer(600, "egg")
        assert {timer.name for timer in schedule.timers()} == {"egg", "pizza"}
        database.close()
    assert _contents(path) == before


def test_where_there_was_nothing_and_nothing_can_be_made_it_begins_in_memory(path: Path) -> None:
    path.parent.chmod(0o555)
    with without_rights():
        database, trouble = open_database(path.parent / "deeper" / "assistant.db")
    assert (trouble, CountdownRepository(database).all()) == (UNWRITABLE, [])


def test_a_damaged_one_is_told_of(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()
    path.write_bytes(b"no database" * 1000)
    database, trouble = open_database(path)
    assert (trouble, CountdownRepository(database).all()) == (BEGAN_ANEW, [])
    database.close()


def test_what_is_held_by_another_assistant_is_not_copied(path: Path) -> None:
    holder = Database.open(path)
    with pytest.raises(StoreError, match="another assistant"):
        open_database(path)
    holder.close()
    assert not list(path.parent.glob("*unwritable*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_turned_read_only_does_not_keep_the_assistant_from_starting(
    tmp_path: Path,
) -> None:
    import subprocess

    mount = ["mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("not even root may mount here")
    try:
        database = Database.open(tmp_path / "assistant.db")
        CountdownRepository(database).save(TIMER)
        database.close()
        remount = ["mount", "-o", "remount,ro", str(tmp_path)]
        subprocess.run(remount, check=True)
        database, trouble = open_database(tmp_path / "assistant.db")
        assert (trouble, CountdownRepository(database).all()) == (UNWRITABLE, [TIMER])
        database.close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
