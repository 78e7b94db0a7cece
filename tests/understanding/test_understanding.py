from __future__ import annotations

from pathlib import Path

import pytest
from spoken_home import spoken_home

from assistant.errors import ConfigError
from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.types import Completeness
from assistant.understanding.language import base_language, own_folder
from assistant.understanding.understanding import Understanding


@pytest.fixture(scope="module")
def english() -> Understanding:
    return Understanding(spoken_home(), "en")


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("turn on the kitchen lights", Completeness.COMPLETE),
        ("Set a timer for ten minutes.", Completeness.COMPLETE),
        ("wake me up at seven thirty tomorrow morning", Completeness.COMPLETE),
        ("yes", Completeness.COMPLETE),
        ("turn on", Completeness.INCOMPLETE),
        ("turn on the", Completeness.INCOMPLETE),
        ("Turn off the...", Completeness.INCOMPLETE),
        ("turn on the kitchen lights and", Completeness.INCOMPLETE),
        ("set a timer for ten", Completeness.INCOMPLETE),
        ("set the bedroom lights to", Completeness.INCOMPLETE),
        ("wake me up at seven", Completeness.UNKNOWN),
        ("once upon a time there was a king", Completeness.UNKNOWN),
        ("", Completeness.UNKNOWN),
    ],
)
async def test_a_partial_transcript_tells_whether_more_will_come(
    english: Understanding, heard: str, expected: Completeness
) -> None:
    assert await english.completeness(heard) is expected


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("Yes.", "yes"), ("yes please", "yes"), ("Yeah, do it!", "yes"), ("sure", "yes"),
        ("go ahead", "yes"), ("Okay nabu yes", "yes"), ("okay", "yes"),
        ("No.", "no"), ("no thanks", "no"), ("No, don't.", "no"), ("cancel", "no"),
        ("Never mind.", "no"), ("stop", "no"),
        ("yes but not now maybe", None), ("no yes", None), ("turn on the lamp", None), ("", None),
    ],
)  # fmt: skip
def test_an_answer_is_yes_no_or_neither(
    english: Understanding, said: str, meaning: str | None
) -> None:
    assert english.answer(said) == meaning


@pytest.mark.parametrize(
    ("language", "said", "meaning"),
    [("de", "ja bitte", "yes"), ("de", "Nein!", "no"), ("ko", "네", "yes"), ("ko", "아니요", "no"),
     ("zh", "好的", "yes"), ("zh-CN", "不要", "no")],
)  # fmt: skip
def test_answers_are_understood_in_each_language(language: str, said: str, meaning: str) -> None:
    assert Understanding(Home(), language).answer(said) == meaning


async def test_a_device_that_joins_the_home_can_be_spoken_of() -> None:
    home = spoken_home()
    understanding = Understanding(home, "en")
    said = "turn on the aquarium pump"
    assert not (await understanding.understand(said, area=None)).intents
    home.put(Device("pump", "Aquarium pump", "switch", "living"))
    intents = (await understanding.understand(said, area=None)).intents
    assert [intent.device_ids for intent in intents] == [("pump",)]
    home.remove("pump")
    assert not (await understanding.understand(said, area=None)).intents


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Kid's lamp", "turn on the kids lamp"),
        ("desk_lamp", "turn on the desk lamp"),
        ("DeskLamp", "turn on the desk lamp"),
        ("Wi-Fi plug", "turn on the wifi plug"),
        ("Lamp 2", "turn on lamp two"),
        ("Lamp two", "turn on lamp 2"),
        ("Bedside lamps", "turn on the bedside lamp"),
        ("The Beast", "turn on the beast"),
        ("Lamp (left) [new]", "turn on lamp (left) [new]"),
        ("<script>{{7*7}}</script>", "turn on <script>{{7*7}}</script>"),
        ("Télé", "turn on the télé"),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, said: str) -> None:
    home = Home([Device("it", name, "switch", "den")], [Area("den", "Den")])
    intents = Understanding(home, "en").read(said, None).intents
    assert [(intent.name, intent.device_ids) for intent in intents] == [("HassTurnOn", ("it",))]


def test_the_same_name_on_devices_of_two_kinds_means_the_kind_that_can() -> None:
    home = Home(
        [Device("contact", "Front door", "binary_sensor"), Device("lock", "Front door", "lock")]
    )
    understanding = Understanding(home, "en")
    assert understanding.read("lock the front door", None).intents[0].device_ids == ("lock",)
    asked = understanding.read("is the front door open", None).intents[0]
    assert asked.device_ids == ("contact",)


_LAMPS = Home(
    [
        Device("desk", "Desk lamp", "light", "office"),
        Device("floor", "Floor lamp", "light", "den"),
        Device("reading", "Reading lamp", "light", "den"),
        Device("ceiling", "Office ceiling light", "light", "office"),
        Device("strip", "Cupboard strip", "light", "hall"),
        Device("coffee", "Coffee machine", "switch", "office"),
    ],
    [Area("office", "Office"), Area("den", "Den"), Area("hall", "Hall")],
)


@pytest.mark.parametrize(
    ("area", "said", "devices"),
    [
        ("office", "turn off the lamp", ("desk",)),
        ("hall", "turn on the ceiling light", ("ceiling",)),
        ("hall", "turn off the lamp in the office", ("desk",)),
        ("hall", "turn the machine off", ("coffee",)),
        ("den", "turn off the lamp", ()),
        (None, "turn off the lamp", ()),
    ],
)
def test_a_device_is_known_by_the_end_of_its_name_where_it_is_the_only_one(
    area: str | None, said: str, devices: tuple[str, ...]
) -> None:
    (intent,) = Understanding(_LAMPS, "en").read(said, area).intents
    assert intent.device_ids == devices


def test_sentences_that_a_user_adds_win(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(
        "language: en\n"
        "intents:\n"
        "  HassTurnOff:\n"
        "    data:\n"
        "      - sentences: ['good night everyone', 'turn on the lamp']\n"
        "        slots: {domain: light}\n",
        "utf-8",
    )
    understanding = Understanding(spoken_home(), "en", extra_sentences=[own])
    for said in ("Good night, everyone!", "turn on the lamp"):
        assert understanding.read(said, None).intents[0].name == "HassTurnOff"


@pytest.mark.parametrize(
    "content",
    ["intents: {X: {data: [{sentences: ['go <nowhere>']}]}}",
     "intents: {X: {data: [{sentences: ['go to {nothing}']}]}}", "intents: [1, 2]",
     "intents: {X: {data: [{slots: {}}]}}", ": : :", "- a\n- b", "\x00",
     "intents: {X: {data: [{sentences: ['turn (on']}]}}"],
)  # fmt: skip
def test_a_malformed_sentence_file_is_named(tmp_path: Path, content: str) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(content, "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.yaml"):
        Understanding(spoken_home(), "en", extra_sentences=[bad])


def test_a_language_without_sentences_is_refused_with_advice() -> None:
    with pytest.raises(ConfigError, match="tlh"):
        Understanding(Home(), "tlh")


@pytest.mark.parametrize(
    ("wanted", "base", "folder"),
    [("en", "en", "en"), ("en_US", "en", "en"), ("de_DE", "de", "de"), ("de-CH", "de-CH", "de"),
     ("zh", "zh-CN", "zh"), ("zh_CN", "zh-CN", "zh"), ("fr", "fr", None), ("tlh", None, None)],
)  # fmt: skip
def test_a_language_finds_its_nearest_sentences(
    wanted: str, base: str | None, folder: str | None
) -> None:
    assert base_language(wanted) == base
    found = own_folder(wanted)
    assert (found.name if found else None) == folder


def test_the_vocabulary_holds_the_words_of_the_home_and_few_phrases(
    english: Understanding,
) -> None:
    phrases, words = english.vocabulary()
    assert 10 < len(phrases) <= 40
    assert any("Kitchen lights" in phrase for phrase in phrases)
    assert sum(len(phrase.split()) for phrase in phrases) < 170
    assert {"turn", "kitchen", "lights", "twenty", "forty", "percent", "nursery", "wake"} <= set(
        words
    )
    assert not any(" " in word or any(c.isdigit() for c in word) for word in words)
    assert "secret" not in words


def test_a_home_of_a_thousand_devices_is_understood() -> None:
    areas = [Area(f"a{i}", f"Room {i}") for i in range(40)]
    devices = [Device(f"d{i}", f"Gadget {i}", "light", f"a{i % 40}") for i in range(1000)]
    understanding = Understanding(Home(devices, areas), "en")
    found = understanding.read("turn on gadget 777", None).intents
    assert [intent.device_ids for intent in found] == [("d777",)]
    assert understanding.read("what is the meaning of life", None).intents == ()


def test_an_empty_home_still_tells_the_time() -> None:
    understanding = Understanding(Home(), "en")
    assert understanding.read("what time is it", None).intents[0].name == "HassGetCurrentTime"
    assert not understanding.read("turn on the coffee machine", None).intents
