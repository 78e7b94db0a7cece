"""Evaluated beginnings of prompts on the disk, so that a start costs no evaluation.

A file is a SHA-256 of the rest and the state as llama.cpp gave it: what is damaged is never
handed to the native library, but made again.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

_LOG = logging.getLogger(__name__)
_DIGEST = 32
_KEPT = 3


class States:
    """A folder of states, the newest few of them. What cannot be written is told and not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str) -> bytes | None:
        """The state kept under `key`; None where there is none, or a damaged one."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            _LOG.warning("%s cannot be read and will be made again: %s", path, error)
            return None
        if len(data) <= _DIGEST or hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            _LOG.warning("%s is damaged and will be made again", path)
            return None
        return data[_DIGEST:]

    def write(self, key: str, state: bytes) -> None:
        """Keep `state` under `key`, whole or not at all, in a folder that only we may read."""
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.chmod(0o700)
            part.write_bytes(hashlib.sha256(state).digest() + state)
            part.replace(path)
            old = sorted(self._folder.glob("*.state"), key=lambda file: file.stat().st_mtime)
            for file in old[:-_KEPT]:
                file.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("%s cannot be kept: %s", path, error)
            part.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.state"
