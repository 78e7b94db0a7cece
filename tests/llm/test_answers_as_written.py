"""An answer is spoken while it is being written: the real model, and a real voice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest

from assistant.config import Settings
from assistant.events import Event, Stage, StageEvent
from assistant.home.model import Home
from assistant.household import Household
from assistant.llm.answers import Answerer
from assistant.llm.goals import goal_data
from assistant.llm.llama import LlamaModel
from assistant.llm.tier import LanguageModelTier
from assistant.mouth import Mouth
from assistant.tasks import Tasks
from assistant.types import Turn
from assistant.voice.espeak import EspeakSynthesizer
from assistant.voice.speaker import Speaker

pytestmark = pytest.mark.engine

ASKED = "what is the capital of france and what is it known for"


class Loudspeaker:
    """Plays at once, and holds the writer of the answer up until there was a sound."""

    def __init__(self) -> None:
        self.sounded = threading.Event()
        self.samples = 0
        self.stops = 0

    async def write(self, samples: np.ndarray, sample_rate: int) -> None:
        del sample_rate
        self.samples += samples.size
        self.sounded.set()

    async def drain(self) -> None:
        return

    def stop(self) -> None:
        self.stops += 1

    async def close(self) -> None:
        return


def spoken_by(loudspeaker: Loudspeaker, events: list[Event]) -> Mouth:
    household = Household(Settings(), dry=True, scratch=True, observers=(events.append,))
    mouth = Mouth(household, Tasks(), on_speaking=lambda speaking: None, busy=lambda: True)
    mouth.speaker = Speaker(EspeakSynthesizer("en"), loudspeaker)
    return mouth


def answered(text: str) -> Turn:
    return Turn("1", ASKED, "en", None, None, (), (), text)


async def test_the_first_sound_comes_before_the_text_is_complete(model: LlamaModel) -> None:
    data = goal_data("en")
    assert data is not None
    loudspeaker, events = Loudspeaker(), []
    mouth = spoken_by(loudspeaker, events)
    answering = mouth.answering()
    loop = asyncio.get_running_loop()
    waited: list[bool] = []

    def tell(sentence: str) -> None:
        loop.call_soon_threadsafe(answering.write, sentence)
        waited.append(loudspeaker.sounded.wait(20))  # the model goes on after the first sound only

    text = await asyncio.to_thread(Answerer(model, data).answer, ASKED, lambda: False, None, tell)
    assert waited
    assert all(waited)
    await answering.finish(answered(text))
    said = [e.text for e in events if isinstance(e, StageEvent) and e.stage is Stage.SAYING]
    assert " ".join(said) == text
    assert [e.text for e in events if isinstance(e, StageEvent) and e.stage is Stage.SAID] == [text]
    assert 1 <= len(said) <= 2


async def test_an_answer_told_by_sentences_is_the_whole_answer(
    tier: LanguageModelTier, home: Home
) -> None:
    told: list[str] = []
    await tier.prepare(home)
    understood = await tier.propose(ASKED, home, None, written=told.append)
    await asyncio.sleep(0)
    assert understood.answer == " ".join(told)


@pytest.mark.parametrize("stops", ["stop", "wake word"])
async def test_stopping_ends_both_writing_and_speaking(model: LlamaModel, stops: str) -> None:
    """The wake word cancels the turn; "stop" silences the speaker as well."""
    data = goal_data("en")
    assert data is not None
    loudspeaker, events = Loudspeaker(), []
    mouth = spoken_by(loudspeaker, events)
    answering = mouth.answering()
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def tell(sentence: str) -> None:
        loop.call_soon_threadsafe(answering.write, sentence)
        stopped.wait(20)

    pieces: list[str] = []
    stream: Callable[..., object] = model.stream

    def watched(*args: object, **more: object) -> object:
        for piece in stream(*args, **more):  # type: ignore[attr-defined]
            pieces.append(piece)
            yield piece

    overheard = Answerer(model, data)
    model.stream = watched  # type: ignore[assignment, method-assign]
    try:
        writing = asyncio.create_task(
            asyncio.to_thread(overheard.answer, ASKED, stopped.is_set, None, tell)
        )
        async with asyncio.timeout(20):
            while not loudspeaker.samples:
                await asyncio.sleep(0.01)
        written = len(pieces)
        if stops == "stop":
            mouth.hush()
        answering.drop()
        stopped.set()
        assert await writing == ""
    finally:
        del model.stream
    assert len(pieces) <= written + 1
    answering.write("This is not said any more.")
    played = loudspeaker.samples
    await asyncio.sleep(0.05)
    assert loudspeaker.samples == played
    assert not any(isinstance(e, StageEvent) and e.stage is Stage.SAID for e in events)


def test_a_number_is_not_cut_at_its_point_while_it_is_written() -> None:
    data = goal_data("en")
    assert data is not None

    class Slow:
        def dialogue(self, *args: object) -> str:
            return ""

        def stream(self, *args: object, **more: object) -> list[str]:
            return list("It is 3.5 metres high. That is all! And more. And")

    told: list[str] = []
    answer = Answerer(Slow(), data).answer("how high is it", lambda: False, None, told.append)  # type: ignore[arg-type]
    assert told == ["It is 3.5 metres high.", "That is all!"]
    assert answer == "It is 3.5 metres high. That is all!"
