"""Skill: the time and the date."""

from __future__ import annotations

import datetime as dt

from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

HANDLES = ("HassGetCurrentTime", "HassGetCurrentDate", "AssistantNoSuchTime")

_AHEAD = {"today": 0, "tomorrow": 1, "day_after_tomorrow": 2}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Tell the time, the date or the day of the week, by the injected clock."""
    now = ctx.clock.now()
    if intent.name == "AssistantNoSuchTime":
        return failed(f"clock.no_such_{intent.slots.get('kind', 'time')}")
    if intent.name == "HassGetCurrentTime":
        return Outcome("clock.time", {"now": now})
    key = "weekday" if intent.response == "weekday" else "date"
    if "day" not in intent.slots:
        return Outcome(f"clock.{key}", {"now": now})
    return Outcome(f"clock.{key}_then", {"now": now + _ahead(str(intent.slots["day"]), now)})


def _ahead(day: str, now: dt.datetime) -> dt.timedelta:
    if day in _WEEKDAYS:
        return dt.timedelta(days=(_WEEKDAYS.index(day) - now.weekday()) % 7)
    return dt.timedelta(days=_AHEAD.get(day, 0))
