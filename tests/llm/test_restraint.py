"""What leads to no question, and what still does, on the packaged demo home."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

import assistant.home
from assistant.config import LanguageModelSettings, Settings
from assistant.home.devices import Area, Device
from assistant.home.file.reading import load_home
from assistant.home.model import Home
from assistant.llm import tier as llm
from assistant.llm.goals import goal_data
from assistant.llm.llama import LlamaModel
from assistant.llm.proposals import Rooms
from assistant.llm.restraint import Restraint
from assistant.llm.tier import LanguageModelTier
from assistant.models import ModelStore

_FOLDER = Path(__file__).parent


def _cases(name: str) -> dict[str, Any]:
    cases: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text("utf-8"))
    return cases


@pytest.fixture
def demo() -> Home:
    return load_home(Path(assistant.home.__file__).parent / "demo.yaml").to_home()


@pytest.fixture(scope="module")
def restraint() -> Restraint:
    data = goal_data("en")
    assert data is not None
    return Restraint(data.signs)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("file", "most_false", "least_right", "most_wrong"),
    [("restraint.yaml", 3, 32, 3), ("restraint_fresh.yaml", 12, 17, 5)],
)
async def test_few_questions_come_of_nothing_and_most_wishes_are_found(
    tier: LanguageModelTier,
    demo: Home,
    *,
    file: str,
    most_false: int,
    least_right: int,
    most_wrong: int,
) -> None:
    cases = _cases(file)
    proposed = [
        text for text in cases["nothing"]
        if (await tier.propose(text, demo, "living_room")).intents
    ]  # fmt: skip
    assert len(proposed) <= most_false, proposed
    right, wrong = [], []
    for wish in cases["wishes"]:
        intents = (await tier.propose(wish["say"], demo, wish["area"])).intents
        got = [(intent.name, set(intent.device_ids)) for intent in intents]
        if got == [(wish["intent"], set(wish["devices"]))]:
            right.append(wish["say"])
        elif got:
            wrong.append(wish["say"])
    assert len(right) >= least_right, (len(right), wrong)
    assert len(wrong) <= most_wrong, wrong


def test_no_sentence_of_the_evaluation_is_among_the_examples() -> None:
    data = goal_data("en")
    assert data is not None
    examples = {text for texts in data.examples.values() for text in texts}
    for name in ("restraint.yaml", "restraint_fresh.yaml"):
        cases = _cases(name)
        said = {*cases["nothing"], *(wish["say"] for wish in cases["wishes"])}
        assert not said & examples


@pytest.mark.engine
@pytest.mark.parametrize("text", ["open everything", "let him in", "open up for the guests"])
async def test_nothing_is_unlocked_or_opened_that_was_not_named(
    tier: LanguageModelTier, demo: Home, text: str
) -> None:
    assert (await tier.propose(text, demo, "hallway")).intents == ()


@pytest.mark.engine
async def test_a_question_is_no_wish_but_a_polite_request_is(
    tier: LanguageModelTier, demo: Home
) -> None:
    assert (await tier.propose("is the heating too high", demo, "living_room")).intents == ()
    asked = await tier.propose("could you put the heat up", demo, "living_room")
    assert [intent.device_ids for intent in asked.intents] == [("thermostat",)]


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("it is dark in the attic", True),
        ("it is dark in the wine cave", True),
        ("it is dark in the kitchen", False),
        ("it is dark in the room", False),
        ("start the dishwasher", True),
        ("i made it brighter yesterday", True),
        ("make it brighter", False),
    ],
)
def test_stories_and_what_the_home_does_not_have_are_left_alone(
    restraint: Restraint, demo: Home, *, text: str, forbidden: bool
) -> None:
    assert restraint.forbids(text, Rooms.of(demo)) is forbidden


def test_a_room_or_a_device_is_unknown_only_where_the_home_lacks_it(restraint: Restraint) -> None:
    home = Home([Device("d", "Dishwasher", "switch", "attic")], [Area("attic", "Attic")])
    for text in ("it is dark in the attic", "start the dishwasher"):
        assert not restraint.forbids(text, Rooms.of(home))


@pytest.mark.engine
def test_examples_read_ahead_of_time_are_kept_where_the_tier_looks(
    monkeypatch: pytest.MonkeyPatch, model: LlamaModel, tmp_path: Path
) -> None:
    data = goal_data("en")
    assert data is not None
    few = data.model_copy(update={"examples": {g: t[:1] for g, t in data.examples.items()}})
    monkeypatch.setattr(llm, "goal_data", lambda _language: few)
    untaught = Settings(llm=LanguageModelSettings(adapter="none"))
    store = ModelStore.from_settings(untaught)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert llm.read_examples(store, untaught)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").glob("goals-*")}
    assert len(kept) == 1
    asyncio.run(LanguageModelTier(model, "en", chat=True).prepare())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").glob("goals-*")} == kept
    off = Settings(llm=LanguageModelSettings(enabled=False))
    assert not llm.read_examples(store, off)
