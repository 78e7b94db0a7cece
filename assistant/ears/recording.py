"""The speech in a whole recording."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from assistant.ears.endpoint import MIN_SPEECH_MS
from assistant.ears.utterance import Utterance
from assistant.ports import Recognizer, VoiceActivityDetector
from assistant.types import CHUNK_SAMPLES, SAMPLE_RATE, Samples

_LOG = logging.getLogger(__name__)

MAX_SPEECH_S = 30.0
"""No more of a recording is recognized: nobody asks a home for anything so long."""

_CHUNK_MS = CHUNK_SAMPLES * 1000 / SAMPLE_RATE
_MARGIN_CHUNKS = 15
_SPEECH_PROBABILITY = 0.5


def utterance_in(
    samples: Samples, vad: VoiceActivityDetector, recognizer: Recognizer
) -> Utterance | None:
    """The speech in `samples`, `(n,)` int16 16 kHz mono, for `recognizer`; None: nobody speaks.

    Silence, noise and a cough (less than 150 ms of speech) are nobody. Of longer talk it is the
    first 30 s, up to the last pause in them. Blocking.
    """
    speech = _speech(samples, vad)
    spoken = np.flatnonzero(speech)
    if spoken.size * _CHUNK_MS < MIN_SPEECH_MS:
        return None
    first = max(0, int(spoken[0]) - _MARGIN_CHUNKS)
    end = min(len(speech), int(spoken[-1]) + 1 + _MARGIN_CHUNKS)
    limit = first + int(MAX_SPEECH_S * 1000 / _CHUNK_MS)
    if end > limit:
        pauses = np.flatnonzero(~speech[first + (limit - first) // 2 : limit])
        end = first + (limit - first) // 2 + int(pauses[-1]) + 1 if pauses.size else limit
        _LOG.info(
            "of %.0f s of audio the first %.0f s of speech are recognized",
            len(samples) / SAMPLE_RATE,
            (end - first) * _CHUNK_MS / 1000,
        )
    utterance = Utterance(recognizer)
    utterance.add(samples[first * CHUNK_SAMPLES : end * CHUNK_SAMPLES])
    return utterance


def _speech(
    samples: Samples, vad: VoiceActivityDetector
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    vad.reset()
    probabilities: Sequence[float] = [
        vad.process(samples[start : start + CHUNK_SAMPLES])
        for start in range(0, len(samples), CHUNK_SAMPLES)
    ]
    vad.reset()
    return np.asarray(probabilities) >= _SPEECH_PROBABILITY
