"""Understanding room: "no, ten minutes": the last request corrected by what is said next.

Only what follows a word that corrects counts, and only the value that was wrong: what it is about
stays. Devices are named anew by the follow-ups ("no, the bedroom").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.types import Intent, SlotValue
from assistant.understanding.language import LanguageData

_LENGTH = ("hours", "minutes", "seconds")
_TIME = frozenset(
    {*_LENGTH, "hour", "minute", "clock", "day", "month", "month_day", "days", "every", "sun",
     "sun_offset", "week", "days_ahead"}
)  # fmt: skip
_OF_DAY = frozenset({"hour", "minute", "clock", "sun", "sun_offset"})
_OF_ALARM = ("hour", "minute", "clock")
_TIMER, _ALARM = "AssistantChangeTimer", "AssistantChangeAlarm"
_READ_AS = {_TIMER: "HassStartTimer", _ALARM: "AssistantSetAlarm"}
"""By an intent that can be corrected again: the one whose sentences a correction completes."""
_KEEPS = frozenset({"AssistantSetReminder", "AssistantDelay"})
INSTEAD = "instead"
"""Slot of an intent that takes the place of the same one, set with another time just now."""


class Correcting:
    """What one language says to correct what it said before."""

    def __init__(self, data: LanguageData) -> None:
        words, glued = data.dialogue, data.ignore_whitespace
        gap = r"[\s,.;!?，。、！]*" if glued else r"[\s,.;!?]+"
        openers = _choice((*data.corrections, *words.corrects))
        behind = _choice(words.corrects_behind)
        self._opener = re.compile(rf"^(?:{openers}){gap}(?=\S)", re.I) if openers else None
        self._behind = re.compile(rf"(?<=\S){gap}(?:{behind})$", re.I) if behind else None
        self._rejects = tuple((re.compile(p, re.I), meant) for p, meant in words.rejects)
        self._no = next(iter(data.corrections), "")

    def meant(self, text: str) -> str:
        """What `text` puts in the place of something said before; "" where it corrects nothing."""
        meant = text
        while True:
            shorter = meant
            for rejected, kept in self._rejects:
                shorter = rejected.sub(kept, shorter, count=1)
            for pattern in (self._opener, self._behind):
                shorter = pattern.sub("", shorter, count=1) if pattern else shorter
            if shorter == meant:
                return "" if meant == text else meant
            meant = shorter

    def rejecting(self, meant: str) -> str:
        """`meant` as a follow-up says it: "no, the bedroom"."""
        return f"{self._no} {meant}"


def completes(last: Intent) -> Intent | None:
    """The intent whose sentences a correction of `last` completes; None: none does."""
    if last.name in _READ_AS:
        return replace(last, name=_READ_AS[last.name])
    fits = last.name in _KEEPS or last.name in _READ_AS.values()
    return last if fits else None


def recounted(last: Intent, number: float | None) -> dict[str, SlotValue]:
    """The slots that a bare number corrects: of "five minutes", "no, ten" the minutes."""
    units = [unit for unit in _LENGTH if unit in last.slots]
    if number is None or len(units) != 1:
        return {}
    return {units[0]: int(number) if number.is_integer() else number}


def corrected(last: Intent, given: Mapping[str, SlotValue], text: str) -> Intent | None:
    """`last` with the time that was `given` in the place of its own."""
    if not given.keys() <= _TIME or not given:
        return None
    if last.name in ("HassStartTimer", _TIMER):
        return _timer(last, given, text)
    if last.name in ("AssistantSetAlarm", _ALARM):
        which = {f"from_{key}": last.slots[key] for key in _OF_ALARM if key in last.slots}
        which |= {key: last.slots[key] for key in ("name",) if key in last.slots}
        return Intent(_ALARM, {**given, **which}, text=text)
    lost = _TIME if not given.keys().isdisjoint((*_LENGTH, "days")) else frozenset(given)
    if not _OF_DAY.isdisjoint(given):
        lost |= _OF_DAY | {*_LENGTH}
    kept = {key: value for key, value in last.slots.items() if key not in lost}
    return replace(last, slots={**kept, **given, INSTEAD: True}, text=text)


def _timer(last: Intent, given: Mapping[str, SlotValue], text: str) -> Intent | None:
    if not given.keys() <= {*_LENGTH}:
        return None
    which = {"name": last.slots["name"]} if last.slots.get("name") else {}
    if not which:
        which = {f"start_{unit}": last.slots[unit] for unit in _LENGTH if unit in last.slots}
    return Intent(_TIMER, {**given, **which}, text=text)


def _choice(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
