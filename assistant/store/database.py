"""The one place where the SQLite file is opened, locked, migrated and written.

It is read when the assistant starts; from then on memory is asked, and a thread writes
(`writing.py`): one small commit for each request, nothing continuously.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from assistant.clock import SystemClock
from assistant.errors import StoreError, UnwritableError
from assistant.store.writing import Statement, Transaction, Writer

_LOG = logging.getLogger(__name__)

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE timers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            area TEXT,
            duration_s REAL NOT NULL,
            ends_at REAL,
            remaining_s REAL,
            CHECK ((ends_at IS NULL) <> (remaining_s IS NULL))
        ) STRICT
        """,
        """
        CREATE TABLE alarms (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            area TEXT,
            time TEXT NOT NULL,
            days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 127),
            next_date TEXT NOT NULL
        ) STRICT
        """,
    ),
    ("CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",),
    (
        """
        CREATE TABLE countdowns (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            area TEXT,
            duration_s REAL NOT NULL,
            ends_at REAL,
            remaining_s REAL,
            set_s REAL NOT NULL,
            content TEXT NOT NULL,
            boot TEXT NOT NULL,
            ends_mono REAL NOT NULL,
            CHECK ((ends_at IS NULL) <> (remaining_s IS NULL))
        ) STRICT
        """,
        """
        INSERT INTO countdowns
        SELECT id, 'timer', name, area, duration_s, ends_at, remaining_s, duration_s, '', '', 0
        FROM timers
        """,
        "DROP TABLE timers",
        """
        CREATE TABLE appointments (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            area TEXT,
            time TEXT NOT NULL,
            days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 127),
            next_date TEXT NOT NULL,
            every TEXT NOT NULL,
            month_day INTEGER NOT NULL CHECK (month_day BETWEEN 0 AND 31),
            sun TEXT NOT NULL,
            sun_offset_min INTEGER NOT NULL,
            enabled INTEGER NOT NULL,
            content TEXT NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO appointments
        SELECT id, 'alarm', name, area, time, days, next_date, '', 0, '', 0, 1, '' FROM alarms
        """,
        "DROP TABLE alarms",
        """
        CREATE TABLE items (
            id TEXT PRIMARY KEY,
            list TEXT NOT NULL,
            text TEXT NOT NULL,
            done INTEGER NOT NULL,
            position INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE routines (
            phrase TEXT PRIMARY KEY,
            text TEXT NOT NULL,
            content TEXT NOT NULL
        ) STRICT
        """,
    ),
    (
        """
        CREATE TABLE begun (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            area TEXT,
            content TEXT NOT NULL
        ) STRICT
        """,
    ),
    (
        "ALTER TABLE countdowns ADD COLUMN sound TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE appointments ADD COLUMN sound TEXT NOT NULL DEFAULT ''",
    ),
)
"""One tuple of statements per version; `PRAGMA user_version` counts those that were done."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class _DamagedError(Exception):
    """The file is not a usable SQLite database."""


class Database:
    """An open database. Belongs to the event loop; made by `Database.open`.

    `writer` takes what is changed, and tells when it is on the disk.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | None,
        lock: int | None,
        damaged: Path | None,
    ) -> None:
        self.path = path
        self.damaged = damaged
        """Where a damaged predecessor was moved when this one was opened; None: there was none."""
        self._connection = connection
        self._lock = lock
        self.writer = Writer(self._write)

    @classmethod
    def open(cls, path: Path | None) -> Self:
        """Open (or make) the database at `path`, for this process alone; None: in memory.

        A damaged file is moved aside to `<name>.damaged-<time>`, logged, and a new one begun;
        the result's `damaged` says where it went. Blocking; any thread may call it. Raises
        `StoreError` when another process has the file, when a newer version of the assistant
        wrote it, or when the disk does not allow reading and writing (`UnwritableError`, where it
        allows no writing).
        """
        if path is None:
            connection = _connect(":memory:")
            _migrate(connection)
            return cls(connection, None, None, None)
        lock = _take(path)
        damaged = None
        try:
            try:
                connection = _open_file(path)
            except _DamagedError as error:
                damaged = _move_aside(path)
                _LOG.error(
                    "the database %s was damaged (%s): it was moved to %s and a new one begun; "
                    "timers and alarms have to be set again",
                    path, error, damaged,
                )  # fmt: skip
                connection = _open_file(path)
        except _DamagedError as error:
            os.close(lock)
            raise StoreError(f"the disk under {path} damages what is written: {error}") from error
        except BaseException:
            os.close(lock)
            raise
        return cls(connection, path, lock, damaged)

    def copied(self) -> Self:
        """The same in memory. Raises `StoreError`."""
        memory = _connect(":memory:")
        self._backed_up(memory)
        return type(self)(memory, None, None, None)

    def write_to(self, path: Path) -> None:
        """The same in a new file. Raises `StoreError`."""
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        file = _connect(str(path))
        try:
            self._backed_up(file)
        finally:
            file.close()

    def _backed_up(self, target: sqlite3.Connection) -> None:
        try:
            self._connection.backup(target)
        except sqlite3.Error as error:
            raise _store_error(error, self.path) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing, as `Writer.transaction`. Raises `StoreError`."""
        with self.writer.transaction() as transaction:
            yield transaction

    def _write(self, statements: Sequence[Statement]) -> None:
        """Run statements in one commit, in any thread. Raises `StoreError`."""
        if not statements:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, rows in statements:
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _store_error(error, self.path) from error
        finally:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()  # nothing, after a commit

    def rows(self, statement: str, *parameters: object) -> list[sqlite3.Row]:
        """All rows of a query. Raises `StoreError`."""
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise _store_error(error, self.path) from error

    def close(self) -> None:
        """Write what is to be written still, close the file, let others have it; idempotent."""
        self.writer.close()
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _connect(name: str) -> sqlite3.Connection:
    """The only call that opens SQLite; an encrypting SQLite would be put in here."""
    # Opened wherever the daemon likes, then used by one thread at a time.
    connection = sqlite3.connect(name, isolation_level=None, timeout=2.0, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _take(path: Path) -> int:
    """Make the folder and the files with modes for their owner only, and lock; the lock's fd."""
    lock_path = path.with_name(path.name + ".lock")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, mode=0o700)
        lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _file_error(error, path) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except BlockingIOError as error:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace") or "unknown"
        os.close(lock)
        raise StoreError(
            f"another assistant (process {holder}) is using {path}: stop it first, or give this "
            "one a data directory of its own"
        ) from error
    except OSError as error:
        os.close(lock)
        raise _file_error(error, path) from error
    return lock


def _open_file(path: Path) -> sqlite3.Connection:
    """Open, check and migrate. Raises `_DamagedError` or `StoreError`."""
    connection = _connect(str(path))
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise _DamagedError(verdict)
        _migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        if _code(error) in _DAMAGE:
            raise _DamagedError(str(error)) from error
        raise _store_error(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        raise StoreError(
            f"the database was written by a newer version of the assistant (layout {version}, "
            f"this one knows {len(_MIGRATIONS)}): update the assistant"
        )
    for number, statements in enumerate(_MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def _move_aside(path: Path) -> Path:
    stem = f"{path.name}.damaged-{SystemClock().now():%Y%m%dT%H%M%S}"
    name, count = stem, 1
    while path.with_name(name).exists():
        count += 1
        name = f"{stem}-{count}"
    target = path.with_name(name)
    try:
        for suffix in ("-wal", "-shm", ""):
            source = path.with_name(path.name + suffix)
            if source.exists():
                source.rename(path.with_name(name + suffix))
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError(_file_sentence(error, path)) from error
    return target


def _code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _store_error(error: sqlite3.Error, path: Path | None) -> StoreError:
    where = str(path or "the database in memory")
    sentences = {
        sqlite3.SQLITE_FULL: f"the disk with {where} is full: free some space",
        sqlite3.SQLITE_READONLY: f"{where} is read-only: make it and its folder writable",
        sqlite3.SQLITE_CANTOPEN: f"{where} cannot be opened: check its folder's permissions",
        sqlite3.SQLITE_BUSY: f"{where} is held by another program: close it",
        sqlite3.SQLITE_CORRUPT: f"{where} is damaged: restart the assistant to begin a new one",
        sqlite3.SQLITE_NOTADB: f"{where} is damaged: restart the assistant to begin a new one",
    }
    fallback = f"{where} cannot be read or written: check the disk"
    unwritable = _code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    sentence = f"{sentences.get(_code(error), fallback)} (SQLite says: {error})"
    return UnwritableError(sentence) if unwritable else StoreError(sentence)


def _file_error(error: OSError, path: Path) -> StoreError:
    unwritable = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
    sentence = _file_sentence(error, path)
    return UnwritableError(sentence) if unwritable else StoreError(sentence)


def _file_sentence(error: OSError, path: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk with {path} is full: free some space"
    return f"{path} cannot be made or opened ({error.strerror}): check that its folder is writable"
