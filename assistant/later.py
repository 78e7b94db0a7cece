"""Does what was kept for later, when its time has come and nobody may be there to answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from assistant.conversation import Conversation
from assistant.errors import AssistantError, ScheduleError
from assistant.home.safety import guessable, may_open
from assistant.household import Household
from assistant.schedule.commands import Command
from assistant.schedule.schedule import Ring
from assistant.skills.way_back import still_so
from assistant.tasks import Tasks
from assistant.types import Request, Turn

_LOG = logging.getLogger(__name__)
_FIRST_PCT = 3
"""Brightness of the first step before an alarm: until then the lights may well be off."""

_IN_TIME_S = 10.0
"""What opens or unlocks is done, or asked about, no later than this after its time.

As late as a busy machine may be; after that it was missed, and nobody expects it any more.
"""

_SAME_TWICE = frozenset({
    "turn_on", "turn_off", "set_temperature", "set_hvac_mode", "set_preset_mode", "set_fan_mode",
    "set_swing_mode", "set_operation_mode", "set_humidity", "set_mode", "set_percentage",
    "set_direction", "oscillate", "close_cover", "set_cover_position", "set_cover_tilt_position",
    "close_valve", "volume_set", "volume_mute", "media_pause", "media_stop", "select_source",
    "select_option", "set_value", "set_fan_speed", "dock", "return_to_base",
})  # fmt: skip
"""What done twice comes to the same as done once."""

_NOT_THESE = frozenset({"script", "scene", "automation", "button", "siren"})

PutQuestion = Callable[[str, Callable[[], bool], Callable[[], None]], bool]
"""Says a question and listens for the answer, once the first callback says that it is still open.

The second one is called where it comes to nothing after all. False where nobody could answer.
"""


def nobody_to_ask(question: str, still_open: Callable[[], bool], left: Callable[[], None]) -> bool:
    """`PutQuestion` of an assistant without a microphone or a voice."""
    del question, still_open, left
    return False


class Later:
    """Carries out commands. Belongs to the event loop.

    What needs a yes is asked about by `ask`; where that cannot be, or its time has passed, it is
    not done, and `say` gets the sentence that tells so. What went wrong is said too; what went
    right is not, for it may be night.
    """

    def __init__(
        self,
        household: Household,
        tasks: Tasks,
        say: Callable[[str], None],
        ask: PutQuestion = nobody_to_ask,
        conversation: str = "voice",
    ) -> None:
        """`conversation`: the one that answers what `ask` asks."""
        self._household = household
        self._tasks = tasks
        self._say = say
        self._ask = ask
        self._conversation = conversation

    def on_command(self, ring: Ring) -> None:
        """A command is due."""
        self._tasks.spawn(self._do(ring), "command for later")

    async def _do(self, ring: Ring) -> None:
        schedule = self._household.schedule
        try:
            command = Command.read(ring.content)
            if command.wakes:
                if not self._turned_off(command):
                    await self._carry_out(ring, command)
                return
            if await self._missed(ring, command):
                schedule.done(ring.id)
                return
            if not self._may_be_done_twice(command):
                async with schedule.saved():
                    begun = schedule.begin(ring.id)
                if not begun:
                    return
        except ScheduleError as error:
            _LOG.error("command %s: %s", ring.id, error)
            schedule.done(ring.id)
            return
        except AssistantError as error:
            # It could not be kept that it is being done: after a crash it would be done again.
            _LOG.error("command %s was not done: %s", ring.id, error)
            self._say(self._talk(command).replies.render("delay.not_done", command=ring.name))
            return
        try:
            await self._carry_out(ring, command)
        finally:
            schedule.done(ring.id)

    async def _missed(self, ring: Ring, command: Command) -> bool:
        """Whether it opens something, and is too late for that; then it is told."""
        if ring.late_s <= _IN_TIME_S:
            return False
        talk, home = self._talk(command), self._household.home
        request = Request(ring.name, area=ring.area, conversation=f"later:{ring.id}")
        actions = [*command.planned(), *await talk.comes_to(request, command.understood())]
        if not any(may_open(action, home) for action in actions):
            return False
        _LOG.warning("command %s opens something, and is %.0f s late", ring.id, ring.late_s)
        name = self._called(ring, command)
        self._say(talk.replies.render("ring.missed", kind=ring.kind, name=name, late_s=ring.late_s))
        return True

    def _called(self, ring: Ring, command: Command) -> str:
        replies = self._talk(command).replies
        return replies.render("delay.end_of", command=ring.name) if command.undoes else ring.name

    async def _carry_out(self, ring: Ring, command: Command) -> None:
        _LOG.info("command %s is due%s", ring.id, _late(ring))
        request = Request(ring.name, area=ring.area, conversation=f"later:{ring.id}")
        actions = command.planned() if not command.intents else ()
        if actions:
            changed = {a.device for a in command.ended() if not still_so(a, self._household.home)}
            actions = tuple(a for a in actions if a.device not in changed)
            if not actions:
                _LOG.info("command %s: somebody has changed it since, so it stays", ring.id)
                return
        try:
            talk = self._talk(command)
            turn = await talk.carry_out(request, command.understood(), actions)
        except AssistantError as error:
            _LOG.error("command %s was not done: %s", ring.id, error)
            return
        if command.wakes:
            return
        if turn.question:
            turn = self._asked(talk, turn, ring, self._called(ring, command))
        self._household.observe(turn)
        if turn.failed:
            self._say(turn.reply)

    def _asked(self, talk: Conversation, turn: Turn, ring: Ring, name: str) -> Turn:
        """The turn whose question is put to people; or one that says that it was not."""
        own, theirs = turn.conversation, self._conversation
        question = talk.replies.render("delay.asks", command=name, question=turn.reply)

        def left() -> None:
            talk.forget_question(own)
            self._say(talk.replies.render("delay.left", command=name))

        def put() -> bool:
            is_open = talk.hand_over(own, theirs, left)
            expires_s = self._household.settings.safety.confirm_timeout_s
            # Only who looks finds that a question has expired.
            asyncio.get_running_loop().call_later(expires_s + 1, talk.waits_for_answer, theirs)
            return is_open

        if ring.late_s <= _IN_TIME_S and self._ask(question, put, left):
            return replace(turn, reply=question, conversation=theirs)
        talk.forget_question(own)
        reply = talk.replies.render("delay.unattended", command=name)
        return replace(turn, reply=reply, question=False, failed=True)

    def _talk(self, command: Command) -> Conversation:
        return self._household.conversation(command.language)

    def _may_be_done_twice(self, command: Command) -> bool:
        """Whether a command that was cut off in the middle may simply be done again.

        Not what locks, opens (be it a blind) or sounds an alarm, nor a step: "a bit brighter".
        """
        home, confirm = self._household.home, self._household.settings.safety.confirm
        steps = any(
            key.endswith("_step") or key.startswith("for_")
            for intent in command.intents
            for key in intent.slots
        )
        return not steps and all(
            action.service.partition(".")[2] in _SAME_TWICE
            and action.service.partition(".")[0] not in _NOT_THESE
            and guessable(action, home, confirm)
            and not may_open(action, home)
            for action in command.planned()
        )

    def _turned_off(self, command: Command) -> bool:
        """Whether somebody has turned off lights that had begun to grow bright."""
        home = self._household.home
        ids = [device for intent in command.intents for device in intent.device_ids]
        first = all(int(str(i.slots.get("brightness", 0))) <= _FIRST_PCT for i in command.intents)
        return not first and all(home.state(device).get("power") == "off" for device in ids)


def _late(ring: Ring) -> str:
    return f", {ring.late_s:.0f} s late" if ring.late_s >= 1 else ""
