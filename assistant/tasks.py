"""Background work of the daemon: kept track of, and never failing in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from assistant.errors import AssistantError

_LOG = logging.getLogger(__name__)


class Tasks:
    """Tasks that nobody awaits. Belongs to the event loop."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Start `work`; what it raises is logged, with its traceback if it was not foreseen."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def stop(self) -> None:
        """Cancel all, and what they still begin, and wait until they have ended."""
        while tasks := tuple(self._running):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, AssistantError):
            _LOG.warning("%s: %s", task.get_name(), error)
        else:
            _LOG.error("%s ended: %s", task.get_name(), error, exc_info=error)
