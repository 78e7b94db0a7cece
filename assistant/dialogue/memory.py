"""Dialogue room: what was said and done last in each conversation, for as long as it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.home.commands.restoring import Change
from assistant.ports import Clock
from assistant.schedule.journal import Change as KeptChange
from assistant.skills.context import Deed
from assistant.types import Intent, Outcome
from assistant.understanding.turns.merging import Topic

_TURNS = 3


@dataclass(frozen=True, slots=True)
class _Remembered:
    topic: Topic
    deed: Deed | None
    at_s: float


class Memory:
    """The last few turns of each conversation that were understood, none older than `limit_s`."""

    def __init__(self, clock: Clock, limit_s: float) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._turns: dict[str, tuple[_Remembered, ...]] = {}

    def __len__(self) -> int:
        return len(self._turns)

    def keep(
        self,
        conversation: str,
        intents: Sequence[Intent],
        outcomes: Sequence[Outcome],
        changes: Sequence[Change],
        kept: tuple[KeptChange, ...],
    ) -> None:
        """Keep for what may be said next what a turn was about and has changed."""
        topic = topic_of(intents, outcomes)
        if topic is None:
            return
        deed = Deed(tuple(changes), kept) if changes or kept else None
        now = self._clock.monotonic()
        since = now - self._limit_s
        self._turns = {k: turns for k, turns in self._turns.items() if turns[0].at_s >= since}
        turn = _Remembered(topic, deed, now)
        self._turns[conversation] = (turn, *self._turns.get(conversation, ()))[:_TURNS]

    def topics(self, conversation: str) -> tuple[Topic, ...]:
        """What was spoken of, the latest first."""
        return tuple(turn.topic for turn in self._of(conversation))

    def deed(self, conversation: str) -> Deed | None:
        """What was done last."""
        return next((turn.deed for turn in self._of(conversation) if turn.deed is not None), None)

    def _of(self, conversation: str) -> list[_Remembered]:
        since = self._clock.monotonic() - self._limit_s
        return [turn for turn in self._turns.get(conversation, ()) if turn.at_s >= since]


def topic_of(intents: Sequence[Intent], outcomes: Sequence[Outcome]) -> Topic | None:
    """What a turn was about; None where nothing came of it."""
    if not intents or all(outcome.failed or outcome.missing for outcome in outcomes):
        return None
    devices = dict.fromkeys(
        device
        for outcome in outcomes
        for device in (*(result.action.device for result in outcome.results), *outcome.devices)
    )
    spoken = tuple(intent for intent in intents if intent.name != "AssistantUndo")
    return Topic(spoken, tuple(devices))
