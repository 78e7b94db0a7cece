"""Skill: the time and the date."""

from __future__ import annotations

from assistant.skills.context import SkillContext
from assistant.types import Intent, Outcome

HANDLES = ("HassGetCurrentTime", "HassGetCurrentDate")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Tell the time, the date or the day of the week, by the injected clock."""
    key = "clock.time" if intent.name == "HassGetCurrentTime" else "clock.date"
    if intent.response == "weekday":
        key = "clock.weekday"
    return Outcome(key, {"now": ctx.clock.now()})
