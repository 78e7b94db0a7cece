"""Spoken commands through the whole daemon, on the real engines."""

import asyncio

import numpy as np
import pytest

from assistant.audio import to_pcm16k
from assistant.audio.sources import MemorySource
from assistant.config import Settings
from assistant.engines import load_recognizer
from assistant.errors import AudioError
from assistant.models import ModelStore
from assistant.rehearsal import Rehearsal, in_demo_home, rehearsal, silence, spoken_by_a_voice
from assistant.types import Request
from assistant.voice.sounds import chime

pytestmark = pytest.mark.engine

SAYINGS = (
    "okay nabu",
    "turn on the kitchen lights",
    "turn off the bedroom lights",
    "open the garage door",
    "yes please",
    "set a timer for three seconds",
    "stop",
    "what time is it",
    "turn on the stubborn lamp",
)

HOME = """
areas: [{id: kitchen, name: Kitchen}, {id: bedroom, name: Bedroom}]
devices:
  - {id: kitchen_lights, name: Kitchen lights, area: kitchen, type: light}
  - {id: stubborn, name: Stubborn lamp, area: bedroom, type: light}
"""


@pytest.fixture(scope="module")
def settings():
    return in_demo_home(
        Settings.model_validate(
            {"llm": {"enabled": False}, "mqtt": {"port": 18831, "confirm_timeout_s": 1.0}}
        )
    )


@pytest.fixture(scope="module")
def spoken(settings):
    return asyncio.run(spoken_by_a_voice(settings, SAYINGS))


def heard(stage: Rehearsal) -> np.ndarray:
    """All that came out of the loudspeaker: `(n,)` int16, 16 kHz mono."""
    pieces = [to_pcm16k(w.samples, w.sample_rate) for w in stage.sink.written]
    return np.concatenate([np.zeros(8000, np.int16), *pieces])


async def said(stage: Rehearsal, settings: Settings) -> str:
    """What a listener understands of the loudspeaker's sound."""
    samples = heard(stage)
    recognizer = load_recognizer(ModelStore.from_settings(settings), settings, "en")
    recognizer.start()
    recognizer.accept(samples)
    text = (await asyncio.to_thread(recognizer.finish)).text
    recognizer.close()
    return text.lower()


async def test_wake_word_command_confirmation_and_spoken_reply(settings, spoken):
    async with rehearsal(settings) as stage:
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn on the kitchen lights"]
        )
        assert turn.text.lower().startswith("turn on the kitchen light")
        assert [r.status for r in turn.results] == ["confirmed"]
        assert stage.household.home.state(turn.results[0].action.device)["power"] == "on"
        assert "kitchen" in await said(stage, settings)


async def test_brief_replies_are_a_sound_where_all_was_done(settings, spoken):
    voice = settings.voice.model_copy(update={"replies": "brief"})
    async with rehearsal(settings.model_copy(update={"voice": voice})) as stage:
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn on the kitchen lights"]
        )
        assert turn.reply == "The kitchen lights are on."
        sound = np.concatenate([w.samples for w in stage.sink.written])
        assert np.array_equal(sound[-len(chime("done")) :], chime("done"))
        stage.sink.written.clear()
        turn, _ = await stage.say(spoken["okay nabu"], silence(0.4), spoken["what time is it"])
        assert turn.reply.rstrip(".").split()[-1].lower() in await said(stage, settings)


async def test_a_garage_door_opens_only_after_a_spoken_yes(settings, spoken):
    async with rehearsal(settings) as stage:
        turn, _ = await stage.say(spoken["okay nabu"], silence(0.4), spoken["open the garage door"])
        assert turn.question
        assert [r.status for r in turn.results] == ["awaiting_confirmation"]
        answer, _ = await stage.say(silence(0.3), spoken["yes please"])
        assert [r.status for r in answer.results] == ["confirmed"]


async def test_a_garage_door_to_be_opened_later_is_asked_about_with_an_open_microphone(
    settings, spoken
):
    async with rehearsal(settings) as stage:
        await stage.feed(silence(0.2))
        listening = asyncio.Event()
        stage.daemon.observe(
            lambda event: listening.set() if getattr(event, "text", "") == "question" else None
        )
        turn = await stage.household.ask(Request("open the garage door in one second"))
        assert "I will ask" in turn.reply
        async with asyncio.timeout(30):
            await listening.wait()
        assert "garage" in await said(stage, settings)
        answer, _ = await stage.say(silence(0.3), spoken["yes please"])
        assert [r.action.service for r in answer.results] == ["cover.open_cover"]
        assert [r.status for r in answer.results] == ["confirmed"]


async def test_a_lamp_that_does_not_answer_is_reported(settings, spoken, tmp_path):
    path = tmp_path / "home.yaml"
    path.write_text(HOME)
    async with rehearsal(settings, path) as stage:
        stage.household.simulator.silent.add("stubborn")
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn on the stubborn lamp"]
        )
        assert [r.status for r in turn.results] == ["no_answer"]
        assert "not answer" in turn.reply
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn on the kitchen lights"]
        )
        assert [r.status for r in turn.results] == ["confirmed"]


async def test_a_timer_rings_until_somebody_says_stop(settings, spoken):
    async with rehearsal(settings) as stage:
        schedule = stage.household.schedule
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["set a timer for three seconds"]
        )
        assert not turn.failed
        async with asyncio.timeout(10):
            while not schedule.ringing():
                await asyncio.sleep(0.05)
        stage.sink.written.clear()
        async with asyncio.timeout(10):
            while np.abs(heard(stage)).max() < 1000:
                await asyncio.sleep(0.05)
        await stage.say(spoken["okay nabu"], silence(0.4), spoken["stop"])
        assert not schedule.ringing()


class PulledOut(MemorySource):
    """A microphone that is unplugged after a second."""

    async def chunks(self):
        left = 50
        async for chunk in super().chunks():
            yield chunk
            left -= 1
            if not left:
                raise AudioError("The microphone was unplugged.")


async def test_a_microphone_unplugged_while_running_is_taken_up_again(settings, spoken):
    silent = np.zeros(0, np.int16)
    second = MemorySource(silent, True, True)
    microphones = iter([PulledOut(silent, True, True), second])
    told = []
    async with rehearsal(settings, make_source=lambda: next(microphones)) as stage:
        stage.daemon.observe(lambda event: told.append(getattr(event, "text", "")))
        async with asyncio.timeout(20):
            while stage.source is not second:
                await asyncio.sleep(0.05)
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn off the bedroom lights"]
        )
        assert [r.status for r in turn.results] == ["confirmed"]
    assert any("unplugged" in text for text in told)


async def test_noise_after_the_wake_word_does_nothing_and_the_next_command_works(settings, spoken):
    noise = (np.random.default_rng(7).normal(0, 600, 16_000 * 3)).astype(np.int16)
    async with rehearsal(settings) as stage:
        await stage.feed(spoken["okay nabu"], silence(0.4), noise, silence(6.0))
        turn, _ = await stage.say(
            spoken["okay nabu"], silence(0.4), spoken["turn on the kitchen lights"]
        )
        assert [r.status for r in turn.results] == ["confirmed"]


async def test_a_question_that_nobody_answers_is_left_aloud(settings, spoken):
    quick = settings.model_copy(
        update={"listening": settings.listening.model_copy(update={"start_timeout_s": 1.0})}
    )
    told = []
    async with rehearsal(quick) as stage:
        stage.daemon.observe(lambda event: told.append(getattr(event, "text", "")))
        turn, _ = await stage.say(spoken["okay nabu"], silence(0.4), spoken["open the garage door"])
        assert turn.question
        async with asyncio.timeout(10):
            while "I will leave it, then." not in told:
                await asyncio.sleep(0.05)
        assert not stage.household.conversation().waits_for_answer("voice")
