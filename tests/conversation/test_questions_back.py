"""What is missing or not clear is asked for, and the answer is understood in its context."""

from __future__ import annotations

import pytest
from dialogues import Talk

from assistant.config import SafetySettings


@pytest.mark.parametrize(
    ("language", "said", "asked", "answer", "told"),
    [
        ("en", "turn on the lamp", "Which light", "the reading one", ["turn_on reading"]),
        ("en", "turn on the lamp", "Which light", "the second one", ["turn_on floor"]),
        ("en", "turn on the lamp", "Which light", "in the bedroom", ["turn_on bed"]),
        ("en", "turn off the light", "Which light", "the one in the kitchen", ["turn_off hob"]),
        ("en", "close the blind", "the left blind or the right blind", "both",
         ["close_cover left", "close_cover right"]),
        ("en", "close the blind", "Which blind", "the right one", ["close_cover right"]),
        ("en", "set the brightness to 40 percent", "which room", "kitchen", ["turn_on hob 40"]),
        ("en", "set the brightness to 40 percent", "which room", "the reading lamp",
         ["turn_on reading 40"]),
        ("en", "set the brightness of the floor lamp", "how much", "40", ["turn_on floor 40"]),
        ("en", "change the color of the floor lamp", "color", "blue", ["turn_on floor blue"]),
        ("en", "set the temperature of the heating", "degrees", "21.5",
         ["set_temperature heating 21.5"]),
        ("en", "set the speed of the fan", "how much", "30 percent", ["set_percentage fan 30"]),
        ("en", "set the position of the left blind", "how much", "to 30",
         ["set_cover_position left 30"]),
        ("de", "Mach das Licht an", "Welches", "In der Küche", ["turn_on hob"]),
        ("de", "Stell die Helligkeit der Stehlampe ein", "Prozent", "40", ["turn_on floor 40"]),
        ("zh", "调整落地灯的亮度", "多少", "百分之40", ["turn_on floor 40"]),
        ("ko", "스탠드 밝기 조절해 줘", "얼마", "40퍼센트", ["turn_on floor 40"]),
    ],
)  # fmt: skip
async def test_the_answer_fills_what_was_missing(language, said, asked, answer, told) -> None:
    talk = Talk(language)
    turn = await talk.say(said)
    assert (turn.question, turn.failed, talk.told) == (True, False, [])
    assert asked in turn.reply
    assert talk.conversation.waits_for_answer("hall")
    turn = await talk.say(answer)
    assert (sorted(talk.told), turn.failed, turn.question) == (told, False, False)


@pytest.mark.parametrize(
    ("language", "said", "answer", "seconds"),
    [
        ("en", "set a timer", "ten minutes", 600),
        ("en", "start a timer", "for 90 seconds", 90),
        ("de", "Stell einen Timer", "Zehn Minuten", 600),
        ("zh", "设一个计时器", "10分钟", 600),
        ("ko", "타이머 설정해 줘", "10분", 600),
    ],
)
async def test_a_timer_is_asked_for_its_length(language, said, answer, seconds) -> None:
    talk = Talk(language)
    assert (await talk.say(said)).question
    assert not (await talk.say(answer)).failed
    assert [timer.duration_s for timer in talk.schedule.timers()] == [seconds]


async def test_an_alarm_is_asked_for_its_time_and_keeps_its_day() -> None:
    talk = Talk()
    assert (await talk.say("wake me up tomorrow")).question
    await talk.say("at half past six")
    [alarm] = talk.schedule.alarms()
    assert (alarm.time.hour, alarm.time.minute) == (6, 30)
    assert alarm.next_ring.date() > talk.clock.now().date()


async def test_what_was_asked_back_about_may_still_need_a_yes() -> None:
    talk = Talk()
    assert (await talk.say("unlock the door")).question
    turn = await talk.say("the back door")
    assert turn.question
    assert talk.told == []
    await talk.say("yes")
    assert talk.told == ["unlock back"]


async def test_a_different_request_takes_the_place_of_a_question() -> None:
    talk = Talk()
    await talk.say("set a timer")
    await talk.say("turn on the fan")
    assert talk.told == ["turn_on fan"]
    await talk.say("ten minutes")
    assert talk.schedule.timers() == ()


@pytest.mark.parametrize("said", ["never mind", "no", "forget it"])
async def test_a_question_can_be_waved_off(said) -> None:
    talk = Talk()
    await talk.say("close the blind")
    turn = await talk.say(said)
    assert not turn.question
    await talk.say("the right one")
    assert talk.told == []


async def test_what_does_not_answer_is_asked_again_once() -> None:
    talk = Talk()
    await talk.say("close the blind")
    assert (await talk.say("blah di blah")).question
    assert not (await talk.say("blah di blah")).question
    assert talk.told == []


async def test_a_late_answer_answers_nothing() -> None:
    talk = Talk()
    await talk.say("close the blind")
    talk.clock.advance(SafetySettings().confirm_timeout_s + 1)
    await talk.say("the right one")
    assert talk.told == []


async def test_the_other_one_is_known_after_an_answer() -> None:
    talk = Talk()
    await talk.say("close the blind")
    await talk.say("the right one")
    await talk.say("and the other one")
    assert talk.told == ["close_cover left"]


async def test_the_lamp_of_the_room_one_is_in_needs_no_question() -> None:
    talk = Talk()
    await talk.say("turn on the lamp", area="bedroom")
    assert talk.told == ["turn_on bed"]
