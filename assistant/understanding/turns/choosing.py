"""Understanding room: which of several timers, alarms or reminders an answer means.

By its name, by its place among those that were named ("the second one"), by how long it was set
for or has left ("the ten-minute one", "the longer one"), or by its time of day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from assistant.types import Intent, Option
from assistant.understanding.times.clock_time import Custom, NoSuchTimeError, time_slots
from assistant.understanding.times.spoken_time import Span, SpokenTimes

_NEAR_S = 30.0
"""Nobody says what is left to the second."""


class Choosing:
    """Reads one language's answers to "which one?"."""

    def __init__(self, times: SpokenTimes | None, fillers: Collection[str], *, glued: bool) -> None:
        self._times = times
        self._fillers = fillers
        self._glued = glued

    def chosen(
        self, text: str, choice: Intent | None, options: Sequence[Option]
    ) -> tuple[Option, ...]:
        """The options that `text` means; `choice` is what it was read as, if as a choice."""
        if choice is not None and choice.response == "all":
            return tuple(options)
        ways = (self._named(text, options), self._ordered(choice, options))
        found = next((way for way in ways if way), None)
        found = found or self._timed(self._bare(text), options) or self._timed(text, options)
        found = found or self._extreme(choice, options)
        return tuple(found) if len(found) == 1 else ()

    def _named(self, text: str, options: Sequence[Option]) -> list[Option]:
        said = self._padded(text)
        return [o for o in options if o.name and self._padded(o.name) in said]

    def _bare(self, text: str) -> str:
        """Without what may stand around a time: "the seven o'clock one"."""
        words = text.split()
        while words and words[0].casefold() in self._fillers:
            del words[0]
        while words and words[-1].casefold() in self._fillers:
            del words[-1]
        return " ".join(words)

    def _padded(self, text: str) -> str:
        return text.casefold() if self._glued else f" {text.casefold()} "

    def _ordered(self, choice: Intent | None, options: Sequence[Option]) -> list[Option]:
        if choice is None or choice.response != "ordinal":
            return []
        number = int(str(choice.slots.get("ordinal", 0)))
        place = number - 1 if number > 0 else len(options) + number
        return [options[place]] if 0 <= place < len(options) else []

    def _timed(self, text: str, options: Sequence[Option]) -> list[Option]:
        spans = self._times.find(text, loose=True) if self._times is not None else ()
        lengths = [float(span.values["length"]) for span in spans if span.kind == "length"]
        if len(lengths) == 1:
            return _of_length(lengths[0], options)
        return _at_time([span for span in spans if span.kind != "length"], options)

    def _extreme(self, choice: Intent | None, options: Sequence[Option]) -> list[Option]:
        if choice is None or choice.response not in ("longest", "shortest"):
            return []
        sized = [option for option in options if option.lengths_s]
        for place in (0, 1):  # as they were set; where these are the same, what is left
            lengths = sorted({option.lengths_s[place] for option in sized})
            if len(lengths) > 1:
                wanted = lengths[-1] if choice.response == "longest" else lengths[0]
                return [option for option in sized if option.lengths_s[place] == wanted]
        return []


def _of_length(length: float, options: Sequence[Option]) -> list[Option]:
    sized = [option for option in options if option.lengths_s]
    exact = [option for option in sized if abs(option.lengths_s[0] - length) < 1]
    return exact or [
        option for option in sized if any(abs(s - length) <= _NEAR_S for s in option.lengths_s)
    ]


def _at_time(spans: Iterable[Span], options: Sequence[Option]) -> list[Option]:
    try:
        slots = time_slots(tuple(spans), Custom()) or {}
    except NoSuchTimeError:
        return []
    if "hour" not in slots:
        return []
    minute = int(str(slots["hour"])) * 60 + int(str(slots.get("minute", 0)))
    minutes = {minute, (minute + 720) % 1440} if slots.get("clock") == 12 else {minute}
    return [option for option in options if option.minute in minutes]
