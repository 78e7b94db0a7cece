"""The generator makes homes and requests whose right answers the home's menu takes."""

import re
from itertools import islice
from random import Random

import pytest

from assistant.home.devices import Area, Device, Features
from assistant.llm.menu import Menu, wording
from assistant.training.generator.acts import ANYWHERE, ASK, Place, joined, serve
from assistant.training.generator.examples import Pack, packs
from assistant.training.generator.homes import Dwelling, verb_of
from assistant.training.generator.phrases import data, expand, is_held_out, number

_OUTCOMES = ("nothing", "ask", "chat")


@pytest.fixture(scope="module")
def some() -> list[Pack]:
    return list(islice(packs(7), 60))


def test_every_right_answer_is_one_that_the_home_can_give(some: list[Pack]) -> None:
    for pack in some:
        menu = pack.home.menu
        for example in pack.examples:
            assert sum(example.answers.values()) == pytest.approx(1)
            for answer in example.answers:
                assert menu.outcome(answer) or menu.read(f" {answer}\n"), (example.said, answer)


def test_two_fifths_of_what_is_said_lead_to_nothing() -> None:
    # The share in the 960 sentences of `some` has a standard error of 1.6 points.
    many = islice(packs(7), 240)
    answers = [next(iter(example.answers)) for pack in many for example in pack.examples]
    assert sum(answer == "nothing" for answer in answers) >= 0.4 * len(answers)
    assert {"ask", "chat"} <= set(answers)


def test_the_same_seed_makes_the_same_data_and_another_seed_other_data() -> None:
    digests = [[p.digest for p in islice(packs(seed), 3)] for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]
    assert next(packs(1, start=2)).digest == digests[0][2]


def test_sentences_hardly_repeat(some: list[Pack]) -> None:
    said = [example.said for pack in some for example in pack.examples]
    assert len(set(said)) > 0.9 * len(said)


def test_a_tenth_of_the_phrasings_is_held_out() -> None:
    templates = [t for need in data("en", "needs").values() for t in need["say"]]
    assert 0.05 < sum(map(is_held_out, templates)) / len(templates) < 0.15


def test_every_command_of_the_menu_can_be_asked_for_plainly(some: list[Pack]) -> None:
    verbs = {verb for pack in some for verb in pack.home.verbs}
    questions = {v for v in verbs if v.startswith(("is ", "what ", "how ", "which "))}
    assert verbs - questions - {"set a timer"} <= data("en", "direct").keys()


def test_every_need_is_served_by_some_home() -> None:
    unserved = set(data("en", "needs"))
    for pack in islice(packs(11, per_home=1), 400):
        for name in sorted(unserved):
            need = data("en", "needs")[name]
            targets = pack.home.matching(",".join(need.get("target", ()))) or [None]
            values = {"minutes": "9", "color": "red", "percent": "50", "degrees": "21"}
            place = Place(pack.home, None, target=targets[0], values=values)
            if serve(need["do"], place) not in (None, ASK):
                unserved.discard(name)
    assert not unserved


def test_every_step_of_a_need_names_things_that_homes_can_have() -> None:
    homes = [pack.home for pack in islice(packs(11, per_home=1), 100)]
    known = {*data("en", "homes")["things"], "{the}", *(d.type for h in homes for d in h.devices)}
    for name, need in data("en", "needs").items():
        for step in re.split(r" [/+] ", " / ".join(need["do"])):
            what = step.split("|")[1:2]
            assert step in ANYWHERE or what, (name, step)
            assert {word for kinds in what for word in kinds.split(",")} <= known, (name, step)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "zero"), (21.5, "twenty one and a half"), (40, "forty"), (100, "one hundred"),
     (105, "one hundred and five")],
)  # fmt: skip
def test_numbers_are_said_in_words(value: float, words: str) -> None:
    assert number(value) == words


def test_a_template_is_expanded_in_every_depth() -> None:
    made = {
        expand("(a|b (c|d)) {x}(, please|)", Random(n), lambda slot: slot * 2) for n in range(60)
    }
    assert made == {f"{a} xx{end}" for a in ("a", "b c", "b d") for end in ("", ", please")}


def dwelling_of(*devices: Device) -> Dwelling:
    words = wording("en")
    assert words is not None
    areas = {"k": Area("k", "kitchen"), "b": Area("b", "bedroom")}
    menu = Menu(devices, areas, words)
    verbs: dict[str, list[object]] = {}
    for offer in menu.offers:
        verbs.setdefault(verb_of(offer), []).append(offer)
    keys = {
        "stove lamp": "lamp",
        "spots": "ceiling",
        "bed lamp": "lamp",
        "thermostat": "thermostat",
    }
    return Dwelling(
        menu, devices, areas, {d.id: keys[d.name] for d in devices},
        {k: tuple(v) for k, v in verbs.items()}, "en",  # type: ignore[misc]
    )  # fmt: skip


HOME = dwelling_of(
    Device("1", "stove lamp", "light", "k"),
    Device("2", "spots", "light", "k"),
    Device(
        "3", "bed lamp", "light", "b", features=Features(brightness=True, color_temp=(2200, 6500))
    ),
    Device("4", "thermostat", "climate", None, features=Features(temperature=(5.0, 30.0))),
)


@pytest.mark.parametrize(
    ("do", "area", "right"),
    [
        ("turn on|light|here", "b", {"turn on bed lamp"}),
        ("turn on|light|here", "k",
         {"turn on all lights in the kitchen", "turn on stove lamp", "turn on spots"}),
        ("turn on|light|here", None, {"ask"}),
        ("dim|light|here", "k", None),
        ("turn up|climate|any", "k", {"turn up thermostat"}),
        ("make warm white|light|any", "b", {"make bed lamp warm white"}),
        ("make red|light|any", "b", None),
        ("turn off|light|home", "b", {"turn off all lights"}),
        ("turn on|light|here + turn up|climate|any?", "b",
         {"turn on bed lamp", "turn on bed lamp; turn up thermostat",
          "turn up thermostat; turn on bed lamp"}),
    ],
)  # fmt: skip
def test_a_need_is_served_where_one_is(do: str, area: str | None, right: set[str] | None) -> None:
    answers = serve([do], Place(HOME, area))
    assert (None if answers is None else set(answers)) == right


def test_the_order_that_was_said_is_a_little_more_right() -> None:
    answers = joined([{"a": 1.0}, {"b": 1.0}])
    assert answers == pytest.approx({"a; b": 0.6, "b; a": 0.4})
