"""Korean particles, whose form depends on how the word before them ends."""

from __future__ import annotations

_FIRST, _LAST = 0xAC00, 0xD7A3
_FINALS = 28
_RIEUL = 8
"""The place of ㄹ among the final consonants; 로 follows it as it follows a vowel."""
_DIGITS = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL}
"""영, 일, 삼, 육, 칠, 팔 end in a consonant; the other digits in a vowel."""
_LETTERS = {"l": _RIEUL, "m": 16, "n": 4, "r": _RIEUL}


def with_particle(word: str, forms: str) -> str:
    """`word` with the one of `forms` that fits: "을/를" after "복도등" is "복도등을".

    `forms` are those after a consonant and after a vowel.
    """
    after_consonant, _, after_vowel = forms.partition("/")
    final = _final(word)
    if final == _RIEUL and after_consonant.startswith("으로"):
        return word + after_vowel
    return word + (after_consonant if final else after_vowel)


def _final(word: str) -> int:
    """The place of the last syllable's final consonant; 0: it has none."""
    last = next((sign for sign in reversed(word.casefold()) if sign.isalnum()), "")
    if len(last) == 1 and _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _FINALS
    return _DIGITS.get(last, _LETTERS.get(last, 0))
