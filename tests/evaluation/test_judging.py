"""How far what came of a request is what was expected."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_home import home, turn

from assistant.evaluation.cases import Case, Kind, read_cases
from assistant.evaluation.judging import Verdict, is_guess, judge, what_came
from assistant.types import Tier, Turn

ON, OFF = "light.turn_on lamp", "light.turn_off lamp"
DIM = "light.turn_on lamp brightness_pct=30"
UNLOCK = "lock.unlock door"
REFUSED = turn("Sorry, I did not understand that.", failed=True)
ANSWER = turn("Bees make honey.")
WHICH = turn("Which one?", question=True)
TOLD = turn("The door is locked.", intents=["HassGetState"])
TIMER = turn("Your timer is set.", intents=["HassStartTimer"])


def case(expect: dict[str, Any], folder: Path) -> Case:
    file = folder / "cases.jsonl"
    file.write_text(json.dumps({"text": "please", "expect": expect}))
    return read_cases(file)[0]


def verdict(expect: dict[str, Any], came: Turn, folder: Path) -> Verdict:
    return judge(case(expect, folder), what_came(came, home()))


@pytest.mark.parametrize(
    ("expect", "came"),
    [
        ({"do": [ON]}, turn(did=[ON])),
        ({"confirm": [UNLOCK]}, turn(asks=[UNLOCK])),
        ({"tell": ["locked"]}, TOLD),
        ({"tell": ["open|lock*"]}, TOLD),
        ({"ask": True}, WHICH),
        ({"chat": True}, ANSWER),
        ({"nothing": True}, REFUSED),
        ({"nothing": True}, ANSWER),
        ({"chat": True}, turn("You are welcome.", intents=["HassRespond"])),
        ({"nothing": True}, turn("All right.", intents=["HassNevermind"])),
        ({"any": [[ON], [OFF]]}, turn(did=[OFF])),
        ({"any": [[ON], {"ask": True}]}, WHICH),
        ({"any": [{"confirm": [UNLOCK]}, {"nothing": True}]}, REFUSED),
    ],
)
def test_an_outcome_that_is_expected_is_an_exact_match(
    expect: dict[str, Any], came: Turn, tmp_path: Path
):
    result = verdict(expect, came, tmp_path)
    assert result.exact
    assert result.intent
    assert not (result.asked_rightly or result.false_action or result.asked_wrongly)


@pytest.mark.parametrize(
    ("expect", "came", "false_action", "asked_wrongly"),
    [
        ({"do": [ON]}, REFUSED, False, False),
        ({"do": [ON]}, turn(did=[OFF]), True, False),
        ({"do": [ON]}, turn(did=[ON, OFF]), True, False),
        ({"do": [ON, "fan.turn_on fan"]}, turn(did=[ON]), False, False),
        ({"do": [ON]}, turn(asks=[OFF]), False, True),
        ({"do": [ON]}, TIMER, True, False),
        ({"nothing": True}, turn("Dinner is ready.", intents=["HassBroadcast"]), True, False),
        ({"confirm": [UNLOCK]}, turn(did=[UNLOCK]), True, False),
        ({"confirm": [UNLOCK]}, WHICH, False, False),
        ({"tell": ["unlocked"]}, TOLD, False, False),
        ({"tell": ["lock"]}, TOLD, False, False),
        ({"tell": ["locked"]}, turn(did=["lock.lock door"]), True, False),
        ({"ask": True}, turn(asks=[ON]), False, True),
        ({"chat": True}, REFUSED, False, False),
        ({"nothing": True}, TOLD, False, False),
        ({"nothing": True}, WHICH, False, True),
        ({"nothing": True}, turn(asks=[ON]), False, True),
        ({"nothing": True}, turn(did=[ON]), True, False),
    ],
)
def test_what_was_done_or_proposed_against_all_expectation_counts_against_it(
    expect: dict[str, Any], came: Turn, false_action: bool, asked_wrongly: bool, tmp_path: Path
):
    result = verdict(expect, came, tmp_path)
    assert not result.exact
    assert result.false_action is false_action
    assert result.asked_wrongly is asked_wrongly


def test_a_right_proposal_counts_as_an_exact_match_only_if_asked_for(tmp_path: Path):
    result = verdict({"do": [ON]}, turn(asks=[ON]), tmp_path)
    assert result.asked_rightly
    assert not result.exact
    assert not result.right(asked_counts=False)
    assert result.right(asked_counts=True)


@pytest.mark.parametrize(
    ("came", "intent", "device", "value"),
    [
        (turn(did=[DIM]), True, True, True),
        (turn(asks=[DIM]), True, True, True),
        (turn(did=["light.turn_on lamp brightness_pct=90"]), True, True, False),
        (turn(did=["light.turn_on spots brightness_pct=30"]), True, False, False),
        (turn(did=[OFF]), False, True, False),
        (REFUSED, False, False, False),
    ],
)
def test_intent_device_and_value_are_judged_apart(
    came: Turn, intent: bool, device: bool, value: bool, tmp_path: Path
):
    result = verdict({"do": [DIM]}, came, tmp_path)
    assert (result.intent, result.device, result.value) == (intent, device, value)


def test_what_a_yes_to_a_guess_would_do_is_what_was_asked_about(tmp_path: Path):
    guess = replace(turn("Did you mean the lamp?", question=True), tier=Tier.REPAIR)
    assert is_guess(guess)
    came = what_came(guess, home(), agreed=turn(did=[ON]))
    assert judge(case({"do": [ON]}, tmp_path), came).asked_rightly
    assert judge(case({"nothing": True}, tmp_path), came).asked_wrongly


def test_where_no_command_can_be_right_devices_and_values_are_not_judged(tmp_path: Path):
    result = verdict({"chat": True}, ANSWER, tmp_path)
    assert (result.device, result.value) == (None, None)


def test_a_command_that_the_device_would_refuse_is_no_false_action(tmp_path: Path):
    came = what_came(turn(did=["light.turn_on spots color_name=red"]), home())
    assert came.kind is Kind.NOTHING
    assert not judge(case({"nothing": True}, tmp_path), came).false_action
