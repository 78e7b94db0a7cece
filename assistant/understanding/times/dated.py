"""Understanding room: the times in questions about the calendar and the clock, as slots.

"What day is it in two weeks", "is it Monday today", "how long until noon".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.types import SlotValue
from assistant.understanding.times.clock_time import (
    Custom,
    NoSuchTimeError,
    length_slots,
    time_slots,
)
from assistant.understanding.times.spoken_time import Span

CLOCK, DATE, IS_DATE, UNTIL = (
    "HassGetCurrentTime", "HassGetCurrentDate", "AssistantIsDate", "AssistantTimeUntil",
)  # fmt: skip
ASKED = frozenset({CLOCK, DATE, IS_DATE, UNTIL})
"""Questions that a time may belong to."""

_CALENDAR_S = {"months": 2_592_000, "years": 31_536_000}
"""What a month and a year count as where a length is only a number of seconds."""


def asked_slots(
    intent: str, cut: Sequence[Span], text: str, units: Mapping[str, str]
) -> dict[str, SlotValue] | None:
    """The slots of the times in `cut` of `text`; None where the question cannot be about them.

    `units` are the words of the language for months, years… Raises `NoSuchTimeError`.
    """
    lengths = [span for span in cut if span.kind == "length"]
    whens = [span for span in cut if span.kind != "length"]
    if len(lengths) > 1:
        return None
    if intent == IS_DATE:
        return None if lengths else _compared(whens)
    if intent == UNTIL:
        until = time_slots(whens, Custom(typical=True))
        return until if until and not lengths and "days" not in until else None
    ahead = _ahead(lengths[0], text, units) if lengths else {}
    if intent == CLOCK:
        return ahead if not whens and not ahead.keys() & _CALENDAR_S.keys() and ahead else None
    dated = time_slots(whens, Custom())
    if dated is None or {"hour", "sun", "days"} & dated.keys():
        return None
    return {**({} if dated == {"day": "today"} else dated), **ahead}


def _ahead(span: Span, text: str, units: Mapping[str, str]) -> dict[str, SlotValue]:
    """A length; months and years stay what they are, for they differ in length."""
    seconds = float(span.values["length"])
    said = text[span.start : span.end]
    for unit, unit_s in _CALENDAR_S.items():
        count = seconds / unit_s
        if unit in units and re.search(units[unit], said, re.I) and count.is_integer():
            if not 0 < count <= 1200:
                raise NoSuchTimeError("length")
            return {unit: int(count)}
    return length_slots(seconds)


def _compared(whens: Sequence[Span]) -> dict[str, SlotValue] | None:
    """Of "is it Monday today" today as the day, and Monday as what it is asked to be."""
    if any(span.kind != "day" or "part" in span.values for span in whens):
        return None
    weekdays = [
        span for span in whens if "weekday" in span.values and "month_day" not in span.values
    ]
    dates = [span for span in whens if "month_day" in span.values]
    near = [span for span in whens if "day" in span.values]
    if max(len(weekdays), len(dates), len(near)) > 1 or (near and weekdays and dates):
        return None
    slots: dict[str, SlotValue] = {}
    for span in near if near else dates if weekdays else ():
        slots |= time_slots([span], Custom()) or {}
    for span in weekdays or dates:
        asked = time_slots([span], Custom()) or {}
        slots |= {f"is_{key}": value for key, value in asked.items()}
    return slots if weekdays or dates else None
