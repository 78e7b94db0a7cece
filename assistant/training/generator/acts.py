"""What serves a need in this home: the right answers, of which several may be equally right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations, product

from assistant.home.devices import Device
from assistant.llm.menu import VALUES, Offer
from assistant.training.generator.homes import Dwelling

Answers = Mapping[str, float]
"""What may be said, with the share each has of being right; they add up to 1."""

NOTHING: Answers = {"nothing": 1.0}
ASK: Answers = {"ask": 1.0}
CHAT: Answers = {"chat": 1.0}
_MOST_ANSWERS = 48
ANYWHERE = {"timer": "set a timer", "clock": "what time", "lights on": "which lights"}
"""Steps that are about no device, and the verbs of their offers."""
_AS_STATED = 0.6
"""Share of the stated order of several commands; the other orders have the rest."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in the home, and what the sentence named."""

    home: Dwelling
    area: str | None
    named: bool = False
    """Whether `area` was named, rather than being where one speaks."""
    target: Device | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """By kind of value, what was said for it."""


def serve(options: Sequence[str], place: Place) -> Answers | None:
    """The right answers by the first of a need's options that the home has; None: it has none."""
    for option in options:
        mixed: list[Answers] = []
        for way in option.split(" / "):
            found = _together(way.split(" + "), place)
            if found is not None:
                mixed.append(found)
        if mixed:
            known = [answers for answers in mixed if answers is not ASK]
            return _mixture(known) if known else ASK
    return None


def joined(parts: Sequence[Answers]) -> Answers:
    """Several commands of one request, in any order, mostly as they were said."""
    orders = list(permutations(parts)) if len(parts) <= 3 else [tuple(parts)]
    answers: dict[str, float] = {}
    for number, order in enumerate(orders):
        share = 1.0 if len(orders) == 1 else _AS_STATED if number == 0 else (
            (1 - _AS_STATED) / (len(orders) - 1)
        )  # fmt: skip
        for lines in product(*(part.items() for part in order)):
            texts = [text for text, _ in lines]
            if len(set(texts)) < len(texts):
                continue
            weight = share
            for _, one in lines:
                weight *= one
            line = "; ".join(texts)
            answers[line] = answers.get(line, 0.0) + weight
    return _normal(answers)


def say(offer: Offer, values: Mapping[str, str]) -> str | None:
    """The offer's command with the values that were said; None where it cannot take them."""
    text = offer.text
    for kind in VALUES:
        slot = "{" + kind + "}"
        if slot in text:
            value = values.get(kind)
            if value not in offer.values:
                return None
            text = text.replace(slot, value)
    return text


def _together(steps: Sequence[str], place: Place) -> Answers | None:
    must: list[Answers] = []
    may: list[Answers] = []
    for step in steps:
        optional = step.endswith("?")
        found = _step(step.rstrip("?"), place)
        if optional:
            if found is not None and found is not ASK:
                may.append(found)
        elif found is None or found is ASK:
            return found
        else:
            must.append(found)
    if not must:
        return None
    sets = [joined([*must, *(m for m, kept in zip(may, choice, strict=True) if kept)])
            for choice in product((True, False), repeat=len(may))]  # fmt: skip
    return _mixture(sets)


def _step(step: str, place: Place) -> Answers | None:
    if step in ANYWHERE:
        return _equal([place.home.verbs[ANYWHERE[step]][0]], place.values)
    verb, what, where = (*step.split("|"), "any")[:3]
    color = verb.removeprefix("make ").replace("{color}", "")
    if verb.startswith("make ") and color:
        verb, place = "make", replace(place, values={**place.values, "color": color})
    offers = place.home.verbs.get(verb.replace(" {color}", ""), ())
    if what == "{the}":
        target = place.target
        return _equal([o for o in offers if target and o.devices == (target.id,)], place.values)
    matching = {device.id: device for device in place.home.matching(what)}
    able = [o for o in offers if o.devices and set(o.devices) <= matching.keys()]
    singles = [o for o in able if len(o.devices) == 1 and say(o, place.values)]
    ids = {o.devices[0] for o in singles}
    if not ids:
        return None
    if where == "home":
        return _of(able, ids, place, alone=True)
    here = {i for i in ids if matching[i].area == place.area} if place.area else set()
    if here:
        return _of(able, here, place)
    if place.named and where == "any":
        ids = {i for i in ids if matching[i].area is None}
    elif where == "here" and place.area is not None:
        return None
    if not ids:
        return None
    rooms = {matching[i].area for i in ids}
    if len(ids) == 1 or (where == "here" and len(rooms) == 1 and None not in rooms):
        return _of(able, ids, place)
    return ASK


def _of(able: Sequence[Offer], ids: set[str], place: Place, alone: bool = False) -> Answers | None:
    """The command for these devices: all of them at once, or any one of them."""
    singles = [o for o in able if len(o.devices) == 1 and o.devices[0] in ids]
    groups = [o for o in able if len(o.devices) > 1 and set(o.devices) == ids]
    if not groups or len(ids) == 1:
        return _equal(singles, place.values)
    together = _equal(groups, place.values)
    one = _equal(singles, place.values)
    if alone or one is None:
        return together
    return _mixture([together, one]) if together is not None else one


def _equal(offers: Sequence[Offer], values: Mapping[str, str]) -> Answers | None:
    texts = {text for offer in offers if (text := say(offer, values)) is not None}
    return {text: 1 / len(texts) for text in sorted(texts)} if texts else None


def _mixture(parts: Sequence[Answers]) -> Answers:
    answers: dict[str, float] = {}
    for part in parts:
        for text, weight in part.items():
            answers[text] = answers.get(text, 0.0) + weight / len(parts)
    return _normal(answers)


def _normal(answers: Mapping[str, float]) -> Answers:
    kept = sorted(answers.items(), key=lambda item: (-item[1], item[0]))[:_MOST_ANSWERS]
    total = sum(weight for _, weight in kept)
    return {text: weight / total for text, weight in kept}
