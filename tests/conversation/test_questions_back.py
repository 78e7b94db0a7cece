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


@pytest.mark.parametrize(
    ("language", "said", "asked", "answer", "told"),
    [
        ("en", "set a timer for six", "6 minutes, or until 6 o'clock?", "minutes", "360"),
        ("en", "and an egg timer for six", "6 o'clock", "six minutes please", "360 egg"),
        ("en", "timer 10", "10 minutes", "ten seconds", "10"),
        ("en", "set a timer for fifteen", "until 3 PM", "the first one", "900"),
        ("en", "egg timer, twenty five", "25 minutes, or 25 seconds?", "the second", "25 egg"),
        ("de", "Stell einen Timer auf sechs", "6 Minuten oder bis 6 Uhr?", "Minuten", "360"),
        ("de", "und einen Eiertimer auf sechs", "6 Uhr", "sechs Minuten", "360 Eier"),
        ("de", "Timer für die Pizza auf zwölf", "12 Minuten", "das erste", "720 Pizza"),
        ("zh", "定个六的计时器", "6分钟，还是到6点？", "分钟", "360"),
        ("zh", "煮蛋计时器六", "6分钟", "六分钟", "360 煮蛋"),
        ("zh", "设一个25的倒计时", "25分钟，还是25秒？", "秒", "25"),
        ("ko", "타이머 6으로 맞춰 줘", "6분인가요, 아니면 6시까지인가요?", "분", "360"),
        ("ko", "계란 타이머 6", "6시까지", "6분이요", "360 계란"),
        ("ko", "타이머 12 맞춰 줘", "12분", "첫 번째", "720"),
    ],
)
async def test_a_number_without_a_unit_may_be_minutes_or_the_hour(
    language, said, asked, answer, told
) -> None:
    talk = Talk(language)
    turn = await talk.say(said)
    assert (turn.question, talk.schedule.timers()) == (True, ())
    assert asked in turn.reply
    turn = await talk.say(answer)
    assert (turn.failed, turn.question) == (False, False)
    [timer] = talk.schedule.timers()
    assert f"{timer.duration_s:.0f} {timer.name}".strip() == told


@pytest.mark.parametrize(
    ("language", "said", "answer"),
    [
        ("en", "set a timer for six", "until six o'clock"),
        ("en", "set a timer for six", "o'clock"),
        ("en", "set a timer for six", "the second one"),
        ("de", "Timer auf sechs", "bis sechs Uhr"),
        ("de", "Timer auf sechs", "Uhr"),
        ("zh", "定时六", "到六点"),
        ("ko", "타이머 6으로", "6시까지"),
    ],
)
async def test_a_timer_may_run_until_the_hour_that_was_meant(language, said, answer) -> None:
    talk = Talk(language)
    assert (await talk.say(said)).question
    assert not (await talk.say(answer)).failed
    [timer] = talk.schedule.timers()
    now = talk.clock.now()
    end = now.timestamp() + timer.duration_s
    assert now.fromtimestamp(end, now.tzinfo).hour in (6, 18)


async def test_no_timer_is_asked_about_where_none_was_asked_for() -> None:
    talk = Talk()
    for said in ("table for six", "count to six", "we have an egg timer for six", "an egg for 6"):
        assert not (await talk.say(said)).question, said
    turn = await talk.say("set a timer for zero")
    assert (turn.failed, turn.question) == (True, False)


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
