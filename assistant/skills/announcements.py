"""Skill: what everybody in the house is to hear."""

from __future__ import annotations

from assistant.home.devices import Area, Floor
from assistant.skills.context import Loudspeaker, SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

HANDLES = ("HassBroadcast",)

_WORDED = ("reported", "called")
"""Responses whose message is not the announcement as it stands: "that …", "to …"."""
_EDGE = " ,，、:："


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Announce the slot `message`, everywhere or in a place that has this loudspeaker."""
    if ctx.loudspeaker is None:
        return failed("broadcast.no_voice")
    place = _place(intent, ctx)
    if place is not None and not _is_heard(ctx.loudspeaker, place, ctx):
        return failed("broadcast.not_there", place=place.name_in(ctx.language))
    slots: dict[str, object] = {"message": str(intent.slots.get("message", "")).strip(_EDGE)}
    worded = intent.response if intent.response in _WORDED else "said"
    reply = "broadcast.would" if ctx.proposing else "broadcast.done"
    return Outcome(reply, slots, announcement=f"broadcast.{worded}")


def _place(intent: Intent, ctx: SkillContext) -> Area | Floor | None:
    places = (("area", ctx.home.areas), ("floor", ctx.home.floors))
    return next(
        (
            place
            for kind, known in places
            for place in known.values()
            if intent.slots.get(kind) in (place.id, place.name)
        ),
        None,
    )


def _is_heard(loudspeaker: Loudspeaker, place: Area | Floor, ctx: SkillContext) -> bool:
    area = ctx.home.areas.get(loudspeaker.area or "")
    return area is not None and place.id in (area.id, area.floor)
