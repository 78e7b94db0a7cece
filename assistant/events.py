"""What observers are told while the assistant works: the live view, the bench, MQTT, tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.types import Turn


class Stage(StrEnum):
    """Where in a turn the assistant is."""

    LISTENING = "listening"
    PARTIAL = "partial"
    HEARD = "heard"
    UNDERSTOOD = "understood"
    DONE = "done"
    SAYING = "saying"
    SAID = "said"
    IDLE = "idle"
    RINGING = "ringing"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A stage was reached, with what there is to show of it and the milliseconds it took."""

    stage: Stage
    text: str = ""
    ms: float | None = None


Event = StageEvent | Turn
Observer = Callable[[Event], None]
