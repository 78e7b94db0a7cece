"""The running assistant speaks an answer while its model writes it, and stops both at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from brokers import eventually
from exchange import fast_microphone, rehearsal_settings

from assistant.ears.events import Heard, Listening
from assistant.events import Event, Stage, StageEvent
from assistant.llm import answers
from assistant.llm.llama import LlamaModel
from assistant.rehearsal import Rehearsal, rehearsal
from assistant.types import Transcript, Turn

pytestmark = pytest.mark.engine

ASKED = "what is the capital of france and what is it known for"
AT_LENGTH = "tell me about paris and about rome"
"""At noon of that day the model answers it with two sentences: what it says hangs on the time."""
NOON = dt.datetime(2026, 1, 5, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    settings = rehearsal_settings(llm={"adapter": "none"}, wake={"enabled": False, "chime": False})
    async with rehearsal(settings, make_source=fast_microphone) as running:
        await running.household.llm.begin()
        yield running


def heard(stage: Rehearsal, text: str) -> list[Event]:
    """Have the daemon believe that it heard `text`; what it tells its observers from then on."""
    events: list[Event] = []
    stage.daemon.observe(events.append)
    now = stage.household.clock.monotonic()
    stage.daemon._on_ear(Heard(Transcript(text, "en"), 1.0, now, now))
    return events


def texts(events: list[Event], wanted: Stage) -> list[str]:
    return [e.text for e in events if isinstance(e, StageEvent) and e.stage is wanted]


def hold_the_model(monkeypatch: pytest.MonkeyPatch, until: threading.Event) -> None:
    """Let the model go on behind its first sentence only when something was spoken."""
    stream = LlamaModel.stream

    def held(model: LlamaModel, prompt: str, **options: Any) -> Iterator[str]:
        text = ""
        for piece in stream(model, prompt, **options):
            if ". " in text:
                until.wait(30)
            text += piece
            yield piece

    monkeypatch.setattr(LlamaModel, "stream", held)


async def test_what_is_spoken_by_sentences_is_the_turns_whole_reply(
    stage: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = threading.Event()
    hold_the_model(monkeypatch, spoken)
    monkeypatch.setattr(
        answers, "_LONGEST_S", 60.0
    )  # a slow machine must not end it at one sentence
    stage.daemon.observe(
        lambda e: spoken.set() if isinstance(e, StageEvent) and e.stage is Stage.SAYING else None
    )
    monkeypatch.setattr(type(stage.household.clock), "now", lambda clock: NOON)
    events = heard(stage, AT_LENGTH)
    await eventually(lambda: any(isinstance(e, Turn) for e in events), 40)
    turn = next(e for e in events if isinstance(e, Turn))
    assert "Paris" in turn.reply and turn.reply.count(". ") == 1
    assert " ".join(texts(events, Stage.SAYING)) == turn.reply
    assert texts(events, Stage.SAID) == [turn.reply]
    assert "first_sound" in turn.timings_ms
    kinds = [e.stage for e in events if isinstance(e, StageEvent)]
    assert kinds.index(Stage.SAYING) < kinds.index(Stage.UNDERSTOOD), "spoken once it was whole"


@pytest.mark.parametrize("by", ["stop", "wake word"])
async def test_stopping_ends_the_turn_its_model_and_its_sound(stage: Rehearsal, by: str) -> None:
    events = heard(stage, ASKED)
    await eventually(lambda: bool(texts(events, Stage.SAYING)), 40)
    turn = stage.daemon._turn
    assert turn is not None
    if by == "stop":
        stage.daemon.stop_speaking()
    else:
        stage.daemon._on_ear(Listening("wake"))
    tier = await stage.household.language_model()
    assert tier is not None
    await eventually(lambda: turn.done() and not tier.busy, 10)
    assert not any(isinstance(e, Turn) for e in events)
    assert not texts(events, Stage.SAID)
