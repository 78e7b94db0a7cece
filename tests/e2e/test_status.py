"""`assistant status` of a daemon in a process of its own: how it is with its language model."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from processes import Process

pytestmark = pytest.mark.engine

Running = Callable[[str], Any]
ODD = "it is like a cave in here somehow"


@pytest.fixture
def running(tmp_path: Path) -> Running:
    @asynccontextmanager
    async def make(llm: str) -> AsyncIterator[Process]:
        process = Process(tmp_path, llm=llm)
        try:
            await process.start()
            yield process
        finally:
            await process.end(signal.SIGKILL)
            process.notify.close()

    return make


async def status(process: Process, *options: str) -> str:
    """What the command prints."""
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assistant", "status", *options,
        env={**os.environ, "RUNTIME_DIRECTORY": str(process.folder / "run")},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        output, _ = await asked.communicate()
    assert asked.returncode == 0
    return output.decode()


async def test_a_model_is_not_loaded_then_loading_then_ready(running: Running) -> None:
    async with running('load = "first_use"\nadapter = "installed"') as process:
        before = await status(process)
        assert "language model  not loaded: the first request loads it" in before
        assert "microphone      none" in before
        async with asyncio.timeout(60):
            while "still getting ready" in (await process.ask(ODD))["reply"]:
                printed = await status(process)
                assert "  loading: reading" in printed or "  ready: " in printed
        ready = await status(process)
        told = json.loads(await status(process, "--json"))["language_model"]
    assert "language model  ready: SmolLM2-135M-Instruct.Q4_1.gguf, taught by " in ready
    assert "  memory        about " in ready
    assert "  adapter       smollm2-135m-instruct-q4_1.en.adapter.gguf" in ready
    assert told["state"] == "ready" and told["bytes_needed"] > 100e6


@pytest.mark.parametrize(
    ("llm", "told"),
    [
        ("enabled = false", "language model  off: llm.enabled is false"),
        ('model = "none-such"', "language model  absent: "),
        (
            'adapter = "/nowhere/lora.gguf"',
            "language model  failed: The language model cannot be used: /nowhere/lora.gguf",
        ),
    ],
)
async def test_why_there_is_no_model_is_told(running: Running, llm: str, told: str) -> None:
    async with running(llm) as process:
        async with asyncio.timeout(30):
            while "loading" in (printed := await status(process)):
                await asyncio.sleep(0.2)
        assert told in printed
        turn = await process.ask("turn on the kitchen lights")
        assert [action["outcome"] for action in turn["actions"]] == ["confirmed"]


async def test_a_dead_server_is_told_beside_the_model_that_stands_in(running: Running) -> None:
    async with running('adapter = "installed"\nserver = "http://127.0.0.1:9"') as process:
        async with asyncio.timeout(60):
            while "ready" not in await status(process):
                await asyncio.sleep(0.2)
        await process.ask(ODD)
        printed = await status(process)
    assert "  server        http://127.0.0.1:9: failed: " in printed
    assert "  memory        about " in printed
