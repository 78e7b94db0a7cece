"""Single values that outlive a restart: the installation's id, the volume, a muted microphone."""

from __future__ import annotations

from assistant.store.database import Database


class Kept:
    """Texts by name. Every method raises `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def lasting(self) -> bool:
        """False where everything is forgotten at the end."""
        return self._database.path is not None

    def get(self, name: str) -> str | None:
        """What was kept last under `name`; None: nothing."""
        rows = self._database.rows("SELECT value FROM kept WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def put(self, name: str, value: str) -> None:
        """Keep `value`; writes nothing when it is kept already."""
        if self.get(name) == value:
            return
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", (name, value)
            )
