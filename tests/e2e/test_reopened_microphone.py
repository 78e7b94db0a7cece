"""Every kind of question back, asked and answered aloud: the microphone opens again for the answer.

One daemon on the real engines, started once; a voice speaks to it, the wake word only before the
first sentence of each dialogue.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from brokers import eventually
from exchange import Voice, fast_microphone, rehearsal_settings

from assistant.events import Event, Stage, StageEvent
from assistant.household import Household
from assistant.rehearsal import Rehearsal, rehearsal, silence
from assistant.types import Turn

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

HOME = """
areas: [{id: living, name: Living room}, {id: garage, name: Garage}, {id: hall, name: Hallway}]
devices:
  - {id: floor_lamp, name: Floor lamp, area: living, type: light, features: {brightness: true}}
  - {id: reading_lamp, name: Reading lamp, area: living, type: light}
  - {id: hall_light, name: Hallway light, area: hall, type: light}
  - id: garage_door
    name: Garage door
    area: garage
    type: cover
    device_class: garage
    state: {cover: closed}
  - {id: front_door, name: Front door, area: hall, type: lock, state: {lock: locked}}
"""


@dataclass(frozen=True)
class Dialogue:
    """What is said in turn; every sentence but the last is answered with a question."""

    kind: str
    said: Sequence[str]
    asked: str
    """In the first question."""
    comes_to: object
    done: Callable[[Turn, Household], object]
    """What has come of the last sentence, to be `comes_to`."""
    given: Callable[[Household], object] = lambda household: None


def _commands(turn: Turn, household: Household) -> list[str]:
    """What devices were told and have shown, and nothing else."""
    del household
    return [f"{r.action.service} {r.action.device} {r.status}" for r in turn.results]


def _timers(turn: Turn, household: Household) -> list[tuple[str, int]]:
    del turn
    return [(timer.name, round(timer.duration_s)) for timer in household.schedule.timers()]


def _shopping(turn: Turn, household: Household) -> list[str]:
    del turn
    return [item.text.lower() for item in household.schedule.lists.items("shopping")]


def _two_timers(household: Household) -> None:
    household.schedule.start_timer(3000, "pizza")
    household.schedule.start_timer(4000, "pasta")


def _milk(household: Household) -> None:
    household.schedule.lists.add("shopping", ["milk"])


_GARAGE, _DOOR = "open the garage door", "unlock the front door"
_UNLOCKED = ["lock.unlock front_door confirmed"]

DIALOGUES = (
    Dialogue("yes or no: no", [_GARAGE, "no thank you"], "Should I open", [], _commands),
    Dialogue("yes or no: yes", [_GARAGE, "yes please"], "Should I open",
             ["cover.open_cover garage_door confirmed"], _commands),
    Dialogue("PIN", [_DOOR, "one two three four"], "What is the PIN", _UNLOCKED, _commands),
    Dialogue("PIN, wrong at first", [_DOOR, "four three two one", "one two three four"],
             "What is the PIN", _UNLOCKED, _commands),
    Dialogue("which device", ["turn on the lamp", "the reading lamp"], "Which light",
             ["light.turn_on reading_lamp confirmed"], _commands),
    Dialogue("to how much", ["set the brightness of the floor lamp", "forty percent"],
             "To how much", ["light.turn_on floor_lamp confirmed"], _commands),
    Dialogue("how long", ["set a timer", "ten minutes"], "For how long", [("", 600)], _timers),
    Dialogue("which timer", ["cancel the timer", "the pizza timer"], "pizza",
             [("pasta", 4000)], _timers, given=_two_timers),
    Dialogue("did you mean", ["turn on the whole white light", "yes"], "Did you mean",
             ["light.turn_on hall_light confirmed"], _commands),
    Dialogue("clear a list", ["clear the shopping list", "yes"], "Should I clear",
             [], _shopping, given=_milk),
    Dialogue("what to add", ["add something to the shopping list", "orange juice"],
             "What should I add", ["orange juice"], _shopping),
    Dialogue("what to announce", ["make an announcement", "dinner is ready"],
             "What should I announce", "Dinner is ready.", lambda turn, _: turn.announcement),
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsal]:
    path: Path = tmp_path_factory.mktemp("questions") / "home.yaml"
    path.write_text(HOME)
    settings = rehearsal_settings(safety={"pin": "1234", "pin_for": ["lock.unlock"]})
    async with rehearsal(settings, path, make_source=fast_microphone) as made:
        yield made


def _at_rest(stage: Rehearsal) -> None:
    """No timers, and nothing on the list."""
    household = stage.household
    for timer in household.schedule.timers():
        household.schedule.cancel_timer(timer.id)
    household.schedule.lists.clear("shopping")


async def _say(stage: Rehearsal, voice: Voice, text: str, *, opened: bool) -> Turn:
    """The turn of a sentence, said into the open microphone or after the wake word."""
    start = (silence(0.3),) if opened else (silence(1.2), voice("okay nabu"), silence(0.4))
    turn, _ = await stage.say(*start, voice(text), silence(1.5))
    return turn


def _reopened(events: Sequence[Event], times: int) -> bool:
    return events.count(StageEvent(Stage.LISTENING, "question")) == times


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.kind)
async def test_a_question_opens_the_microphone_for_its_answer(
    stage: Rehearsal, voice: Voice, dialogue: Dialogue
) -> None:
    _at_rest(stage)
    dialogue.given(stage.household)
    events: list[Event] = []
    stage.daemon.observe(events.append)
    try:
        for number, text in enumerate(dialogue.said):
            turn = await _say(stage, voice, text, opened=number > 0)
            assert turn.question == (number < len(dialogue.said) - 1), turn.reply
            assert number or dialogue.asked in turn.reply
            if turn.question:
                await eventually(functools.partial(_reopened, events, number + 1), 20)
        assert dialogue.done(turn, stage.household) == dialogue.comes_to
    finally:
        stage.household.observers.remove(events.append)
