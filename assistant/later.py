"""Does what was kept for later, when its time has come and nobody may be there to answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from assistant.conversation import Conversation
from assistant.errors import AssistantError, ScheduleError
from assistant.home.safety import guessable
from assistant.household import Household
from assistant.schedule.commands import Command
from assistant.schedule.schedule import Ring
from assistant.skills.way_back import still_so
from assistant.tasks import Tasks
from assistant.types import Request, Turn

_LOG = logging.getLogger(__name__)
_FIRST_PCT = 3
"""Brightness of the first step before an alarm: until then the lights may well be off."""

_ASKED_WITHIN_S = 60.0
"""What needs a yes is asked about no later than this after its time: then nobody expects it."""

_SAME_TWICE = frozenset({
    "turn_on", "turn_off", "set_temperature", "set_hvac_mode", "set_preset_mode", "set_fan_mode",
    "set_swing_mode", "set_operation_mode", "set_humidity", "set_mode", "set_percentage",
    "set_direction", "oscillate", "open_cover", "close_cover", "set_cover_position",
    "set_cover_tilt_position", "close_valve", "volume_set", "volume_mute", "media_pause",
    "media_stop", "select_source", "select_option", "set_value", "set_fan_speed", "dock",
    "return_to_base",
})  # fmt: skip
"""What done twice comes to the same as done once."""

_NOT_THESE = frozenset({"script", "scene", "automation", "button", "siren"})

PutQuestion = Callable[[str, Callable[[], bool]], bool]
"""Says a question and listens for the answer, once the callback says that it is still open.

False where nobody could answer.
"""


def nobody_to_ask(question: str, still_open: Callable[[], bool]) -> bool:
    """`PutQuestion` of an assistant without a microphone or a voice."""
    del question, still_open
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
            if not self._may_be_done_twice(command) and not schedule.begin(ring.id):
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
            turn = self._asked(talk, turn, ring, ends=command.undoes)
        self._household.observe(turn)
        if turn.failed:
            self._say(turn.reply)

    def _asked(self, talk: Conversation, turn: Turn, ring: Ring, *, ends: bool) -> Turn:
        """The turn whose question is put to people; or one that says that it was not."""
        own, theirs = turn.conversation, self._conversation
        name = talk.replies.render("delay.end_of", command=ring.name) if ends else ring.name
        question = talk.replies.render("delay.asks", command=name, question=turn.reply)
        if ring.late_s <= _ASKED_WITHIN_S and self._ask(
            question, lambda: talk.hand_over(own, theirs)
        ):
            return replace(turn, reply=question, conversation=theirs)
        talk.hand_over(own, None)
        reply = talk.replies.render("delay.unattended", command=name)
        return replace(turn, reply=reply, question=False, failed=True)

    def _talk(self, command: Command) -> Conversation:
        return self._household.conversation(command.language)

    def _may_be_done_twice(self, command: Command) -> bool:
        """Whether a command that was cut off in the middle may simply be done again.

        Not what locks, opens or sounds an alarm, nor a step: "a bit brighter".
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
