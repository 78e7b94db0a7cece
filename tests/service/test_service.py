"""systemd: its notify socket for real, and its own verdict on the unit."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.cli.main import main
from assistant.cli.service import service_command, unreachable_part
from assistant.service import Notifier, in_a_home, render_unit


@pytest.fixture(params=["path", "abstract"])
def notify_socket(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, socket.socket]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        if request.param == "path":
            address = str(tmp_path / "notify")
            listener.bind(address)
        else:
            name = f"assistant-test-{uuid.uuid4()}"
            listener.bind(f"\0{name}")
            address = f"@{name}"
        listener.settimeout(5)
        yield address, listener


def test_the_service_manager_hears_every_message(
    notify_socket: tuple[str, socket.socket],
) -> None:
    address, listener = notify_socket
    notifier = Notifier({"NOTIFY_SOCKET": address})
    assert notifier.enabled
    notifier.ready("listening")
    notifier.status("two\nlines")
    notifier.watchdog()
    notifier.stopping()
    assert [listener.recv(4096).decode() for _ in range(4)] == [
        "READY=1\nSTATUS=listening",
        "STATUS=two lines",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


@pytest.mark.parametrize("address", ["", "relative/path", "vsock:2:1"])
def test_without_a_usable_socket_nothing_happens(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address} if address else {})
    assert not notifier.enabled
    notifier.ready()
    notifier.watchdog()


def test_a_socket_that_is_gone_is_logged_and_survived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).watchdog()
    assert "could not be told" in caplog.text


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_wants_a_sign_of_life_twice_as_often_as_it_waits(
    environment: dict[str, str], interval: float | None
) -> None:
    assert Notifier(environment).watchdog_interval_s == interval


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("user", ["assistant", "root"])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, user: str) -> None:
    unit = tmp_path / "assistant.service"
    unit.write_text(render_unit((sys.executable, "-m", "assistant", "run"), user=user))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert security.returncode == 0, security.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_reads_a_program_whose_path_has_a_space_and_a_percent_sign(tmp_path: Path) -> None:
    program = tmp_path / "my 50% disk" / "assistant"
    program.parent.mkdir()
    program.symlink_to("/bin/true")
    unit = tmp_path / "assistant.service"
    unit.write_text(render_unit((str(program), "run")))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verdict.returncode, verdict.stderr) == (0, "")


def test_the_unit_promises_what_the_daemon_keeps() -> None:
    unit = render_unit(("/opt/assistant/.venv/bin/assistant", "run"))
    for line in (
        "Type=notify",
        "WatchdogSec=30",
        "Restart=on-failure",
        "User=assistant",
        "StateDirectory=assistant",
        "ProtectHome=true",
        "ExecStart=/opt/assistant/.venv/bin/assistant run",
    ):
        assert line in unit.splitlines()
    program = Path("/home") / "pi" / "assistant" / ".venv" / "bin" / "assistant"
    at_home = render_unit((str(program), "run"), user="pi")
    assert "ProtectHome=read-only" in at_home.splitlines()
    assert "User=pi" in at_home.splitlines()
    assert "Group=assistant" not in at_home
    assert in_a_home(Path("/root") / "x")
    assert not in_a_home(Path("/opt/x"))


def test_install_shows_everything_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    if unreachable_part(Path(service_command()[0]), "root") is not None:
        pytest.skip("the checkout is closed to others")
    assert main(["service", "install", "--dry-run", "--user", "root"]) == 0
    output = capsys.readouterr().out
    assert f"ExecStart={service_command()[0]}" in output
    assert "would run: systemctl daemon-reload" in output
    assert "would run: systemctl enable" in output


def test_a_program_in_a_closed_folder_is_found_before_systemd_fails(tmp_path: Path) -> None:
    program = tmp_path / "closed" / "assistant"
    program.parent.mkdir(mode=0o700)
    program.touch()
    tmp_path.chmod(0o755)
    found = unreachable_part(program, "nobody")
    assert found is not None
    assert found in program.parents


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="this machine runs systemd")
@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_without_systemd_one_sentence_says_so(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", action]) == 1
    assert "not started by systemd" in capsys.readouterr().err
