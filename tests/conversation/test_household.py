"""The household while it starts."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from assistant.config import LanguageModelSettings, MqttSettings, Settings
from assistant.engines import Hearing
from assistant.household import Household
from assistant.types import Request, Status

HOME = """
areas: [{id: hall, name: Hall}]
devices: [{id: lamp, name: Lamp, area: hall, type: light}]
"""


@pytest.fixture
def household(tmp_path: Path) -> Household:
    home = tmp_path / "home.yaml"
    home.write_text(HOME)
    settings = Settings(mqtt=MqttSettings(port=1), llm=LanguageModelSettings(enabled=False))
    return Household(settings, home_file=home, scratch=True)


async def test_a_request_that_comes_while_it_starts_reaches_the_devices(household: Household):
    early = asyncio.create_task(household.ask(Request("turn on the lamp")))
    await asyncio.sleep(0)
    await household.start()
    try:
        turn = await early
        again = await household.ask(Request("set a timer for ten minutes"))
    finally:
        await household.stop()
    assert [result.status for result in turn.results] == [Status.CONFIRMED]
    assert not again.failed


@pytest.mark.engine
async def test_two_recordings_at_once_load_one_recognizer(household: Household):
    await household.start()
    hearing = Hearing(household)
    try:
        first, second = await asyncio.gather(hearing.recognizer("en"), hearing.recognizer("en"))
        turn = await hearing.ask(np.zeros(16_000, np.int16), Request(""))
    finally:
        await hearing.close()
        await household.stop()
    assert first is second
    assert turn.failed


async def test_without_templates_and_a_language_model_nothing_is_understood(tmp_path: Path):
    home = tmp_path / "home.yaml"
    home.write_text(HOME)
    settings = Settings(llm=LanguageModelSettings(enabled=False))
    alone = Household(settings, home_file=home, dry=True, scratch=True, templates=False)
    await alone.start()
    try:
        turn = await alone.ask(Request("turn on the lamp"))
    finally:
        await alone.stop()
    assert turn.failed
    assert not turn.intents
