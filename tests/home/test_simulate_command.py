"""`assistant simulate` as a program of its own: announces, shows commands, ends on Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto, eventually

from assistant.cli.main import main
from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status

_START_LIMIT_S = 20.0


class Program:
    """The running command and all it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    def printed(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.lines)


@contextlib.asynccontextmanager
async def simulating(tmp_path: Path, *arguments: str) -> AsyncIterator[Program]:
    settings = tmp_path / "settings.toml"
    settings.write_text("")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assistant", "--config", str(settings), "simulate", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    program = Program(process)
    reading = asyncio.create_task(program.read())
    try:
        await eventually(lambda: program.printed("devices announced"), _START_LIMIT_S)
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 10)
        await reading


@pytest.mark.parametrize("dialect", ["homeassistant", "zigbee2mqtt"])
async def test_a_home_lives_on_its_own_broker_and_shows_commands(
    tmp_path: Path, dialect: str
) -> None:
    async with simulating(
        tmp_path, "--devices", "12", "--dialect", dialect, "--port", "0"
    ) as program:
        address = next(line for line in program.lines if line.startswith("Broker: 127.0.0.1:"))
        port = int(address.split(":")[2].split(",")[0])
        home = Home()
        bus = MqttBus(MqttSettings(host="127.0.0.1", port=port), home)
        await bus.start(required=True)
        try:
            await eventually(lambda: any(d.type == "light" for d in home.devices.values()))
            lamp = next(d for d in home.devices.values() if d.type == "light")
            await eventually(lambda: home.available(lamp.id))
            (result,) = await bus.perform([Action("light.turn_on", lamp.id)])
        finally:
            await bus.stop()
        assert result.status is Status.CONFIRMED
        await eventually(lambda: program.printed(lamp.name, "done", "/set", "ON"))
    assert program.process.returncode == 0
    assert program.lines[-1] == "All devices have said goodbye."


@pytest.mark.broker
async def test_a_home_lives_on_a_broker_that_wants_a_password(tmp_path, make_mosquitto) -> None:
    broker: Mosquitto = make_mosquitto(password="secret")
    broker.start()
    where = ("--host", "127.0.0.1", "--port", str(broker.port))
    login = ("--username", broker.username, "--password", broker.password)
    async with simulating(tmp_path, *where, *login, "--dialect", "tasmota") as program:
        assert program.printed(f"Broker: 127.0.0.1:{broker.port}")
        assert program.printed("tasmota has no", "lock devices")
        assert program.printed("16 devices announced")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--latency", "-5"], "--latency -5: expected 0 to 600000 ms."),
        (["--latency", "nan"], "--latency nan: expected 0 to 600000 ms."),
        (["--travel", "-1"], "--travel -1: expected 0 to 3600 s."),
        (["--travel", "inf"], "--travel inf: expected 0 to 3600 s."),
        (["--port", "99999"], "--port 99999: expected 0 to 65535."),
        (["--port", "-1"], "--port -1: expected 0 to 65535."),
        (["--port", "0", "--host", "broker"], "--port 0: expected 1 to 65535."),
    ],
)
def test_a_number_out_of_its_range_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, given: list[str], told: str
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("")
    assert main(["--config", str(settings), "simulate", *given]) == 1
    assert capsys.readouterr().err.strip().endswith(told)


def test_what_makes_no_sense_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("")
    config = ["--config", str(settings), "simulate"]
    assert main([*config, "--devices", "0"]) == 1
    assert "1 to" in capsys.readouterr().err
    assert main([*config, "--loss", "7"]) == 1
    assert "chance" in capsys.readouterr().err
    assert main([*config, str(tmp_path / "nowhere.yaml")]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
    corrections = tmp_path / "corrections.yaml"
    corrections.write_text("devices: [{id: lamp, aliases: [sun]}]")
    assert main([*config, str(corrections)]) == 1
    told = capsys.readouterr()
    assert "not written down: lamp" in told.out
    assert "nothing to simulate" in told.err
    with pytest.raises(SystemExit):
        main([*config, "--help"])
    assert "--dropout" in capsys.readouterr().out
