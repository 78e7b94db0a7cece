"""Routines as they are spoken: with a time, among other requests, politely."""

from __future__ import annotations

import pytest
from talks import Talk

ROUTINES = {
    "en": {"good night": ("turn off the lamp",), "movie time": ("turn off the lamp",)},
    "de": {"gute nacht": ("mach die Lamp aus",)},
    "zh": {"晚安": ("关闭Lamp",)},
    "ko": {"잘 자": ("Lamp 꺼 줘",)},
}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "good night at eleven pm"),
        ("en", "at 11 pm good night"),
        ("en", "movie time at 11 pm please"),
        ("de", "gute nacht um 23 uhr"),
        ("zh", "晚上十一点晚安"),
        ("ko", "밤 열한 시에 잘 자"),
    ],
)
async def test_a_routine_may_be_said_with_a_time(language: str, said: str) -> None:
    talk = Talk(language=language, routines=ROUTINES[language])
    turn = await talk.say(said)
    assert not turn.failed, turn.reply
    assert (talk.told, talk.due()) == ([], ["2026-11-04 23:00"])
    await talk.pass_time(13 * 3600 + 1)
    assert talk.told == ["light.turn_off lamp"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "turn on the fan and good night"),
        ("en", "turn on the fan and then movie time"),
        ("en", "good night and turn on the fan"),
        ("de", "mach den ventilator an und gute nacht"),
        ("zh", "打开风扇然后晚安"),
        ("ko", "선풍기 켜고 잘 자"),
    ],
)
async def test_a_routine_may_be_said_with_other_requests(language: str, said: str) -> None:
    talk = Talk(language=language, routines=ROUTINES[language])
    turn = await talk.say(said)
    assert sorted(talk.told) == ["fan.turn_on fan", "light.turn_off lamp"], turn.reply


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "good night please"),
        ("en", "please good night"),
        ("en", "Movie time, please!"),
        ("de", "bitte gute nacht"),
        ("de", "gute nacht bitte"),
        ("zh", "请晚安"),
        ("ko", "잘 자 부탁해"),
    ],
)
async def test_a_routine_may_be_asked_for_politely(language: str, said: str) -> None:
    talk = Talk(language=language, routines=ROUTINES[language])
    turn = await talk.say(said)
    assert talk.told == ["light.turn_off lamp"], turn.reply


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "start movie time"),
        ("en", "run movie time please"),
        ("en", "please start the movie time"),
        ("en", "do good night"),
        ("en", "it's movie time"),
        ("de", "starte gute nacht"),
        ("de", "führe gute nacht aus"),
        ("de", "kannst du gute nacht starten"),
        ("zh", "开始晚安"),
        ("zh", "请执行晚安"),
        ("ko", "잘 자 시작해 줘"),
        ("ko", "잘 자를 실행해 주세요"),
    ],
)
async def test_a_routine_is_run_by_its_mere_name(language: str, said: str) -> None:
    talk = Talk(language=language, routines=ROUTINES[language])
    turn = await talk.say(said)
    assert talk.told == ["light.turn_off lamp"], turn.reply


@pytest.mark.parametrize(
    ("language", "said", "then"),
    [
        ("en", "every evening at eleven run good night", "2026-11-04 23:00"),
        ("de", "starte jeden Abend um elf gute nacht", "2026-11-04 23:00"),
        ("zh", "每天晚上十一点执行晚安", "2026-11-04 23:00"),
        ("ko", "매일 밤 열한 시에 잘 자 실행해 줘", "2026-11-04 23:00"),
    ],
)
async def test_a_routine_is_run_by_its_name_at_a_time(language: str, said: str, then: str) -> None:
    talk = Talk(language=language, routines=ROUTINES[language])
    turn = await talk.say(said)
    assert (talk.due(), talk.told) == ([then], []), turn.reply
    await talk.pass_time(13 * 3600 + 1)
    assert talk.told == ["light.turn_off lamp"]


@pytest.mark.parametrize(
    ("language", "learn", "run", "forget"),
    [
        ("en", "when I say party time, turn off the lamp", "start party time", "forget party time"),
        ("de", "wenn ich Partyzeit sage, mach die Lamp aus", "starte Partyzeit",
         "vergiss Partyzeit"),
        ("zh", "当我说派对时间的时候，关闭Lamp", "启动派对时间", "忘掉派对时间"),
        ("ko", "내가 파티 시간이라고 하면 Lamp 꺼 줘", "파티 시간 시작해 줘", "파티 시간 잊어 줘"),
    ],
)  # fmt: skip
async def test_what_was_learned_is_run_and_forgotten_by_name(
    language: str, learn: str, run: str, forget: str
) -> None:
    talk = Talk(language=language)
    assert (await talk.say(run)).failed
    assert not (await talk.say(learn)).failed
    await talk.say(run)
    assert talk.told == ["light.turn_off lamp"]
    assert not (await talk.say(forget)).failed
    assert talk.schedule.routines.all() == ()
    assert (await talk.say(run)).failed
    assert talk.told == ["light.turn_off lamp"]


async def test_a_routine_among_other_requests_is_asked_about_as_ever() -> None:
    talk = Talk(routines={"welcome": ("unlock the front door",)})
    turn = await talk.say("turn on the fan and welcome")
    assert turn.question
    assert talk.told == ["fan.turn_on fan"]


async def test_without_a_routine_good_night_is_small_talk() -> None:
    talk = Talk()
    assert "night" in (await talk.say("good night please")).reply.casefold()
    assert talk.told == []
