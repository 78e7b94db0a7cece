"""A real Mosquitto, a client that listens in, and patience: for the tests of several rooms."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import aiomqtt
import pytest

from assistant.home.mqtt.ending import end


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def eventually(condition: Callable[[], object], limit_s: float = 5.0) -> None:
    """Wait until `condition()` holds; fail the test when it does not within the limit."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("what the test waits for has not happened")
        await asyncio.sleep(0.005)


class Mosquitto:
    """A real Eclipse Mosquitto on a free loopback port."""

    def __init__(
        self,
        directory: Path,
        password: str = "",
        *,
        lines: Sequence[str] = (),
        tls: Sequence[str] = (),
        websockets: bool = False,
    ) -> None:
        """`lines` go into its configuration, `tls` (certificate files) to its listener."""
        self.port = free_port()
        self.username, self.password = ("home", password) if password else ("", "")
        self._config = directory / "mosquitto.conf"
        config = [*lines, f"listener {self.port} 127.0.0.1", *tls]
        if websockets:
            # Mosquitto 2.0 will not run with websockets alone.
            config += ["protocol websockets", f"listener {free_port()} 127.0.0.1"]
        if os.geteuid() == 0:
            config.append("user root")  # else it becomes one who cannot read the password file
        if password:
            passwords = directory / "passwords"
            command = ["mosquitto_passwd", "-c", "-b", str(passwords), self.username, password]
            subprocess.run(command, check=True, capture_output=True)
            passwords.chmod(0o644)
            config += ["allow_anonymous false", f"password_file {passwords}"]
        else:
            config += ["allow_anonymous true"]
        self._config.write_text("\n".join(config) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen(
            [binary, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.01)
        pytest.fail("mosquitto does not listen")

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(10)

    def kill(self) -> None:
        """End it without a chance to say goodbye to anybody."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)

    def restart(self) -> None:
        """Stop and start on the same port; retained messages are forgotten."""
        self.stop()
        self.start()


class Traffic:
    """An MQTT client that writes down all it hears and may answer."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, str]] = []
        self.answers: dict[tuple[str, str], list[tuple[str, str]]] = {}
        """Messages to publish when another, by topic and payload, is heard."""

    async def listen(self) -> None:
        async for message in self.client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            heard = (message.topic.value, payload.decode("utf-8", "replace"))
            self.heard.append(heard)
            for topic, text in self.answers.get(heard, ()):
                await self.client.publish(topic, text, qos=1)

    def on(self, prefix: str) -> list[tuple[str, str]]:
        """What was heard under a topic prefix."""
        return [(topic, payload) for topic, payload in self.heard if topic.startswith(prefix)]


@contextlib.asynccontextmanager
async def traffic_on(
    port: int, username: str = "", password: str = "", host: str = "127.0.0.1"
) -> AsyncIterator[Traffic]:
    """A `Traffic` on a broker."""
    nodelay = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    async with aiomqtt.Client(
        host,
        port,
        username=username or None,
        password=password or None,
        socket_options=(nodelay,),
    ) as client:
        await client.subscribe("#", qos=1)
        traffic = Traffic(client)
        listening = asyncio.create_task(traffic.listen())
        try:
            yield traffic
        finally:
            await end([listening])
