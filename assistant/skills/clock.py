"""Skill: the time of day, now and in a while."""

from __future__ import annotations

import datetime as dt

from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.skills.when import has_length, seconds_of
from assistant.types import Intent, Outcome

HANDLES = ("HassGetCurrentTime", "AssistantNoSuchTime")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Tell the time, by the injected clock; or that there is no such time."""
    now = ctx.clock.now()
    if intent.name == "AssistantNoSuchTime":
        return failed(f"clock.no_such_{intent.slots.get('kind', 'time')}")
    if not has_length(intent.slots):
        return Outcome("clock.time", {"now": now})
    seconds = seconds_of(intent.slots) * (-1 if intent.slots.get("past") else 1)
    then = dt.datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo)
    return Outcome("clock.time_then", {"then": then, "now": now, "past": seconds < 0})
