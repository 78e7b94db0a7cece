"""Opens the database so that there is one wherever that can be, and tells what is wrong with it."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from pathlib import Path

from assistant.clock import SystemClock
from assistant.errors import StoreError, UnwritableError
from assistant.store.database import Database

_LOG = logging.getLogger(__name__)

BEGAN_ANEW = "began_anew"
"""It was damaged, and is a new one."""
UNWRITABLE = "unwritable"
"""It is a copy in memory: what is set is forgotten at the end."""


def open_database(path: Path | None) -> tuple[Database, str]:
    """The database at `path` (None: in memory), and what is wrong with it; "": nothing.

    One that can be read but not written gives way to a copy of itself where its folder allows
    that, and is kept aside. Where the folder cannot be written either, a copy in memory stands in
    for it, without the commands for later: what is done could not be noted, and would be done again
    after the next start. Blocking. Raises `StoreError` as `Database.open` does for all else.
    """
    if path is not None:
        _finish(path)
    try:
        database = Database.open(path)
    except UnwritableError as error:
        if path is None:
            raise
        copy = _copied(path)
        if copy is not None and _put_in_place(copy, path):
            return Database.open(path), ""
        _LOG.error("%s; until then what is set is forgotten at the end", error)
        copy = copy or Database.open(None)
        with copy.transaction() as transaction:
            transaction.execute("DELETE FROM countdowns WHERE kind = 'command'")
            transaction.execute("DELETE FROM appointments WHERE kind = 'command'")
            transaction.execute("DELETE FROM begun")
        return copy, UNWRITABLE
    return database, BEGAN_ANEW if database.damaged is not None else ""


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _finish(path: Path) -> None:
    """Put a copy in its place that was whole when the power was cut."""
    with contextlib.suppress(OSError):
        if _new(path).exists() and not path.exists():
            _new(path).replace(path)


def _copied(path: Path) -> Database | None:
    """All that can be read at `path`, in memory; None: nothing can."""
    with contextlib.suppress(OSError, StoreError), tempfile.TemporaryDirectory() as folder:
        beside = Path(folder) / path.name
        for part in ("", "-wal"):
            if (source := path.with_name(path.name + part)).exists():
                shutil.copyfile(source, beside.with_name(beside.name + part))
        original = Database.open(beside)
        copy = original.copied()
        original.close()
        return None if original.damaged else copy
    return None


def _put_in_place(copy: Database, path: Path) -> bool:
    """Whether `copy` has taken the place of the file at `path`, which is kept beside it."""
    aside = path.with_name(f"{path.name}.unwritable-{SystemClock().now():%Y%m%dT%H%M%S}")
    new = _new(path)
    try:
        copy.write_to(new)
        path.rename(aside)
        new.replace(path)
        for part in ("-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
    except (OSError, StoreError) as error:
        _LOG.debug("%s stays as it is: %s", path, error)
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        return False
    _LOG.warning("%s could not be written: a copy took its place, it is %s now", path, aside)
    return True
