"""Single values that outlive a restart."""

from __future__ import annotations

from pathlib import Path

from assistant.store.database import Database
from assistant.store.kept import Kept


def test_what_was_kept_last_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    database = Database.open(path)
    kept = Kept(database)
    assert kept.get("volume") is None
    for volume in ("10", "20", "20"):
        kept.put("volume", volume)
    kept.put("muted", "yes")
    database.close()
    again = Kept(Database.open(path))
    assert (again.get("volume"), again.get("muted"), again.lasting) == ("20", "yes", True)


def test_in_memory_nothing_lasts() -> None:
    assert not Kept(Database.open(None)).lasting
