"""`assistant run` as a process of its own, in directories of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from brokers import free_port

from assistant.config import Settings
from assistant.control import call
from assistant.models import ModelStore

SETTINGS = """
[audio]
input = "none"
output = "none"
[mqtt]
{mqtt}
[models]
directory = "{models}"
[llm]
{llm}
"""


class Process:
    """`assistant run` in directories of its own, with a notify socket."""

    def __init__(self, folder: Path, mqtt: str = "", llm: str = "enabled = false") -> None:
        self.folder = folder
        self.control = folder / "run" / "control.sock"
        (folder / "run").mkdir()
        mqtt = mqtt or f"port = {free_port()}"
        self.settings = folder / "assistant.toml"
        self.settings.write_text(
            SETTINGS.format(
                mqtt=mqtt, models=ModelStore.from_settings(Settings()).directory, llm=llm
            )
        )
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(folder / "notify"))
        self.notify.setblocking(False)
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, **environment: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "assistant", "--config", str(self.settings), "run",
            env={
                **os.environ,
                "NOTIFY_SOCKET": str(self.folder / "notify"),
                "STATE_DIRECTORY": str(self.folder),
                "RUNTIME_DIRECTORY": str(self.folder / "run"),
                **environment,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self.told("READY=1")

    async def told(self, state: str) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            while state not in (await loop.sock_recv(self.notify, 4096)).decode():
                pass

    async def ask(self, text: str) -> dict[str, Any]:
        return await self.do(op="ask", text=text)

    async def do(self, **request: Any) -> dict[str, Any]:
        """One operation of the control socket."""
        return await call(request, self.control)

    async def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(20):
            await self.process.communicate()
        return self.process.returncode or 0
