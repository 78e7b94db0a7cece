"""Lines between a client and its broker that fail, for the tests of the bus."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from brokers import free_port


class Wire:
    """A TCP proxy that can swallow everything without closing anything (`cut`), or be torn."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.cut = False
        self.torn = False
        self._target = port
        self._lines: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Wire]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            for line in self._lines:
                line.close()

    def tear(self) -> None:
        """Break all lines, and let nobody connect until it is mended."""
        self.torn = True
        for line in self._lines:
            line.close()
        self._lines.clear()

    def mend(self) -> None:
        self.torn = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.torn:
            writer.close()
            return
        doomed = [self.cut]
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._lines += [writer, far_writer]
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._carry(source, sink, doomed))
            self._tasks.add(task)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, doomed: list[bool]
    ) -> None:
        while data := await source.read(65536):
            # What lost bytes once carries nothing any more.
            doomed[0] = doomed[0] or self.cut
            if not doomed[0]:
                sink.write(data)
        if not doomed[0]:
            sink.close()
