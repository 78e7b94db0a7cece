"""Endpointing: when an utterance begins and ends. Pure; driven by audio time only."""

from __future__ import annotations

from enum import StrEnum

from assistant.config import ListeningSettings
from assistant.types import Completeness

HYSTERESIS = 0.15
"""Speech ends this far below the probability at which it begins (Silero's own convention)."""

MIN_SPEECH_MS = 150.0
"""Less speech than this, a cough or a click, is no utterance."""

WORDLESS_MS = 800.0
"""Less speech than this without a word in it is a cough and waited out; more of it was somebody
whom the recognizer did not understand (another language, say), and who is told so."""

RESUME_MS = 80.0
"""So much speech after a pause is talk going on; less is a click."""

FALL_MS = 60.0
"""Silero's probability falls about 90 ms after the sound has; counted as silence already."""

_FORGET_MS = 400.0
"""Silence after which a sound too short to be an utterance is forgotten."""


class Phase(StrEnum):
    """Where in an utterance we are."""

    WAITING = "waiting"
    """Nobody has spoken yet."""
    SPEAKING = "speaking"
    PAUSING = "pausing"
    """Silence after speech, not yet long enough."""
    ENDED = "ended"
    """The speaker has finished."""
    TIMED_OUT = "timed_out"
    """Nobody spoke for `start_timeout_s`."""
    TOO_LONG = "too_long"
    """Speech went on for `max_utterance_s`."""


_OVER = (Phase.ENDED, Phase.TIMED_OUT, Phase.TOO_LONG)


class Endpointer:
    """Follows one utterance through the probability of speech in each piece of audio."""

    def __init__(self, settings: ListeningSettings) -> None:
        self._settings = settings
        self._limits = {
            Completeness.COMPLETE: settings.silence_complete_ms,
            Completeness.UNKNOWN: settings.silence_unknown_ms,
            Completeness.INCOMPLETE: settings.silence_incomplete_ms,
        }
        self.phase = Phase.WAITING
        self.silence_ms = 0.0
        """Silence since the last speech."""
        self._in_speech = False
        self._verdict: Completeness | None = None
        self._waited_ms = 0.0
        self._speech_ms = 0.0
        self._utterance_ms = 0.0
        self._resumed_ms = 0.0

    @property
    def over(self) -> bool:
        """Whether the utterance has ended, for whatever reason."""
        return self.phase in _OVER

    @property
    def sound(self) -> bool:
        """Whether something that may become an utterance has begun."""
        return self._speech_ms > 0

    @property
    def speech_ms(self) -> float:
        """How much of the utterance so far was speech."""
        return self._speech_ms

    def feed(self, probability: float, duration_ms: float) -> Phase:
        """Take the probability 0..1 of speech in the next `duration_ms` of audio."""
        if self.over:
            return self.phase
        threshold = self._settings.speech_threshold
        was_speech = self._in_speech
        self._in_speech = probability >= (threshold - HYSTERESIS if was_speech else threshold)
        self._waited_ms += duration_ms
        if self._in_speech:
            self._hear_speech(duration_ms)
        else:
            self._hear_silence(duration_ms, fell=was_speech)
        if self._speech_ms or self.phase is not Phase.WAITING:
            self._utterance_ms += duration_ms
        self._decide()
        return self.phase

    def judge(self, verdict: Completeness) -> Phase:
        """Say what understanding thinks of the words before the present pause.

        Ignored unless in a pause; forgotten when speech goes on.
        """
        if self.phase is Phase.PAUSING:
            self._verdict = verdict
            self._decide()
        return self.phase

    def dismiss(self) -> None:
        """What was heard were no words: wait on for speech, within the same time limit."""
        self.phase = Phase.WAITING
        self._speech_ms = self._utterance_ms = self.silence_ms = self._resumed_ms = 0.0
        self._verdict = None

    def _hear_speech(self, duration_ms: float) -> None:
        if self.phase is Phase.PAUSING:
            self._resumed_ms += duration_ms
            self.silence_ms += duration_ms
            if self._resumed_ms < RESUME_MS:
                return
            self._verdict = None
        self._speech_ms += duration_ms + self._resumed_ms
        self._resumed_ms = 0.0
        self.silence_ms = 0.0
        if self._speech_ms >= MIN_SPEECH_MS:
            self.phase = Phase.SPEAKING

    def _hear_silence(self, duration_ms: float, *, fell: bool) -> None:
        if fell and self.phase is not Phase.PAUSING:
            self.silence_ms = FALL_MS
        self.silence_ms += duration_ms
        self._resumed_ms = 0.0
        if self.phase is Phase.SPEAKING:
            self.phase = Phase.PAUSING
        elif self.phase is Phase.WAITING and self._speech_ms and self.silence_ms >= _FORGET_MS:
            self._speech_ms = self._utterance_ms = 0.0

    def _decide(self) -> None:
        settings = self._settings
        waiting = self.phase is Phase.WAITING and not self._speech_ms
        pausing = self.phase is Phase.PAUSING and not self._resumed_ms
        if self._utterance_ms >= settings.max_utterance_s * 1000:
            self.phase = Phase.TOO_LONG
        elif pausing and self.silence_ms >= self._limits[self._verdict or Completeness.UNKNOWN]:
            self.phase = Phase.ENDED
        elif waiting and self._waited_ms >= settings.start_timeout_s * 1000:
            self.phase = Phase.TIMED_OUT
