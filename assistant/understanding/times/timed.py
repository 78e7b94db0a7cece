"""Understanding room: requests that have a time in them.

The times are taken out of the sentence, templates read the rest ("remind me to call mum"), and the
times become slots. What is left may also be any other command: that is done later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.types import Intent, SlotValue
from assistant.understanding.match import Match
from assistant.understanding.times.clock_time import (
    Custom,
    NoSuchTimeError,
    days_ahead,
    length_slots,
    time_slots,
)
from assistant.understanding.times.dated import ASKED, asked_slots
from assistant.understanding.times.spoken_time import Span, SpokenTimes

DELAY = "AssistantDelay"
NO_SUCH_TIME = "AssistantNoSuchTime"
BARE = "bare_number"
"""Slot of a timer "for six", which may be minutes or the hour."""

_START = "HassStartTimer"
_AMOUNTS = frozenset({"HassIncreaseTimer", "HassDecreaseTimer", "AssistantChangeTimer"})
_WHICH = frozenset({
    "HassCancelTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus",
    "AssistantTimerLength", "AssistantRestartTimer", "AssistantTimerSound",
})  # fmt: skip
_ALARM = "AssistantSetAlarm"
_LENGTHS = frozenset({_START, _ALARM, "AssistantSnooze", "AssistantSetReminder"})
_CHANGE = "AssistantChangeAlarm"
_IN_DAYS = frozenset({"AssistantSetAlarm", "AssistantSetReminder"})
_WAKING = frozenset({
    "AssistantSetAlarm", "AssistantCancelAlarm", "AssistantListAlarms", "AssistantSkipAlarm",
    "AssistantEnableAlarm", "AssistantDisableAlarm", "AssistantAlarmSound", _CHANGE,
})  # fmt: skip
_DATED = frozenset({"AssistantListReminders", "AssistantCancelReminder"})
TIMED = _AMOUNTS | _WHICH | _LENGTHS | _WAKING | _DATED | ASKED
"""Intents that a time in the sentence belongs to."""

_AT_ONCE = TIMED | {
    "HassNevermind", "HassCancelAllTimers", "AssistantHelp", "AssistantStopRinging",
    "AssistantUndo", "HassShoppingListAddItem", "HassListAddItem", "HassShoppingListCompleteItem",
    "HassListCompleteItem", "AssistantListRemoveItem", "AssistantReadList", "AssistantClearList",
    "AssistantLearnRoutine", "AssistantForgetRoutine", "HassRespond", "HassMediaSearchAndPlay",
    "AssistantCannot", "AssistantFlipCoin", "AssistantRollDie", "AssistantPickNumber",
    "AssistantCalculate", "AssistantConvert", DELAY, NO_SUCH_TIME,
}  # fmt: skip
_MOST_WAYS = 6
_LONGEST_NAP_S = 3600

Best = Callable[[str, frozenset[str]], "Match | None"]
"""Reads a sentence without its times; the set says which kinds were in it."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A request with its times as slots."""

    match: Match
    slots: Mapping[str, SlotValue]


def read_timed(text: str, times: SpokenTimes, best: Best) -> Timed | NoSuchTimeError | None:
    """The request of `TIMED` that `text` makes, or what is wrong with its time."""
    for loose in (False, True):
        for cut in _ways(times.find(text, loose=loose)):
            kinds = frozenset("length" if s.kind == "length" else "when" for s in cut)
            if len(kinds) > 1 and _ahead([s for s in cut if s.kind == "length"]):
                kinds = frozenset({"when"})
            match = best(without(text, cut), kinds)
            if match is None or _begins_with_time(str(match.slots.get("reminder", "")), times):
                continue
            try:
                slots = (
                    asked_slots(match.intent, cut, text, times.data.units)
                    if match.intent in ASKED
                    else _slots(match, cut)
                )
            except NoSuchTimeError as error:
                return error
            if slots is not None:
                return Timed(_rung(match, cut), {**match.slots, **slots})
    return _of_bare_number(text, times, best)


def _begins_with_time(reminder: str, times: SpokenTimes) -> bool:
    """Whether "at six to call mum" was taken for what somebody is to be reminded of at seven."""
    spans = times.find(reminder) if reminder else ()
    return bool(spans) and not spans[0].start and spans[0].kind in ("clock", "length")


def _of_bare_number(text: str, times: SpokenTimes, best: Best) -> Timed | NoSuchTimeError | None:
    """A timer "for six", which may be minutes or the hour: the slot `bare_number`, asked about."""
    span = times.bare_number(text)
    match = best(without(text, (span,)), frozenset({"number"})) if span is not None else None
    if span is None or match is None or match.intent != _START:
        return None
    if not span.values["number"]:
        return NoSuchTimeError("length")
    return Timed(match, {**match.slots, BARE: span.values["number"]})


def _rung(match: Match, cut: Sequence[Span]) -> Match:
    """ "Wake me in seven hours" is an alarm; a nap is what a timer is for."""
    lengths = [float(span.values["length"]) for span in cut if span.kind == "length"]
    if match.intent != _START or match.response != "wake" or sum(lengths) < _LONGEST_NAP_S:
        return match
    return replace(match, intent="AssistantSetAlarm")


def read_delay(
    text: str,
    times: SpokenTimes,
    commands: Callable[[str], Sequence[Intent]],
    separator: re.Pattern[str],
    plain: Callable[[str], str],
    *,
    particles: Collection[str] = (),
    endings: Mapping[str, str] | None = None,
) -> Mapping[str, SlotValue] | NoSuchTimeError | None:
    """The slots of a command that is to be given later, or taken back after a while.

    `plain` takes off the courtesies that stood behind the time. One of the `particles` before it
    may be what is asked for: "the fan on at six". Of "open the blind and turn it off
    in an hour" the time is the last part's only: None.
    """
    for cut in _ways(times.find(text)):
        command = plain(without(text, cut))
        given = commands(command)
        if not given and (later := _behind_particles(text, cut, particles)) != cut:
            command = plain(without(text, later))
            given = commands(command)
        if not given or not all(map(_can_wait, given)):
            continue
        if len(given) > 1 and _only_the_last(text, cut, commands, separator, endings or {}):
            return None
        try:
            slots = _delay_slots(cut)
        except NoSuchTimeError as error:
            return error
        if slots is not None:
            return {"command": command, **slots}
    return None


def _behind_particles(
    text: str, cut: Sequence[Span], particles: Collection[str]
) -> tuple[Span, ...]:
    """The times in `cut` without a particle that they begin with."""
    moved = []
    for span in cut:
        first, _, rest = text[span.start : span.end].partition(" ")
        behind = span.end - len(rest)
        moved.append(
            replace(span, start=behind) if rest and first.casefold() in particles else span
        )
    return tuple(moved)


def without(text: str, cut: Sequence[Span]) -> str:
    """`text` without the times in `cut`."""
    pieces, done = [], 0
    for span in cut:
        pieces.append(text[done : span.start])
        done = span.end
    pieces.append(text[done:])
    rest = re.sub(r"\s+", " ", " ".join(pieces))
    return re.sub(r"(?:\s*[,，、]\s*)+(?=$|[,，、])|^[\s,，、]+|\s+(?=[,，、])", "", rest).strip()


def _ways(spans: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """What may be cut out: all times; or the last only, or the first, or another one."""
    if not spans:
        return
    yield spans
    if len(spans) > 1:
        groups = [spans[-2:], spans[:2]] if len(spans) > 2 else []
        groups = [spans[:-1], spans[1:], *groups] if len(spans) > 3 else groups
        singles = [(span,) for span in (spans[-1], *spans[:-1])]
        yield from (*groups, *singles)[:_MOST_WAYS]


def _slots(match: Match, cut: Sequence[Span]) -> dict[str, SlotValue] | None:
    intent = match.intent
    lengths = [span for span in cut if span.kind == "length"]
    whens = [span for span in cut if span.kind != "length"]
    if intent in _WHICH or intent in _AMOUNTS:
        return None if whens else _timer_slots(intent, lengths)
    if intent == _CHANGE and lengths and not any(span.kind == "clock" for span in whens):
        return _later_or_earlier(match, lengths, whens)
    custom = Custom(
        waking=intent in _WAKING and match.response == "wake",
        typical=intent == "AssistantSetReminder",
    )
    if intent in _IN_DAYS and whens and (ahead := _ahead(lengths)):
        return _on_that_day(whens, ahead, custom)
    if len(lengths) > 1 or (lengths and (whens or intent not in _LENGTHS)):
        return None
    if lengths:
        return length_slots(float(lengths[0].values["length"]))
    if intent == _START and all("bare" in span.values for span in whens):
        return None
    if intent == _CHANGE:
        return _changed(whens, custom)
    return time_slots(whens, custom)


def _later_or_earlier(
    match: Match, lengths: Sequence[Span], whens: Sequence[Span]
) -> dict[str, SlotValue] | None:
    """By how many seconds an alarm comes later, which a day may tell: "tomorrow's alarm"."""
    [length, *more] = lengths
    later = match.response == "later" or length.values.get("use") == "in"
    if more or any(span.kind != "day" for span in whens):
        return None
    if not later and match.response != "earlier":
        return None
    seconds = float(length.values["length"])
    length_slots(seconds)
    day = time_slots(whens, Custom())
    earlier = match.response == "earlier"
    return None if day is None else {**day, "later_s": -seconds if earlier else seconds}


def _timer_slots(intent: str, lengths: Sequence[Span]) -> dict[str, SlotValue] | None:
    """An amount of time, and the length of the timer that is meant: "the ten minute timer"."""
    which = [span for span in lengths if span.values.get("which")]
    amounts = [span for span in lengths if not span.values.get("which")]
    if intent in _WHICH:
        which, amounts = [*which, *amounts], []
    elif not amounts:
        which, amounts = [], which
    if len(which) > 1 or len(amounts) > 1:
        return None
    slots: dict[str, SlotValue] = {}
    for spans, prefix in ((amounts, ""), (which, "start_")):
        for span in spans:
            slots |= length_slots(float(span.values["length"]), prefix)
    return slots


def _ahead(lengths: Sequence[Span]) -> int:
    """The days of "in three days", where that is the only length; else 0."""
    after = [span for span in lengths if span.values.get("use") == "in"]
    return days_ahead(float(after[0].values["length"])) if len(after) == len(lengths) == 1 else 0


def _on_that_day(whens: Sequence[Span], ahead: int, custom: Custom) -> dict[str, SlotValue] | None:
    """Of "in three days at eight" the slots; None where another day is named besides."""
    there = Span(0, 0, "day", {"day": "ahead"})
    slots = time_slots((*whens, there), custom)
    if slots is None or slots.get("day") != "ahead" or "hour" not in slots:
        return None
    return {**slots, "days_ahead": ahead}


def _changed(whens: Sequence[Span], custom: Custom) -> dict[str, SlotValue] | None:
    """Of two times of day the first says which alarm, the last what it becomes."""
    clocks = [span for span in whens if span.kind == "clock"]
    if len(clocks) != 2:
        return time_slots(whens, custom)
    before = whens.index(clocks[1])
    old, new = time_slots(whens[:before], custom), time_slots(whens[before:], custom)
    if old is None or new is None:
        return None
    return {
        **new,
        **{f"from_{key}": value for key, value in old.items() if key in ("hour", "minute")},
    }


def _only_the_last(
    text: str,
    cut: Sequence[Span],
    commands: Callable[[str], Sequence[Intent]],
    separator: re.Pattern[str],
    endings: Mapping[str, str],
) -> bool:
    """Whether a whole request stands before the time: in "…, then … in an hour" or "…, and in an
    hour …".
    """
    joints = list(separator.finditer(text[: cut[0].start]))
    if not joints:
        return False
    between = text[joints[-1].end() : cut[0].start]
    if between.strip():
        return bool(commands(between))
    joint = joints[-1]
    ending = endings.get(joint[1] or "", "") if separator.groups else ""
    behind = text[cut[-1].end :].strip()
    return bool(behind) and bool(commands(text[: joint.start()] + ending))


def _can_wait(intent: Intent) -> bool:
    return intent.name not in _AT_ONCE and "Get" not in intent.name


def _delay_slots(cut: Sequence[Span]) -> dict[str, SlotValue] | None:
    lengths = [span for span in cut if span.kind == "length"]
    whens = [span for span in cut if span.kind != "length"]
    after = [span for span in lengths if span.values.get("use") == "in"]
    during = [span for span in lengths if span.values.get("use") == "for"]
    if len(after) > 1 or len(during) > 1 or len(after) + len(during) < len(lengths):
        return None
    if whens and not during and (ahead := _ahead(after)):
        return _on_that_day(whens, ahead, Custom(typical=True))
    slots = time_slots(whens, Custom(typical=True))
    if slots is None or (after and slots):
        return None
    if whens and not {"hour", "sun"} & slots.keys():
        return None
    for spans, prefix in ((after, ""), (during, "for_")):
        for span in spans:
            slots |= length_slots(float(span.values["length"]), prefix)
    return slots or None
