"""A finished turn as the public JSON object (docs/ask.md): stable keys, plain values."""

from __future__ import annotations

from typing import Any

from assistant.replies import Replies
from assistant.schedule.schedule import Ring
from assistant.types import Turn


def turn_to_json(turn: Turn) -> dict[str, Any]:
    """One turn with the keys that `assistant ask --json` promises; no code of a lock or panel."""
    return {
        "text": turn.text,
        "language": turn.language,
        "area": turn.area,
        "tier": turn.tier.value if turn.tier else None,
        "intents": [{"name": i.name, "slots": dict(i.slots)} for i in turn.intents],
        "actions": [
            {
                "service": r.action.service,
                "device": r.action.device,
                "data": {k: v for k, v in r.action.data.items() if k != "code"},
                "outcome": r.status.value,
            }
            for r in turn.results
        ],
        "reply": turn.reply,
        "announcement": turn.announcement,
        "question": turn.question,
        "failed": turn.failed,
        "timings_ms": dict(turn.timings_ms),
    }


def ring_to_json(ring: Ring, replies: Replies, *, everywhere: bool = False) -> dict[str, Any]:
    """A ring as published on MQTT: what kind, its name, the sentence that is spoken, and where."""
    key = "ring.missed" if ring.missed else f"ring.{ring.kind}"
    key = "ring.cut_off" if ring.cut_off else key
    text = replies.render(key, kind=ring.kind, name=ring.name, late_s=ring.late_s)
    return {
        "id": ring.id, "kind": ring.kind, "name": ring.name, "text": text, "area": ring.area,
        "everywhere": everywhere or ring.area is None, "sound": ring.sound,
    }  # fmt: skip
