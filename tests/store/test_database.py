"""The database file: made, locked, migrated, damaged, refused."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import StoreError
from assistant.store.appointments import AppointmentRecord, AppointmentRepository
from assistant.store.countdowns import CountdownRecord, CountdownRepository
from assistant.store.database import _MIGRATIONS, Database

TIMER = CountdownRecord("a", "timer", "pizza", "kitchen", 600.0, 1_800_000_000.5, None)
ALARM = AppointmentRecord(
    "b", "alarm", "work", None, dt.time(6, 15), frozenset({0, 4}), dt.date(2026, 3, 30)
)

OPEN_ELSEWHERE = """
import sys
from pathlib import Path
from assistant.errors import StoreError
from assistant.store.database import Database
from assistant.store.countdowns import CountdownRecord, CountdownRepository
try:
    database = Database.open(Path(sys.argv[1]))
    record = CountdownRecord("x", "timer", "x" * 100_000, None, 1.0, 1.0, None)
    CountdownRepository(database).save(record)
except StoreError as error:
    print(error)
    sys.exit(3)
"""


def open_elsewhere(path: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", OPEN_ELSEWHERE, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere: be nobody for a while then."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_was_saved_is_there_after_opening_again(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "assistant.db")
    CountdownRepository(database).save(TIMER)
    AppointmentRepository(database).save(ALARM)
    database.close()
    database = Database.open(tmp_path / "assistant.db")
    assert CountdownRepository(database).all() == [TIMER]
    assert AppointmentRepository(database).all() == [ALARM]
    assert database.damaged is None
    database.close()


def test_file_and_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "assistant.db"
    database = Database.open(path)
    CountdownRepository(database).save(TIMER)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "assistant.db-wal" in modes
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    database.close()


def test_commits_reach_the_disk_before_they_return(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "assistant.db")
    assert database.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert database.rows("PRAGMA synchronous")[0][0] == 2
    database.close()


def test_a_second_assistant_is_refused_and_told_why(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    database = Database.open(path)
    refused = open_elsewhere(path)
    assert refused.returncode == 3
    assert f"another assistant (process {os.getpid()}) is using {path}" in refused.stdout
    with pytest.raises(StoreError, match="another assistant"):
        Database.open(path)
    database.close()
    assert open_elsewhere(path).returncode == 0


@pytest.mark.parametrize("kind", ["rubbish", "truncated", "overwritten page"])
def test_a_damaged_database_is_moved_aside_and_reported(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "assistant.db"
    database = Database.open(path)
    CountdownRepository(database).save(TIMER)
    database.close()
    content = path.read_bytes()
    spoiled = {
        "rubbish": b"this is no database" * 500,
        "truncated": content[:5000],
        "overwritten page": content[:4096] + b"\xff" * 4096 + content[8192:],
    }[kind]
    path.write_bytes(spoiled)
    database = Database.open(path)
    assert database.damaged is not None
    assert database.damaged.name.startswith("assistant.db.damaged-")
    assert database.damaged.read_bytes()[: len(spoiled)] == spoiled
    assert str(database.damaged) in caplog.text
    CountdownRepository(database).save(TIMER)
    assert CountdownRepository(database).all() == [TIMER]
    database.close()
    assert Database.open(path).damaged is None


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    Database.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        Database.open(path)
    assert [p.name for p in tmp_path.glob("*damaged*")] == []


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "assistant.db")
    timers = CountdownRepository(database)
    timers.save(TIMER)
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages}")
    big = CountdownRecord("big", "timer", "x" * 50_000, None, 1.0, 1.0, None)
    with pytest.raises(StoreError, match=r"disk with .* is full: free some space"):
        timers.save(big)
    assert timers.all() == [TIMER]
    database.rows("PRAGMA max_page_count = 10000")
    timers.save(big)
    assert len(timers.all()) == 2
    database.close()


def test_a_write_that_the_disk_refuses_is_one_sentence(tmp_path: Path) -> None:
    import resource
    import signal

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    failed = open_elsewhere(tmp_path / "assistant.db", preexec_fn=little_room)
    assert failed.returncode == 3, failed.stderr
    assert "check the disk" in failed.stdout or "is full" in failed.stdout


def test_a_read_only_folder_is_one_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with without_rights(), pytest.raises(StoreError, match="check that its folder is writable"):
            Database.open(Path(folder) / "assistant.db")
        Path(folder).chmod(0o755)


def test_a_read_only_database_is_one_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "assistant.db"
        Database.open(path).close()
        path.chmod(0o400)
        path.with_name("assistant.db.lock").chmod(0o666)
        Path(folder).chmod(0o755)
        with without_rights(), pytest.raises(StoreError, match="cannot be made or opened"):
            Database.open(path)


def test_a_path_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made or opened"):
        Database.open(tmp_path / "file" / "assistant.db")


def test_a_failed_transaction_changes_nothing() -> None:
    database = Database.open(None)
    timers = CountdownRepository(database)
    with pytest.raises(StoreError):
        timers.save(TIMER, CountdownRecord("bad", "timer", "", None, 1.0, None, None))
    assert timers.all() == []
    timers.save(TIMER)
    assert timers.all() == [TIMER]


def test_an_alarm_that_cannot_be_read_does_not_hide_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database.open(None)
    alarms = AppointmentRepository(database)
    alarms.save(ALARM)
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO appointments "
            "VALUES ('c', 'alarm', '', NULL, 'noon', 0, '2026-01-01', '', 0, '', 0, 1, '', '')"
        )
    assert alarms.all() == [ALARM]
    assert "alarm c cannot be read" in caplog.text


def test_the_layout_of_before_is_taken_over_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    with contextlib.closing(sqlite3.connect(path)) as old:
        for statements in _MIGRATIONS[:2]:
            for statement in statements:
                old.execute(statement)
        old.execute("PRAGMA user_version = 2")
        old.execute("INSERT INTO timers VALUES ('a', 'pizza', 'kitchen', 600, 1800000000.5, NULL)")
        old.execute("INSERT INTO timers VALUES ('h', 'held', NULL, 90, NULL, 30)")
        old.execute("INSERT INTO alarms VALUES ('b', 'work', NULL, '06:15:00', 17, '2026-03-30')")
        old.execute("INSERT INTO kept VALUES ('volume', '40 of 100')")
        old.commit()
    database = Database.open(path)
    timers = {record.id: record for record in CountdownRepository(database).all()}
    assert timers["a"] == replace(TIMER, set_s=600.0)
    assert (timers["h"].remaining_s, timers["h"].set_s) == (30.0, 90.0)
    assert AppointmentRepository(database).all() == [ALARM]
    assert database.rows("SELECT value FROM kept")[0][0] == "40 of 100"
    assert database.rows("PRAGMA integrity_check")[0][0] == "ok"
    database.close()


def test_alarms_from_before_there_were_sounds_ring_as_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    with contextlib.closing(sqlite3.connect(path)) as old:
        for statements in _MIGRATIONS[:4]:
            for statement in statements:
                old.execute(statement)
        old.execute("PRAGMA user_version = 4")
        old.execute(
            "INSERT INTO countdowns VALUES "
            "('a', 'timer', 'pizza', 'kitchen', 600, 1800000000.5, NULL, 0, '', '', 0)"
        )
        old.execute(
            "INSERT INTO appointments VALUES "
            "('b', 'alarm', 'work', NULL, '06:15:00', 17, '2026-03-30', '', 0, '', 0, 1, '')"
        )
        old.commit()
    database = Database.open(path)
    timers, alarms = CountdownRepository(database), AppointmentRepository(database)
    assert (timers.all(), alarms.all()) == ([TIMER], [ALARM])
    timers.save(replace(TIMER, sound="bell"))
    alarms.save(replace(ALARM, sound="birds"))
    assert [timers.all()[0].sound, alarms.all()[0].sound] == ["bell", "birds"]
    database.close()


def test_a_write_ahead_log_torn_anywhere_gives_back_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    database = Database.open(path)
    timers, sizes = CountdownRepository(database), []
    wal = tmp_path / "assistant.db-wal"
    for number in range(12):
        timers.save(replace(TIMER, id=f"{number:02}"))
        sizes.append(wal.stat().st_size)
    content, log = path.read_bytes(), wal.read_bytes()
    database.close()
    chance = random.Random(1)
    for size in (0, *sorted(chance.randrange(len(log)) for _ in range(40))):
        torn = tmp_path / f"torn-{size}"
        torn.mkdir(exist_ok=True)
        (torn / "assistant.db").write_bytes(content)
        (torn / "assistant.db-wal").write_bytes(log[:size])
        opened = Database.open(torn / "assistant.db")
        assert opened.damaged is None
        there = [record.id for record in CountdownRepository(opened).all()]
        committed = sum(end <= size for end in sizes)
        assert there == [f"{number:02}" for number in range(committed)]
        opened.close()
