"""Where the wake word ends and the request begins, in sound and in words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import numpy as np

from assistant.types import SAMPLE_RATE, Samples

SEARCH_S = 0.24
"""microWakeWord notices the word 30 to 200 ms after its end: the end is within these seconds."""

_DEFAULT_S = 0.12
_DIP_DB = 10.0
_FRAME = SAMPLE_RATE // 100
_ALIKE = 0.55


def after_wake_word(recent: Samples) -> Samples:
    """The end of `recent`, `(n,)` int16 16 kHz mono up to the detection, that is no wake word.

    Cuts at the last quiet moment (10 dB below the loudest 10 ms) before the detection; where the
    words run into each other, 120 ms before it.
    """
    window = recent[-int(SEARCH_S * SAMPLE_RATE) :]
    frames = len(window) // _FRAME
    if frames < 3:
        return window
    window = window[-frames * _FRAME :]
    levels = np.mean(window.reshape(frames, _FRAME).astype(np.float64) ** 2, axis=1)
    decibels = 10 * np.log10(levels + 1.0)
    quiet = np.flatnonzero(decibels < decibels.max() - _DIP_DB)
    if quiet.size == 0:
        return window[-int(_DEFAULT_S * SAMPLE_RATE) :]
    last = int(quiet[-1])
    start = last
    while start > 0 and decibels[start - 1] < decibels.max() - _DIP_DB:
        start -= 1
    return window[(start + last) // 2 * _FRAME :]


def without_wake_word(text: str, phrase: str) -> str:
    """`text` without the wake word or what was left of it at the start: "Abu. Turn on…".

    `phrase` is the wake word as said ("Okay Nabu"). Only whole leading words that sound like its
    end are taken away, and single words only where a pause was written after them.
    """
    said = list(re.finditer(r"[^\W_]+", text))
    wanted = phrase.casefold().split()
    for count in range(min(len(wanted) + 1, len(said)), 0, -1):
        heard = "".join(match.group().casefold() for match in said[:count])
        rest = text[said[count - 1].end() :]
        pause = not rest.strip() or rest.lstrip()[0] in ",.!?;:-…"
        for first in range(len(wanted)):
            tail = "".join(wanted[first:])
            alike = SequenceMatcher(None, heard, tail).ratio()
            if alike > 0.85 or (pause and alike >= _ALIKE and heard[-1] in "aeiou" + tail[-1]):
                stripped = rest.lstrip(" ,.!?;:-…")
                return stripped[:1].upper() + stripped[1:]
    return text
