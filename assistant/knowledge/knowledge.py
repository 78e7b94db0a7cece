"""The household's documents: indexed in the background, asked by questions."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from assistant.errors import StoreError
from assistant.knowledge.asking import NotThere, Quote, answer
from assistant.knowledge.index import Index

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_LOOKS_EVERY_S = 10.0
_PATIENCE_S = 2.0
"""A question waits so long for the documents to have been read once."""


class Knowledge:
    """Answers from a folder of documents, in a thread of its own. Belongs to the event loop.

    What a document says is quoted, and nothing else is ever done with it.
    """

    def __init__(
        self, folder: Path, path: Path | None, *, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        """`path`: the index's file; None: in memory. `tell` takes a sentence for the user."""
        self._folder = folder
        self._path = path
        self._tell = tell
        self._told: set[str] = set()
        self._worker: ThreadPoolExecutor | None = None
        self._index: Index | None = None
        self._first = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Look for documents from now on."""
        if self._keeping is None:
            self._loop = asyncio.get_running_loop()
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="knowledge")
            self._keeping = asyncio.create_task(self._keep_fresh(), name="knowledge")

    async def answer(self, question: str, language: str) -> Quote | NotThere | None:
        """What the documents say; None: nothing for them, or there are none."""
        if self._worker is None:
            return None
        try:
            await asyncio.wait_for(self._first.wait(), _PATIENCE_S)
        except TimeoutError:
            _LOG.info("the documents are still being read")
            return None
        try:
            return await self._in_worker(lambda: self._answered(question, language))
        except StoreError as error:
            self._complain(str(error))
            return None

    async def close(self) -> None:
        """Close the index; idempotent."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.get_running_loop().run_in_executor(worker, self._close)
            worker.shutdown(wait=False)

    async def _keep_fresh(self) -> None:
        while True:
            try:
                await self._in_worker(self._refresh)
            except StoreError as error:
                self._complain(str(error))
            self._first.set()
            await asyncio.sleep(_LOOKS_EVERY_S)

    def _complain(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)

    async def _in_worker(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    # In the thread

    def _refresh(self) -> None:
        if self._index is None:
            if not self._folder.is_dir():
                return
            self._index = Index(self._folder, self._path)
        if not self._index.refresh():
            return
        listed = self._index.files()
        used = sum(1 for each in listed if not each.reason)
        _LOG.info("%d documents in %s, %d passages",
                  used, self._folder, sum(each.passages for each in listed))  # fmt: skip
        for each in listed:
            if each.reason:
                sentence = f"{self._folder / each.file} cannot be quoted: {each.reason}."
                self._loop.call_soon_threadsafe(self._complain, sentence)

    def _answered(self, question: str, language: str) -> Quote | NotThere | None:
        if self._index is None:
            return None
        try:
            return answer(question, language, self._index)
        except sqlite3.Error as error:
            raise StoreError(f"The index of the documents cannot be read: {error}") from error

    def _close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
