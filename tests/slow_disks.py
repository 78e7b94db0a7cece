"""A disk that takes no commit until the test lets it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from assistant.store.database import Database
from assistant.store.writing import Statement

_LIMIT_S = 20.0


class SlowDisk(Database):
    """Real SQLite, whose commits wait while `hold` holds them up."""

    _free = threading.Event()

    def hold(self) -> None:
        """From now on it hangs."""
        self._free = threading.Event()

    def let_go(self) -> None:
        """It goes on."""
        self._free.set()

    def refuse(self, refused: bool = True) -> None:
        """From now on SQLite takes no write (or does again)."""
        self.rows(f"PRAGMA query_only = {'ON' if refused else 'OFF'}")

    def _write(self, statements: Sequence[Statement]) -> None:
        assert self._free.wait(_LIMIT_S), "nobody lets the disk go on"
        super()._write(statements)


SlowDisk._free.set()
