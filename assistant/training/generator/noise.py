"""What happens to a sentence between the mouth and the model: manners, fillers, hearing errors."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from assistant.training.generator.phrases import data

_KEPT = frozenset(("on", "off", "up", "down", "open", "close", "not", "don't"))
_ALIKE = dict(zip("aeioutdbpkgsmnfv", "eieuodtpbgkznmvf", strict=True))
_MARKS = re.compile(r"[.,?!](?!\d)")


def polite(said: str, random: Random, language: str) -> str:
    """With a word or two around it that change nothing."""
    chance = random.random()
    speech = data(language, "speech")
    if chance < 0.12:
        return f"{random.choice(speech['before'])} {said}"
    if chance < 0.24:
        return f"{said} {random.choice(speech['after'])}"
    return said


def heard(said: str, random: Random, language: str) -> str:
    """As a recognizer may write it: fillers, wrong words of like sound, lost and glued words."""
    words = said.split()
    speech = data(language, "speech")
    if random.random() < 0.08:
        words.insert(0, random.choice(speech["fillers"]))
    if random.random() < 0.13 and len(words) > 2:
        for _ in range(random.choice((1, 1, 2))):
            words = _misheard(words, random, speech)
    if random.random() < 0.04 and len(words) > 4:
        words = [w for w in words if w not in speech["lost"]] or words
    text = " ".join(words)
    chance = random.random()
    if chance < 0.5:
        return _MARKS.sub("", text)
    return text + ("." if chance > 0.75 and text[-1].isalnum() else "")


def _misheard(words: list[str], random: Random, speech: Any) -> list[str]:
    at = random.randrange(len(words))
    word = words[at]
    if word in _KEPT or word.isdigit():
        return words
    kind = random.random()
    if kind < 0.5:
        known = [i for i, w in enumerate(words) if w in speech["heard"]]
        if known:
            at = random.choice(known)
            wrong = random.choice(speech["heard"][words[at]])
            return [*words[:at], wrong, *words[at + 1 :]]
    if kind < 0.65 and word in speech["lost"]:
        return words[:at] + words[at + 1 :]
    if kind < 0.75 and at + 1 < len(words):
        return [*words[:at], word + words[at + 1], *words[at + 2 :]]
    if len(word) > 4:
        return [*words[:at], _slip(word, random), *words[at + 1 :]]
    return words


def _slip(word: str, random: Random) -> str:
    """One letter lost, doubled or replaced by one that sounds alike."""
    at = random.randrange(1, len(word))
    kind = random.random()
    if kind < 0.35:
        return word[:at] + word[at + 1 :]
    return word[:at] + _ALIKE.get(word[at], word[at]) + word[at + 1 :]
