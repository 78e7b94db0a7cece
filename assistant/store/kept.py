"""Single values that outlive a restart: the installation's id, the volume, a muted microphone."""

from __future__ import annotations

from assistant.store.database import Database


class Kept:
    """Texts by name, as they were when this was made and have been put since.

    Making one and putting raise `StoreError`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values = dict[str, str](map(tuple, database.rows("SELECT name, value FROM kept")))

    @property
    def lasting(self) -> bool:
        """False where everything is forgotten at the end."""
        return self._database.path is not None

    def get(self, name: str) -> str | None:
        """What was kept last under `name`; None: nothing."""
        return self._values.get(name)

    def put(self, name: str, value: str) -> None:
        """Keep `value`; writes nothing when it is kept already."""
        if (before := self.get(name)) == value:
            return
        with self._database.transaction() as transaction:
            transaction.on_loss(lambda: self._have(name, before))
            self._have(name, value)
            transaction.execute(
                "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", (name, value)
            )

    def _have(self, name: str, value: str | None) -> None:
        self._values.pop(name, None)
        if value is not None:
            self._values[name] = value
