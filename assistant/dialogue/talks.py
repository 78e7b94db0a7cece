"""Dialogue room: what was asked and answered lately, and the data that an answer may need."""

from __future__ import annotations

from collections import deque

from assistant.home.model import Home
from assistant.llm.answers import Talk
from assistant.ports import Clock
from assistant.schedule.schedule import Schedule

_TURNS = 3
_CONVERSATIONS = 32
_MOST_ON = 8


class Talks:
    """The last questions and answers of each conversation, forgotten after `remember_s`."""

    def __init__(
        self, clock: Clock, home: Home, schedule: Schedule | None, remember_s: float
    ) -> None:
        self._clock = clock
        self._home = home
        self._schedule = schedule
        self._remember_s = remember_s
        self._kept: dict[str, deque[tuple[str, str, float]]] = {}

    def of(self, conversation: str) -> Talk:
        """What was said in `conversation`, the time, what is switched on, and the timers."""
        now = self._clock.monotonic()
        turns = self._kept.get(conversation, deque())
        before = tuple((a, b) for a, b, at in turns if now - at <= self._remember_s)
        devices = self._home.devices.values()
        on = [d.name for d in devices if d.exposed and self._home.state(d.id).get("state") == "on"]
        timers = self._schedule.timers() if self._schedule is not None else ()
        minutes = tuple(max(1, round(timer.remaining_s / 60)) for timer in timers)
        return Talk(before, self._clock.now(), tuple(on[:_MOST_ON]), minutes)

    def record(self, conversation: str, asked: str, answered: str) -> None:
        """Keep an answer for what may be asked next."""
        now = self._clock.monotonic()
        turns = self._kept.pop(conversation, deque(maxlen=_TURNS))
        turns.append((asked, answered, now))
        self._kept[conversation] = turns
        while len(self._kept) > _CONVERSATIONS:
            del self._kept[next(iter(self._kept))]
