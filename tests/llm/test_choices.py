"""A menu as a tree of tokens allows what its grammar allows, and weighs the answers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.home.dwelling import DEMO_HOME
from assistant.home.file.reading import load_home
from assistant.llm.choices import Choices
from assistant.llm.llama import LlamaModel
from assistant.llm.menu import Menu, wording
from assistant.llm.states import States

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def menu() -> Menu:
    home, words = load_home(DEMO_HOME).to_home(), wording("en")
    assert words is not None
    return Menu(home.devices.values(), home.areas, words)


@pytest.fixture(scope="module")
def choices(menu: Menu, model: LlamaModel) -> Choices:
    return Choices(menu, model.tokenize)


def said(model: LlamaModel, tokens: list[int]) -> str:
    return b"".join(map(model._native.piece, tokens)).decode()


def test_whatever_is_chosen_can_be_read_and_the_grammar_allows_it(
    menu: Menu, choices: Choices, model: LlamaModel
) -> None:
    by_chance = random.Random(1)
    rules = menu.grammar
    for _ in range(60):
        walk, tokens = choices.walk(), list[int]()
        while not walk.done:
            tokens.append(by_chance.choice(walk.allowed))
            walk.take(tokens[-1])
        text = said(model, tokens)
        assert menu.read(text) or menu.outcome(text), text
        assert tokens == model.tokenize(text)
        sampler = model._grammars.of(rules)
        logits = np.zeros(model._native.size, dtype=np.float32)
        for token in tokens:
            assert model._grammars._allowed(sampler, np.array([token]), logits).size, text
            model._native.c.llama_sampler_accept(sampler, token)


def test_every_command_of_the_menu_can_be_chosen(
    menu: Menu, choices: Choices, model: LlamaModel
) -> None:
    for offer in menu.offers:
        for value in offer.values[:1] + offer.values[-1:] or ("",):
            before, found, after = offer.text.partition("{")
            text = f" {before}{value}{after.partition('}')[2]}\n" if found else f" {before}\n"
            walk = choices.walk()
            for token in model.tokenize(text):
                assert token in walk.allowed, text
                walk.take(token)
            assert walk.done


def test_the_probabilities_of_all_answers_sum_to_one(model: LlamaModel) -> None:
    home, words = load_home(DEMO_HOME).to_home(), wording("en")
    assert words is not None
    few = [home.devices["kitchen_lights"], home.devices["tv"]]
    small = Menu(few, home.areas, words)
    tree = Choices(small, model.tokenize)
    expected = np.random.default_rng(2).normal(0, 2, model._native.size).astype(np.float32)
    acts = tree.walk()
    acts.choose(expected)
    silent = total = 0.0
    for offer in small.offers:
        for value in offer.values or ("",):
            text = re.sub(r"\{\w+\}", value, f" {offer.text}")
            total += probability(tree, model.tokenize(text), expected)
    for word in small.outcomes:
        silent += probability(tree, model.tokenize(f" {word}"), expected)
    assert silent + acts.decision("").acts == pytest.approx(1.0, abs=1e-6)
    assert total == pytest.approx(acts.decision("").acts, abs=1e-6)


def probability(choices: Choices, tokens: list[int], expected: np.ndarray) -> float:
    """Of an answer that begins with `tokens`, where what is expected is always the same.

    Whether more commands follow is left out, as it is in the certainty of a command.
    """
    walk, product = choices.walk(), 1.0
    for token in tokens:
        among = np.exp(expected[list(walk.allowed)])
        product *= float(np.exp(expected[token]) / among.sum())
        walk.take(token)
    ends = [t for t in walk.allowed if walk._ends_with(t)]
    among = np.exp(expected[list(walk.allowed)])
    return product * float(np.exp(expected[ends]).sum() / among.sum())


def test_an_answer_stops_at_the_fifth_command(
    menu: Menu, choices: Choices, model: LlamaModel
) -> None:
    walk = choices.walk()
    *first, last = [offer.text for offer in menu.offers if not offer.values][:5]
    for text in first:
        for token in model.tokenize(f" {text};"):
            walk.take(token)
    for token in model.tokenize(f" {last}"):
        walk.take(token)
    assert [model._native.piece(token) for token in walk.allowed] == [b"\n"]


def test_no_command_is_said_twice(menu: Menu, model: LlamaModel) -> None:
    """Even where a model would say nothing else; a home of three commands has three to say."""
    few = Menu([next(d for d in menu._devices if d.type == "lock")], {}, menu._wording)
    assert len(few.offers) == 6  # lock, unlock, is it locked; timer, lights and clock
    stubborn, by_chance = np.full(model._native.size, 0.0, dtype=np.float32), random.Random(3)
    for token in model.tokenize(" lock front door; unlock"):
        stubborn[token] = 30.0
    for wish in (stubborn, by_chance):
        for _ in range(8):
            walk, tokens = Choices(few, model.tokenize).walk(), list[int]()
            while not walk.done:
                if isinstance(wish, random.Random):
                    tokens.append(wish.choice(walk.allowed))
                    walk.take(tokens[-1])
                else:
                    tokens.append(walk.choose(wish))
            commands = said(model, tokens).strip().split("; ")
            assert len(set(commands)) == len(commands), commands


def test_what_is_certain_is_evaluated_together(
    menu: Menu, choices: Choices, model: LlamaModel
) -> None:
    prompt = menu.fixed + menu.request("it's like a cave in here", "kitchen")
    model.keep(menu.fixed)
    batches: list[int] = []
    decode = model._native.decode
    model._native.decode = lambda rows: (batches.append(len(rows)), decode(rows))[1]  # type: ignore
    try:
        decision = model.decide(prompt, choices)
    finally:
        model._native.decode = decode  # type: ignore[method-assign]
    assert decision is not None
    assert menu.read(decision.text) or menu.outcome(decision.text)
    assert 0.0 <= decision.certainty <= 1.0
    asked = len(model.tokenize(menu.request("it's like a cave in here", "kitchen")))
    assert batches[0] <= asked + 1
    assert sum(batches[1:]) < len(model.tokenize(decision.text))


def test_a_decision_is_the_same_from_a_kept_beginning_and_from_the_disk(
    menu: Menu, choices: Choices, model: LlamaModel, model_file: Path, tmp_path: Path
) -> None:
    prompt = menu.fixed + menu.request("get the living room ready for a film", "living_room")
    fresh = LlamaModel(model_file, context=1024)
    try:
        plain = fresh.decide(prompt, choices)
        assert fresh.keep(menu.fixed, States(tmp_path / "states"))
        fresh.complete("Something else entirely", max_tokens=3)
        kept = fresh.decide(prompt, choices)
    finally:
        fresh.close()
    (file,) = (tmp_path / "states").iterdir()
    assert (tmp_path / "states").stat().st_mode & 0o777 == 0o700
    again = LlamaModel(model_file, context=1024)
    evaluated: list[int] = []
    decode = again._native.decode
    again._native.decode = lambda rows: (evaluated.append(len(rows)), decode(rows))[1]  # type: ignore
    try:
        assert again.keep(menu.fixed, States(tmp_path / "states"))
        assert not evaluated
        read = again.decide(prompt, choices)
    finally:
        again.close()
    assert plain is not None and kept is not None and read is not None
    assert plain.text == kept.text == read.text
    assert kept.certainty == pytest.approx(plain.certainty, abs=0.02)
    assert read.certainty == pytest.approx(plain.certainty, abs=0.02)
    file.write_bytes(file.read_bytes()[:-100] + b"\0" * 100)
    damaged = LlamaModel(model_file, context=1024)
    try:
        assert damaged.keep(menu.fixed, States(tmp_path / "states"))
        rebuilt = damaged.decide(prompt, choices)
    finally:
        damaged.close()
    assert rebuilt is not None and rebuilt.text == plain.text


def test_a_kept_beginning_gives_way_to_a_long_prompt(model: LlamaModel) -> None:
    model.keep("once upon a time there was a lamp " * 40)
    model.keep("in a house by the sea there were fans " * 40)
    assert model.complete("word " * 900, max_tokens=4)
    assert model.complete("One, two,", max_tokens=2)


@pytest.fixture
def counted(model: LlamaModel) -> Iterator[list[int]]:
    """The sizes of the batches that the model evaluates."""
    batches: list[int] = []
    decode = model._native.decode
    model._native.decode = lambda rows: (batches.append(len(rows)), decode(rows))[1]  # type: ignore
    yield batches
    del model._native.decode


def test_what_was_foreseen_has_only_to_be_chosen(
    menu: Menu, choices: Choices, model: LlamaModel, counted: list[int]
) -> None:
    prompt = menu.fixed + menu.request("my eyes hurt from all this light", "kitchen")
    plain = model.decide(prompt, choices)
    model.complete("Something else entirely", max_tokens=2)
    assert model.expect(prompt)
    counted.clear()
    foreseen = model.decide(prompt, choices)
    assert plain is not None and foreseen is not None
    assert sum(counted) < len(model.tokenize(plain.text))
    assert foreseen.text == plain.text
    assert foreseen.certainty == pytest.approx(plain.certainty, abs=0.02)


def test_the_beginning_of_a_rooms_requests_is_kept_besides_the_home(
    menu: Menu, choices: Choices, model: LlamaModel, counted: list[int]
) -> None:
    said = ("it is dark in here", "that noise is awful")
    assert all(
        (menu.fixed + menu.request(text, room)).startswith(menu.head(room))
        for text in said for room in ("kitchen", None)
    )  # fmt: skip
    model.keep(menu.fixed)
    model.decide(menu.fixed + menu.request(said[0], "kitchen"), choices, head=menu.head("kitchen"))
    model.complete("Something else entirely", max_tokens=2)
    counted.clear()
    model.decide(menu.fixed + menu.request(said[1], "kitchen"), choices, head=menu.head("kitchen"))
    assert counted[0] <= len(model.tokenize(f" {said[1]}\nDo:"))
    assert counted[0] < len(model.tokenize(menu.request(said[1], "kitchen"))) - 3


def test_kept_beginnings_that_share_theirs_are_counted_once(
    menu: Menu, choices: Choices, model: LlamaModel
) -> None:
    cells = model._cells
    cells.forget()
    model.keep(menu.fixed)
    alone = cells._beside([])
    for room in ("kitchen", "living_room"):
        prompt = menu.fixed + menu.request("it is dark", room)
        model.decide(prompt, choices, head=menu.head(room))
    heads = {len(kept) for kept, _ in cells._kept}
    assert len(heads) >= 2
    assert alone < cells._beside([]) < alone + 20


def test_deciding_can_be_cancelled(menu: Menu, choices: Choices, model: LlamaModel) -> None:
    prompt = menu.fixed + menu.request("a sentence never seen before", None)
    assert model.decide(prompt, choices, cancelled=lambda: True) is None
