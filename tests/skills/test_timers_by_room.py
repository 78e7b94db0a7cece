"""The timers that were set in a room, cancelled by its name in each language."""

from __future__ import annotations

from dataclasses import replace

import pytest
import talks
from talks import Talk

from assistant.home.devices import Area
from assistant.home.model import Home
from assistant.understanding.understanding import Understanding

KITCHEN = {"en": "Kitchen", "de": "Küche", "zh": "厨房", "ko": "주방"}


@pytest.fixture
def talk(language: str, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """A kitchen with two timers, and another one elsewhere."""
    devices = tuple(replace(d, area="kitchen") if d.id == "fan" else d for d in talks.DEVICES)
    home = Home(devices, areas=[Area("kitchen", KITCHEN[language])])
    monkeypatch.setattr(talks, "understanding", lambda said: Understanding(home, said))
    talk = Talk(language=language)
    for seconds, area in ((600, "kitchen"), (700, "kitchen"), (800, "bathroom")):
        talk.schedule.start_timer(seconds, area=area)
    return talk


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("en", "cancel the kitchen timers", [800]),
        ("en", "cancel all timers in the kitchen", [800]),
        ("en", "cancel the kitchen timer", [600, 700, 800]),
        ("de", "lösch die timer in der küche", [800]),
        ("de", "lösch alle timer in der küche", [800]),
        ("zh", "取消厨房的计时器", [800]),
        ("zh", "取消厨房所有的计时器", [800]),
        ("ko", "주방 타이머 다 취소해 줘", [800]),
        ("ko", "주방에 있는 타이머 전부 취소해 줘", [800]),
        ("ko", "주방 타이머 취소해 줘", [600, 700, 800]),
    ],
)
async def test_the_timers_of_a_room_are_cancelled_and_no_others(
    talk: Talk, said: str, left: list[int]
) -> None:
    turn = await talk.say(said)
    assert [timer.set_s for timer in talk.schedule.timers()] == left, turn.reply
    assert turn.question == (len(left) == 3)
