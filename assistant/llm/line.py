"""An HTTP connection to one server and no other, that can be cut at any moment.

No proxy is used and no redirect followed: what is said at home goes where the settings say.
"""

from __future__ import annotations

import json
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult

from assistant.llm.proposals import cleaned

MOST_BYTES = 262_144
"""Of one answer."""
_LONGEST_REASON = 160
_LOOK_S = 0.05


class RefusedError(Exception):
    """An HTTP status that is no answer."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"it answers {code} {reason}".strip())
        self.code = code


class Patience:
    """How long an answer is waited for: until a limit, or until `stop` turns true."""

    def __init__(self, stop: Callable[[], bool], limit_s: float) -> None:
        self._stop = stop
        self._ends = time.monotonic() + limit_s
        self.limit_s = limit_s
        self.late = False
        """Whether it was waited for too long."""

    def endless(self) -> None:
        """Only `stop` ends it from now on."""
        self._ends = math.inf

    def over(self) -> bool:
        """Whether it has ended."""
        self.late = self.late or time.monotonic() > self._ends
        return self.late or self._stop()

    def too_late(self) -> TimeoutError:
        """What to raise where it was waited for too long."""
        return TimeoutError(f"it took longer than {self.limit_s:g} s")

    @contextmanager
    def cutting(self, connected: socket.socket) -> Iterator[None]:
        """Within it, `connected` is cut when patience ends, whoever reads from it meanwhile."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(_LOOK_S):
                if self.over():
                    with suppress(OSError):  # the server hung up first
                        connected.shutdown(socket.SHUT_RDWR)
                    return

        watcher = threading.Thread(target=look, name="patience", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


class Line:
    """The way to the server at one address. Blocking."""

    def __init__(self, address: SplitResult, headers: Mapping[str, str]) -> None:
        """`headers` go along with every request."""
        self._secure = address.scheme == "https"
        self._host = address.hostname or ""
        self._port = address.port or (443 if self._secure else 80)
        self._path = address.path.rstrip("/").removesuffix("/v1")
        self._headers = {**headers, "Connection": "close"}

    @contextmanager
    def answer(
        self, path: str, body: Mapping[str, Any] | None, patience: Patience
    ) -> Iterator[HTTPResponse]:
        """The response to `body` as JSON (None: a plain GET), while it comes in.

        Raises `RefusedError` for another status than 200, `TimeoutError` when patience ends, and
        what `http.client` does.
        """
        connection = HTTPConnection(self._host, self._port)
        try:
            connection.sock = self._connected(patience)
            with patience.cutting(connection.sock):
                data = None if body is None else json.dumps(body).encode("utf-8")
                method = "GET" if body is None else "POST"
                connection.request(method, self._path + path, data, self._headers)
                response = connection.getresponse()
                if response.status != 200:
                    raise RefusedError(response.status, _reason(response))
                yield response
                if patience.late:
                    raise patience.too_late()
        except (OSError, HTTPException, ValueError) as error:
            if patience.late or isinstance(error, TimeoutError):
                raise patience.too_late() from None
            raise
        finally:
            connection.close()

    def _connected(self, patience: Patience) -> socket.socket:
        """A connection, made in a thread that nobody has to wait for: looking a name up can take
        longer than anybody's patience."""
        made: list[socket.socket | OSError] = []
        ready, abandoned = threading.Event(), threading.Event()

        def connect() -> None:
            try:
                connected = socket.create_connection((self._host, self._port), patience.limit_s)
                if self._secure:
                    context = ssl.create_default_context()
                    connected = context.wrap_socket(connected, server_hostname=self._host)
                made.append(connected)
                if abandoned.is_set():
                    connected.close()
            except OSError as error:
                made.append(error)
            finally:
                ready.set()

        threading.Thread(target=connect, name="connect", daemon=True).start()
        while not ready.wait(_LOOK_S):
            if patience.over():
                abandoned.set()
                raise patience.too_late()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]


def words(error: object) -> str:
    """What a server says of a fault, in one short line."""
    told = error.get("message") if isinstance(error, dict) else error
    return cleaned(told, _LONGEST_REASON) if isinstance(told, str) else "an error"


def _reason(response: HTTPResponse) -> str:
    try:
        return words(json.loads(response.read(MOST_BYTES))["error"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return response.reason
