"""What comes when, so that ten thousand entries cost no more to watch than ten."""

from __future__ import annotations

import heapq


class DueQueue:
    """Entries by the moment at which they are due, on one clock."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __contains__(self, key: str) -> bool:
        return key in self._at

    def put(self, key: str, at: float) -> None:
        """Add an entry, or move it."""
        self._at[key] = at
        heapq.heappush(self._heap, (at, key))

    def drop(self, key: str) -> None:
        """Take an entry out, if it is in."""
        self._at.pop(key, None)

    def clear(self) -> None:
        """Take out all."""
        self._at.clear()
        self._heap.clear()

    def first(self) -> float | None:
        """When the next entry is due; None: there is none."""
        # What was moved or dropped is still in the heap, and no longer true.
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: float) -> list[str]:
        """Take out all that is due by `now`, the oldest first."""
        taken = []
        while (at := self.first()) is not None and at <= now:
            _, key = heapq.heappop(self._heap)
            del self._at[key]
            taken.append(key)
        return taken
