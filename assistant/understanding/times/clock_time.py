"""Understanding room: the times that were found in a request, as slots of its intent."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.types import SlotValue
from assistant.understanding.times.spoken_time import Span, Value

_MORNING = frozenset({"am", "morning"})
_LATER = frozenset({"pm", "afternoon", "evening"})
_TYPICAL = {"morning": 8, "noon": 12, "afternoon": 15, "evening": 18, "night": 21}
_LAST_OF_NIGHT = 4
_FIRST_OF_DAY = 7
_FIRST_AT_WORK = 5
"""From this hour on what is to be done on working days is done in the morning."""
_LONGEST_S = 10 * 366 * 86_400
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {_WEEK: "daily", _WEEK[:5]: "weekdays", _WEEK[5:]: "weekends"}
_LEAP_YEAR = 2024
_DAY_S = 86_400


class NoSuchTimeError(ValueError):
    """There is no such time, date or length; `kind` says which of them."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Custom:
    """What an intent makes of a time that leaves something open."""

    waking: bool = False
    """"At seven" is seven in the morning."""
    typical: bool = False
    """"In the evening" alone is a time of day too."""


def time_slots(spans: Sequence[Span], custom: Custom) -> dict[str, SlotValue] | None:
    """`hour`, `minute`, `day`, `days`, `sun`… of the times in `spans`, lengths left aside.

    None where they contradict each other. `clock` is 12 where the half of the day was neither
    said nor implied: "at three" may then be three or fifteen o'clock, whichever comes next.
    Raises `NoSuchTimeError` for "25:80" and "the 31st of February".
    """
    kinds = [span.kind for span in spans if span.kind != "length"]
    if any(kinds.count(kind) > 1 for kind in ("clock", "day", "days", "sun")):
        return None
    by_kind = {span.kind: span.values for span in spans}
    parts = [str(span.values["part"]) for span in spans if "part" in span.values]
    slots = _days(by_kind)
    if slots is None:
        return None
    part = parts[-1] if parts else ""
    if "clock" in by_kind:
        slots |= _clock(by_kind["clock"], part, slots, custom)
    elif "sun" in by_kind:
        sun = by_kind["sun"]
        slots["sun"] = str(sun["sun"])
        if offset := float(sun.get("behind", 0)) - float(sun.get("ahead", 0)):
            slots["sun_offset"] = _whole(offset / 60)
    elif part in _TYPICAL and custom.typical:
        slots |= {"hour": _TYPICAL[part], "minute": 0}
    return slots


def length_slots(seconds: float, prefix: str = "") -> dict[str, SlotValue]:
    """`hours`, `minutes` and `seconds` of a length, those that are not none.

    Raises `NoSuchTimeError` for none at all, less, or longer than anybody waits.
    """
    if not 0 < seconds <= _LONGEST_S:
        raise NoSuchTimeError("length")
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"hours": hours, "minutes": minutes, "seconds": rest}
    return {f"{prefix}{unit}": _whole(value) for unit, value in parts.items() if value}


def days_ahead(length_s: float) -> int:
    """Of "in three days at eight" the days; 0 where a length is not of whole days."""
    days = length_s / _DAY_S
    return int(days) if days.is_integer() and 0 < length_s <= _LONGEST_S else 0


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _days(by_kind: Mapping[str, Mapping[str, Value]]) -> dict[str, SlotValue] | None:
    slots: dict[str, SlotValue] = {}
    single, repeated = by_kind.get("day", {}), by_kind.get("days", {})
    for values in (by_kind.get("clock", {}), by_kind.get("part", {}), single):
        if day := values.get("weekday", values.get("day")):
            if slots.get("day", day) != day:
                return None  # "tomorrow's … tonight"
            slots["day"] = str(day)
        if "week" in values:
            slots["week"] = int(values["week"])
    if "month_day" in single:
        month, day_of_month = int(single.get("month", 1)), int(single["month_day"])
        if (
            not 1 <= month <= 12
            or not 1 <= day_of_month <= calendar.monthrange(_LEAP_YEAR, month)[1]
        ):
            raise NoSuchTimeError("date")
        slots = {"month": month} if "month" in single else {}
        slots["month_day"] = day_of_month
    if repeated:
        if "day" in slots or "month" in slots:
            return None
        if "every" in repeated:
            slots["every"] = str(repeated["every"])
        if slots.get("every") == "other_week" and repeated.get("month_day", 2) != 2:
            return None  # every third Monday is neither
        if slots.get("every") == "month":
            if not 1 <= int(repeated["month_day"]) <= 31:
                raise NoSuchTimeError("date")
            slots["month_day"] = int(repeated["month_day"])
        if named := _named(repeated):
            slots["days"] = named
    return slots


def _named(repeated: Mapping[str, Value]) -> str:
    """ "weekdays", "weekends", "daily", or weekdays joined by commas; "" for none."""
    if "days" in repeated:
        return str(repeated["days"])
    if "until_weekday" in repeated:
        first = _WEEK.index(str(repeated["weekday"]))
        length = (_WEEK.index(str(repeated["until_weekday"])) - first) % 7 + 1
        chosen = {(first + ahead) % 7 for ahead in range(length)}
    else:
        said = str(repeated.get("weekdays", repeated.get("weekday", "")))
        chosen = {_WEEK.index(day) for day in said.split(",") if day}
    names = tuple(_WEEK[number] for number in sorted(chosen))
    return _GROUPS.get(names, ",".join(names))


def _earlier(hour: int, minutes: int) -> tuple[int, int]:
    """The time `minutes` before a full hour; an hour of the twelve stays one of them."""
    back, minute = divmod(-minutes, 60)
    earlier = hour + back
    if earlier < 1 <= hour <= 12:
        earlier += 12
    return earlier % 24, minute


def _clock(
    values: Mapping[str, Value], part: str, days: Mapping[str, SlotValue], custom: Custom
) -> dict[str, SlotValue]:
    hour, minute = int(values.get("hour", 0)), int(values.get("minute", values.get("past", 0)))
    if "quarters" in values:
        minute = 15 * int(values["quarters"])
    if "compact" in values:
        hour, minute = divmod(int(values["compact"]), 100)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise NoSuchTimeError("time")
    before = int(values.get("before", 0)) + int(values.get("less", 0))
    before += round(float(values.get("ahead", 0)) / 60)
    if before or "less" in values:
        if not 0 < before < 120:
            raise NoSuchTimeError("time")
        hour, minute = _earlier(hour, before - int(values.get("past", 0)))
    spoken_24 = hour > 12 or hour == 0
    hour %= 24
    if part in _MORNING:
        return {"hour": 0 if hour == 12 else hour, "minute": minute}
    if part in _LATER or (part == "noon" and hour <= 3):
        return {"hour": hour + 12 if hour < 12 else hour, "minute": minute}
    if part == "night":
        hour = 0 if hour == 12 else hour
        return {"hour": hour + 12 if _LAST_OF_NIGHT < hour < 12 else hour, "minute": minute}
    if spoken_24 or custom.waking or part:
        return {"hour": hour, "minute": minute}
    if days and days.get("day") != "today":
        exact = "exact" in values or (days.get("days") == "weekdays" and hour >= _FIRST_AT_WORK)
        if custom.typical and hour < _FIRST_OF_DAY and not exact:
            hour += 12
        return {"hour": hour, "minute": minute}
    return {"hour": hour, "minute": minute, "clock": 12}
