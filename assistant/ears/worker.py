"""A thread of its own for a blocking engine, with an inbox."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Worker:
    """Runs calls one after the other in one named daemon thread.

    The thread starts with the first call. A call whose awaiting task was cancelled before its
    turn came is skipped.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def call(self, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run `function(*args, **kwargs)` in the thread and return or raise what it does.

        Raises `RuntimeError` once the worker is closed.
        """
        if self._closed:
            raise RuntimeError(f"The worker {self._name} is closed.")
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_R] = loop.create_future()

        def settle(result: _R | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def job() -> None:
            if future.cancelled():
                return
            result: _R | None = None
            failure: BaseException | None = None
            try:
                result = function(*args, **kwargs)
            except BaseException as error:  # every fault belongs to the caller
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop may be gone at shutdown
                loop.call_soon_threadsafe(settle, result, failure)

        self._inbox.put(job)
        return await future

    def close(self) -> None:
        """Take no more calls; the thread ends when those in the inbox are done. Idempotent."""
        if not self._closed:
            self._closed = True
            self._inbox.put(None)

    def _work(self) -> None:
        while (job := self._inbox.get()) is not None:
            job()
