"""Which announcements a broker keeps, so that what it forgot while we were away is noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_MOST = 20_000

At = tuple[int, str]
"""A dialect's rank and the topic of an announcement."""


class KeptAnnouncements:
    """Remembers announcements from one connection to the next."""

    def __init__(self) -> None:
        self._read: dict[At, int] = {}
        """Hash of the last announcement that was read."""
        self._kept: set[At] = set()
        """What the broker has had from before, in some connection."""
        self._came: set[At] = set()
        """What has been announced in this connection."""

    def connected(self) -> None:
        """A new connection is there, in which everything kept will come again."""
        self._came.clear()

    def came(self, at: At, payload: bytes, *, kept: bool) -> bool:
        """An announcement is there; returns whether it was read before, and can be passed over."""
        if max(len(self._read), len(self._kept), len(self._came)) >= _MOST:
            self._read.clear()
            self._kept.clear()
            self._came.clear()
        self._came.add(at)
        if kept and payload:
            self._kept.add(at)
        elif not payload:
            self._kept.discard(at)
        if kept and self._read.get(at) == hash(payload):
            return True
        self._read.pop(at, None)
        return False

    def read(self, at: At, payload: bytes) -> None:
        """An announcement has been read and made sense."""
        self._read[at] = hash(payload)

    def missing(self) -> Sequence[At]:
        """What was kept before and has not come again: it was taken back while we were away.

        Unless most of what a dialect had is missing: then the broker has lost its memory, and the
        devices are still there.
        """
        came, gone = Counter[int](), Counter[int]()
        missing = [at for at in self._kept if at not in self._came]
        came.update(rank for rank, _ in self._kept & self._came)
        gone.update(rank for rank, _ in missing)
        return [at for at in missing if gone[at[0]] < came[at[0]]]
