# ruff: noqa: E501
"""Spoken times: of timers, alarms, reminders and commands that wait."""

from __future__ import annotations

import pytest
from spoken_home import spoken_home

from assistant.understanding.free_text import corrected
from assistant.understanding.times.spoken_time import spoken_times
from assistant.understanding.understanding import Understanding

_LENGTHS = {
    "en": {
        "an hour and a half": 5400, "90 seconds": 90, "two and a half minutes": 150,
        "three quarters of an hour": 2700, "1.5 hours": 5400, "10 minutes": 600,
        "a quarter of an hour": 900, "half an hour": 1800,
        "an hour and 20 minutes": 4800, "a minute and a half": 90, "forty-five seconds": 45,
        "a hundred and twenty minutes": 7200, "a couple of hours": 7200, "minus five minutes": -300,
        "five, no, six minutes": 360, "two days": 172_800, "1 second": 1, "one second": 1, "2 hours, 3 minutes and 4 seconds": 7384,
    },
    "de": {
        "anderthalb Stunden": 5400, "eineinhalb Stunden": 5400, "zweieinhalb Minuten": 150,
        "eine Viertelstunde": 900, "eine halbe Stunde": 1800, "eine Dreiviertelstunde": 2700,
        "1,5 Stunden": 5400, "90 Sekunden": 90,
        "eine Stunde und zwanzig Minuten": 4800, "einundzwanzig Minuten": 1260,
        "minus fünf Minuten": -300, "zwei Tage": 172_800,
    },
    "zh": {
        "一个半小时": 5400, "半小时": 1800, "一刻钟": 900, "三刻钟": 2700, "两分三十秒": 150, "90秒": 90,
        "两分半": 150, "一小时零五分钟": 3900, "一百二十分钟": 7200, "两个钟头": 7200,
    },
    "ko": {
        "한 시간 반": 5400, "반 시간": 1800, "삼십 분": 1800, "이 분 삼십 초": 150, "90초": 90,
        "두 시간 십오 분": 8100, "열 시간": 36_000,
    },
}  # fmt: skip

_REQUESTS = {
    "en": {
        "wake me at half eight": ("AssistantSetAlarm", {"hour": 8, "minute": 30}),
        "set an alarm for 730": ("AssistantSetAlarm", {"hour": 7, "minute": 30, "clock": 12}),
        "tomorrow at noon remind me to eat":
            ("AssistantSetReminder", {"reminder": "eat", "hour": 12, "minute": 0, "day": "tomorrow"}),
        "remind me tomorrow to call mum at six":
            ("AssistantSetReminder", {"reminder": "call mum", "hour": 18, "minute": 0, "day": "tomorrow"}),
        "remind me this evening to lock the shed":
            ("AssistantSetReminder", {"reminder": "lock the shed", "hour": 18, "minute": 0, "day": "today"}),
        "remind me to look at 3 houses tomorrow at 9 am":
            ("AssistantSetReminder", {"reminder": "look at 3 houses", "hour": 9, "minute": 0, "day": "tomorrow"}),
        "remind me every other Monday at 7 pm to put the bins out":
            ("AssistantSetReminder", {"reminder": "put the bins out", "hour": 19, "minute": 0,
                                      "days": "monday", "every": "other_week"}),
        "remind me on the first of every month at 9 am to pay the rent":
            ("AssistantSetReminder", {"reminder": "pay the rent", "hour": 9, "minute": 0,
                                      "month_day": 1, "every": "month"}),
        "move my 7 am alarm to 8 am":
            ("AssistantChangeAlarm", {"hour": 8, "minute": 0, "from_hour": 7, "from_minute": 0}),
        "add 5 minutes to the 10 minute timer":
            ("HassIncreaseTimer", {"minutes": 5, "start_minutes": 10}),
        "cancel the ten minute timer": ("HassCancelTimer", {"start_minutes": 10}),
        "snooze for 10 minutes": ("AssistantSnooze", {"minutes": 10}),
        "turn on the kitchen lights at sunset":
            ("AssistantDelay", {"command": "turn on the kitchen lights", "sun": "sunset"}),
        "half an hour before sunset close the left blind":
            ("AssistantDelay", {"command": "close the left blind", "sun": "sunset", "sun_offset": -30}),
        "turn off the kitchen lights every night at eleven":
            ("AssistantDelay", {"command": "turn off the kitchen lights", "hour": 23, "minute": 0, "days": "daily"}),
        "turn off the fan in ten minutes": ("AssistantDelay", {"command": "turn off the fan", "minutes": 10}),
        "turn on the fan for two hours": ("AssistantDelay", {"command": "turn on the fan", "for_hours": 2}),
        "turn on the fan at six":
            ("AssistantDelay", {"command": "turn on the fan", "hour": 6, "minute": 0, "clock": 12}),
        "at 9 pm turn off the fan and the TV":
            ("AssistantDelay", {"command": "turn off the fan and the TV", "hour": 21, "minute": 0}),
        "set an alarm for 25:80": ("AssistantNoSuchTime", {"kind": "time"}),
        "set an alarm for 25 o'clock": ("AssistantNoSuchTime", {"kind": "time"}),
        "set a timer for minus five minutes": ("AssistantNoSuchTime", {"kind": "length"}),
        "set a timer for zero seconds": ("AssistantNoSuchTime", {"kind": "length"}),
        "set a timer for a thousand years": ("AssistantNoSuchTime", {"kind": "length"}),
        "remind me on the 31st of February at noon to dance": ("AssistantNoSuchTime", {"kind": "date"}),
        "what day is it tomorrow": ("HassGetCurrentDate", {"day": "tomorrow"}),
        "add bananas, no, apples to the shopping list": ("HassShoppingListAddItem", {"item": "apples"}),
    },
    "de": {
        "Weck mich um fünf vor halb acht": ("AssistantSetAlarm", {"hour": 7, "minute": 25}),
        "Weck mich um viertel acht": ("AssistantSetAlarm", {"hour": 7, "minute": 15}),
        "Stell den Wecker auf 6.15 Uhr": ("AssistantSetAlarm", {"hour": 6, "minute": 15}),
        "Erinner mich in 20 Minuten an die Wäsche": ("AssistantSetReminder", {"reminder": "Wäsche", "minutes": 20}),
        "Weck mich um 27 Uhr": ("AssistantNoSuchTime", {"kind": "time"}),
        "Stell einen Timer auf minus fünf Minuten": ("AssistantNoSuchTime", {"kind": "length"}),
        "Stell einen 10-Minuten-Timer": ("HassStartTimer", {"minutes": 10}),
    },
    "zh": {
        "差五分八点叫我": ("AssistantSetAlarm", {"hour": 7, "minute": 55}),
        "晚上十二点叫我": ("AssistantSetAlarm", {"hour": 0, "minute": 0}),
        "下午三点三刻叫我": ("AssistantSetAlarm", {"hour": 15, "minute": 45}),
        "周一到周五早上七点叫我起床": ("AssistantSetAlarm", {"hour": 7, "minute": 0, "days": "weekdays"}),
        "定一个25点的闹钟": ("AssistantNoSuchTime", {"kind": "time"}),
        "定一个零分钟的计时器": ("AssistantNoSuchTime", {"kind": "length"}),
        "提醒我明天六点给妈妈打电话":
            ("AssistantSetReminder", {"reminder": "给妈妈打电话", "hour": 18, "minute": 0, "day": "tomorrow"}),
        "把闹钟改到八点": ("AssistantChangeAlarm", {"hour": 8, "minute": 0}),
    },
    "ko": {
        "7시 10분 전에 깨워 줘": ("AssistantSetAlarm", {"hour": 6, "minute": 50}),
        "밤 12시에 깨워 줘": ("AssistantSetAlarm", {"hour": 0, "minute": 0}),
        "월요일부터 금요일까지 아침 일곱 시에 깨워 줘":
            ("AssistantSetAlarm", {"hour": 7, "minute": 0, "days": "weekdays"}),
        "내일 여섯 시에 엄마한테 전화하라고 알려 줘":
            ("AssistantSetReminder", {"reminder": "엄마한테 전화하기", "hour": 18, "minute": 0, "day": "tomorrow"}),
        "25시에 알람 맞춰 줘": ("AssistantNoSuchTime", {"kind": "time"}),
        "0분 타이머 맞춰 줘": ("AssistantNoSuchTime", {"kind": "length"}),
    },
}  # fmt: skip

_TALK = {
    "en": (
        "the alarm went off this morning", "it took ten minutes", "I'll be there at seven",
        "she woke me up at six", "I set a timer for the cake for ten minutes and burnt it",
        "the match starts at half past eight", "he turned on the fan at six", "see you tomorrow at eight",
        "we forgot the egg timer for ten minutes", "my neighbour mows his lawn every Sunday",
        "in ten minutes we will be back with the news", "turn on the radio in the attic in ten minutes",
        "it's too cold in the bedroom at night", "the kitchen is too bright at noon",
    ),
    "de": (
        "Der Wecker hat heute um sechs geklingelt", "Das hat zehn Minuten gedauert",
        "Du gehst mir so auf den Wecker", "Ich ruf dich in zehn Minuten zurück",
        "Wir sehen uns morgen um acht", "Im Schlafzimmer ist es nachts zu kalt",
    ),
    "zh": (
        "我昨天忘了定闹钟,结果迟到了", "这家店几点关门啊", "他八点才到家", "等我十分钟", "电影七点半开始",
        "把火关小一点,汤要溢出来了", "卧室晚上太冷了",
    ),
    "ko": (
        "어제 알람 맞추는 걸 깜빡해서 지각했어", "십 분만 기다려", "영화가 일곱 시 반에 시작해",
        "그 가게 몇 시에 문 닫아", "침실은 밤에 너무 추워",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def homes() -> dict[str, Understanding]:
    return {language: Understanding(spoken_home(), language) for language in _REQUESTS}


@pytest.mark.parametrize(
    ("language", "said", "seconds"),
    [(lang, said, s) for lang, lengths in _LENGTHS.items() for said, s in lengths.items()],
)
def test_a_spoken_length_is_so_many_seconds(language: str, said: str, seconds: float) -> None:
    times = spoken_times(language)
    assert times is not None
    assert [(span.start, span.end, span.values["length"]) for span in times.find(said)] == [
        (0, len(said), seconds)
    ]


@pytest.mark.parametrize(
    ("language", "said", "name", "slots"),
    [(lang, said, *wanted) for lang, rows in _REQUESTS.items() for said, wanted in rows.items()],
)
def test_a_time_in_a_request_becomes_its_slots(
    homes: dict[str, Understanding], language: str, said: str, name: str, slots: dict[str, object]
) -> None:
    read = homes[language].read(said, None)
    assert [(i.name, dict(i.slots)) for i in read.intents] == [(name, slots)]


@pytest.mark.parametrize(
    ("language", "said"), [(lang, said) for lang, rows in _TALK.items() for said in rows]
)
def test_talk_of_times_is_no_request(
    homes: dict[str, Understanding], language: str, said: str
) -> None:
    assert homes[language].read(said, None).intents == ()


def test_what_ends_with_a_time_of_its_own_leaves_the_first_request_for_now(
    homes: dict[str, Understanding],
) -> None:
    read = homes["en"].read("turn on the fan and turn off the TV in ten minutes", None)
    assert [intent.name for intent in read.intents] == ["HassTurnOn", "AssistantDelay"]


def test_who_corrects_himself_means_the_later_words() -> None:
    assert corrected("call dad no call mum", "no") == "call mum"
    assert corrected("bananas, no, apples", "no") == "apples"
    assert corrected("say no to Bob", "no") == "say no to Bob"
