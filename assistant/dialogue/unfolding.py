"""Dialogue room: routines, and what is for a length of time, as the plain commands they are."""

from __future__ import annotations

from dataclasses import replace

from assistant.schedule.schedule import Schedule
from assistant.skills.context import Understand
from assistant.skills.expanding import expanded
from assistant.types import Intent, Request, Tier, Understood
from assistant.understanding.understanding import Understanding


class Unfolding:
    """Takes requests apart that stand for several; without a `schedule` there are none."""

    def __init__(self, understanding: Understanding, schedule: Schedule | None) -> None:
        self._understanding = understanding
        self._schedule = schedule
        if schedule is not None:
            understanding.is_routine = schedule.routines.has

    def routine(self, request: Request) -> Understood | None:
        """What to understand of the very words that start a routine; None for other words."""
        if self._schedule is None or self._schedule.routines.named(request.text) is None:
            return None
        intent = Intent("AssistantRunRoutine", {"routine": request.text}, text=request.text)
        return Understood((intent,), Tier.TEMPLATE)

    async def unfold(self, request: Request, understood: Understood) -> Understood:
        """With plain commands in the place of what stands for them.

        Raises `ScheduleError` for a routine that was kept and cannot be read.
        """
        if self._schedule is None or not understood.intents:
            return understood
        intents = await expanded(
            understood.intents, self._schedule.routines, self.reader(request)
        )  # fmt: skip
        return replace(understood, intents=intents)

    def reader(self, request: Request) -> Understand:
        """Understands a command inside another one, said where `request` was."""

        async def read(text: str) -> tuple[Intent, ...]:
            if (routine := self.routine(replace(request, text=text))) is not None:
                return routine.intents
            return (await self._understanding.understand(text, area=request.area)).intents

        return read
