"""The commands that tell the running daemon one thing, and what they tell it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.cli.main import main
from assistant.control import ControlServer

_OPERATIONS = ("listen", "say", "stop", "mute", "volume")


class Daemon:
    """A control socket that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._server = ControlServer(dict.fromkeys(_OPERATIONS, self._hear))
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _hear(self, request: dict[str, Any]) -> dict[str, Any]:
        self.told.append(request)
        return {"volume": request.get("volume", 70)}


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    running = Daemon()
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("arguments", "request_", "printed"),
    [
        (["say", "Dinner is ready"], {"op": "say", "text": "Dinner is ready"}, ""),
        (["listen"], {"op": "listen"}, ""),
        (["stop"], {"op": "stop"}, ""),
        (["mute"], {"op": "mute", "muted": True}, "assistant unmute"),
        (["unmute"], {"op": "mute", "muted": False}, ""),
        (["volume"], {"op": "volume"}, "70"),
        (["volume", "40"], {"op": "volume", "volume": 40}, "40"),
    ],
)
def test_each_button_tells_the_daemon(
    daemon: Daemon,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    request_: dict[str, Any],
    printed: str,
) -> None:
    assert main(arguments) == 0
    assert daemon.told == [request_]
    assert printed in capsys.readouterr().out


def test_without_a_daemon_a_button_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert main(["mute"]) == 1
    assert "assistant run" in capsys.readouterr().err
