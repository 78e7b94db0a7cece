"""What is asked before the home is opened: a yes, the PIN, a device's own code."""

import functools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from manual_clock import ManualClock

from assistant.config import SafetySettings, Settings
from assistant.conversation import Conversation
from assistant.events import Event, StageEvent
from assistant.home.devices import Device, Features
from assistant.home.model import Home
from assistant.home.pin import HIDDEN, MOST_TRIES, PAUSE_S, PinGuard
from assistant.replies import Replies
from assistant.turn_json import turn_to_json
from assistant.types import Action, ActionResult, Request, Status, Turn
from assistant.understanding.digits import spoken_digits
from assistant.understanding.own import OwnIntent, Step
from assistant.understanding.understanding import Understanding

PIN = "4711"
CODED = Features(code="number", code_verbs=("unlock",))
PANEL = Features(code="number", code_verbs=("alarm_disarm",), modes=("arm_home", "arm_away"))


class Devices:
    """Devices that obey at once, and remember what they were told."""

    connected = True

    def __init__(self) -> None:
        self.told: list[tuple[str, str, dict[str, object]]] = []

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        self.told += [(a.service, a.device, dict(a.data)) for a in actions]
        return tuple(ActionResult(action, Status.CONFIRMED) for action in actions)


def home() -> Home:
    return Home(
        [
            Device("lamp", "Lamp", "light"),
            Device("front", "Front door", "lock"),
            Device("safe", "Safe", "lock", features=CODED),
            Device("garage", "Garage door", "cover", device_class="garage"),
            Device("alarm", "Alarm panel", "alarm_control_panel", features=PANEL),
            Device("water", "Main valve", "valve"),
            Device("secret", "Cellar door", "lock", exposed=False),
            Device("doors", "All doors", "lock", members=("front", "safe", "secret"), virtual=True),
        ]
    )


_HOME = home()
_replies = functools.cache(Replies)


@functools.cache
def _understanding(language: str) -> Understanding:
    return Understanding(_HOME, language)


class Talk:
    """A conversation in a home with things to open."""

    def __init__(
        self,
        language: str = "en",
        *,
        understanding: Understanding | None = None,
        own: Mapping[str, OwnIntent] | None = None,
        pin_guard: PinGuard | None = None,
        **safety: object,
    ) -> None:
        self.devices = Devices()
        self.clock = ManualClock()
        self.seen: list[StageEvent] = []
        settings = SafetySettings.model_validate({"pin": PIN, **safety})
        self.home = _HOME
        self.conversation = Conversation(
            understanding=understanding or _understanding(language),
            replies=_replies(language),
            home=self.home,
            bus=self.devices,
            schedule=None,
            clock=self.clock,
            safety=settings,
            observer=self._see,
            own=own,
            pin_guard=pin_guard,
        )

    def _see(self, event: Event) -> None:
        if isinstance(event, StageEvent):
            self.seen.append(event)

    async def say(self, text: str, who: str = "hall", *, dry_run: bool = False) -> Turn:
        return await self.conversation.ask(Request(text, conversation=who, dry_run=dry_run))


@pytest.mark.parametrize(
    ("said", "language", "digits"),
    [
        ("one two three four", "en", "1234"), ("1234", "en", "1234"), ("1-2-3-4", "en", "1234"),
        ("twelve thirty-four", "en", "1234"), ("The PIN is 1 2 3 4.", "en", "1234"),
        ("it's one, two, oh, four", "en", "1204"), ("12 34", "en", "1234"),
        ("eins zwo drei vier", "de", "1234"), ("zwölf vierunddreißig", "de", "1234"),
        ("일이삼사", "ko", "1234"), ("비밀번호는 공일이삼입니다", "ko", "0123"),
        ("一二三四", "zh", "1234"), ("密码是幺二三四", "zh", "1234"),
        ("turn on the lamp", "en", None), ("one two banana", "en", None), ("", "en", None),
        ("yes", "en", None), ("🔢", "en", None),
    ],
)  # fmt: skip
def test_digits_are_understood_spoken_or_written(
    said: str, language: str, digits: str | None
) -> None:
    assert spoken_digits(said, language) == digits


@pytest.mark.parametrize("said", ["4711", "four seven one one", "the pin is forty seven eleven"])
async def test_the_right_pin_opens_what_was_asked_about(said: str) -> None:
    talk = Talk()
    asked = await talk.say("unlock the front door")
    assert asked.question
    assert asked.reply == "What is the PIN to unlock the front door?"
    assert talk.devices.told == []
    turn = await talk.say(said)
    assert talk.devices.told == [("lock.unlock", "front", {})]
    assert turn.reply == "The front door is unlocked."


@pytest.mark.parametrize("language", ["de", "ko", "zh"])
async def test_the_pin_is_asked_for_in_every_language(language: str) -> None:
    replies = _replies(language)
    for key in ("pin", "code", "wrong", "none", "closed"):
        assert replies.render(f"pin.{key}", command="…", name="…") != _replies("en").render(
            f"pin.{key}", command="…", name="…"
        )


async def test_a_yes_is_no_pin() -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    turn = await talk.say("yes")
    assert turn.question
    assert "number" in turn.reply
    assert talk.devices.told == []


async def test_after_three_wrong_pins_nobody_is_asked_for_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    with caplog.at_level(logging.DEBUG):
        turns = [await talk.say(wrong) for wrong in ("1111", "four seven one two", "9 8 7")]
    assert [turn.question for turn in turns] == [True, True, False]
    assert "minute" in turns[-1].reply
    again = await talk.say("unlock the front door", "kitchen")
    assert not again.question
    assert again.failed
    assert not (await talk.say("4711")).question
    talk.clock.advance(PAUSE_S + 1)
    assert (await talk.say("unlock the front door")).question
    await talk.say("4711")
    assert [told[:2] for told in talk.devices.told] == [("lock.unlock", "front")]
    assert len(caplog.records) >= MOST_TRIES
    assert not any(number in caplog.text for number in ("1111", "9 8 7", "987", "4711"))


async def test_guesses_are_counted_across_conversations() -> None:
    guard = PinGuard(PIN, ManualClock())
    talks = [Talk(pin_guard=guard), Talk(pin_guard=guard)]
    for talk, who in ((talks[0], "a"), (talks[1], "b"), (talks[0], "c")):
        await talk.say("open the garage door", who)
        await talk.say("0000", who)
    assert guard.closed


async def test_another_request_puts_the_pin_question_aside() -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    turn = await talk.say("turn on the lamp")
    assert turn.text == "turn on the lamp"
    await talk.say(PIN)
    assert [told[:2] for told in talk.devices.told] == [("light.turn_on", "lamp")]


async def test_a_request_with_a_number_in_it_is_no_pin() -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    turn = await talk.say("set the garage door to 40 percent")
    assert turn.text == "set the garage door to 40 percent"
    assert not turn.reply.startswith("That")


async def test_a_pin_misheard_at_first_is_found_among_what_else_was_heard() -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    heard = Request("for seven one one", conversation="hall", alternatives=("four seven one one",))
    await talk.conversation.ask(heard)
    assert [told[:2] for told in talk.devices.told] == [("lock.unlock", "front")]


async def test_no_ends_the_pin_question_and_so_does_time() -> None:
    talk = Talk()
    await talk.say("unlock the front door")
    assert (await talk.say("no")).reply == "All right, I will leave it."
    await talk.say("unlock the front door")
    talk.clock.advance(31)
    await talk.say(PIN)
    assert talk.devices.told == []


async def test_a_secret_is_shown_nowhere() -> None:
    talk = Talk()
    await talk.say("disarm the alarm panel")
    assert talk.conversation.expects_secret("hall")
    assert not talk.conversation.expects_secret("kitchen")
    turns = [await talk.say("9988"), await talk.say(PIN), await talk.say("2468")]
    assert talk.devices.told == [("alarm_control_panel.alarm_disarm", "alarm", {"code": "2468"})]
    assert not talk.conversation.expects_secret("hall")
    shown = repr([turn_to_json(turn) for turn in turns]) + repr(turns) + repr(talk.seen)
    assert not any(secret in shown for secret in ("9988", PIN, "2468"))
    assert {turn.text for turn in turns} == {HIDDEN}


async def test_the_code_of_a_device_is_asked_for_and_passed_on() -> None:
    talk = Talk(pin="")
    asked = await talk.say("unlock the safe")
    assert asked.reply == "What is the code of the safe, to unlock the safe?"
    await talk.say("one two three four")
    assert talk.devices.told == [("lock.unlock", "safe", {"code": "1234"})]


async def test_a_code_in_the_settings_is_passed_on_after_a_yes_and_never_told() -> None:
    talk = Talk(pin="", codes={"safe": "1357"})
    assert (await talk.say("unlock the safe")).reply == "Should I unlock the safe?"
    turn = await talk.say("yes")
    assert talk.devices.told == [("lock.unlock", "safe", {"code": "1357"})]
    assert "1357" not in repr(turn)
    assert "1357" not in repr(Settings.model_validate({"safety": {"codes": {"safe": "1357"}}}))


async def test_the_pin_comes_first_and_then_each_code() -> None:
    talk = Talk()
    asked = await talk.say("unlock the front door and unlock the safe")
    assert asked.reply == "What is the PIN to unlock the front door and the safe?"
    assert (await talk.say(PIN)).question
    await talk.say("1234")
    assert talk.devices.told == [
        ("lock.unlock", "front", {}), ("lock.unlock", "safe", {"code": "1234"}),
    ]  # fmt: skip


async def test_a_valve_needs_a_yes_though_there_is_a_pin() -> None:
    talk = Talk()
    assert (await talk.say("open the main valve")).reply == "Should I open the main valve?"
    await talk.say("yes")
    assert talk.devices.told == [("valve.open_valve", "water", {})]


async def test_without_a_pin_a_yes_is_enough_for_what_wants_the_pin() -> None:
    talk = Talk(pin="", confirm=[], pin_for=["cover.open_cover:garage"])
    assert (await talk.say("open the garage door")).reply == "Should I open the garage door?"


async def test_a_group_is_judged_member_by_member_and_what_is_hidden_stays_shut() -> None:
    talk = Talk(pin_for=["lock.unlock:front"], confirm=[], codes={"safe": "1357"})
    turn = await talk.say("unlock all doors")
    assert talk.devices.told == [("lock.unlock", "safe", {"code": "1357"})]
    assert turn.question
    assert {r.action.device: r.status for r in turn.results} == {
        "front": Status.AWAITING_CONFIRMATION,
        "safe": Status.CONFIRMED,
        "secret": Status.REFUSED,
    }
    await talk.say(PIN)
    assert talk.devices.told[-1] == ("lock.unlock", "front", {})


@pytest.mark.parametrize(
    ("language", "asked", "said"),
    [
        ("de", "entriegle Front door", "vier sieben eins eins"),
        ("ko", "Front door 잠금 해제해줘", "사칠일일"),
        ("zh", "解锁Front door", "四七一一"),
    ],
)
async def test_the_pin_opens_in_every_language(language: str, asked: str, said: str) -> None:
    talk = Talk(language)
    assert (await talk.say(asked)).question
    assert talk.devices.told == []
    turn = await talk.say(said)
    assert turn.text == HIDDEN
    assert [told[:2] for told in talk.devices.told] == [("lock.unlock", "front")]


async def test_a_code_in_a_users_own_intent_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("intents: {OpenSafe: {data: [{sentences: [open sesame]}]}}", "utf-8")
    own = {"OpenSafe": OwnIntent((Step("lock.unlock", "safe", {"code": "8642"}),))}
    understanding = Understanding(_HOME, "en", extra_sentences=(path,))
    talk = Talk(understanding=understanding, own=own, pin="", confirm=[], pin_for=[])
    turn = await talk.say("open sesame")
    assert talk.devices.told == [("lock.unlock", "safe", {"code": "8642"})]
    assert "8642" not in repr(turn)
