"""Transactions: made on the event loop, brought to the disk by a thread of their own.

A card may take half a second for one commit, and a ring must not wait for that. So a change counts
at once in memory, where everything is asked for, and who says that it was made waits until it is on
the disk (`Writer.saved`). What the disk does not take is undone in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field

from assistant.errors import StoreError

_LOG = logging.getLogger(__name__)

Statement = tuple[str, list[tuple[object, ...]]]
"""SQL, and the parameters of each time that it is to be run."""


class Transaction:
    """Statements that reach the disk together or not at all. Belongs to the event loop."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.when_lost: Callable[[StoreError], None] | None = None
        """Told when the disk does not take it, in the place of whoever has made it."""
        self._undo: list[Callable[[], None]] = []
        self._then: list[Callable[[bool], None]] = []
        self._over = asyncio.Event()
        self._error: StoreError | None = None

    def execute(self, statement: str, parameters: Iterable[object] = ()) -> None:
        """Have a statement run once."""
        self.executemany(statement, [tuple(parameters)])

    def executemany(self, statement: str, rows: Iterable[Iterable[object]]) -> None:
        """Have a statement run for each of `rows`."""
        self.statements.append((statement, [tuple(row) for row in rows]))

    def on_loss(self, undo: Callable[[], None]) -> None:
        """Call `undo` if it does not reach the disk, those that were added last first."""
        self._undo.append(undo)

    def then(self, call: Callable[[bool], None]) -> None:
        """Call with True once it is on the disk, with False once it was undone."""
        self._then.append(call)

    async def over(self) -> None:
        """Wait until it is on the disk. Raises `StoreError` where it was undone, and not told."""
        await self._over.wait()
        if self._error is not None:
            raise self._error

    def undo(self) -> None:
        """Have all be in memory as it was before."""
        for undo in reversed(self._undo):
            _called(undo)

    def end(self, error: StoreError | None) -> None:
        """It is on the disk, or was undone because of `error`."""
        if error is not None and self.when_lost is not None:
            self.when_lost(error)
        else:
            self._error = error
        self._over.set()

    def tell(self, kept: bool) -> None:
        """Call all that wanted to be called then."""
        for call in self._then:
            _called(lambda call=call: call(kept))  # type: ignore[misc]


@dataclass(slots=True)
class _Block:
    """What a `saved` block has changed."""

    made: list[Transaction] = field(default_factory=list)
    open: bool = True
    """False once it was left: what it has set off, a timer say, still runs within it."""


_BLOCK: ContextVar[_Block | None] = ContextVar("saved block", default=None)


class Writer:
    """Brings transactions to the disk in their order, at once or, once started, by a thread.

    Those that wait when the thread is free go in one commit. Where it fails, what was made
    meanwhile is undone too: it was built upon what is not there.
    """

    def __init__(self, write: Callable[[Sequence[Statement]], None]) -> None:
        """`write` runs statements in one commit, in any thread; it raises `StoreError`."""
        self._write = write
        self._thread: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: Transaction | None = None
        self._waiting: list[Transaction] = []
        self._under_way: list[Transaction] = []
        self._commit: Future[StoreError | None] | None = None

    def start(self) -> None:
        """From now on the running loop waits for no commit; idempotent."""
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    @property
    def busy(self) -> bool:
        """Whether anything is still on its way to the disk."""
        return bool(self._under_way or self._waiting)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing. One inside another is part of it.

        Raises `StoreError` when the block is left, unless the thread writes: then `saved` does.
        """
        if self._open is not None:
            yield self._open
            return
        transaction = self._open = Transaction()
        try:
            yield transaction
        except BaseException:
            self._open = None
            transaction.undo()
            transaction.tell(False)
            raise
        self._open = None
        if self._thread is not None:
            self._hand_over(transaction)
            return
        error = self._written([transaction])
        self._end([transaction], error)
        if error is not None and transaction.when_lost is None:
            raise error

    def then(self, call: Callable[[bool], None]) -> None:
        """Call once all that was changed so far is on the disk (True) or was undone (False)."""
        if self._open is None and not self.busy:
            call(True)
        else:
            (self._open or [*self._under_way, *self._waiting][-1]).then(call)

    @contextlib.asynccontextmanager
    async def saved(self) -> AsyncIterator[None]:
        """Is left once all that the block has changed is on the disk.

        Raises `StoreError` where some of it could not be: that was undone.
        """
        block = _Block()
        before = _BLOCK.set(block)
        try:
            try:
                yield
            finally:
                block.open = False
                _BLOCK.reset(before)
            for transaction in block.made:
                await transaction.over()
        except BaseException:
            for transaction in block.made:
                transaction.when_lost = transaction.when_lost or _complain
            raise

    async def idle(self) -> None:
        """Wait until nothing is on its way."""
        while self.busy:
            with contextlib.suppress(StoreError):
                await [*self._under_way, *self._waiting][-1].over()

    def close(self) -> None:
        """Bring to the disk what is on its way, and let the thread go. Blocking."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.shutdown()
        if self._commit is not None:
            self._finish(self._commit)
        waiting, self._waiting = self._waiting, []
        self._end(waiting, self._written(waiting))

    def _hand_over(self, transaction: Transaction) -> None:
        block = _BLOCK.get()
        if block is not None and block.open:
            block.made.append(transaction)
        elif transaction.when_lost is None:
            transaction.when_lost = _complain
        self._waiting.append(transaction)
        self._next()

    def _next(self) -> None:
        if self._under_way or not self._waiting or self._thread is None or self._loop is None:
            return
        self._under_way, self._waiting = self._waiting, []
        loop = self._loop

        def done(commit: Future[StoreError | None]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: closing finishes it
                loop.call_soon_threadsafe(self._finish, commit)

        try:
            self._commit = self._thread.submit(self._written, tuple(self._under_way))
        except RuntimeError as error:  # no thread to be had
            lost, self._under_way = self._under_way, []
            self._end(lost, StoreError(f"it cannot be kept: {error}"))
            return
        self._commit.add_done_callback(done)

    def _finish(self, commit: Future[StoreError | None]) -> None:
        if commit is not self._commit:
            return  # closing was faster
        self._commit = None
        ended, self._under_way = self._under_way, []
        error = commit.result()
        if error is not None:
            ended, self._waiting = [*ended, *self._waiting], []
        self._next()
        self._end(ended, error)

    def _written(self, transactions: Sequence[Transaction]) -> StoreError | None:
        """Write them, in any thread; what kept them from the disk."""
        try:
            self._write([s for transaction in transactions for s in transaction.statements])
        except StoreError as error:
            return error
        except Exception as error:  # the supervisor of writing: who waits must be answered
            _LOG.exception("writing failed")
            return StoreError(f"it cannot be kept: {error}")
        return None

    @staticmethod
    def _end(transactions: Sequence[Transaction], error: StoreError | None) -> None:
        if error is not None:
            for transaction in reversed(transactions):
                transaction.undo()
        for transaction in transactions:
            transaction.end(error)
        for transaction in transactions:
            transaction.tell(error is None)


def _called(call: Callable[[], None]) -> None:
    """Call it; what it raises must not keep others from being answered."""
    try:
        call()
    except Exception:
        _LOG.exception("what was to follow a change failed")


def _complain(error: StoreError) -> None:
    _LOG.error("a change did not reach the disk: %s", error)
