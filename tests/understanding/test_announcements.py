"""What everybody is to hear: the words as they were said, and never a command."""

from __future__ import annotations

import functools

import pytest
from manual_clock import ManualClock
from said_cases import LANGUAGES, Stage
from said_expectations import START

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.schedule.schedule import Schedule
from assistant.skills.context import Loudspeaker
from assistant.store.database import Database
from assistant.types import Request


@functools.cache
def _stage(language: str) -> Stage:
    return Stage(language, guess=False)


class Talk:
    """A conversation with an assistant that stands in the kitchen."""

    def __init__(self, language: str, *, speaks: bool = True) -> None:
        self.stage = _stage(language)
        self.stage.rest()
        clock = ManualClock(START)
        self.schedule = Schedule(Database.open(None), clock)
        self.conversation = Conversation(
            understanding=self.stage.understanding, replies=self.stage.replies,
            home=self.stage.home, bus=self.stage, schedule=self.schedule, clock=clock,
            safety=SafetySettings(),
            loudspeaker=lambda: Loudspeaker("kitchen") if speaks else None,
        )  # fmt: skip
        self.say = self.conversation.ask


@pytest.fixture(scope="module")
def talks() -> dict[str, Talk]:
    return {language: Talk(language) for language in LANGUAGES}


@pytest.mark.parametrize(
    ("language", "said", "announced"),
    [
        ("en", "tell everyone that dinner is ready", "Dinner is ready."),
        ("en", "Announce: dinner's ready, please come now!", "Dinner's ready, please come now."),
        ("en", "can you please tell the kids to come down", "Everyone, please come down."),
        ("en", "tell everyone we leave in ten minutes", "We leave in ten minutes."),
        ("en", "broadcast good night", "Good night."),
        ("en", "announce turn off all the lights", "Turn off all the lights."),
        ("en", "tell everyone to wash their hands and turn off the TV",
         "Everyone, please wash their hands and turn off the TV."),
        ("en", "announce all lights are off except in the kitchen",
         "All lights are off except in the kitchen."),
        ("en", "say in the kitchen that the tea is ready", "The tea is ready."),
        ("en", "say downstairs that we leave at six", "We leave at six."),
        ("de", "Sag allen, dass das Essen fertig ist",
         "Ich soll euch sagen, dass das Essen fertig ist."),
        ("de", "sag allen das Essen ist fertig", "Das Essen ist fertig."),
        ("de", "Durchsage: Essen ist fertig, bitte kommt!", "Essen ist fertig, bitte kommt."),
        ("de", "sag in der Küche, dass der Tee fertig ist",
         "Ich soll euch sagen, dass der Tee fertig ist."),
        ("de", "Sag den Kindern, mach das Licht aus", "Mach das Licht aus."),
        ("zh", "告诉大家晚饭好了", "晚饭好了。"),
        ("zh", "广播一下，晚饭好了，快来吃饭", "晚饭好了，快来吃饭。"),
        ("zh", "叫大家来吃饭", "请大家来吃饭。"),
        ("zh", "广播把灯都关掉", "把灯都关掉。"),
        ("zh", "在厨房说茶好了", "茶好了。"),
        ("ko", "저녁 준비됐다고 방송해 줘", "저녁 준비됐다고 합니다."),
        ("ko", "다들 저녁 먹으라고 알려 줘", "저녁 먹으라고 합니다."),
        ("ko", "모두에게 불 끄라고 전해 줘", "불 끄라고 합니다."),
        ("ko", "부엌에 커피 다 됐다고 말해 줘", "커피 다 됐다고 합니다."),
        ("ko", "안내 방송 손님이 도착했습니다", "손님이 도착했습니다."),
    ],
)  # fmt: skip
async def test_the_words_are_announced_and_nothing_is_done(
    talks: dict[str, Talk], language: str, said: str, announced: str
) -> None:
    talk = talks[language]
    turn = await talk.say(Request(said))
    assert turn.announcement == announced
    assert turn.reply in talk.stage.replies.variants("broadcast.done")
    assert not (turn.failed or turn.question or turn.results or talk.stage.sent)


@pytest.mark.parametrize(
    ("language", "said", "place"),
    [
        ("en", "tell the bedroom that dinner is ready", "bedroom"),
        ("en", "announce upstairs that dinner is ready", "first floor"),
        ("de", "sag im Schlafzimmer dass wir gehen", "Schlafzimmer"),
        ("zh", "在卧室广播晚饭好了", "卧室"),
        ("ko", "침실에 저녁 먹으라고 전해 줘", "침실"),
    ],
)
async def test_a_room_without_an_assistant_is_said_to_be_one(
    talks: dict[str, Talk], language: str, said: str, place: str
) -> None:
    turn = await talks[language].say(Request(said))
    assert turn.failed
    assert not turn.announcement
    assert place in turn.reply


@pytest.mark.parametrize(
    ("language", "said", "answer", "announced"),
    [
        ("en", "make an announcement", "turn off the lights", "Turn off the lights."),
        ("de", "mach eine Durchsage", "wir fahren los", "Wir fahren los."),
        ("zh", "发个广播", "我回来了", "我回来了。"),
        ("ko", "방송해 줘", "저녁 먹자", "저녁 먹자."),
    ],
)
async def test_what_to_announce_is_asked_and_the_answer_is_no_command(
    talks: dict[str, Talk], language: str, said: str, answer: str, announced: str
) -> None:
    talk = talks[language]
    question = await talk.say(Request(said))
    assert question.question
    assert not question.announcement
    turn = await talk.say(Request(answer))
    assert (turn.announcement, talk.stage.sent) == (announced, [])


async def test_asked_for_free_words_the_same_request_again_is_no_answer() -> None:
    talk = Talk("en")
    assert (await talk.say(Request("make an announcement"))).question
    again = await talk.say(Request("make an announcement"))
    assert (again.question, again.announcement) == (True, "")
    assert (await talk.say(Request("tell everyone hello"))).announcement == "Hello."
    assert (await talk.say(Request("add something to the shopping list"))).question
    await talk.say(Request("add milk to the shopping list"))
    assert [item.text for item in talk.schedule.lists.items("shopping")] == ["milk"]


async def test_one_of_several_requests_may_be_an_announcement(talks: dict[str, Talk]) -> None:
    turn = await Talk("en").say(Request("turn off the radio and tell everyone dinner is ready"))
    assert [result.action.service for result in turn.results] == ["media_player.turn_off"]
    assert turn.announcement == "Dinner is ready."
    assert "radio is off" in turn.reply


async def test_an_announcement_can_be_for_later_or_part_of_a_routine() -> None:
    talk = Talk("en")
    await talk.say(Request("in ten minutes tell everyone that we leave"))
    (later,) = talk.schedule.commands()
    turn = await talk.conversation.carry_out(Request(""), later.command.understood())
    assert turn.announcement == "We leave."
    await talk.say(Request("when I say lunch time, tell everyone that lunch is ready"))
    assert (await talk.say(Request("lunch time"))).announcement == "Lunch is ready."


async def test_without_a_voice_or_as_a_rehearsal_nothing_is_announced() -> None:
    text = "tell everyone that dinner is ready"
    mute = await Talk("en", speaks=False).say(Request(text))
    assert mute.failed
    assert "voice" in mute.reply
    dry = await Talk("en").say(Request(text, dry_run=True))
    assert "would announce" in dry.reply
    assert not (mute.announcement or dry.announcement)
