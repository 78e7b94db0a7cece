"""Understanding room: a spoken time of day, as the templates caught it, as hours and minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.types import SlotValue

_PARTS = ("word", "relative", "offset", "direction", "compact", "half")


def time_slots(slots: Mapping[str, Any], *, waking: bool) -> dict[str, SlotValue] | None:
    """Alarm slots with `hour` (0..23) and `minute`; None for what is no time ("25:80").

    `clock` is 12 where the half of the day was neither said nor implied: "at three" may then be
    three or fifteen o'clock, whichever comes next. With `waking` it is the morning.
    """
    kept = {key: value for key, value in slots.items() if key not in _PARTS}
    day = str(kept.get("day", ""))
    half = slots.get("half")
    if day.endswith(("_am", "_pm")):
        kept["day"], half = day[:-3], half or day[-2:]
    if "hour" not in slots and not {"word", "compact"} & slots.keys():
        return kept
    hour, minute = _hour_and_minute(slots)
    if minute < 0:
        hour, minute = (hour - 1) % 24 or (12 if hour == 1 else 0), minute + 60
    spoken_24 = hour > 12 or hour == 0 or "word" in slots or hour == 24
    if hour == 24:
        hour = 0
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half not in ("am", "pm") and not (
        spoken_24 or waking or "days" in kept or day not in ("", "today")
    ):
        kept["clock"] = 12
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    return {**kept, "hour": hour, "minute": minute}


def _hour_and_minute(slots: Mapping[str, Any]) -> tuple[int, int]:
    if "word" in slots:
        return (12, 0) if slots["word"] == "noon" else (0, 0)
    if "compact" in slots:
        return divmod(int(slots["compact"]), 100)
    hour = int(slots["hour"])
    if "relative" in slots:
        return hour, int(slots["relative"])
    if "offset" in slots:
        return hour, int(slots["offset"]) * int(slots.get("direction", 1))
    return hour, int(slots.get("minute", 0))
