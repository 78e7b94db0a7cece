"""The running daemon's control socket: one JSON object a line in, one out, then closed.

A Unix socket that only the daemon's user and group may open; no network. Requests are
`{"op": …}`; answers carry `"error"` (a sentence) when it did not work.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, ControlError
from assistant.paths import runtime_directory

_LOG = logging.getLogger(__name__)
_LINE_LIMIT = 64 * 1024 * 1024
"""Ten minutes of 16 kHz audio in base64 fit with room to spare."""
_PATIENCE_S = 30.0

Json = dict[str, Any]
Handler = Callable[[Json], Awaitable[Json]]


def socket_path() -> Path:
    """Where this user's daemon listens, or the system's where that one is running."""
    own = runtime_directory() / "control.sock"
    system = Path("/run/assistant/control.sock")
    return system if not own.exists() and system.exists() else own


class ControlServer:
    """Answers the command line on behalf of the daemon."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._path = runtime_directory() / "control.sock"
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises `ControlError` when another daemon of this user already does."""
        if await is_running(self._path):
            raise ControlError(
                f"An assistant is already running here ({self._path}). "
                "Stop that one first, or talk to it with: assistant ask"
            )
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._serve, path=self._path, limit=_LINE_LIMIT
        )
        self._path.chmod(0o660)

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                line = await reader.readline()
            if not line:
                return
            answer = await self._answer(line)
            writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, TimeoutError, ValueError) as error:
            _LOG.info("a control connection broke: %s", error)
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Json:
        try:
            request = json.loads(line)
            operation = request["op"]
            handler = self._handlers[operation]
        except (ValueError, TypeError, KeyError):
            return {"error": f"expected one of: {', '.join(sorted(self._handlers))}"}
        try:
            return await handler(request)
        except AssistantError as error:
            return {"error": str(error)}
        except Exception:  # one bad request must not end the daemon
            _LOG.exception("control request %s failed", operation)
            return {"error": "That did not work; the log says why."}


async def is_running(path: Path | None = None) -> bool:
    """Whether a daemon answers on its socket."""
    try:
        _, writer = await asyncio.open_unix_connection(path or socket_path())
    except OSError:
        return False
    writer.close()
    return True


async def call(request: Json, path: Path | None = None) -> Json:
    """Ask the running daemon.

    Raises `ControlError` when there is none, when it may not be opened, or for its own errors.
    """
    path = path or socket_path()
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=_LINE_LIMIT)
    except PermissionError as error:
        raise ControlError(
            f"You may not talk to the assistant at {path}: add yourself to its group "
            "(sudo usermod -aG assistant $USER) and log in again."
        ) from error
    except OSError as error:
        raise ControlError("No assistant is running. Start one with: assistant run") from error
    try:
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
    except ConnectionError as error:
        raise ControlError("The assistant hung up in the middle of the answer.") from error
    finally:
        writer.close()
    if not line:
        raise ControlError("The assistant hung up without an answer.")
    answer: Json = json.loads(line)
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer
