"""Words that were misheard, as recognizers write them, and talk that only sounds like a request."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.home.dwelling import DEMO_HOME
from assistant.home.file.reading import load_home
from assistant.types import Intent
from assistant.understanding.language import language_data
from assistant.understanding.repair.alignment import distance
from assistant.understanding.repair.carrier import settled_by_values
from assistant.understanding.repair.grammar import Grammar
from assistant.understanding.repair.guess import Candidate, Decisive, Guess, Speech
from assistant.understanding.repair.search import Search
from assistant.understanding.repair.sounds import Pronouncer, substitution_costs
from assistant.understanding.understanding import Understanding

SURE = [
    ("dim the hall we like", "dim the hallway light"),
    ("set the bedroom lites to forty percent", "set the bedroom lights to forty percent"),
    ("pours the music", "pause the music"),
    ("close all the blinds in the leaving rum", "close all the blinds in the living room"),
    ("set the thermos that to twenty one degrees", "set the thermostat to twenty one degrees"),
    ("what is the temperature in the nurse ree", "what is the temperature in the nursery"),
    ("make the orifice light blue", "make the office light blue"),
    ("sat a time of for ten minutes", "set a timer for ten minutes"),
    ("set a timber for ten minutes", "set a timer for ten minutes"),
    ("weight me up at half past six", "wake me up at half past six"),
    ("turn off the hallweigh light in ten minutes", "turn off the hallway light in ten minutes"),
    ("at sunset close the kitchen blonde", "at sunset close the kitchen blind"),
]
"""Heard, and what was said: done without asking, or asked about, but never something else."""

NOTHING = [
    "turn on the lights in the attic",
    "switch off the lights in the dining room",
    "turn on the conservatory light",
    "turn on your heart light",
    "the train left the station at half past six",
    "stir the sauce for ten minutes",
    "who turned on the lights",
    "could you not turn on the lights",
    "turn off all the lights except the kitchen",
    "do not open the garage door",
    "open the window of opportunity",
    "what do you think about the weather on mars",
    "the president said that the economy is growing",
    "play some music by the beatles",
    "i think we should go home now",
    "he shoots he scores what a goal",
    "she turned off the highway and vanished",
    "subscribe to our channel for more",
    "is a tomato a fruit",
    "mm hmm right",
    "the",
    "",
]


@functools.cache
def _at_home(language: str, home: Path = DEMO_HOME) -> Understanding:
    """Made once: what can be said there is pronounced and searched through by several tests."""
    return Understanding(load_home(home).to_home(), language)


@pytest.fixture
def english() -> Understanding:
    return _at_home("en")


@pytest.mark.parametrize(("heard", "said"), SURE)
async def test_what_was_misheard_is_guessed_right(
    english: Understanding, heard: str, said: str
) -> None:
    assert not english.read(heard, None).intents
    guess = await english.guess([heard], area=None)
    expected = english.read(said, None).intents
    assert [(i.name, i.slots) for i in guess.intents] == [(i.name, i.slots) for i in expected]


@pytest.mark.parametrize("heard", NOTHING)
async def test_talk_is_not_taken_for_a_request(english: Understanding, heard: str) -> None:
    guess = await english.guess([heard], area=None)
    assert not guess.text, guess


async def test_opposites_that_sound_alike_are_asked_about(english: Understanding) -> None:
    guess = await english.guess(["turn oph the living room lump"], area=None)
    assert guess.text and not guess.sure


@pytest.mark.parametrize("heard", ["close the window in the bathroom"])
async def test_what_only_sounds_like_ours_is_never_done_unasked(
    english: Understanding, heard: str
) -> None:
    guess = await english.guess([heard], area=None)
    assert not guess.sure


@pytest.mark.parametrize(
    ("language", "heard", "said"),
    [
        ("de", "mach das Licht im Wohnzinner an", "mach das Licht im Wohnzimmer an"),
        ("zh", "把厨房的登打开", "把厨房的灯打开"),
        ("ko", "거실 부를 켜 줘", "거실 불을 켜 줘"),
    ],
)
async def test_a_room_that_was_heard_is_kept_in_every_language(
    language: str, heard: str, said: str
) -> None:
    path = Path(__file__).parent / "said" / "home.yaml"
    home = _at_home(language, path)
    guess = await home.guess([heard], area=None)
    expected = home.read(said, None).intents
    assert [(i.name, i.slots) for i in guess.intents] == [(i.name, i.slots) for i in expected]
    lacking = {
        "Wohnzimmer": "Esszimmer",
        "Wohnzinner": "Esszimmer",
        "厨房": "餐厅",
        "거실": "다락방",
    }
    for room, other in lacking.items():
        heard = heard.replace(room, other)
    assert not (await home.guess([heard], area=None)).text


FREE = [
    ("en", "at milk to the shopping list", "add milk to the shopping list", {"item": "milk"}),
    ("en", "ad eggs and bread to my shopping list", "add eggs and bread to my shopping list",
     {"item": "eggs and bread"}),
    ("en", "take milk of the shopping list", "take milk off the shopping list", {"item": "milk"}),
    ("en", "tell every one that dinner is ready", "tell everyone that dinner is ready",
     {"message": "dinner is ready"}),
    ("en", "remained me to call mum at six", "", {}),
    ("de", "errinere mich in zehn minuten an den kuchen",
     "erinnere mich an den kuchen in zehn minuten", {"reminder": "kuchen", "minutes": 10}),
    ("zh", "把牛奶加到购物青单", "把 牛奶 加到 购物清单", {"item": "牛奶"}),
    ("ko", "쇼핑 목록에 우유 추과해 줘", "쇼핑목록 에 우유 추가해 줘", {"item": "우유"}),
]  # fmt: skip
"""Language, heard, what is asked about, and its slots; "": too unlike to ask."""


@pytest.mark.parametrize(("language", "heard", "meant", "slots"), FREE)
async def test_the_words_around_free_ones_are_repaired_and_always_asked_about(
    language: str, heard: str, meant: str, slots: dict[str, object]
) -> None:
    understanding = _at_home(language)
    guess = await understanding.guess([heard], area=None)
    assert (guess.text, guess.sure) == (meant, False)
    assert [dict(intent.slots) for intent in guess.intents] == ([slots] if slots else [])


@pytest.mark.parametrize(
    "heard",
    [
        "what a nice shopping list you have there my dear",
        "he reminded me to call mum",
        "i added milk to the shopping list yesterday",
        "do not ad milk to the shopping list",
        "if you at milk to the shopping list",
        "she told everyone that dinner was late",
        "we talked about the shopping list at home",
    ],
)
async def test_talk_of_lists_and_reminders_is_not_asked_about(
    english: Understanding, heard: str
) -> None:
    assert (await english.guess([heard], area=None)).text == ""


async def test_an_alternative_of_the_recognizer_helps(english: Understanding) -> None:
    heard = ["then the hollow way lite", "dim the hollow way lite"]
    guess = await english.guess(heard, area=None)
    assert guess.intents[0].name == "HassLightSet"
    assert guess.intents[0].slots["name"] == "Hallway light"


async def test_the_users_own_sentences_can_be_guessed(tmp_path: Path) -> None:
    path = tmp_path / "coffee.yaml"
    path.write_text(
        "language: en\n"
        "intents:\n"
        "  OrderCoffee:\n"
        "    data:\n"
        "      - sentences: ['(make|brew) me a[n] {roast} [roast] {drink}']\n"
        "lists:\n"
        "  roast: {values: [light, dark]}\n"
        "  drink: {values: [mocha, 'ice[d] latte', americano]}\n"
    )
    own = Understanding(load_home(DEMO_HOME).to_home(), "en", extra_sentences=[path])
    guess = await own.guess(["make me a light rose moco"], area=None)
    assert guess.intents[0].name == "OrderCoffee"
    assert guess.intents[0].slots == {"roast": "light", "drink": "mocha"}


@pytest.mark.parametrize(
    ("heard", "sure"),
    [
        ("you'll have a triple shot light roast mocha", True),
        ("a triple shot light roast mocha", True),
        ("cancel the triple shot light roast mocha", False),
        ("you took a triple shot light roast mocha", False),
        ("no triple shot light roast mocha", False),
        ("you'll have a triple shot light roast mocha tomorrow", False),
    ],
)
def test_values_heard_are_enough_only_after_little_words(heard: str, sure: bool) -> None:
    data = language_data("en")
    speech = Speech(Pronouncer("en"), str.split, data.articles, (), Decisive.of(data),
                    frozenset(data.carrying))  # fmt: skip
    order = "brew a triple shot light roast mocha"
    slots = {"shots": "triple shot", "roast": "light roast", "drink": "mocha"}
    found = Candidate(order, (Intent("OrderCoffee", slots),), 2.0, 0.1, heard, -30.0)
    unsure = Guess("", (), False, "the sound speaks for other words", (found,))
    assert settled_by_values(unsure, {heard: -5.0}, speech, lambda text: True).sure == sure
    assert not settled_by_values(unsure, {heard: -5.0}, speech, lambda text: False).sure


async def test_a_german_word_is_guessed_by_german_sounds() -> None:
    german = _at_home("de")
    guess = await german.guess(["schalte das Tivi auß"], area=None)
    assert [intent.name for intent in guess.intents] in ([], ["HassTurnOff"])


def test_sounds_made_alike_are_near_each_other() -> None:
    english = Pronouncer("en")
    costs = substitution_costs()

    def apart(one: str, other: str) -> float:
        (a, *_), (b, *_) = english.phones(one), english.phones(other)
        return float(costs[a, b])

    assert apart("pin", "bin") < apart("pin", "sin") < apart("pin", "eye")
    assert (costs == costs.T).all()


def test_no_sentence_sounds_more_alike_than_the_one_that_is_found() -> None:
    sentences = [
        f"{verb} {what} in the {where}"
        for verb in ("turn on", "turn off", "dim", "is there a")
        for what in ("the light", "all lights", "the old lamp", "light")
        for where in ("hall", "hallway", "kitchen", "kids room", "old kitchen")
    ]
    pronouncer = Pronouncer("en")
    search = Search(_list_of(sentences), pronouncer)
    for heard in (
        "turn of the lied in the hall we", "is their a lied in the kitchen",
        "dim the old lamb in the kid room",
        "turn on the old lamp in the old kitchen", "turn off the old lump in the hole",
    ):  # fmt: skip
        best, *others = search.best(heard, most=5, within=2.0, limit=0.3)
        apart = {text: distance(heard, text, pronouncer) for text in sentences}
        assert apart[best.text] < min(apart.values()) + 0.1, heard
        assert best.cost <= apart[best.text] + 0.01
        assert [one.cost for one in others] == sorted(one.cost for one in others)


def _list_of(sentences: Sequence[str]) -> Grammar:
    """Each sentence a way of its own from the start to the end."""
    arcs: list[tuple[int, int, str]] = []
    nodes = 1
    last = 1 + sum(len(sentence.split()) - 1 for sentence in sentences)
    for sentence in sentences:
        at = 0
        for place, word in enumerate(sentence.split(), start=1):
            to = last if place == len(sentence.split()) else nodes
            nodes += to == nodes
            arcs.append((at, to, word))
            at = to
    words = ["", *sorted({word for _, _, word in arcs})]
    labels = [words.index(word) for _, _, word in arcs]
    sources, targets = [arc[0] for arc in arcs], [arc[1] for arc in arcs]
    return Grammar(last + 1, sources, targets, labels, words, {})
