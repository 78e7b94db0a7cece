"""Ends tasks that wait for the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_PATIENCE_S = 0.2


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended; what they raise is left in them.

    Once is not enough: where the answer waited for arrives in the same moment, `asyncio.wait_for`
    (which aiomqtt uses) loses the cancellation before Python 3.12.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_PATIENCE_S)
