"""One sentence said in a home, and the answers that are right: wishes, and what is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any, cast

from assistant.home.devices import Device
from assistant.llm.menu import VALUES, Offer
from assistant.training.generator.acts import (
    ASK,
    CHAT,
    NOTHING,
    Answers,
    Place,
    joined,
    say,
    serve,
)
from assistant.training.generator.homes import Dwelling, thing_name
from assistant.training.generator.noise import heard, polite
from assistant.training.generator.phrases import data, expand, is_held_out, number
from assistant.training.generator.references import (
    ambiguous,
    degree_words,
    percent_words,
    pick_degrees,
    pick_percent,
    refer,
    with_article,
)

_SHARES = (
    ("plain", 0.13), ("need", 0.33), ("several", 0.06), ("correction", 0.02), ("unclear", 0.02),
    ("ask", 0.025), ("chat", 0.055), ("near", 0.185), ("none", 0.175),
)  # fmt: skip
_TRIES = 20
_UNKNOWN_ROOM = 0.2
_COMMON = frozenset(
    ("light", "lights", "lamp", "machine", "maker", "electric", "water", "time", "mode", "the",
     "of", "big", "left", "right", "in")
)  # fmt: skip
_LIVED_IN = tuple(f"{half / 2:g}" for half in range(32, 51))
"""Degrees that people ask for of a room."""
_HERE = ("", "", "", "in here", "in here", "here", "in this room", "around here")


@dataclass(frozen=True, slots=True)
class Request:
    """What was said in a room, and what is right."""

    said: str
    area: str | None
    answers: Answers
    kind: str
    """Which part of the generator made it."""


class Requests:
    """Makes requests of one home. `held_out`: from the phrasings that are never trained on."""

    def __init__(self, home: Dwelling, random: Random, held_out: bool = False) -> None:
        self._home = home
        self._random = random
        self._held_out = held_out
        self._needs: dict[str, Any] = data(home.language, "needs")
        self._orders: dict[str, Any] = data(home.language, "direct")
        self._nothing: dict[str, Any] = data(home.language, "nothing")
        self._others: dict[str, Any] = data(home.language, "others")
        self._place = Place(home, None)
        self._article = True
        self._beside: list[str] = []

    def make(self) -> Request:
        """One request."""
        kinds, weights = zip(*_SHARES, strict=True)
        while True:
            kind = self._random.choices(kinds, weights)[0]
            for _ in range(_TRIES):
                area: str | None = self._random.choice([*self._home.areas])
                if self._random.random() < _UNKNOWN_ROOM:
                    area = None
                self._place = Place(self._home, area)
                made = getattr(self, f"_{kind}")()
                if made is not None:
                    said, answers = cast("tuple[str, Answers]", made)
                    said = heard(said, self._random, self._home.language)
                    return Request(said, area, answers, kind)

    # What asks for something

    def _need(self) -> tuple[str, Answers] | None:
        name, need = self._topic()
        template = self._one(need["say"])
        if template is None or not self._aim(need):
            return None
        said = self._expanded(template)
        answers = serve(need["do"], self._place)
        if answers is None:
            if self._random.random() < 0.85:
                return None
            answers = NOTHING
        if name in ("measured", "clock") or name.startswith(("is_", "how_")):
            return said, answers
        return self._felt(said, needed=True), answers

    def _plain(self) -> tuple[str, Answers] | None:
        offer = self._actionable()
        said = self._ordered(offer)
        if said is None:
            return None
        text = say(offer, self._place.values)
        return (polite(said, self._random, self._home.language), {text: 1.0}) if text else None

    def _several(self) -> tuple[str, Answers] | None:
        if self._random.random() < 0.4:
            return self._shared()
        parts = []
        for _ in range(self._random.choice((2, 2, 2, 3))):
            self._place = replace(self._place, values={}, named=False)
            part = self._plain() if self._random.random() < 0.75 else self._need()
            if part is None or part[1] in (NOTHING, ASK) or len(part[1]) > 6:
                return None
            parts.append(part)
        lines = [set(answers) for _, answers in parts]
        if any(a & b for i, a in enumerate(lines) for b in lines[i + 1 :]):
            return None
        link = self._random.choice(
            (" and ", " and ", ", ", " then ", " and then ", " and also ", " plus ")
        )
        return link.join(said for said, _ in parts), joined([answers for _, answers in parts])

    def _shared(self) -> tuple[str, Answers] | None:
        """One verb for two or three things."""
        offer = self._actionable()
        if len(offer.devices) != 1 or (offer.values and "{minutes}" in offer.text):
            return None
        pattern = self._home.pattern_of(offer)
        others = [
            o for o in self._home.menu.offers
            if len(o.devices) == 1 and o != offer and self._home.pattern_of(o) == pattern
        ]  # fmt: skip
        if not others:
            return None
        more = self._random.sample(others, min(len(others), self._random.choice((1, 1, 1, 2))))
        self._beside = [
            with_article(refer(self._home, o, self._place.area, self._random), self._random)
            for o in more
        ]
        said = self._ordered(offer)
        self._beside = []
        lines = [say(o, self._place.values) for o in (offer, *more)]
        if said is None or None in lines or len(set(lines)) < len(lines):
            return None
        return polite(said, self._random, self._home.language), joined(
            [{line: 1.0} for line in lines if line]
        )

    def _correction(self) -> tuple[str, Answers] | None:
        offer = self._actionable()
        if len(offer.devices) != 1:
            return None
        said = self._ordered(offer)
        values = self._place.values
        others = [
            o for o in self._home.menu.offers
            if o.devices != offer.devices and len(o.devices) == 1
            and self._type(o) == self._type(offer)
            and self._home.pattern_of(o) == self._home.pattern_of(offer)
        ]  # fmt: skip
        if said is None or not others:
            return None
        other = self._random.choice(others)
        text = say(other, values)
        name = with_article(refer(self._home, other, self._place.area, self._random), self._random)
        link = self._random.choice((
            "no", "no wait", "i mean", "sorry i mean", "er no", "or rather", "no not that one,",
            "oops", "actually", "wait", "hang on", "make that",
        ))  # fmt: skip
        return (f"{said}, {link} {name}", {text: 1.0}) if text else None

    def _unclear(self) -> tuple[str, Answers] | None:
        word = ambiguous(self._home, self._place.area, self._random)
        if not word:
            return None
        verb = self._random.choice((
            "turn on the", "turn off the", "switch on the", "switch off the", "the",
            "could you turn on the", "do something about the", "turn the", "i want the",
        ))  # fmt: skip
        return f"{verb} {word}" + (" on" if verb == "turn the" else ""), ASK

    def _ask(self) -> tuple[str, Answers] | None:
        template = self._one(self._others["ask"])
        return (self._expanded(template), ASK) if template else None

    def _chat(self) -> tuple[str, Answers] | None:
        template = self._one(self._others["chat"])
        return (self._expanded(template), CHAT) if template else None

    # What asks for nothing

    def _near(self) -> tuple[str, Answers] | None:
        _, need = self._topic()
        template = self._one(need.get("near", []))
        if template is None or not self._aim(need):
            return None
        said = self._expanded(template)
        return self._felt(said, needed=False), NOTHING

    def _none(self) -> tuple[str, Answers] | None:
        groups = list(self._nothing.values())
        group = self._random.choices(groups, [g["weight"] for g in groups])[0]
        template = self._one(group["say"])
        return (self._expanded(template), NOTHING) if template else None

    # Parts

    def _felt(self, said: str, needed: bool) -> str:
        """With an aside before it, or an appeal behind it where it is a need."""
        speech = data(self._home.language, "speech")
        chance = self._random.random()
        if chance < 0.1:
            return f"{self._random.choice(speech['asides'])} {said}"
        if needed and chance < 0.16:
            return f"{said}, {self._random.choice(speech['appeals'])}"
        return f"{said} please" if chance > (0.9 if needed else 0.98) else said

    def _topic(self) -> tuple[str, Any]:
        """A need, by the square root of its phrasings: what is said in many ways is said often."""
        names = list(self._needs)
        weights = [len(self._needs[name]["say"]) ** 0.5 for name in names]
        name = self._random.choices(names, weights)[0]
        return name, self._needs[name]

    def _one(self, templates: list[str]) -> str | None:
        allowed = [t for t in templates if is_held_out(t) == self._held_out]
        return self._random.choice(allowed) if allowed else None

    def _aim(self, need: Any) -> bool:
        """Choose the device that a sentence with {the} is about; False where there is none."""
        if "target" not in need:
            return True
        found = self._home.matching(",".join(need["target"]))
        if not found:
            return False
        self._place = replace(self._place, target=self._random.choice(found))
        return True

    def _actionable(self) -> Offer:
        verbs = [v for v in self._home.verbs if v in self._orders]
        return self._random.choice(self._home.verbs[self._random.choice(verbs)])

    def _ordered(self, offer: Offer) -> str | None:
        """A sentence that asks for the offer; sets the values."""
        verb = next(v for v, offers in self._home.verbs.items() if offer in offers)
        by_kind = self._orders[verb]
        device = next(d for d in self._home.devices if d.id in offer.devices)
        templates: list[str] = next(
            (
                t
                for kinds, t in by_kind.items()
                if kinds == "all" or device.type in kinds.split(",")
            ),
            [],
        )
        template = self._one(templates)
        if template is None:
            return None
        self._article = verb != "activate"
        said = self._expanded(template, offer)
        self._article = True
        return said

    def _expanded(self, template: str, offer: Offer | None = None) -> str:
        return expand(template, self._random, lambda slot: self._fill(slot, offer))

    def _fill(self, slot: str, offer: Offer | None) -> str:
        random = self._random
        match slot:
            case "here":
                return self._here()
            case "room:here":
                self._name_room()
                room = self._home.room_name(self._place.area)
                return f"the {room}" if room else "this room"
            case "the" | "the:bare":
                return self._reference(offer, bare=slot.endswith("bare"))
            case "percent" | "degrees" | "color" | "minutes" | "mode" | "source":
                return self._value(slot, offer)
            case "lost" | "lost:bare":
                name = self._lost()
                return name if slot.endswith("bare") else with_article(name, random)
            case "order" | "lostorder":
                return self._bare_order() if slot == "order" else self._lost_order()
            case "number":
                return number(random.randint(1, 30))
        homes = data(self._home.language, "homes")
        words = {"person": homes["people"], "room": list(homes["rooms"]), "onoff": ("on", "off")}
        return str(random.choice(words.get(slot) or self._others[slot]))

    def _here(self) -> str:
        if self._random.random() < 0.72 or not self._home.areas:
            return self._random.choice(_HERE)
        self._name_room()
        room = self._home.room_name(self._place.area)
        return f"in the {room}" if room else ""

    def _name_room(self) -> None:
        area = self._random.choice([*self._home.areas]) if self._home.areas else None
        if area is not None and self._place.area is not None and self._random.random() < 0.5:
            area = self._place.area
        self._place = replace(self._place, area=area, named=True)

    def _reference(self, offer: Offer | None, bare: bool) -> str:
        if offer is None:
            offer = self._offer_of(self._place.target or self._random.choice(self._home.devices))
        if offer is None:
            return "the thing"
        name = refer(self._home, offer, self._place.area, self._random)
        if not bare and self._article:
            name = with_article(name, self._random)
        if self._beside:
            last = self._random.choice((" and ", " and ", " and also ", " as well as ", " plus "))
            name = ", ".join([name, *self._beside[:-1]]) + last + self._beside[-1]
        return name

    def _offer_of(self, device: Device) -> Offer | None:
        return next((o for o in self._home.menu.offers if o.devices == (device.id,)), None)

    def _type(self, offer: Offer) -> str:
        return next(d.type for d in self._home.devices if d.id == offer.devices[0])

    def _value(self, kind: str, offer: Offer | None) -> str:
        random = self._random
        if kind == "percent":
            share = pick_percent(random)
            value, said = str(share), percent_words(share, random, self._home.language)
        elif kind == "degrees":
            value = pick_degrees(offer.values if offer else _LIVED_IN, random)
            said = degree_words(float(value), random)
        elif kind in ("mode", "source"):
            value = random.choice(offer.values) if offer else ""
            said = random.choice(
                [value, *data(self._home.language, "speech")["modes"].get(value, ())]
            )
        elif kind == "color":
            offers = [offer] if offer else self._home.verbs.get("make", ())
            value = said = random.choice(offers[0].values) if offers else "red"
        else:
            minutes = random.choice(
                (1, 2, 3, 4, 5, 5, 10, 10, 15, 20, 25, 30, 45, random.randint(1, 90))
            )
            value, said = str(minutes), random.choice((str(minutes), number(minutes)))
        self._place = replace(self._place, values={**self._place.values, kind: value})
        return said

    def _bare_order(self) -> str:
        """A plain command of this home, as others may say it."""
        offer = self._actionable()
        names = refer(self._home, offer, self._place.area, self._random)
        verb = self._home.pattern_of(offer).replace("{device}", with_article(names, self._random))
        for kind in VALUES:
            slot = "{" + kind + "}"
            if slot in verb:
                verb = verb.replace(slot, self._random.choice(offer.values))
        return verb

    def _lost(self) -> str:
        """Something that this home has not, nor anything that could be meant by it."""
        things: dict[str, Any] = data(self._home.language, "homes")["things"]
        present = set(self._home.keys.values())
        said = {w for d in self._home.devices for w in (*d.name.split(), *self._home.words_of(d))}
        rooms = [r for r in data(self._home.language, "homes")["rooms"]
                 if not any(r.split()[0] in a.name for a in self._home.areas.values())]  # fmt: skip
        for _ in range(50):
            key = self._random.choice(list(things))
            if key in present:
                continue
            name = thing_name(
                key, self._random.choice(rooms or ["igloo"]), self._random, self._home.language
            )
            if not (set(name.split()) - _COMMON) & said and set(name.split()) - _COMMON:
                return name
        return "chocolate fountain"

    def _lost_order(self) -> str:
        name = with_article(self._lost(), self._random)
        share = percent_words(pick_percent(self._random), self._random, self._home.language)
        return self._random.choice((
            f"turn on {name}", f"turn off {name}", f"switch {name} on", f"switch {name} off",
            f"switch off {name}", f"start {name}", f"open {name}", f"close {name}", f"{name} on",
            f"{name} off", f"set {name} to {share}", f"dim {name}", f"stop {name}",
            f"is {name} on", f"is {name} open", f"unlock {name}",
        ))  # fmt: skip
