"""Small talk, what only the internet could answer, coins and dice, in four languages."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
import yaml
from brokers import eventually
from manual_clock import ManualClock
from said_cases import LANGUAGES, Stage
from said_expectations import START

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.replies import Replies
from assistant.schedule.commands import Command
from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.store.database import Database
from assistant.types import Action, Intent, Request, Status

_TABLE = yaml.safe_load(Path(__file__).with_name("small_talk.yaml").read_text("utf-8"))
_REFUSED = ("cannot.", "vacuum.")
_JOKES = 12


@functools.cache
def _stage(language: str) -> Stage:
    return Stage(language, guess=False)


async def _heard(stage: Stage, text: str) -> tuple[list[str], bool]:
    """The keys of the replies to `text`, and whether it failed."""
    understood = await stage.understanding.understand(text, area=None)
    clock = ManualClock(START)

    async def understand(inner: str) -> tuple[Intent, ...]:
        return (await stage.understanding.understand(inner, area=None)).intents

    context = SkillContext(
        stage.home, stage.perform, clock, None, stage.language, None, understand=understand
    )
    outcomes = [await handle_intent(intent, context) for intent in understood.intents]
    return [outcome.reply for outcome in outcomes], all(outcome.failed for outcome in outcomes)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_sentence_has_its_reply_and_touches_nothing(language: str) -> None:
    stage = _stage(language)
    wrong = []
    for key, sentences in _TABLE[language].items():
        for text in sentences:
            replies, failed = await _heard(stage, text)
            friendly = key == "cannot.weather_but" or not key.startswith(_REFUSED)
            right = replies == [key] and failed != friendly if key != "nothing" else not replies
            wrong += [] if right else [(text, key, replies)]
            assert not stage.sent, text
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_of_the_table_is_worded_in_its_language(language: str) -> None:
    replies, english = Replies(language), Replies("en")
    slots = {"hour": 10, "name": "X", "actual": 7, "unit": "°C"}
    for key in (*_TABLE["en"].keys() - {"nothing"}, "chance.heads", "chance.tails"):
        said = set(replies.variants(key, **slots))
        assert all(said), key
        assert language == "en" or not said & set(english.variants(key, **slots)), key
    assert len(set(replies.variants("chat.joke"))) >= _JOKES


async def test_a_routine_called_good_night_goes_before_the_kind_word() -> None:
    stage, clock = _stage("en"), ManualClock(START)
    schedule = Schedule(Database.open(None), clock)
    talk = Conversation(
        understanding=stage.understanding, replies=stage.replies, home=stage.home, bus=stage,
        schedule=schedule, clock=clock, safety=SafetySettings(),
    )  # fmt: skip
    assert (await talk.ask(Request("good night"))).reply in stage.replies.variants("chat.night")
    off = [Intent("HassTurnOff", {"name": "Floor lamp"}, device_ids=("floor_lamp",))]
    schedule.routines.learn("good night", "turn off the floor lamp", Command.of(off))
    turn = await talk.ask(Request("Good night."))
    assert [(r.action.service, r.status) for r in turn.results] == [
        ("light.turn_off", Status.CONFIRMED)
    ]


async def test_a_thank_you_silences_what_rings() -> None:
    stage, clock = _stage("en"), ManualClock(START)
    schedule = Schedule(Database.open(None), clock)
    await schedule.start(lambda ring: None, lambda ring: None, lambda ring: None)
    talk = Conversation(
        understanding=stage.understanding, replies=stage.replies, home=stage.home, bus=stage,
        schedule=schedule, clock=clock, safety=SafetySettings(),
    )  # fmt: skip
    schedule.start_timer(60, "tea")
    clock.advance(61)
    await eventually(schedule.ringing)
    assert not (await talk.ask(Request("thank you"))).failed
    assert not schedule.ringing()
    await schedule.stop()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_coins_dice_and_numbers_stay_in_their_range(language: str) -> None:
    context = SkillContext(
        _stage(language).home, _no_devices, ManualClock(START), None, language, None
    )
    replies = Replies(language)
    for _ in range(50):
        coin = await handle_intent(Intent("AssistantFlipCoin"), context)
        assert coin.reply in ("chance.heads", "chance.tails")
        dice = await handle_intent(Intent("AssistantRollDie", {"count": 2, "sides": 20}), context)
        rolled = dice.slots["rolled"]
        assert isinstance(rolled, list)
        assert all(1 <= one <= 20 for one in rolled)
        assert str(sum(rolled)) in replies.outcome(dice, context.home)
        drawn = await handle_intent(Intent("AssistantPickNumber", {"from": 9, "to": 3}), context)
        assert 3 <= int(str(drawn.slots["chosen"])) <= 9
        assert str(drawn.slots["chosen"]) in replies.outcome(drawn, context.home)


@pytest.mark.parametrize(
    ("language", "text", "name", "slots"),
    [
        ("en", "flip a coin", "AssistantFlipCoin", {}),
        ("en", "roll two dice", "AssistantRollDie", {"count": 2}),
        ("en", "roll a twenty sided die", "AssistantRollDie", {"sides": 20}),
        ("en", "pick a number between 1 and 10", "AssistantPickNumber", {"from": 1, "to": 10}),
        ("de", "wirf eine Münze", "AssistantFlipCoin", {}),
        ("de", "würfle mit drei Würfeln", "AssistantRollDie", {"count": 3}),
        ("de", "nenne eine Zahl zwischen 1 und 100", "AssistantPickNumber", {"from": 1, "to": 100}),
        ("zh", "抛个硬币", "AssistantFlipCoin", {}),
        ("zh", "掷骰子", "AssistantRollDie", {}),
        ("zh", "从1到10选一个数字", "AssistantPickNumber", {"from": 1, "to": 10}),
        ("ko", "동전 던져 줘", "AssistantFlipCoin", {}),
        ("ko", "주사위 두 개 굴려 줘", "AssistantRollDie", {"count": 2}),
        ("ko", "1부터 10 사이 숫자 하나 골라 줘", "AssistantPickNumber", {"from": 1, "to": 10}),
    ],
)  # fmt: skip
async def test_chance_is_asked_for_in_words(
    language: str, text: str, name: str, slots: dict[str, object]
) -> None:
    understood = await _stage(language).understanding.understand(text, area=None)
    assert [(i.name, dict(i.slots)) for i in understood.intents] == [(name, slots)]


@pytest.mark.parametrize(
    ("language", "text", "actions"),
    [
        ("en", "toggle the floor lamp", ["light.turn_off floor_lamp"]),
        ("en", "toggle the reading lamp", ["light.turn_on reading_lamp"]),
        ("en", "toggle the bedroom curtains", ["cover.open_cover bedroom_curtains"]),
        ("en", "toggle the front door", []),
        ("de", "schalte die Leselampe um", ["light.turn_on reading_lamp"]),
        ("zh", "切换落地灯", ["light.turn_off floor_lamp"]),
        ("ko", "스탠드 전환해 줘", ["light.turn_off floor_lamp"]),
    ],
)
async def test_what_is_toggled_takes_its_other_state(
    language: str, text: str, actions: list[str]
) -> None:
    stage = _stage(language)
    stage.rest()
    await _heard(stage, text)
    assert [f"{action.service} {action.device}" for action in stage.sent] == actions


@pytest.mark.parametrize(
    ("language", "text"), [("en", "stop"), ("de", "stopp"), ("zh", "停"), ("ko", "그만")]
)
async def test_stop_stops_the_cover_that_is_moving(language: str, text: str) -> None:
    stage = _stage(language)
    stage.rest()
    stage.home.update_state("left_blind", {"cover": "closing"})
    await _heard(stage, text)
    assert stage.sent == [Action("cover.stop_cover", "left_blind")]


async def _no_devices(actions: object) -> tuple[()]:
    del actions
    return ()
