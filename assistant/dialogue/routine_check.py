"""Dialogue room: whether the routines of the home file can be carried out, before they are run."""

from __future__ import annotations

from collections.abc import Callable

from assistant.home.commands.expectations import Refusal
from assistant.home.commands.plan import plan
from assistant.home.file.reading import HomeFile
from assistant.home.model import Home
from assistant.home.resolve import resolve
from assistant.schedule.routines import RoutineBook
from assistant.types import Action
from assistant.understanding.understanding import Understanding


class RoutineCheck:
    """Takes in the routines of the home file, and tells what is wrong with them, each once."""

    def __init__(self, home: Home, tell: Callable[[str], None]) -> None:
        self._home = home
        self._tell = tell
        self._written = HomeFile()
        self._book: RoutineBook | None = None
        self._told: set[str] = set()
        self.due = False
        """Whether the routines or the home have changed since the last look."""

    def take(self, written: HomeFile, book: RoutineBook) -> None:
        """What the home file says now."""
        self._written, self._book, self.due = written, book, True
        self._told.clear()
        book.write({r.name: [c.what for c in r.commands] for r in written.routines})

    async def look(self, understanding: Understanding) -> None:
        """Tell of each command that cannot be carried out as it stands, with file and line."""
        self.due = False
        source = self._written.source
        for routine in self._written.routines:
            for command in routine.commands:
                fault = await self._fault(command.what, understanding)
                where = f"{source}:{command.line}" if command.line else source
                mistake = f'{where}: the routine "{routine.name}": {fault}.'
                if fault and mistake not in self._told:
                    self._told.add(mistake)
                    self._tell(mistake)

    async def _fault(self, what: str | Action, understanding: Understanding) -> str:
        if isinstance(what, Action):
            return _fault(what, self._home)
        if self._book is not None and self._book.named(what) is not None:
            return ""
        understood = await understanding.understand(what, area=None)
        if understood.intents:
            return ""
        return (
            f'"{what}" is not understood in the language "{understanding.language}", or names '
            "something that is not there (yet)"
        )


def _fault(action: Action, home: Home) -> str:
    device = home.devices.get(action.device)
    if device is None:
        domain = action.service.partition(".")[0]
        domains = () if domain == "homeassistant" else (domain,)
        devices = resolve(home, {"name": action.device}, domains=domains).devices
        if len(devices) != 1:
            which = "no" if not devices else "more than one"
            return f'there is {which} device "{action.device}" (yet) for {action.service}'
        [device] = devices
    planned = plan(device, action, home.state(device.id))
    return f"{action.service}: {planned.reason}" if isinstance(planned, Refusal) else ""
