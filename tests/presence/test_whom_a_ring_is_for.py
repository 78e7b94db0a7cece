"""Which loudspeakers a published ring is for."""

from __future__ import annotations

import pytest

from assistant.replies import Replies
from assistant.schedule.entries import Kind, Ring
from assistant.turn_json import ring_to_json


@pytest.mark.parametrize(
    ("area", "setting", "everywhere"),
    [
        ("kitchen", "room", False),
        ("kitchen", "everywhere", True),
        (None, "room", True),
        (None, "everywhere", True),
    ],
)
def test_a_ring_is_for_its_room_or_for_all(
    area: str | None, setting: str, everywhere: bool
) -> None:
    ring = Ring("1a", Kind.TIMER, "pizza", area, 0.0)
    told = ring_to_json(ring, Replies("en"), everywhere=setting == "everywhere")
    assert (told["area"], told["everywhere"]) == (area, everywhere)
