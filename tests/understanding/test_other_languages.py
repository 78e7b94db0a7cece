from __future__ import annotations

import pytest

from assistant.home.devices import Area, Device, Features
from assistant.home.model import Home
from assistant.understanding.understanding import Understanding

_COLOR = Features(brightness=True, color=True)


def _home(language: str) -> Home:
    names = {
        "ko": ("주방 조명", "거실 램프", "티비", "블라인드", "온도 조절기", "현관문",
               "주방", "거실"),
        "de": ("Küchenlicht", "Stehlampe", "Fernseher", "Jalousie", "Thermostat", "Haustür",
               "Küche", "Wohnzimmer"),
        "zh": ("厨房灯", "台灯", "电视", "窗帘", "空调", "前门", "厨房", "客厅"),
        "fr": ("Plafonnier", "Lampadaire", "Télé", "Store", "Thermostat", "Porte", "Cuisine",
               "Salon"),
    }[language]  # fmt: skip
    kitchen, lamp, tv, blind, thermostat, door, kitchen_area, living_area = names
    return Home(
        [
            Device("kl", kitchen, "light", "kitchen", features=_COLOR),
            Device("lamp", lamp, "light", "living"),
            Device("tv", tv, "media_player", "living"),
            Device("blind", blind, "cover", "living", (), "blind"),
            Device("th", thermostat, "climate", "living"),
            Device("door", door, "lock", "kitchen"),
        ],
        [Area("kitchen", kitchen_area), Area("living", living_area)],
    )


@pytest.fixture(scope="module")
def homes() -> dict[str, Understanding]:
    return {code: Understanding(_home(code), code) for code in ("ko", "de", "zh", "fr")}


_ROWS: list[tuple[str, str, list[tuple[str, tuple[str, ...]]]]] = [
    ("ko", "주방 조명 켜줘", [("HassTurnOn", ("kl",))]),
    ("ko", "주방 조명을 켜 주세요", [("HassTurnOn", ("kl",))]),
    ("ko", "거실 램프 꺼", [("HassTurnOff", ("lamp",))]),
    ("ko", "블라인드 닫아줘", [("HassTurnOff", ("blind",))]),
    ("ko", "현관문 잠가줘", [("HassTurnOn", ("door",))]),
    ("ko", "주방 조명 밝기 40%로 설정해줘", [("HassLightSet", ("kl",))]),
    ("ko", "타이머 십 분으로 맞춰줘", [("HassStartTimer", ())]),
    ("ko", "내일 아침 일곱 시에 깨워줘", [("AssistantSetAlarm", ())]),
    ("ko", "지금 몇 시야", [("HassGetCurrentTime", ())]),
    ("ko", "모든 불 꺼줘", [("HassTurnOff", ())]),
    ("ko", "주방 조명 켜고 티비 꺼줘", [("HassTurnOn", ("kl",)), ("HassTurnOff", ("tv",))]),
    ("ko", "그만", [("HassNevermind", ())]),
    ("ko", "뭐 할 수 있어", [("AssistantHelp", ())]),
    ("ko", "조명", []),
    ("ko", "주방 조명 켜지 마", []),
    ("ko", "외출 경비 시작해 줘", [("AssistantArmAlarm", ())]),
    ("ko", "경비 해제해 줘", [("AssistantDisarmAlarm", ())]),
    ("zh", "离家布防", [("AssistantArmAlarm", ())]),
    ("zh", "撤防", [("AssistantDisarmAlarm", ())]),
    ("de", "schalte die Alarmanlage für die Nacht scharf", [("AssistantArmAlarm", ())]),
    ("de", "Schalte die Alarmanlage unscharf!", [("AssistantDisarmAlarm", ())]),
    ("ko", "화성에는 물이 있을까", []),
    ("de", "Schalte das Küchenlicht ein.", [("HassTurnOn", ("kl",))]),
    ("de", "mach die Stehlampe an", [("HassTurnOn", ("lamp",))]),
    ("de", "mach das Licht in der Küche aus", [("HassTurnOff", ())]),
    ("de", "stelle das Küchenlicht auf 40 Prozent", [("HassLightSet", ("kl",))]),
    ("de", "öffne die Jalousie", [("HassTurnOn", ("blind",))]),
    ("de", "verriegle die Haustür", [("HassTurnOn", ("door",))]),
    ("de", "stelle einen Timer auf zehn Minuten", [("HassStartTimer", ())]),
    ("de", "wecke mich morgen um sieben Uhr", [("AssistantSetAlarm", ())]),
    ("de", "wie spät ist es", [("HassGetCurrentTime", ())]),
    ("de", "Schalte den Fernseher aus und die Stehlampe an.",
     [("HassTurnOff", ("tv",)), ("HassTurnOn", ("lamp",))]),
    ("de", "stopp", [("HassNevermind", ())]),
    ("de", "Küchenlicht", []),
    ("de", "schalte das Licht nicht ein", []),
    ("zh", "打开厨房灯", [("HassTurnOn", ("kl",))]),
    ("zh", "把厨房灯调到40%", [("HassLightSet", ("kl",))]),
    ("zh", "设置十分钟的计时器", [("HassStartTimer", ())]),
    ("zh", "现在几点", [("HassGetCurrentTime", ())]),
    ("zh", "厨房灯", []),
    ("fr", "allume le lampadaire", [("HassTurnOn", ("lamp",))]),
    ("fr", "éteins la télé", [("HassTurnOff", ("tv",))]),
    ("fr", "quelle heure est-il", [("HassGetCurrentTime", ())]),
    ("fr", "lampadaire", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said", "expected"), _ROWS)
def test_requests_in_other_languages(
    homes: dict[str, Understanding],
    language: str,
    said: str,
    expected: list[tuple[str, tuple[str, ...]]],
) -> None:
    understood = homes[language].read(said, None)
    assert [(intent.name, intent.device_ids) for intent in understood.intents] == expected


def test_half_eight_is_half_past_seven_in_german(homes: dict[str, Understanding]) -> None:
    alarm = homes["de"].read("weck mich um halb acht", None).intents[0]
    assert (alarm.slots["hour"], alarm.slots["minute"]) == (7, 30)


@pytest.mark.parametrize(
    ("language", "name", "more", "less"),
    [
        ("zh", "加湿器", "加湿器湿度高百分之{}", "加湿器湿度低百分之{}"),
        ("ko", "가습기", "가습기 습도 {} 퍼센트 올려줘", "가습기 습도 {} 퍼센트 내려줘"),
    ],
)
def test_less_stays_less_whichever_was_said_first(
    language: str, name: str, more: str, less: str
) -> None:
    home = Home([Device("wet", name, "humidifier", features=Features(humidity=(30, 80)))])
    understanding = Understanding(home, language)
    words = {"zh": ("三", "七"), "ko": ("삼", "칠")}[language]
    said = [
        more.format(words[0]),
        less.format(words[0]),
        less.format(words[1]),
        more.format(words[1]),
    ]
    steps = [understanding.read(text, None).intents[0].slots["humidity_step"] for text in said]
    assert steps == [3, -3, -7, 7]


def test_a_turkish_i_may_be_large_or_small() -> None:
    turkish = Understanding(_home("de"), "tr")
    for said in ("ışıkları aç", "Işıkları aç"):
        assert [intent.name for intent in turkish.read(said, None).intents] == ["HassTurnOn"]


def test_what_a_word_is_glued_of_is_one_word_of_the_vocabulary(
    homes: dict[str, Understanding],
) -> None:
    _, words = homes["de"].vocabulary()
    assert {"küchenlampen", "wohnzimmerlicht"} <= set(words)
    assert {"schlie", "schliee", "verrieg"}.isdisjoint(words)


def test_korean_and_chinese_have_a_vocabulary(homes: dict[str, Understanding]) -> None:
    for language, word in (("ko", "조명"), ("zh", "台灯")):
        _, words = homes[language].vocabulary()
        assert any(word in known for known in words)
        assert len(words) < 3000
