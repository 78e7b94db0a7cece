from __future__ import annotations

from collections.abc import Sequence

import pytest
from english_sentences import acting, nothing, talking, together
from manual_clock import ManualClock
from spoken_home import spoken_home

from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.store.database import Database
from assistant.types import Action, ActionResult, Outcome, Status, Tier, Understood
from assistant.understanding.understanding import Understanding


@pytest.fixture(scope="module")
def english() -> Understanding:
    return Understanding(spoken_home(), "en")


def _split(said: str) -> tuple[str, str | None]:
    if said.startswith("@"):
        area, _, text = said[1:].partition(" ")
        return text, area
    return said, None


async def _carry_out(understood: Understood, area: str | None) -> tuple[list[str], list[Outcome]]:
    clock = ManualClock()
    sent: list[str] = []

    async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        for action in actions:
            data = " ".join(f"{key}={value}" for key, value in action.data.items())
            sent.append(f"{action.service} {action.device} {data}".strip())
        return tuple(ActionResult(action, Status.CONFIRMED) for action in actions)

    schedule = Schedule(Database.open(None), clock)
    context = SkillContext(spoken_home(), perform, clock, schedule, "en", area)
    return sent, [await handle_intent(intent, context) for intent in understood.intents]


@acting
async def test_a_request_becomes_its_intent_and_its_actions(
    english: Understanding, said: str, name: str, slots: dict[str, object], actions: list[str]
) -> None:
    text, area = _split(said)
    understood = english.read(text, area)
    assert [(i.name, dict(i.slots)) for i in understood.intents] == [(name, slots)]
    assert understood.tier is Tier.TEMPLATE
    sent, outcomes = await _carry_out(understood, area)
    assert sent == actions
    assert not outcomes[0].failed


@talking
async def test_a_question_or_a_timer_sends_nothing_to_a_device(
    english: Understanding, said: str, name: str, slots: dict[str, object]
) -> None:
    understood = english.read(said, None)
    assert [(i.name, dict(i.slots)) for i in understood.intents] == [(name, slots)]
    if (said, name) == ("stop", "HassNevermind"):
        return
    sent, _ = await _carry_out(understood, None)
    assert sent == []


@together
async def test_requests_in_one_breath_are_all_done_in_order(
    english: Understanding, said: str, actions: list[str]
) -> None:
    sent, outcomes = await _carry_out(english.read(said, None), None)
    assert sent == actions
    assert not any(outcome.failed for outcome in outcomes)


@nothing
def test_what_is_no_request_leads_to_nothing(english: Understanding, said: str) -> None:
    for area in (None, "living"):
        assert english.read(said, area) == Understood()


def test_taking_it_back_wins_over_what_was_said_before(english: Understanding) -> None:
    understood = english.read("Turn on the lights. Never mind.", "kitchen")
    assert [intent.name for intent in understood.intents] == ["HassNevermind"]


def test_a_text_of_ten_thousand_characters_is_turned_away_at_once(english: Understanding) -> None:
    assert english.read("turn on the kitchen lights " * 400, None) == Understood()
