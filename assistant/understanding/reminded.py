"""Understanding room: what is to be reminded of, where it is more than one thing, or reasoned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from assistant.types import Intent
from assistant.understanding.free_text import FREE_TEXTS
from assistant.understanding.language import LanguageData
from assistant.understanding.times.spoken_time import SpokenTimes
from assistant.understanding.times.timed import without

REMINDER = "AssistantSetReminder"
_TIMES = frozenset({"hour", "hours", "minutes", "seconds", "sun"})

Reader = Callable[[str], Intent | None]


def reminded(
    text: str,
    whole: Intent,
    requests: Iterable[str],
    read: Reader,
    *,
    data: LanguageData,
    separator: re.Pattern[str] | None,
    times: SpokenTimes | None,
) -> tuple[Intent, ...]:
    """The intents of a `text` with free words in it, which is `whole` if it is one request.

    `requests` are forms of it without reasons; `separator` is where two reminders may be joined.
    """
    if whole.name != REMINDER or times is None:
        return (whole,)
    if separator is not None:
        frames = data.dialogue.answers.get(REMINDER, ())
        if both := _both(text, frames, separator, times, read):
            return both
    return (_with_time_first(text, requests, times, read) or whole,)


def _with_time_first(
    text: str, requests: Iterable[str], times: SpokenTimes, read: Reader
) -> Intent | None:
    """It less a reason said before the time: "we must go, in ten minutes remind me"."""
    for request in requests:
        spans = times.find(request) if text.endswith(request) else ()
        if spans and not spans[0].start and (meant := read(request)) is not None:
            return meant if FREE_TEXTS & meant.slots.keys() else None
    return None


def _both(
    text: str, frames: Sequence[str], separator: re.Pattern[str], times: SpokenTimes, read: Reader
) -> tuple[Intent, ...]:
    """Of "remind me to ring mum at six and to feed the cat at seven" both; else nothing."""

    def timed(said: str) -> Intent | None:
        intent = read(said) if times.find(said) else None
        told = intent.slots if intent is not None else {}
        return intent if "reminder" in told and not _TIMES.isdisjoint(told) else None

    for joint in separator.finditer(text):
        left, right = text[: joint.start()], text[joint.end() :]
        if (first := timed(left)) is None:
            continue
        forms = _in_full(right, left, str(first.slots["reminder"]), frames, times)
        if then := next((i for form in forms if (i := timed(form)) is not None), None):
            return first, then
    return ()


def _in_full(
    right: str, left: str, reminder: str, frames: Sequence[str], times: SpokenTimes
) -> Iterator[str]:
    """`right` as a request for a reminder of its own, after `left`, which was for `reminder`."""
    opening, found, _ = left.partition(reminder)
    spans = times.find(right)
    if not without(right, spans):
        yield f"{opening}{found} {right}"
        return
    if spans and not spans[0].start:
        yield from (frame.replace("{said}", right) for frame in frames[:1])
    if found and not times.find(opening):
        behind = right.split()
        again = behind[:1] == opening.split()[-1:]
        yield opening + " ".join(behind[1:] if again else behind)
