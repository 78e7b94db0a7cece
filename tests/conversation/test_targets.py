"""Which devices are meant: all but some, on a floor, here, the one in this room."""

from __future__ import annotations

import pytest
from dialogues import HOME, Talk

from assistant.home.resolve import resolve

_LIGHTS = ["turn_off bed", "turn_off floor", "turn_off hob", "turn_off reading"]


@pytest.mark.parametrize(
    ("language", "said", "kept"),
    [
        ("en", "turn off all the lights except the kitchen", {"hob"}),
        ("en", "turn off all the lights except in the kitchen and the bedroom", {"hob", "bed"}),
        ("en", "turn off all the lights except for the floor lamp", {"floor"}),
        ("en", "all lights off apart from the reading lamp and the hob light", {"reading", "hob"}),
        ("de", "Schalte alle Lichter außer in der Küche aus", {"hob"}),
        ("de", "Alle Lichter aus außer der Stehlampe", {"floor"}),
        ("zh", "除了厨房，把所有的灯都关掉", {"hob"}),
        ("zh", "所有的灯，除了厨房的，都关掉", {"hob"}),
        ("ko", "부엌 빼고 불 다 꺼 줘", {"hob"}),
        ("ko", "조리등만 빼고 불 다 꺼 줘", {"hob"}),
    ],
)
async def test_all_but_some_are_meant(language, said, kept) -> None:
    talk = Talk(language)
    await talk.say(said)
    assert sorted(talk.told) == [one for one in _LIGHTS if one.split()[1] not in kept]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("close all the blinds except the left one", ["close_cover right"]),
        ("lock all the doors except the back door", ["lock front"]),
        ("turn off the lights upstairs", ["turn_off bed"]),
        ("turn off the living room lights but not the floor lamp", ["turn_off reading"]),
    ],
)
async def test_every_kind_of_device_can_be_left_out(said, told) -> None:
    talk = Talk()
    await talk.say(said)
    assert sorted(talk.told) == told


@pytest.mark.parametrize(
    "said",
    [
        "turn off all the lights except the unicorn",
        "turn off the floor lamp except the kitchen",
        "I like all the rooms except the kitchen",
    ],
)
async def test_an_exception_that_makes_no_sense_does_nothing(said) -> None:
    talk = Talk()
    await talk.say(said)
    assert talk.told == []


@pytest.mark.parametrize(
    ("slots", "left"),
    [
        ({"domain": "light", "except_area": "Kitchen"}, {"bed", "floor", "reading"}),
        ({"domain": "light", "except_floor": ("Upstairs",)}, {"floor", "hob", "reading"}),
        ({"domain": "light", "except_name": ("Floor lamp", "Hob light")}, {"bed", "reading"}),
        ({"domain": "lock", "except_name": "Back door"}, {"front"}),
    ],
)
def test_a_home_is_searched_less_what_is_left_out(slots, left) -> None:
    assert {device.id for device in resolve(HOME, slots).devices} == left
