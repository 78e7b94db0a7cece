"""One exchange after the other: questions, answers, and what goes wrong in between."""

import functools
from collections.abc import Sequence

import pytest
from manual_clock import ManualClock
from understandings import another

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.replies import Replies
from assistant.schedule.entries import MAX_ENTRIES
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.types import Action, ActionResult, Request, Status, Turn
from assistant.understanding.understanding import Understanding


class Devices:
    """Devices that obey at once, and remember what they were told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        self.told += [f"{action.service} {action.device}" for action in actions]
        return tuple(ActionResult(action, Status.CONFIRMED) for action in actions)


@functools.cache
def _at_home() -> Understanding:
    home = Home([Device("lamp", "Lamp", "light"), Device("front", "Front door", "lock")])
    return Understanding(home, "en")


class Talk:
    """A conversation in a small home."""

    def __init__(self) -> None:
        understanding = another(_at_home())
        self.devices = Devices()
        self.clock = ManualClock()
        self.schedule = Schedule(Database.open(None), self.clock)
        self.conversation = Conversation(
            understanding=understanding,
            replies=Replies("en"),
            home=understanding._home,
            bus=self.devices,
            schedule=self.schedule,
            clock=self.clock,
            safety=SafetySettings(),
        )

    def fill_schedule(self) -> None:
        """Set so many timers that one more is refused."""
        for _ in range(MAX_ENTRIES):
            self.schedule.start_timer(600)

    async def say(self, text: str, who: str = "hall", *, dry_run: bool = False) -> Turn:
        return await self.conversation.ask(Request(text, conversation=who, dry_run=dry_run))


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_a_yes_unlocks_what_was_asked_about(talk):
    assert (await talk.say("unlock the front door")).question
    assert talk.devices.told == []
    await talk.say("yes")
    assert talk.devices.told == ["lock.unlock front"]
    await talk.say("yes")
    assert talk.devices.told == ["lock.unlock front"]


async def test_a_yes_of_somebody_else_unlocks_nothing(talk):
    await talk.say("unlock the front door")
    await talk.say("yes", "kitchen")
    assert talk.devices.told == []


async def test_a_late_yes_unlocks_nothing(talk):
    await talk.say("unlock the front door")
    talk.clock.advance(SafetySettings().confirm_timeout_s + 1)
    await talk.say("yes")
    assert talk.devices.told == []


async def test_a_yes_after_another_request_unlocks_nothing(talk):
    await talk.say("unlock the front door")
    await talk.say("turn on the lamp")
    await talk.say("yes")
    assert talk.devices.told == ["light.turn_on lamp"]


async def test_a_yes_to_the_question_of_a_dry_run_sends_nothing(talk):
    await talk.say("unlock the front door", dry_run=True)
    turn = await talk.say("yes")
    assert [result.status for result in turn.results] == [Status.DRY_RUN]
    assert talk.devices.told == []


async def test_what_was_done_is_told_though_the_next_part_failed(talk):
    talk.fill_schedule()
    turn = await talk.say("turn on the lamp and set a timer for ten minutes")
    assert talk.devices.told == ["light.turn_on lamp"]
    assert [result.status for result in turn.results] == [Status.CONFIRMED]
    assert turn.failed
    assert "lamp" in turn.reply
    assert "too many already" in turn.reply


async def test_a_question_stays_open_though_the_next_part_failed(talk):
    talk.fill_schedule()
    assert (await talk.say("unlock the front door and set a timer for ten minutes")).question
    await talk.say("yes")
    assert talk.devices.told == ["lock.unlock front"]


async def test_questions_nobody_answers_are_forgotten(talk):
    for number in range(50):
        await talk.say("unlock the front door", f"visitor {number}")
        talk.clock.advance(10)
    assert len(talk.conversation._open) < 5


async def test_what_was_nearly_heard_is_asked_about_and_done_after_a_yes(talk):
    turn = await talk.say("turn oph the lemp")
    assert turn.question
    assert turn.reply == 'Did you mean "turn off the lamp"?'
    assert not talk.devices.told
    turn = await talk.say("yes")
    assert talk.devices.told == ["light.turn_off lamp"]
    assert not turn.question


async def test_what_was_nearly_heard_is_left_after_a_no(talk):
    assert (await talk.say("turn oph the lemp")).question
    await talk.say("no")
    await talk.say("yes")
    assert not talk.devices.told


@pytest.mark.parametrize(
    "heard", ["unlog the front door", "unlok the frond door", "look the frunt door"]
)
async def test_a_lock_is_never_guessed(talk, heard):
    turn = await talk.say(heard)
    assert turn.failed
    assert not turn.question
    assert not talk.devices.told
