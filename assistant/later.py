"""Does what was kept for later, when its time has come and nobody may be there to answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from assistant.errors import AssistantError, ScheduleError
from assistant.household import Household
from assistant.schedule.commands import Command
from assistant.schedule.schedule import Ring
from assistant.tasks import Tasks
from assistant.types import Request

_LOG = logging.getLogger(__name__)
_CONVERSATION = "later"
_FIRST_PCT = 3
"""Brightness of the first step before an alarm: until then the lights may well be off."""


class Later:
    """Carries out commands. Belongs to the event loop.

    What needs a yes is not done, for nobody was asked just now: `say` gets the sentence that
    tells of it. What went wrong is said too; what went right is not, for it may be night.
    """

    def __init__(self, household: Household, tasks: Tasks, say: Callable[[str], None]) -> None:
        self._household = household
        self._tasks = tasks
        self._say = say

    def on_command(self, ring: Ring) -> None:
        """A command is due."""
        self._tasks.spawn(self._do(ring), "command for later")

    async def _do(self, ring: Ring) -> None:
        schedule = self._household.schedule
        try:
            command = Command.read(ring.content)
        except ScheduleError as error:
            _LOG.error("command %s: %s", ring.id, error)
            schedule.done(ring.id)
            return
        if command.wakes and self._turned_off(command):
            return
        try:
            await self._carry_out(ring, command)
        finally:
            if not command.wakes:
                schedule.done(ring.id)

    async def _carry_out(self, ring: Ring, command: Command) -> None:
        _LOG.info("command %s is due%s", ring.id, _late(ring))
        request = Request(ring.name, area=ring.area, conversation=_CONVERSATION)
        try:
            talk = self._household.conversation(command.language)
            turn = await talk.carry_out(request, command.understood())
        except AssistantError as error:
            _LOG.error("command %s was not done: %s", ring.id, error)
            return
        if command.wakes:
            return
        self._household.observe(turn)
        if turn.failed:
            self._say(turn.reply)

    def _turned_off(self, command: Command) -> bool:
        """Whether somebody has turned off lights that had begun to grow bright."""
        home = self._household.home
        ids = [device for intent in command.intents for device in intent.device_ids]
        first = all(int(str(i.slots.get("brightness", 0))) <= _FIRST_PCT for i in command.intents)
        return not first and all(home.state(device).get("power") == "off" for device in ids)


def _late(ring: Ring) -> str:
    return f", {ring.late_s:.0f} s late" if ring.late_s >= 1 else ""
