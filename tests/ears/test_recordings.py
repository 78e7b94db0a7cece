"""Whole recordings, several at once."""

import asyncio
from pathlib import Path

import pytest
from sounds import plain

from assistant.config import LanguageModelSettings, MqttSettings, Settings
from assistant.engines import Hearing
from assistant.household import Household
from assistant.types import Request

pytestmark = pytest.mark.engine


async def test_two_recordings_at_once_are_each_answered_for_themselves(say, tmp_path: Path) -> None:
    home = tmp_path / "home.yaml"
    home.write_text("devices: [{id: lamp, name: Lamp, type: light}]")
    settings = Settings(mqtt=MqttSettings(port=1), llm=LanguageModelSettings(enabled=False))
    household = Household(settings, home_file=home, dry=True, scratch=True)
    await household.start()
    hearing = Hearing(household)
    try:
        story, clock = await asyncio.gather(
            hearing.ask(say("The weather was nice yesterday"), Request("", conversation="a")),
            hearing.ask(say("What time is it?"), Request("", conversation="b")),
        )
    finally:
        await hearing.close()
        await household.stop()
    assert "weather" in plain(story.text)
    assert story.intents == ()
    assert [intent.name for intent in clock.intents] == ["HassGetCurrentTime"]
