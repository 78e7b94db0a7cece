"""The home file while it is being edited: read again when it has changed, kept when it is wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from assistant.errors import HomeFileError
from assistant.home.file.reading import HomeFile, load_home

DEFAULT_NAME = "home.yaml"
"""A home file of this name need not exist (yet): it is what `assistant home` makes."""

_LOOK_EVERY_S = 0.5

_Stamp = tuple[int, int, int] | None


class HomeFileWatch:
    """Follows one home file. Belongs to the event loop; the file is looked at in a thread.

    `on_change` gets what a changed file says, `tell` what the user should know, with its level.
    A change counts when the file has been left alone between two looks, so that one half written
    is not taken for whole.
    """

    def __init__(
        self,
        path: Path,
        on_change: Callable[[HomeFile], None],
        tell: Callable[[str, int], None],
    ) -> None:
        self.path = path
        self._on_change = on_change
        self._tell = tell
        self._stamp: _Stamp = None
        """Of the file as it was read last, rightly or wrongly."""
        self._seen: _Stamp = None
        self._fault = ""

    async def load(self) -> HomeFile:
        """What the file says now; nothing where one of the default name is not there.

        Raises `HomeFileError`.
        """
        self._stamp = self._seen = await asyncio.to_thread(_stamp, self.path)
        return await asyncio.to_thread(self._read)

    async def follow(self) -> None:
        """Look at the file for ever."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Take the file in if it has changed and settled; tell, once, if it is wrong."""
        stamp = await asyncio.to_thread(_stamp, self.path)
        settled, self._seen = stamp == self._seen, stamp
        if stamp == self._stamp or not settled:
            return
        self._stamp = stamp
        try:
            home_file = await asyncio.to_thread(self._read)
        except HomeFileError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                self._tell(
                    f"{error} Until that is right, the home stays as it was.", logging.WARNING
                )
            return
        self._fault = ""
        self._on_change(home_file)
        self._tell(f"The home file {self.path} has changed, and was read again.", logging.INFO)

    def _read(self) -> HomeFile:
        if self.path.name == DEFAULT_NAME and not self.path.exists():
            return HomeFile()
        return load_home(self.path)


def _stamp(path: Path) -> _Stamp:
    """What changes with every change of a file; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
