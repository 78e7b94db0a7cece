"""The index of documents: SQLite FTS5, ranked by bm25 (https://sqlite.org/fts5.html#the_bm25_function).

It is made of nothing but the files, so that a damaged one is thrown away and made again.
"""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import StoreError
from assistant.knowledge.documents import (
    MAX_PASSAGES,
    Found,
    Passage,
    Rejected,
    look,
    read,
    title_of,
)
from assistant.knowledge.terms import terms

_LOG = logging.getLogger(__name__)
_VERSION = 1
"""Of tables and terms; another one is made anew."""
_CANDIDATES = 60
_BUSY_S = 10.0
_SCHEMA = """
CREATE TABLE folder (path TEXT NOT NULL);
CREATE TABLE files (file TEXT PRIMARY KEY, changed INTEGER, size INTEGER, reason TEXT NOT NULL);
CREATE TABLE passages (id INTEGER PRIMARY KEY, file TEXT, title TEXT, heading TEXT, text TEXT);
CREATE INDEX passages_of ON passages (file);
CREATE VIRTUAL TABLE words USING fts5(said, tokenize='unicode61');
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the index knows it."""

    file: str
    title: str
    passages: int
    reason: str = ""
    """Why it is not used; empty: it is."""


class Index:
    """The passages of a folder. Blocking, for one thread."""

    def __init__(self, folder: Path, path: Path | None) -> None:
        """Kept at `path`, or in memory. Raises `StoreError` where it cannot be."""
        self._folder = folder
        self._path = path
        self._rejected: tuple[Rejected, ...] = ()
        try:
            self._database = self._open()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The index of the documents cannot be kept: {error}") from error

    def refresh(self) -> bool:
        """Read what is new, changed or gone; whether anything was. Raises `StoreError`."""
        found, rejected = look(self._folder)
        self._rejected = tuple(rejected)
        try:
            known = {
                file: (changed, size)
                for file, changed, size in self._database.execute(
                    "SELECT file, changed, size FROM files"
                )
            }
            there = {each.file: each for each in found}
            gone = [file for file in known if file not in there]
            new = [each for each in found if known.get(each.file) != each.seen]
            if not gone and not new:
                return False
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                for file in (*gone, *(each.file for each in new)):
                    self._forget(file)
                for each in new:
                    self._add(each)
        except sqlite3.Error as error:
            raise StoreError(f"The index of the documents cannot be written: {error}") from error
        return True

    def files(self) -> tuple[Listed, ...]:
        """All files, the ones that are not used with the reason."""
        rows = self._database.execute(
            "SELECT file, reason, (SELECT count(*) FROM passages p WHERE p.file = f.file) "
            "FROM files f ORDER BY file"
        ).fetchall()
        listed = [Listed(file, title_of(file), count, reason) for file, reason, count in rows]
        listed += [
            Listed(each.file, title_of(each.file), 0, each.reason) for each in self._rejected
        ]
        return tuple(listed)

    def search(self, wanted: Sequence[str], files: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Passages with any of the terms `wanted`, best first; of `files`, if there are any."""
        if not wanted:
            return ()
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(wanted))
        rows = self._database.execute(
            "SELECT file, title, heading, text FROM words JOIN passages "
            "ON passages.id = words.rowid WHERE words MATCH ? ORDER BY bm25(words)",
            (query,),
        )
        best = (Passage(*row) for row in rows if not files or row[0] in files)
        return tuple(itertools.islice(best, _CANDIDATES))

    def first(self, file: str) -> Passage | None:
        """How a file begins."""
        row = self._database.execute(
            "SELECT file, title, heading, text FROM passages WHERE file = ? ORDER BY id LIMIT 1",
            (file,),
        ).fetchone()
        return Passage(*row) if row else None

    def close(self) -> None:
        """Close it; idempotent."""
        self._database.close()

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return self._made(sqlite3.connect(":memory:", isolation_level=None))
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            return self._made(self._connect(self._path))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            _LOG.warning("the index of the documents was damaged and is made again: %s", error)
            self._path.unlink()
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            return self._made(self._connect(self._path))

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)

    def _made(self, database: sqlite3.Connection) -> sqlite3.Connection:
        with database:
            database.execute("BEGIN IMMEDIATE")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            same = (
                version == _VERSION
                and database.execute(
                    "SELECT 1 FROM folder WHERE path = ?", (str(self._folder),)
                ).fetchone()
            )
            if not same:
                for table in ("folder", "files", "passages", "words"):
                    database.execute(f"DROP TABLE IF EXISTS {table}")
                for statement in _SCHEMA.strip().split(";\n"):
                    database.execute(statement)
                database.execute("INSERT INTO folder VALUES (?)", (str(self._folder),))
                database.execute(f"PRAGMA user_version = {_VERSION}")
        return database

    def _forget(self, file: str) -> None:
        self._database.execute(
            "DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE file = ?)", (file,)
        )
        self._database.execute("DELETE FROM passages WHERE file = ?", (file,))
        self._database.execute("DELETE FROM files WHERE file = ?", (file,))

    def _add(self, found: Found) -> None:
        reason = ""
        passages: tuple[Passage, ...] = ()
        (count,) = self._database.execute("SELECT count(*) FROM passages").fetchone()
        try:
            passages = read(self._folder, found.file)
            if count + len(passages) > MAX_PASSAGES:
                passages, reason = (), f"there are more than {MAX_PASSAGES} paragraphs in all files"
        except ValueError as error:
            reason = str(error)
        for passage in passages:
            row = self._database.execute(
                "INSERT INTO passages (file, title, heading, text) VALUES (?, ?, ?, ?)",
                (passage.file, passage.title, passage.heading, passage.text),
            )
            said = " ".join(terms(f"{passage.title} {passage.heading} {passage.text}"))
            self._database.execute(
                "INSERT INTO words (rowid, said) VALUES (?, ?)", (row.lastrowid, said)
            )
        self._database.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?)", (found.file, *found.seen, reason)
        )
