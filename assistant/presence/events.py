"""What the assistant publishes of itself, as plain values: state, turns, rings, timers, alarms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from assistant.schedule.entries import Alarm, Ring, Timer
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


EVENT_TYPES = ("done", "not_done", "question", "ring", "ring_ended")


def turn_event(turn: Turn, *, words: bool) -> dict[str, Any]:
    """A finished turn as an event; its words only with `words`."""
    kind = "question" if turn.question else "not_done" if turn.failed else "done"
    event: dict[str, Any] = {"event_type": kind, "conversation": turn.conversation}
    return {**event, "text": turn.text, "reply": turn.reply} if words else event


def is_by_mqtt(turn: Turn) -> bool:
    """Whether the request came by MQTT, so that its words are on the broker already."""
    return turn.conversation == MQTT or turn.conversation.startswith(f"{MQTT}:")


def timers_to_json(
    timers: Sequence[Timer], now: dt.datetime, *, words: bool = True
) -> dict[str, Any]:
    """All timers, the next one first; times in ISO 8601, lengths in seconds."""

    def ends(timer: Timer) -> str | None:
        return None if timer.paused else _second(now + dt.timedelta(seconds=timer.remaining_s))

    return {
        "count": len(timers),
        "next": next((ends(timer) for timer in timers if not timer.paused), None),
        "timers": [
            {
                "id": timer.id,
                "name": timer.name if words else "",
                "area": timer.area,
                "duration_s": round(timer.duration_s),
                "remaining_s": round(timer.remaining_s),
                "paused": timer.paused,
                "ends_at": ends(timer),
            }
            for timer in timers
        ],
    }


def alarms_to_json(alarms: Sequence[Alarm], *, words: bool = True) -> dict[str, Any]:
    """All alarms, the next one first; times in ISO 8601, weekdays from Monday, 0."""
    return {
        "count": len(alarms),
        "next": _second(alarms[0].next_ring) if alarms else None,
        "alarms": [
            {
                "id": alarm.id,
                "name": alarm.name if words else "",
                "area": alarm.area,
                "time": alarm.time.isoformat("minutes"),
                "days": sorted(alarm.days),
                "next_ring": _second(alarm.next_ring),
            }
            for alarm in alarms
        ],
    }


def ring_event(ring: Ring, told: dict[str, Any] | None) -> dict[str, Any]:
    """A ring that begins, with what is `told` of it, or (None) ends."""
    if told is None:
        return {"event_type": "ring_ended", "id": ring.id, "kind": ring.kind}
    return {"event_type": "ring", **told}


def _second(moment: dt.datetime) -> str:
    """To the nearest second."""
    return (moment + dt.timedelta(milliseconds=500)).isoformat(timespec="seconds")
