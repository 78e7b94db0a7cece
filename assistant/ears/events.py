"""What the ears tell: the story of each utterance, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.errors import AssistantError
from assistant.types import Transcript, Weigh

Reason = Literal["wake", "push", "question"]
"""Why the microphone was opened: the wake word, a button, or an answer that is awaited."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The microphone is open for one utterance."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class PartialHeard:
    """What was said so far; may still change."""

    text: str


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over; the transcript follows."""

    at_s: float
    """Monotonic time of the last speech sample."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance was recognized."""

    transcript: Transcript
    samples_s: float
    """Seconds of audio that were recognized."""
    speech_end_s: float
    """Monotonic time of the last speech sample."""
    recognized_s: float
    """Monotonic time at which the transcript was final."""
    weigh: Weigh | None = field(default=None, compare=False, repr=False)
    """How well given texts fit the sound."""


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """The microphone closed without an utterance."""

    reason: Literal["silence", "no_words", "cancelled"]
    """Nobody spoke; there was sound without words in it; or `cancel()` was called."""


@dataclass(frozen=True, slots=True)
class HearingFailed:
    """An engine failed on this utterance, or the microphone went away."""

    error: AssistantError


EarEvent = Listening | PartialHeard | SpeechEnded | Heard | NothingHeard | HearingFailed
