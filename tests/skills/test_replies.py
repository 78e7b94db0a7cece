from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import replace

import pytest
import yaml
from manual_clock import ManualClock
from spoken_home import spoken_home

from assistant.errors import AssistantError
from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.paths import packaged
from assistant.replies import Replies
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.types import Action, ActionResult, Intent, Outcome, Status, Tier, Turn
from assistant.understanding.understanding import Understanding

_HOME = spoken_home()
_ENGLISH = Replies("en")
_ON = "light.turn_on"


def _result(service: str, device: str, status: Status, **data: object) -> ActionResult:
    return ActionResult(Action(service, device, data), status, "too bright")  # type: ignore[arg-type]


def _said(*results: ActionResult, replies: Replies = _ENGLISH) -> str:
    return replies.outcome(Outcome("HassTurnOn.default", {}, results), _HOME)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([(_ON, "kl", Status.CONFIRMED)], "The kitchen lights are on."),
        ([(_ON, "lamp", Status.CONFIRMED)], "The lamp is on."),
        ([("media_player.turn_off", "tv", Status.CONFIRMED)], "The TV is off."),
        ([(_ON, "lamp", Status.SENT)], "I have told the lamp, but it does not report back."),
        ([(_ON, "lamp", Status.NO_ANSWER)], "The lamp did not answer."),
        ([(_ON, "kl", Status.UNAVAILABLE)], "The kitchen lights are not reachable."),
        ([(_ON, "lamp", Status.REFUSED)], "The lamp cannot do that: too bright."),
        ([(_ON, "lamp", Status.DRY_RUN)], "I would turn on the lamp."),
        ([("lock.unlock", "fd", Status.AWAITING_CONFIRMATION)], "Should I unlock the front door?"),
        (
            [(_ON, "lamp", Status.CONFIRMED), (_ON, "ceiling", Status.CONFIRMED)],
            "The lamp and the living room ceiling light are on.",
        ),
        (
            [(_ON, d, Status.CONFIRMED) for d in ("lamp", "ceiling", "reading_l")],
            "The lights in the living room are on.",
        ),
        (
            [(_ON, "ceiling", Status.CONFIRMED), (_ON, "kl", Status.CONFIRMED),
             (_ON, "lamp", Status.NO_ANSWER)],
            "Two of the three lights are on; the lamp did not answer.",
        ),
        ([("cover.open_cover", "gd", Status.CONFIRMED)], "The garage door is open."),
        ([("lock.lock", "fd", Status.CONFIRMED)], "The front door is locked."),
        ([("scene.turn_on", "movie", Status.SENT)], "I have set movie time."),
        ([("strange.service", "lamp", Status.CONFIRMED)], "Done."),
        ([(_ON, "gone", Status.NO_ANSWER)], "The gone did not answer."),
    ],
)  # fmt: skip
def test_results_are_told_as_they_are(results: list[tuple[str, str, Status]], said: str) -> None:
    assert _said(*(_result(*result) for result in results)) == said


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (_result(_ON, "kl", Status.CONFIRMED, brightness_pct=40),
         "The kitchen lights are at 40 percent."),
        (_result(_ON, "ol", Status.CONFIRMED, color_name="blue"), "The office light is now blue."),
        (_result("climate.set_temperature", "th", Status.CONFIRMED, temperature=20.5),
         "The thermostat is set to 20.5 degrees."),
        (_result("cover.set_cover_position", "lb", Status.CONFIRMED, position=30),
         "The left blind is at 30 percent."),
        (_result("fan.set_percentage", "fan", Status.CONFIRMED, percentage=66),
         "The fan is at 66 percent."),
        (_result("media_player.volume_set", "tv", Status.CONFIRMED, volume_level=0.3),
         "The volume is at 30 percent."),
        (_result(_ON, "lamp", Status.DRY_RUN, brightness_pct=40),
         "I would set the lamp to 40 percent."),
    ],
)  # fmt: skip
def test_what_was_set_is_told(result: ActionResult, said: str) -> None:
    assert _said(result) == said


def test_several_held_actions_make_one_question() -> None:
    actions = [Action("lock.unlock", "fd"), Action("cover.open_cover", "gd")]
    assert _ENGLISH.question(actions, _HOME) == (
        "Should I unlock the front door and open the garage door?"
    )


@pytest.mark.parametrize("language", ["en", "de", "ko", "zh", "fr"])
def test_every_error_has_a_sentence(language: str) -> None:
    replies = Replies(language)
    spoken = {error.spoken for error in (AssistantError, *AssistantError.__subclasses__())}
    for key in spoken:
        assert len(replies.render(f"errors.{key}")) > 6
    assert replies.render("errors.never_heard_of")


@pytest.mark.parametrize("language", ["en", "de", "ko", "fr", "zh"])
@pytest.mark.parametrize("status", list(Status))
def test_each_language_has_words_for_whatever_happens(language: str, status: Status) -> None:
    replies = Replies(language)
    for service, device in ((_ON, "kl"), ("lock.unlock", "fd"), ("vacuum.start", "vac")):
        assert len(_said(_result(service, device, status), replies=replies)) > 1


_WAYS_TO_SAY = "broadcast."
"""A message is passed on in the ways that a language has for it."""
_DEFAULTED = ("done.", "command.", "sent.")


def _keys(content: dict[str, object], prefix: str = "") -> set[str]:
    keys = set()
    for key, value in content.items():
        name = f"{prefix}{key}"
        keys |= _keys(value, f"{name}.") if isinstance(value, dict) else {name}
    return keys


@pytest.mark.parametrize("language", ["de", "ko", "zh"])
def test_a_language_lacks_no_reply_but_those_that_have_a_default(language: str) -> None:
    files = [packaged("intents") / code / "replies.yaml" for code in ("en", language)]
    english, other = (_keys(yaml.safe_load(path.read_text("utf-8"))) for path in files)
    english, other = ({k for k in keys if not k.startswith("words.")} for keys in (english, other))
    lacking = {key for key in english - other if not key.startswith((*_DEFAULTED, _WAYS_TO_SAY))}
    assert not lacking
    assert {key for key in other if not key.startswith(_WAYS_TO_SAY)} <= english


def test_slots_are_words_and_never_run() -> None:
    evil = "{{ ''.__class__.__mro__ }}{% for x in range(9) %}z{% endfor %}"
    said = _ENGLISH.render("problems.no_area", area=evil)
    assert evil in said
    assert "zzz" not in said


def test_a_damaged_template_still_says_something(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = Replies("en")
    monkeypatch.setitem(replies._texts, "timer.none", ("{% if %}",))
    monkeypatch.setitem(replies._texts, "clock.time", ("{{ now.hour // 0 }}",))
    assert replies.render("timer.none") == "Sorry, I cannot do that."
    assert replies.render("clock.time", now=dt.datetime(2025, 1, 1)) == "Sorry, I cannot do that."


def test_a_ring_tells_whose_it_is() -> None:
    assert _ENGLISH.render("ring.timer", name="pizza", late_s=0.0) == "Your pizza timer is done."
    assert _ENGLISH.render("ring.timer", name="", late_s=0.0) == "Your timer is done."
    missed = _ENGLISH.render("ring.missed", name="egg", late_s=3600.0)
    assert missed == "While I was off, your egg timer ended 1 hour ago."


@functools.cache
def _understanding(language: str) -> Understanding:
    return Understanding(_HOME, language)


async def _ask(text: str, language: str = "en", area: str | None = None) -> str:
    async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        return tuple(ActionResult(action, Status.CONFIRMED) for action in actions)

    clock = ManualClock(dt.datetime(2025, 3, 5, 14, 5, tzinfo=dt.UTC))
    context = SkillContext(_HOME, perform, clock, None, language, area)
    intents = _understanding(language).read(text, area).intents
    replies = Replies(language)
    return " ".join([replies.outcome(await handle_intent(i, context), _HOME) for i in intents])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("what time is it", "It is 2:05 PM."),
        ("what's the date today", "Today is Wednesday, March 5, 2025."),
        ("what is the temperature in the nursery", "It is 20.4 degrees in the nursery."),
        ("what is the temperature in the living room", "It is 19.5 degrees in the living room."),
        ("what is the thermostat set to", "The thermostat is set to 20 degrees."),
        ("is the front door locked", "Yes, the front door is locked."),
        ("is the back door locked", "No, the back door is unlocked."),
        ("is the garage door open", "No, the garage door is closed."),
        ("is the lamp on", "No, the lamp is off."),
        ("are any lights on", "Yes, the kitchen lights and the bedroom lights."),
        ("which lights are on", "The kitchen lights and the bedroom lights."),
        ("how many lights are on", "2 lights are on."),
        ("what is the nursery temperature", "The nursery temperature is 20.4."),
        ("is the coffee machine on", "I have not heard from the coffee machine yet."),
        ("turn on the reading light", "Which reading light, the reading light in the living room"
         " or the reading light in the bedroom?"),
        ("open the blinds in the kitchen", "There are no blinds in the kitchen."),
        ("it is too dark in here", "In which room?"),
        ("set a timer for ten minutes", "I cannot keep timers or alarms here."),
        ("never mind", "All right."),
    ],
)  # fmt: skip
async def test_questions_are_answered_from_the_state(asked: str, answer: str) -> None:
    assert await _ask(asked) == answer


async def test_help_names_things_of_this_home() -> None:
    said = await _ask("what can you do")
    assert "turn on the kitchen lights" in said
    assert "what time is it" in said


async def test_an_intent_that_nothing_handles_is_answered() -> None:
    async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        raise AssertionError(actions)

    context = SkillContext(_HOME, perform, ManualClock(), None, "en", None)
    outcome = await handle_intent(Intent("HassLaunchRocket"), context)
    assert outcome.failed
    assert _ENGLISH.outcome(outcome, _HOME) == "Sorry, I am not able to do that."


def test_variants_take_turns_and_stay_until_the_next_turn() -> None:
    replies = Replies("en")
    first = replies.render("not_understood")
    assert replies.render("not_understood") == first
    said = replies.variants("not_understood")
    assert said[0] == first
    heard = []
    for _ in said:
        heard.append(replies.render("not_understood"))
        replies.vary()
    assert heard == said
    assert replies.render("not_understood") == first


@pytest.mark.parametrize("language", ["en", "de", "ko", "zh"])
def test_what_was_understood_and_done_is_explained(language: str) -> None:
    home = Home([Device("lamp", "Lamp", "light"), Device("fan", "Fan", "fan")])
    results = tuple(
        ActionResult(Action(f"{kind}.turn_on", device), status)
        for kind, device in (("light", "lamp"), ("fan", "fan"))
        for status in Status
    )
    turn = Turn(
        id="1", text="turn on the lemp", language=language, area=None, tier=Tier.REPAIR,
        intents=(), results=results, reply="",
    )  # fmt: skip
    told = Replies(language).explained(turn, home)
    assert "turn on the lemp" in told
    assert told.lower().count("lamp") == told.lower().count("fan") == len(Status)
    plain = Replies(language).explained(replace(turn, tier=Tier.TEMPLATE), home)
    assert len(plain) < len(told)
