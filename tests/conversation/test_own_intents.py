"""Intents of the user's own: sentences, steps and replies from a folder."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from assistant.config import LanguageModelSettings, MqttSettings, SafetySettings, Settings
from assistant.events import StageEvent
from assistant.household import Household
from assistant.types import Request, Status, Turn

pytestmark = pytest.mark.household

HOME = """
areas: [{id: hall, name: Hall}, {id: den, name: Den}]
devices:
  - {id: lamp, name: Lamp, area: hall, type: light, features: {brightness: true},
     state: {power: "off"}}
  - {id: den_light, name: Den light, area: den, type: light, state: {power: "off"}}
  - {id: front, name: Front door, area: hall, type: lock, state: {lock: locked}}
"""
SENTENCES = """
language: en
lists:
  film: {wildcard: true}
  level: {range: {from: 1, to: 100}}
intents:
  MovieNight:
    data:
      - sentences: ["movie night with {film} [at {level} percent]"]
  Party:
    data:
      - sentences: ["party in [the] {area}"]
  Leave:
    data:
      - sentences: ["i am leaving"]
  Shout:
    data:
      - sentences: ["shout {film}"]
  Lost:
    data:
      - sentences: ["switch the lost thing"]
  Hello:
    data:
      - sentences: ["good day to {film}"]
        response: polite
  SneakIn:
    data:
      - sentences: ["sneak in"]
responses:
  intents:
    Hello: {polite: "And to {{ slots.film }}."}
"""
ACTIONS = """
MovieNight:
  steps:
    - {service: light.turn_on, device: Lamp, data: {brightness_pct: "{{ level | default(30) }}"}}
    - publish: {topic: cinema/mode, payload: "film {{ film }}"}
  reply: Enjoy {{ film }}.
Party:
  steps: [{service: light.turn_on}]
Leave:
  steps: [{service: light.turn_on, device: lamp}, {service: lock.unlock, device: front}]
  reply: Good bye.
Shout:
  steps:
    - {service: light.turn_on, device: lamp}
    - publish: {topic: shout, payload: "{{ film.__class__.__mro__ }}"}
Lost:
  steps: [{service: light.turn_on, device: lamp}, {service: light.turn_on, device: Nowhere}]
SneakIn:
  steps: [{publish: {topic: "TOPIC", payload: UNLOCK}}]
"""


async def home_with(
    tmp_path: Path, actions: str = ACTIONS, safety: SafetySettings | None = None
) -> Household:
    (tmp_path / "home.yaml").write_text(HOME)
    folder = tmp_path / "intents" / "en"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(SENTENCES)
    (folder / "actions.yaml").write_text(actions)
    settings = Settings(
        sentences=str(tmp_path / "intents"),
        mqtt=MqttSettings(port=1),
        llm=LanguageModelSettings(enabled=False),
        safety=safety or SafetySettings(),
    )
    household = Household(settings, home_file=tmp_path / "home.yaml", scratch=True)
    await household.start()
    return household


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    made = await home_with(tmp_path)
    yield made
    await made.stop()


def done(turn: Turn) -> list[tuple[str, str, Status]]:
    return [(r.action.service, r.action.device, r.status) for r in turn.results]


async def test_steps_are_taken_in_order_with_the_slots_filled_in(household: Household) -> None:
    came: asyncio.Queue[bytes] = asyncio.Queue()
    household.bus.subscribe("cinema/mode", lambda topic, payload: came.put_nowait(payload))
    turn = await household.ask(Request("movie night with a very long film name at 40 percent"))
    assert done(turn) == [
        ("light.turn_on", "lamp", Status.CONFIRMED),
        ("mqtt.publish", "cinema/mode", Status.SENT),
    ]
    assert turn.reply == "Enjoy a very long film name."
    assert household.home.state("lamp")["brightness_pct"] == 40
    assert await asyncio.wait_for(came.get(), 5) == b"film a very long film name"


async def test_a_step_without_a_device_means_what_the_sentence_names(household: Household) -> None:
    turn = await household.ask(Request("party in the den"))
    assert done(turn) == [("light.turn_on", "den_light", Status.CONFIRMED)]
    assert "den light" in turn.reply.lower()


async def test_a_sensitive_step_is_asked_about_and_only_then_done(household: Household) -> None:
    turn = await household.ask(Request("i am leaving"))
    assert turn.question
    assert "unlock the front door" in turn.reply
    assert "Good bye" not in turn.reply
    assert household.home.state("front")["lock"] == "locked"
    turn = await household.ask(Request("yes"))
    assert turn.reply == "Good bye."
    assert household.home.state("front")["lock"] == "unlocked"


@pytest.mark.parametrize("text", ["shout hello", "switch the lost thing"])
async def test_nothing_is_done_where_a_step_cannot_be_worked_out(
    household: Household, text: str
) -> None:
    turn = await household.ask(Request(text))
    assert turn.failed
    assert turn.results == ()
    assert household.home.state("lamp")["power"] == "off"


async def test_home_assistants_own_responses_are_said(household: Household) -> None:
    turn = await household.ask(Request("good day to you"))
    assert (turn.reply, turn.failed) == ("And to you.", False)


async def test_publishing_is_no_way_around_the_question(tmp_path: Path) -> None:
    (tmp_path / "probe").mkdir()
    probe = await home_with(tmp_path / "probe")
    try:
        binding = probe.bus._registry.binding("front")
        from assistant.types import Action

        topic = binding.commands(Action("lock.unlock", "front"), {})[0].topic
    finally:
        await probe.stop()
    (tmp_path / "real").mkdir()
    household = await home_with(tmp_path / "real", ACTIONS.replace("TOPIC", topic))
    try:
        turn = await household.ask(Request("sneak in"))
        assert [result.status for result in turn.results] == [Status.REFUSED]
        assert household.home.state("front")["lock"] == "locked"
    finally:
        await household.stop()


async def test_a_topic_can_be_put_under_the_question(tmp_path: Path) -> None:
    safety = SafetySettings(confirm=("mqtt.publish:cinema/mode",))
    household = await home_with(tmp_path, safety=safety)
    try:
        turn = await household.ask(Request("movie night with Alien"))
        assert turn.question
        assert "cinema/mode" in turn.reply
        assert (await household.ask(Request("yes"))).reply == "Enjoy Alien."
    finally:
        await household.stop()


MISTAKES: list[tuple[str, str, Callable[[str], bool]]] = [
    ("bad.yaml", "intents: {X: {data: [{sentences: ['go <nowhere>']}]}}", lambda s: ":1: X:" in s),
    ("bad.yaml", "a: 1\nb: [", lambda s: "no YAML" in s),
    ("bad.yaml", "intents:\n  X:\n    data:\n      - sentences:\n        - fine\n        - 'a {b}'",
     lambda s: "bad.yaml:6: " in s and "{b}" in s),
    ("actions.yaml", "\nMovieNight: {steps: [{shell: rm}]}", lambda s: ":2: MovieNight" in s),
    ("actions.yaml", "HassTurnOn: {reply: no}", lambda s: "own intent" in s),
    ("actions.yaml", "X: {reply: '{{ a'}", lambda s: "malformed" in s),
    ("actions.yaml", "X: {steps: [{service: light.turn_on, device: '{{ a }}'}]}",
     lambda s: "data only" in s),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "is_told"), MISTAKES)
async def test_a_mistake_is_told_by_file_and_the_rest_counts(
    tmp_path: Path, file: str, text: str, is_told: Callable[[str], bool]
) -> None:
    folder = tmp_path / "intents" / "en"
    folder.mkdir(parents=True)
    (tmp_path / "home.yaml").write_text(HOME)
    (folder / "good.yaml").write_text(SENTENCES)
    (folder / file).write_text(text)
    notices: list[str] = []
    household = Household(
        Settings(
            sentences=str(tmp_path / "intents"), llm=LanguageModelSettings(enabled=False)
        ),
        home_file=tmp_path / "home.yaml", dry=True, scratch=True,
        observers=(lambda e: notices.append(e.text) if isinstance(e, StageEvent) else None,),
    )  # fmt: skip
    await household.start()
    try:
        told = [notice for notice in notices if str(folder / file) in notice]
        assert len(told) == 1, notices
        assert is_told(told[0]), told
        assert (await household.ask(Request("good day to you"))).reply == "And to you."
    finally:
        await household.stop()
