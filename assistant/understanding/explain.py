"""Understanding room: how a text was read, for people who write sentences."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import Intent
from assistant.understanding.match import Match
from assistant.understanding.repair.guess import Guess
from assistant.understanding.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Reading:
    """One template that accepts a text."""

    intent: str
    sentence: str
    file: str
    """Where the template is from; empty: the base package."""
    slots: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a text, and the templates that accept it, the chosen one first."""

    intent: Intent
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the templates read a text; no parts where they do not."""

    parts: tuple[Part, ...]
    matching_ms: float
    """Milliseconds for reading the text once, as a request does."""
    guess: Guess | None = None
    """What it sounds like, where the templates do not read it."""
    guessing_ms: float = 0.0


async def explain(understanding: Understanding, text: str, area: str | None) -> Explanation:
    """What the templates, or else its sound, make of `text`, said in the area with id `area`."""
    await understanding.refresh()
    started = time.perf_counter()
    understood = await understanding.understand(text, area=area)
    elapsed_ms = (time.perf_counter() - started) * 1000
    parts = tuple(
        Part(intent, tuple(map(_reading, understanding.readings(intent.text, area))))
        for intent in understood.intents
    )
    if parts:
        return Explanation(parts, round(elapsed_ms, 2))
    await understanding.prepare_to_guess()
    started = time.perf_counter()
    guess = await understanding.guess([text], area=area)
    guessing_ms = (time.perf_counter() - started) * 1000
    return Explanation((), round(elapsed_ms, 2), guess, round(guessing_ms, 1))


def _reading(match: Match) -> Reading:
    return Reading(match.intent, match.sentence, match.file, match.slots)
