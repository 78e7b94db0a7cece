"""The service room: talks to systemd (sd_notify) and writes the unit that systemd starts.

Protocol: sd_notify(3) and sd_watchdog_enabled(3) of systemd; nothing of libsystemd is needed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from assistant.paths import packaged

UNIT_NAME = "assistant.service"
SYSTEM_USER = "assistant"

_log = logging.getLogger(__name__)


class Notifier:
    """Tells the service manager how the daemon is; does nothing where there is none.

    The socket's address comes from `NOTIFY_SOCKET`: a path, or "@" and an abstract name.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        address = environment.get("NOTIFY_SOCKET", "")
        if address.startswith("@"):
            address = "\0" + address[1:]
        self._address = address if address[:1] in {"/", "\0"} else ""
        self.watchdog_interval_s = _watchdog_interval(environment)
        """Seconds between calls of `watchdog`, half of what is allowed; None: not wanted."""

    @property
    def enabled(self) -> bool:
        """True when a service manager listens."""
        return bool(self._address)

    def ready(self, text: str = "") -> None:
        """The daemon has started; with a line for `systemctl status`."""
        self._send("READY=1", text)

    def status(self, text: str) -> None:
        """A line for `systemctl status`."""
        self._send("", text)

    def stopping(self) -> None:
        """The daemon has begun to stop."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """The daemon is alive."""
        self._send("WATCHDOG=1")

    def _send(self, state: str, text: str = "") -> None:
        if not self._address:
            return
        status = f"STATUS={' '.join(text.split())}" if text else ""
        message = "\n".join(part for part in (state, status) if part)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)
                channel.sendto(message.encode(), self._address)
        except OSError as error:
            _log.warning("the service manager could not be told %r: %s", state or "status", error)


def _watchdog_interval(environment: Mapping[str, str]) -> float | None:
    """Half of `WATCHDOG_USEC`, unless `WATCHDOG_PID` says that another process is meant."""
    pid = environment.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    with contextlib.suppress(ValueError):
        allowed_us = int(environment.get("WATCHDOG_USEC", ""))
        if allowed_us > 0:
            return allowed_us / 2_000_000
    return None


def render_unit(command: tuple[str, ...], *, user: str = SYSTEM_USER) -> str:
    """The unit file for a program and a user.

    The packaged unit is a working one: only `ExecStart` and `User` change, and what follows from
    them (`Group` for a person's own account, `ProtectHome` for a program in a home directory).
    """
    template = packaged("systemd/assistant.service").read_text(encoding="utf-8")
    changes = {"ExecStart": " ".join(_quoted(word) for word in command), "User": user}
    if in_a_home(Path(command[0])):
        changes["ProtectHome"] = "read-only"
    lines = []
    for line in template.splitlines():
        key = line.split("=", 1)[0]
        if key == "Group" and user != SYSTEM_USER:
            continue
        lines.append(f"{key}={changes[key]}" if key in changes and "=" in line else line)
    return "\n".join(lines) + "\n"


def in_a_home(path: Path) -> bool:
    """True for a path that systemd's `ProtectHome=true` would hide."""
    return any(path.is_relative_to(top) for top in ("/home", "/root", "/run/user"))


def _quoted(word: str) -> str:
    """A word of a command line as systemd.service(5) reads it."""
    word = word.replace("%", "%%").replace("$", "$$")
    if word and not any(character in word for character in " \t\"'\\;"):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
