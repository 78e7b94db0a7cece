"""What the assistant publishes of itself, as plain values: state, turns, rings, timers, alarms."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from assistant.schedule.entries import Ring
from assistant.types import Turn

MQTT = "mqtt"
"""Conversations held by MQTT begin with this."""


class State(StrEnum):
    """What the assistant is doing."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    ASKING = "asking"
    """It has asked something and waits for the answer."""
    RINGING = "ringing"
    MUTED = "muted"
    """Idle, with the microphone closed."""


EVENT_TYPES = ("done", "not_done", "question", "ring", "ring_ended", "refused")


def turn_event(turn: Turn, *, words: bool) -> dict[str, Any]:
    """A finished turn as an event; its words only with `words`."""
    kind = "question" if turn.question else "not_done" if turn.failed else "done"
    event: dict[str, Any] = {"event_type": kind, "conversation": turn.conversation}
    return {**event, "text": turn.text, "reply": turn.reply} if words else event


def announcement_of(turn: Turn) -> dict[str, Any]:
    """What a turn has for everybody in the house, for other loudspeakers."""
    return {"text": turn.announcement, "language": turn.language}


def is_by_mqtt(turn: Turn) -> bool:
    """Whether the request came by MQTT, so that its words are on the broker already."""
    return turn.conversation == MQTT or turn.conversation.startswith(f"{MQTT}:")


def refused_event(topic: str, error: str) -> dict[str, Any]:
    """What was sent to one of the assistant's topics, and was not done: why."""
    return {"event_type": "refused", "topic": topic, "error": error}


def ring_event(ring: Ring, told: dict[str, Any] | None) -> dict[str, Any]:
    """A ring that begins, with what is `told` of it, or (None) ends."""
    if told is None:
        return {"event_type": "ring_ended", "id": ring.id, "kind": ring.kind}
    return {"event_type": "ring", **told}
