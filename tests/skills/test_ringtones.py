"""What alarms and timers ring with: by voice in four languages, from the command line, by MQTT."""

from __future__ import annotations

import pytest
from talks import Talk

from assistant.errors import ScheduleError
from assistant.schedule.requests import carry_out
from assistant.schedule.shown import shown


@pytest.mark.parametrize(
    ("language", "said", "sound", "told"),
    [
        ("en", "wake me at seven with the birds", "birds", "birds"),
        ("en", "wake me up at 7 am tomorrow with the chimes sound", "chimes", "chimes"),
        ("en", "set an alarm for seven with the bell", "bell", "a bell"),
        ("en", "wake me at seven with the sound of birds", "birds", "birds"),
        ("en", "wake me at seven with the rooster sound", "rooster", "rooster"),
        ("en", "wake me at seven with the rooster", "rooster", "rooster"),
        ("de", "weck mich um sieben mit vogelgezwitscher", "birds", "Vogelgezwitscher"),
        ("de", "weck mich morgen um sieben uhr mit der glocke", "bell", "Glocke"),
        (
            "de",
            "stell einen wecker auf sieben mit dem klang glockenspiel",
            "chimes",
            "Glockenspiel",
        ),
        ("de", "weck mich um sieben mit dem klang rooster", "rooster", "rooster"),
        ("zh", "七点用鸟叫声叫醒我", "birds", "鸟鸣"),
        ("zh", "明天早上七点用风铃声叫我起床", "chimes", "风铃"),
        ("zh", "设一个七点的闹钟用铃声", "bell", "钟声"),
        ("ko", "일곱 시에 새소리로 깨워 줘", "birds", "새소리"),
        ("ko", "내일 아침 일곱 시에 종소리로 알람 맞춰 줘", "bell", "종소리"),
        ("ko", "알람 일곱 시에 차임벨 소리로 맞춰 줘", "chimes", "차임벨"),
    ],
)
async def test_an_alarm_rings_with_what_was_asked_for(
    language: str, said: str, sound: str, told: str
) -> None:
    talk = Talk(language=language, own_sounds=["rooster"])
    turn = await talk.say(said)
    assert not turn.failed, turn.reply
    [alarm] = talk.schedule.alarms()
    assert (alarm.sound, alarm.name, alarm.lights) == (sound, "", ())
    assert told in turn.reply
    assert told in (await talk.want("AssistantListAlarms")).reply
    await talk.pass_time(alarm.next_ring.timestamp() - talk.clock.now().timestamp())
    assert [ring.sound for ring in talk.rang] == [sound]
    talk.schedule.snooze(60)
    assert [alarm.sound for alarm in talk.schedule.alarms()] == [sound]
    await talk.pass_time(61)
    assert [ring.sound for ring in talk.rang] == [sound, sound]


@pytest.mark.parametrize(
    ("language", "said", "sound"),
    [
        ("en", "set a timer for ten minutes with the beep sound", "beep"),
        ("en", "set a pizza timer for ten minutes with bells", "bell"),
        ("de", "stell einen timer auf zehn minuten mit glockenspiel", "chimes"),
        ("zh", "用鸟叫声设一个十分钟的计时器", "birds"),
        ("ko", "새소리로 십 분 타이머 맞춰 줘", "birds"),
    ],
)
async def test_a_timer_rings_with_what_was_asked_for(language: str, said: str, sound: str) -> None:
    talk = Talk(language=language)
    turn = await talk.say(said)
    assert not turn.failed, turn.reply
    assert [(timer.set_s, timer.sound) for timer in talk.schedule.timers()] == [(600, sound)]


@pytest.mark.parametrize(
    ("language", "said", "named"),
    [
        ("en", "wake me at seven with the trumpet sound", ("trumpet", "bell", "birds", "rooster")),
        ("en", "wake me at seven with the trumpets", ("no light and no sound", "rooster")),
        ("de", "weck mich um sieben mit dem klang trompete", ("trompete", "Vogelgezwitscher")),
        ("zh", "七点用喇叭的声音叫醒我", ("喇叭", "鸟鸣")),
        ("ko", "일곱 시에 나팔 소리로 깨워 줘", ("나팔", "새소리")),
    ],
)
async def test_of_an_unknown_sound_those_there_are_are_told(
    language: str, said: str, named: tuple[str, ...]
) -> None:
    talk = Talk(language=language, own_sounds=["rooster"])
    turn = await talk.say(said)
    assert turn.failed
    assert all(word in turn.reply for word in named), turn.reply
    assert talk.schedule.alarms() == ()


async def test_a_light_is_still_a_light() -> None:
    talk = Talk()
    await talk.say("wake me at seven with the lamp")
    assert [(a.lights, a.sound) for a in talk.schedule.alarms()] == [(("lamp",), "")]


def test_programs_ask_for_sounds_too() -> None:
    talk = Talk(own_sounds=["rooster"])
    carry_out(talk.schedule, "alarms", {"do": "set", "time": "07:00", "sound": "rooster"})
    carry_out(talk.schedule, "timers", {"do": "start", "seconds": 60, "sound": "bell"})
    told = [shown(kind, talk.schedule, talk.clock.now())[kind][0] for kind in ("alarms", "timers")]
    assert [entry["sound"] for entry in told] == ["rooster", "bell"]
    for kind, request in (
        ("alarms", {"do": "set", "time": "07:00"}),
        ("timers", {"do": "start", "seconds": 60}),
    ):
        with pytest.raises(ScheduleError, match="bell, birds, chimes, beep, rooster"):
            carry_out(talk.schedule, kind, {**request, "sound": "trumpet"})
