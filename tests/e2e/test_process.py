"""The daemon as a process of its own: readiness, watchdog, control socket, kill -9."""

import asyncio
import json
import os
import signal
import sys

import pytest
from processes import Process

from assistant.control import call
from assistant.errors import ControlError

pytestmark = pytest.mark.engine


@pytest.fixture
async def process(tmp_path):
    running = Process(tmp_path)
    yield running
    if running.process is not None and running.process.returncode is None:
        await running.end(signal.SIGKILL)
    running.notify.close()


async def test_it_tells_systemd_when_it_is_ready_and_alive_and_ends_on_request(process):
    await process.start(WATCHDOG_USEC="400000")
    await process.told("WATCHDOG=1")
    await process.told("WATCHDOG=1")
    assert await process.end() == 0
    assert not process.control.exists()


async def test_a_typed_command_reaches_a_simulated_device_and_is_confirmed_by_it(process):
    await process.start()
    turn = await process.ask("turn on the kitchen lights")
    assert [(a["service"], a["outcome"]) for a in turn["actions"]] == [
        ("light.turn_on", "confirmed")
    ]
    home = await call({"op": "home"}, process.control)
    state = {d["id"]: d["state"] for d in home["devices"]}
    assert state[turn["actions"][0]["device"]]["power"] == "on"


async def test_a_timer_survives_kill_9_and_rings_after_the_restart(process):
    await process.start()
    assert not (await process.ask("set a pizza timer for 6 seconds"))["failed"]
    await process.end(signal.SIGKILL)
    await process.start()
    rings = await ring_of(process)
    assert rings["name"] == "pizza"
    assert "pizza" in rings["text"].lower()
    assert not (await process.ask("stop"))["failed"]


async def ring_of(process: Process) -> dict:
    """The first ring that the daemon announces or has announced."""
    async with asyncio.timeout(20):
        while True:
            status = await call({"op": "status"}, process.control)
            if status["ringing"]:
                return status["ringing"][0]
            await asyncio.sleep(0.1)


async def test_a_second_daemon_refuses_to_start_and_says_why(process):
    await process.start()
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assistant", "--config", str(process.settings), "run",
        env={
            **os.environ,
            "STATE_DIRECTORY": str(process.folder),
            "RUNTIME_DIRECTORY": str(process.folder / "run"),
        },
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        _, errors = await second.communicate()
    assert second.returncode == 1
    assert "already running" in errors.decode()
    assert "Traceback" not in errors.decode()
    assert not (await process.ask("what time is it"))["failed"]


async def test_push_to_talk_without_a_microphone_says_so(process):
    await process.start()
    with pytest.raises(ControlError, match="no microphone"):
        await call({"op": "listen"}, process.control)


async def test_nonsense_on_the_control_socket_harms_nothing(process):
    await process.start()
    for line in (b"\n", b"{}\n", b'{"op": "explode"}\n', b"\xff\xfe\x00\n", b'["ask"]\n'):
        reader, writer = await asyncio.open_unix_connection(process.control)
        writer.write(line)
        assert "error" in json.loads(await reader.readline())
        writer.close()
    assert not (await process.ask("what time is it"))["failed"]
