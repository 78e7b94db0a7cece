"""A PIN that is being said, as people who watch see it."""

import pytest

from assistant.config import Settings
from assistant.events import Stage, StageEvent
from assistant.home.pin import HIDDEN
from assistant.household import Household
from assistant.types import Request

pytestmark = pytest.mark.household


async def test_what_is_heard_while_a_pin_is_asked_for_is_hidden_from_who_watches() -> None:
    seen: list[object] = []
    household = Household(
        Settings.model_validate({"safety": {"pin": "4711"}, "llm": {"enabled": False}}),
        dry=True, scratch=True, observers=(seen.append,),
    )  # fmt: skip
    await household.start()
    try:
        await household.ask(Request("unlock the front door"))
        household.observe(StageEvent(Stage.PARTIAL, "four seven"))
        household.observe(StageEvent(Stage.HEARD, "four seven one one"))
        await household.ask(Request("no"))
        household.observe(StageEvent(Stage.HEARD, "turn on the lamp"))
    finally:
        await household.stop()
    texts = [e.text for e in seen if isinstance(e, StageEvent) and e.stage is not Stage.DONE]
    assert HIDDEN in texts
    assert "turn on the lamp" in texts
    assert not any("four" in text for text in texts)
