"""Questions that the assistant asks of itself, and somebody who speaks before they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.config import Settings
from assistant.mouth import Mouth
from assistant.tasks import Tasks


class Voice:
    """Speaks until it is let go on."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def speak(self, text: str) -> Any:
        self.said.append(text)
        self.begun.set()
        await self.go_on.wait()
        return SimpleNamespace(first_audio_s=None)

    def stop(self) -> None:
        """It is silent already."""


def _mouth(voice: Voice, tasks: Tasks) -> Mouth:
    household = SimpleNamespace(
        observe=lambda event: None,
        clock=SimpleNamespace(monotonic=lambda: 0.0),
        settings=Settings(),
        schedule=SimpleNamespace(ringing=lambda: ()),
    )
    mouth = Mouth(
        household,  # type: ignore[arg-type]
        tasks,
        on_speaking=lambda speaking: None,
        busy=lambda: False,
    )
    mouth.speaker = voice  # type: ignore[assignment]
    return mouth


async def _hushed(mouth: Mouth, voice: Voice) -> None:
    mouth.hush()


async def _forgotten(mouth: Mouth, voice: Voice) -> None:
    mouth.forget_announcements()


async def _heard_too_late(mouth: Mouth, voice: Voice) -> None:
    voice.go_on.set()


@pytest.mark.parametrize(
    ("spoken_before", "what"),
    [(False, _hushed), (False, _heard_too_late), (True, _forgotten)],
)
async def test_a_question_that_comes_to_nothing_is_told_of_once(
    spoken_before: bool, what: Callable[..., Any]
) -> None:
    voice, tasks, left = Voice(), Tasks(), []
    mouth = _mouth(voice, tasks)
    if spoken_before:
        mouth.tell("Dinner is ready.")
    mouth.ask("Should I unlock the front door?", lambda: False, lambda: left.append(True))
    await voice.begun.wait()
    running = tuple(tasks._running)
    await what(mouth, voice)
    voice.go_on.set()
    await asyncio.gather(*running, return_exceptions=True)
    assert left == [True]
    await tasks.stop()


async def test_a_question_that_is_answered_is_not_told_of() -> None:
    voice, tasks, left = Voice(), Tasks(), []
    mouth = _mouth(voice, tasks)
    mouth.ask("Should I unlock the front door?", lambda: True, lambda: left.append(True))
    voice.go_on.set()
    await asyncio.gather(*tasks._running)
    assert voice.said == ["Should I unlock the front door?"]
    assert left == []
