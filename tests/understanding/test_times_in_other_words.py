"""Timers, alarms, reminders and delays in other words than the tables of `said/` have."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from said_cases import SAID

from assistant.home.file.reading import load_home
from assistant.understanding.understanding import Understanding

_MEANS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "AssistantCancelAlarm": (
            "cancel my 7 am alarm",
            "turn off tomorrow's alarm",
        ),
        "AssistantCancelReminder": (
            "delete the reminder to call mum",
        ),
        "AssistantChangeAlarm": (
            "push my alarm back to nine",
        ),
        "AssistantClearList": (
            "clear the shopping list",
        ),
        "AssistantDelay": (
            "set the thermostat to 20 for two hours",
            "turn off the floor lamp tonight",
            "dim the reading lamp to 20 at 10 pm",
            "every weekday at 7 turn on the coffee machine",
            "turn on the porch light every day at sunset",
            "twenty minutes after sunrise open the bedroom curtains",
            "turn the heating down to 18 every night at eleven",
            "lock the doors at night",
            "turn off everything in an hour",
            "turn off the lights in the kitchen in five minutes",
            "in five minutes, please turn off the kitchen lights",
            "run the bathroom fan for fifteen minutes",
            "open the garage door at 7",
        ),
        "AssistantListReminders": (
            "what do I have to remember today",
        ),
        "AssistantReadList": (
            "what's on my to-do list",
        ),
        "AssistantRestartTimer": (
            "start the pizza timer again",
        ),
        "AssistantSetAlarm": (
            "set an alarm for quarter to six every weekday morning",
            "alarm tomorrow 6am",
            "wake me tomorrow at six with the bedside lamp",
        ),
        "AssistantSetReminder": (
            "remind me in two days to water the plants",
            "remind me about the meeting at half past two",
            "set a reminder for tomorrow morning to call the bank",
            "remind us at noon that lunch is ready",
            "don't let me forget to call dad at 5",
        ),
        "AssistantSkipAlarm": (
            "skip my next alarm",
        ),
        "AssistantSnooze": (
            "snooze",
            "snooze ten minutes",
        ),
        "AssistantTimerLength": (
            "how long did I set the timer for",
        ),
        "HassCancelAllTimers": (
            "cancel all my timers",
        ),
        "HassLightSet": (
            "turn on the reading lamp at 50 percent",
        ),
        "HassListAddItem": (
            "add paint to the hardware list",
            "add call the plumber to my to-do list",
        ),
        "HassShoppingListAddItem": (
            "put milk, eggs and two loaves of bread on the shopping list",
        ),
        "HassShoppingListCompleteItem": (
            "tick off milk",
        ),
        "HassStartTimer": (
            "wake me up in 20 minutes",
            "pasta timer, eleven minutes",
            "another timer for 5 minutes please",
            "set a timer for an hour and fifteen",
            "set a timer for one hour thirty",
        ),
        "HassTimerStatus": (
            "how much longer on the pasta",
            "what's left on the egg timer",
        ),
        "": (
            "don't turn off the fan in ten minutes",
            "he told me to turn off the fan in ten minutes",
            "if it rains turn off the fan at six",
            "remind me when I get home to feed the cat",
            "we need milk",
            "I need ten minutes",
            "ten minutes",
            "tomorrow at six",
            "the train leaves at six",
            "in an hour we leave",
            "turn off the TV at half time",
            "turn on the fan for the baby",
            "close the blinds for the night",
        ),
    },
    "de": {
        "AssistantCancelAlarm": (
            "Lösch den Wecker um sieben",
            "Schalt den Wecker für morgen aus",
        ),
        "AssistantChangeAlarm": (
            "Verschieb meinen Wecker auf neun Uhr",
        ),
        "AssistantChangeTimer": (
            "Stell den Timer auf 20 Minuten um",
        ),
        "AssistantClearList": (
            "Leer die Einkaufsliste",
        ),
        "AssistantDelay": (
            "Mach jeden Abend um elf die Stehlampe aus",
            "Mach bei Sonnenuntergang das Außenlicht an",
            "Eine halbe Stunde vor Sonnenuntergang mach die Stehlampe an",
            "Mach das Licht in der Küche in fünf Minuten aus",
            "Stell die Leselampe auf 40 Prozent um 22 Uhr",
            "Heute Abend um acht Stehlampe aus",
        ),
        "AssistantListReminders": (
            "Welche Erinnerungen habe ich",
        ),
        "AssistantReadList": (
            "Was steht auf der Todo-Liste",
        ),
        "AssistantSetAlarm": (
            "Weck mich jeden Werktag um viertel vor sechs",
            "Stell den Wecker morgen auf sechs",
            "Wecker morgen um sechs",
        ),
        "AssistantSetReminder": (
            "Erinnere mich morgen um sechs daran, Mama anzurufen",
            "Erinner mich in zwei Tagen an die Blumen",
            "Erinnere mich ans Essen um zwölf",
            "Erinnere mich um halb drei ans Meeting",
            "Erinnere mich an die Wäsche",
        ),
        "HassDecreaseTimer": (
            "Zieh drei Minuten vom Timer ab",
            "Nimm fünf Minuten vom Timer weg",
        ),
        "HassIncreaseTimer": (
            "Füg dem Timer fünf Minuten hinzu",
            "Gib dem Timer noch zwei Minuten",
        ),
        "HassListAddItem": (
            "Setz Farbe auf die Baumarktliste",
        ),
        "HassPauseTimer": (
            "Halt den Nudeltimer an",
        ),
        "HassShoppingListCompleteItem": (
            "Hak die Milch ab",
        ),
        "HassStartTimer": (
            "Stell einen Timer auf eine Stunde fünfzehn",
            "Nudeltimer elf Minuten",
            "Stell einen Nudeltimer auf elf Minuten",
            "Noch einen Timer für fünf Minuten bitte",
            "Weck mich in zwanzig Minuten",
        ),
        "HassTimerStatus": (
            "Wie lange braucht die Pizza noch",
            "Was für Timer laufen",
        ),
        "": (
            "Mach den Ventilator nicht in zehn Minuten aus",
            "Der Zug fährt um sechs",
            "Ich komme in zehn Minuten",
            "Wenn es regnet mach um sechs den Ventilator aus",
        ),
    },
    "zh": {
        "AssistantCancelAlarm": (
            "取消明天的闹钟",
        ),
        "AssistantChangeTimer": (
            "把计时器改成20分钟",
        ),
        "AssistantClearList": (
            "清空购物清单",
        ),
        "AssistantDelay": (
            "日落时打开门廊灯",
            "每天晚上十一点关掉电视",
            "十点把落地灯调到百分之二十",
        ),
        "AssistantReadList": (
            "还要买什么",
        ),
        "AssistantSetAlarm": (
            "明天早上六点半的闹钟",
            "每天早上七点叫我起床",
            "周末早上九点叫我",
            "我明天早上六点要起床",
        ),
        "AssistantSetReminder": (
            "晚上十点提醒我关灯",
            "每周一晚上八点提醒我倒垃圾",
            "两个小时后提醒我拿快递",
        ),
        "HassCancelTimer": (
            "计时器停了吧",
        ),
        "HassLightSet": (
            "灯亮一点",
        ),
        "HassShoppingListAddItem": (
            "把牛奶、鸡蛋放进购物清单",
        ),
        "HassStartTimer": (
            "设一个鸡蛋计时器,六分钟",
            "十分钟后叫我",
            "帮我定个半小时的计时器",
        ),
        "": (
            "电影八点开始",
            "等十分钟再说",
            "我十点睡觉",
            "别在十分钟后关风扇",
            "如果下雨六点关掉风扇",
        ),
    },
    "ko": {
        "AssistantCancelAlarm": (
            "내일 알람 취소해 줘",
        ),
        "AssistantChangeAlarm": (
            "알람을 8시로 바꿔 줘",
        ),
        "AssistantChangeTimer": (
            "타이머를 20분으로 바꿔 줘",
        ),
        "AssistantClearList": (
            "장보기 목록 비워 줘",
        ),
        "AssistantDelay": (
            "해 질 때 현관등 켜 줘",
            "매일 밤 11시에 티비 꺼 줘",
            "10시에 스탠드 밝기 20퍼센트로 해 줘",
            "한 시간만 선풍기 켜 줘",
        ),
        "AssistantRestartTimer": (
            "타이머 다시 시작해 줘",
        ),
        "AssistantSetAlarm": (
            "매일 아침 7시에 깨워 줘",
            "주말 아침 9시에 깨워 줘",
        ),
        "AssistantSetReminder": (
            "밤 10시에 불 끄라고 알려 줘",
            "매주 월요일 저녁 8시에 쓰레기 버리라고 알려 줘",
            "두 시간 뒤에 택배 찾으라고 알려 줘",
        ),
        "HassShoppingListAddItem": (
            "우유하고 계란 장보기 목록에 넣어 줘",
        ),
        "HassStartTimer": (
            "계란 타이머 6분 맞춰 줘",
            "십 분 뒤에 깨워 줘",
        ),
        "": (
            "영화 8시에 시작해",
            "나 열 시에 잘 거야",
            "10분 뒤에 선풍기 끄지 마",
            "비 오면 6시에 선풍기 꺼 줘",
        ),
    },
}  # fmt: skip
"""By language and intent; what is said under "" is no request."""


@pytest.fixture(scope="module")
def homes() -> dict[str, Understanding]:
    home = load_home(SAID / "home.yaml").to_home()
    return {language: Understanding(home, language) for language in _MEANS}


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [
        (language, said, name)
        for language, means in _MEANS.items()
        for name, some in means.items()
        for said in some
    ],
)
def test_other_words_for_the_same_mean_the_same(
    homes: dict[str, Understanding], language: str, said: str, name: str
) -> None:
    read = homes[language].read(said, None)
    assert [intent.name for intent in read.intents] == ([name] if name else [])
