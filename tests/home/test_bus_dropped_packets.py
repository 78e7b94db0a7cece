"""Packets that are really dropped, between two network namespaces of the kernel.

Needs the rights to make namespaces and `ip` (iproute2). Nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from brokers import eventually, traffic_on
from buses import announce

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status

pytestmark = pytest.mark.broker

CLONE_NEWNET = 0x40000000
PORT = 1883
NOWHERE = "02:00:00:00:00:99"


def ip(*arguments: str, inside: int | None = None) -> None:
    into = ["nsenter", "-t", str(inside), "-n"] if inside else []
    subprocess.run([*into, "ip", *arguments], check=True, capture_output=True, timeout=10)


def in_a_network_of_its_own(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `scene` in a thread that sees no network but the one it makes."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.unshare(CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")
            asyncio.run(scene())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if failure:
        raise failure[0]


class Wires:
    """A broker in another namespace, on two wires; the first of them can lose everything."""

    def __init__(self, config: Path) -> None:
        config.write_text(f"listener {PORT}\nallow_anonymous true\nuser root\n")
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._broker = subprocess.Popen(
            ["unshare", "-n", binary, "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        own = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net").readlink()
        there = Path(f"/proc/{self._broker.pid}/ns/net")
        deadline = time.monotonic() + 5
        while there.readlink() == own and time.monotonic() < deadline:
            time.sleep(0.01)
        for number in (0, 1):
            near, far = f"near{number}", f"far{number}"
            ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self._pid)
            ip("addr", "add", f"10.77.{number}.2/24", "dev", near)
            ip("link", "set", near, "up")
            ip("addr", "add", f"10.77.{number}.1/24", "dev", far, inside=self._broker.pid)
            ip("link", "set", far, "up", inside=self._broker.pid)

    @property
    def _pid(self) -> str:
        return str(self._broker.pid)

    def lose_everything(self) -> None:
        """Address all frames of the first wire to nobody, in both directions."""
        to_nobody = ("lladdr", NOWHERE, "nud", "permanent")
        ip("neigh", "replace", "10.77.0.1", "dev", "near0", *to_nobody)
        ip("neigh", "replace", "10.77.0.2", "dev", "far0", *to_nobody, inside=self._broker.pid)

    def mend(self) -> None:
        ip("neigh", "del", "10.77.0.1", "dev", "near0")
        ip("neigh", "del", "10.77.0.2", "dev", "far0", inside=self._broker.pid)

    def stop(self) -> None:
        self._broker.kill()
        self._broker.wait(10)


@pytest.fixture
def privileged() -> Iterator[None]:
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nsenter"):
        pytest.skip("only root can make network namespaces, with iproute2 and nsenter")
    yield


@pytest.mark.parametrize("lost_s", [3.0, 12.0])
def test_a_wire_that_loses_every_packet_is_noticed_and_all_is_right_within_5_s_of_its_return(
    lost_s: float, privileged: None, tmp_path: Path
) -> None:
    async def scene() -> None:
        wires = Wires(tmp_path / "mosquitto.conf")
        home = Home()
        bus = MqttBus(MqttSettings(host="10.77.0.1", port=PORT, confirm_timeout_s=0.5), home)
        try:
            await bus.start()
            await eventually(lambda: bus.connected)
            async with traffic_on(PORT, host="10.77.1.1") as traffic:
                await announce(traffic)
                await traffic.client.publish("l/state", "OFF", qos=1, retain=True)
                await eventually(lambda: home.state("lamp"))
                wires.lose_everything()
                began = time.monotonic()
                (result,) = await bus.perform([Action("light.turn_on", "lamp")])
                assert result.status is Status.NO_ANSWER
                await traffic.client.publish("l/state", "ON", qos=1, retain=True)
                if lost_s > 6:
                    await eventually(lambda: not bus.connected, lost_s)
                    print(f"\nlost packets are noticed after {time.monotonic() - began:.1f} s")
                await asyncio.sleep(max(0.0, began + lost_s - time.monotonic()))
                wires.mend()
                returned = time.monotonic()
                await eventually(lambda: bus.connected and home.state("lamp") == {"power": "on"}, 5)
                print(f"\nright again after {time.monotonic() - returned:.1f} s")
                traffic.answers["l/set", "OFF"] = [("l/state", "OFF")]
                (result,) = await bus.perform([Action("light.turn_off", "lamp")])
                assert result.status is Status.CONFIRMED
                # The command of before may have been on its way, but never twice.
                commands = traffic.on("l/set")
                assert commands.count(("l/set", "OFF")) == 1
                assert commands.count(("l/set", "ON")) <= 1
        finally:
            await bus.stop()
            wires.stop()

    in_a_network_of_its_own(scene)
