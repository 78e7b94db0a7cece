"""How words sound, and how far one sound is from another.

Phones are espeak-ng's, in IPA, without stress and length. Consonants differ by place, manner and
voicing, vowels by height, backness and rounding, as in the chart of the International Phonetic
Association (https://www.internationalphoneticassociation.org/content/ipa-chart).
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np

Phones = np.ndarray[tuple[int], np.dtype[np.int16]]
"""Phones by number; 0 is none."""

Costs = np.ndarray[Any, np.dtype[np.float32]]

# place from the lips (0) to the glottis (10), manner from stop (0) to approximant (5.5), voiced
_CONSONANTS = {
    "p": (0, 0, 0), "b": (0, 0, 1), "m": (0, 2, 1), "f": (1, 3, 0), "v": (1, 3, 1), "ɸ": (0, 3, 0),
    "β": (0, 3, 1), "t": (4, 0, 0), "d": (4, 0, 1), "n": (4, 2, 1), "s": (4, 3.5, 0),
    "z": (4, 3.5, 1), "ɾ": (4, 0.8, 1), "r": (4, 4.5, 1), "ɹ": (4.5, 5, 1), "l": (4, 5.5, 1),
    "ɫ": (4.5, 5.5, 1), "ɬ": (4, 4, 0), "θ": (3, 3, 0), "ð": (3, 3, 1), "ʃ": (5, 3.5, 0),
    "ʒ": (5, 3.5, 1), "ɕ": (5.5, 3.5, 0), "ʑ": (5.5, 3.5, 1), "ʂ": (5, 3.5, 0), "ʐ": (5, 3.5, 1),
    "ɻ": (5, 5, 1), "ç": (6, 3, 0), "ʝ": (6, 3, 1), "c": (6, 0, 0), "ɟ": (6, 0, 1),
    "ɲ": (6, 2, 1), "ʎ": (6, 5.5, 1), "j": (6, 5.5, 1), "k": (7, 0, 0), "ɡ": (7, 0, 1),
    "g": (7, 0, 1), "ŋ": (7, 2, 1), "x": (7, 3, 0), "ɣ": (7, 3, 1), "w": (2, 5.5, 1),
    "ɥ": (2, 5.5, 1), "q": (8, 0, 0), "χ": (8, 3, 0), "ʁ": (8, 3.5, 1), "ʀ": (8, 4.5, 1),
    "h": (10, 3, 0), "ɦ": (10, 3, 1), "ʔ": (10, 0, 0),
}  # fmt: skip

# height from close (0) to open (6), backness from front (0) to back (4), rounded
_VOWELS = {
    "i": (0, 0, 0), "y": (0, 0, 1), "ɨ": (0, 2, 0), "ʉ": (0, 2, 1), "ɯ": (0, 4, 0), "u": (0, 4, 1),
    "ɪ": (1, 0.8, 0), "ʏ": (1, 0.8, 1), "ʊ": (1, 3.2, 1), "e": (2, 0, 0), "ø": (2, 0, 1),
    "ɘ": (2, 2, 0), "ɵ": (2, 2, 1), "ɤ": (2, 4, 0), "o": (2, 4, 1), "ə": (3, 2, 0), "ɚ": (3, 2, 0),
    "ɛ": (4, 0, 0), "œ": (4, 0, 1), "ɜ": (4, 2, 0), "ɝ": (3.5, 2, 0), "ʌ": (4, 3.2, 0),
    "ɔ": (4, 4, 1), "æ": (5, 0.4, 0), "ɐ": (5, 2, 0), "a": (6, 1, 0), "ɑ": (6, 4, 0),
    "ɒ": (6, 4, 1), "ᵻ": (1, 1.5, 0),
}  # fmt: skip

_OTHER = "?"
_PHONES = ("", *_CONSONANTS, *_VOWELS, _OTHER)
_NUMBER = {phone: number for number, phone in enumerate(_PHONES)}
_GLIDES = frozenset({("w", "u"), ("w", "ʊ"), ("w", "o"), ("j", "i"), ("j", "ɪ"), ("ɹ", "ɜ")})
_WEAK = frozenset("əɪᵻɐʔhɦ")
"""Phones that are easily lost in running speech."""

_DROPPED, _WEAK_DROPPED = 0.6, 0.35
_UNLIKE, _GLIDE = 0.95, 0.55
_PARAGRAPH = "\n\n"
_VOICES = {"en": "en-us", "zh": "cmn", "pt": "pt-br", "no": "nb"}


@cache
def substitution_costs() -> Costs:
    """`(phones, phones)` float32: what it costs to have heard the one for the other, 0 to 1."""
    table = np.zeros((len(_PHONES), len(_PHONES)), np.float32)
    for one, other in itertools.product(_PHONES[1:], repeat=2):
        table[_NUMBER[one], _NUMBER[other]] = _difference(one, other)
    return table


@cache
def dropping_costs() -> Costs:
    """`(phones,)` float32: what it costs that a phone was not heard, or heard for nothing."""
    return np.array(
        [0.0, *(_WEAK_DROPPED if phone in _WEAK else _DROPPED for phone in _PHONES[1:])], np.float32
    )


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _CONSONANTS and other in _CONSONANTS:
        place, manner, voice = _apart(_CONSONANTS[one], _CONSONANTS[other])
        return min(0.9, 0.16 + 0.055 * place + 0.09 * manner + 0.14 * voice)
    if one in _VOWELS and other in _VOWELS:
        height, back, lips = _apart(_VOWELS[one], _VOWELS[other])
        return min(0.7, 0.06 + 0.075 * height + 0.065 * back + 0.05 * lips)
    return _GLIDE if {(one, other), (other, one)} & _GLIDES else _UNLIKE


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> Iterator[float]:
    return (abs(a - b) for a, b in zip(one, other, strict=True))


class Pronouncer:
    """Says how the words of a language sound, with the espeak-ng that Piper carries.

    A language that espeak-ng does not speak raises `RuntimeError` at the first word. Safe to use in
    several threads.
    """

    def __init__(self, language: str) -> None:
        from piper.phonemize_espeak import EspeakPhonemizer

        self._espeak = EspeakPhonemizer()
        primary = re.split("[-_]", language)[0].lower()
        self._voice = _VOICES.get(primary, primary)
        self._known: dict[str, tuple[int, ...]] = {}
        self._speaking = threading.Lock()

    def phones(self, word: str) -> tuple[int, ...]:
        """The phones of a word, by number."""
        if word not in self._known:
            self._known[word] = tuple(self._pronounce(word))
        return self._known[word]

    def learn(self, words: Iterable[str]) -> None:
        """Pronounces many words at once: choosing a voice takes longest, of Chinese above all."""
        new = sorted({word for word in words if word} - self._known.keys())
        spoken = self._spoken(_PARAGRAPH.join(new)) if new else []
        if len(spoken) == len(new):
            self._known |= {
                word: tuple(_numbers(signs)) for word, signs in zip(new, spoken, strict=True)
            }

    def heard(self, text: str) -> Phones:
        """The phones of a text, word by word: as templates are pronounced."""
        return np.array([p for word in text.split() for p in self.phones(word)], np.int16)

    def _pronounce(self, word: str) -> Iterable[int]:
        for sentence in self._spoken(word):
            yield from _numbers(sentence)

    def _spoken(self, text: str) -> list[list[str]]:
        with self._speaking:
            spoken: list[list[str]] = self._espeak.phonemize(self._voice, text)
        return spoken


@cache
def pronouncer_of(language: str) -> Pronouncer:
    """The one of a language, which keeps what it has pronounced."""
    return Pronouncer(language)


def _numbers(signs: Iterable[str]) -> Iterator[int]:
    for sign in signs:
        if sign in _NUMBER:
            yield _NUMBER[sign]
        elif sign.isalpha() and sign not in "ˈˌːˑ":
            yield _NUMBER[_OTHER]
