"""What happens to a sentence between the mouth and the model: manners, fillers, hearing errors."""

from __future__ import annotations

import re
from random import Random

_BEFORE = (
    "please", "could you", "can you", "would you please", "hey", "okay", "hi", "i'd like you to",
    "be so kind and", "kindly", "can you please", "just", "quick", "computer", "assistant", "listen",
    "would you", "go ahead and", "i want you to", "do me a favour and",
)  # fmt: skip
_AFTER = (
    "please", "thanks", "thank you", "will you", "would you", "for me", "now", "right now", "quickly",
    "if you can", "if you don't mind", "when you can", "okay", "for a moment", "again",
)  # fmt: skip
_FILLERS = ("um", "uh", "well", "so", "oh", "hey", "okay", "you know", "ah", "hmm", "right", "look")
_HEARD = {
    "light": ("lite", "like", "right"), "lights": ("lites", "like", "nights"),
    "lamp": ("lamb", "lamps", "ramp"), "blinds": ("blind", "lines"), "blind": ("blinds", "line"),
    "fan": ("van", "fun"), "dark": ("dock", "bark"), "cold": ("called", "gold"), "heater": ("he ter", "eater"),
    "curtains": ("curtain", "certain"), "curtain": ("certain",), "kitchen": ("kitten", "chicken"),
    "room": ("rome",), "living": ("leaving",), "garage": ("garish",), "bright": ("bride", "brite"),
    "dim": ("dimm", "them"), "music": ("musik",), "loud": ("lout", "allowed"), "floor": ("flow", "flour"),
    "vacuum": ("vacume", "back yume"), "thermostat": ("thermo stat", "thermals that"), "hall": ("hull", "hole"),
    "hallway": ("hall way", "hull way"), "bedroom": ("bed room", "bedrom"), "desk": ("disk", "deck"),
    "coffee": ("coffy", "cough he"), "kettle": ("cattle", "kettles"), "shade": ("shed",), "warm": ("worm",),
    "hot": ("hut", "hat"), "air": ("heir",), "fire": ("fiyer",), "water": ("what a",), "plants": ("plans",),
    "please": ("pleas",), "to": ("two", "too"), "for": ("four",), "four": ("for",), "two": ("to",),
    "here": ("hear",), "see": ("sea",), "read": ("reed",), "lock": ("log", "look"), "door": ("dore", "tour"),
    "tv": ("t v",), "speaker": ("speakers", "sneaker"), "heating": ("eating",), "night": ("knight",),
    "reading": ("redding",), "turn": ("turned", "term"), "set": ("sat",), "switch": ("which",), "make": ("may",),
    "porch": ("porsche",), "bathroom": ("bath room",), "office": ("offis",), "ceiling": ("sealing",),
    "lawn": ("lorne", "law"), "grass": ("grus",), "bed": ("bet",), "film": ("phil",), "movie": ("moving",),
}  # fmt: skip
_DROPPED = frozenset("the a an it is in to of i'm my some please could you".split())
_WISE = re.compile(r"[.,?!]")


def polite(said: str, random: Random) -> str:
    """With a word or two around it that change nothing."""
    chance = random.random()
    if chance < 0.12:
        return f"{random.choice(_BEFORE)} {said}"
    if chance < 0.24:
        return f"{said} {random.choice(_AFTER)}"
    return said


def heard(said: str, random: Random) -> str:
    """As a recognizer may write it: fillers, wrong words of like sound, lost and glued words."""
    words = said.split()
    if random.random() < 0.08:
        words.insert(0, random.choice(_FILLERS))
    if random.random() < 0.13 and len(words) > 2:
        for _ in range(random.choice((1, 1, 2))):
            words = _misheard(words, random)
    if random.random() < 0.04 and len(words) > 4:
        words = [w for w in words if w not in _DROPPED] or words
    text = " ".join(words)
    chance = random.random()
    if chance < 0.5:
        return _WISE.sub("", text)
    return text + ("." if chance > 0.75 and text[-1].isalnum() else "")


def _misheard(words: list[str], random: Random) -> list[str]:
    at = random.randrange(len(words))
    word = words[at]
    if word in ("on", "off", "up", "down", "open", "close", "not", "don't") or word.isdigit():
        return words
    kind = random.random()
    if kind < 0.5:
        known = [i for i, w in enumerate(words) if w in _HEARD]
        if known:
            at = random.choice(known)
            return [*words[:at], random.choice(_HEARD[words[at]]), *words[at + 1 :]]
    if kind < 0.65 and word in _DROPPED:
        return words[:at] + words[at + 1 :]
    if kind < 0.75 and at + 1 < len(words):
        return [*words[:at], word + words[at + 1], *words[at + 2 :]]
    if len(word) > 4:
        return [*words[:at], _slip(word, random), *words[at + 1 :]]
    return words


def _slip(word: str, random: Random) -> str:
    """One letter lost, doubled or replaced by one that sounds alike."""
    at = random.randrange(1, len(word))
    alike = {"a": "e", "e": "i", "i": "e", "o": "u", "u": "o", "t": "d", "d": "t", "b": "p",
             "p": "b", "k": "g", "g": "k", "s": "z", "m": "n", "n": "m", "f": "v", "v": "f"}  # fmt: skip
    kind = random.random()
    if kind < 0.35:
        return word[:at] + word[at + 1 :]
    return word[:at] + alike.get(word[at], word[at]) + word[at + 1 :]
