from __future__ import annotations

import pytest
from spoken_home import spoken_home

from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.home.resolve import Problem, resolve

_HOME = spoken_home()


@pytest.mark.parametrize(
    ("slots", "options", "expected"),
    [
        ({"name": "lamp"}, {}, ["lamp"]),
        ({"name": "THE  Lamp"}, {}, ["lamp"]),
        ({"name": "main light"}, {}, ["kl"]),
        ({"name": "Lamp", "area": "lounge"}, {}, ["lamp"]),
        ({"name": "Reading light", "area": "bedroom"}, {}, ["reading_b"]),
        ({"name": "Reading light"}, {"preferred_area": "living"}, ["reading_l"]),
        ({"name": "Reading light", "floor": "upstairs"}, {}, ["reading_b"]),
        ({"domain": "lock"}, {}, ["fd", "bd"]),
        ({"domain": "light", "area": "office"}, {}, ["ol"]),
        ({"domain": "light", "floor": "First floor"}, {}, ["bl", "ol", "reading_b"]),
        ({"device_class": "blind", "area": "Living room"}, {}, ["lb", "rb"]),
        ({"area": "hall"}, {"domains": ("light", "lock")}, ["hl", "fd"]),
        ({"name": "whatever was said"}, {"among": ("tv",)}, ["tv"]),
        ({"name": "fan"}, {}, ["fan"]),
        ({"name": "fan"}, {"preferred_area": "bedroom"}, ["bfan"]),
        ({"name": "fan", "area": "Bedroom"}, {}, ["bfan"]),
        ({"name": "ceiling light"}, {}, ["ceiling"]),
    ],
)
def test_slots_mean_devices(
    slots: dict[str, str], options: dict[str, object], expected: list[str]
) -> None:
    assert [device.id for device in resolve(_HOME, slots, **options).devices] == expected


@pytest.mark.parametrize(
    ("slots", "problem"),
    [
        ({"name": "dragon"}, Problem.NO_DEVICE),
        ({"name": "Secret lamp"}, Problem.NO_DEVICE),
        ({"name": "Lamp", "area": "Kitchen"}, Problem.NONE_THERE),
        ({"name": "Reading light"}, Problem.AMBIGUOUS),
        ({"domain": "light", "area": "Cellar"}, Problem.NO_AREA),
        ({"domain": "light", "area": ""}, Problem.NO_AREA),
        ({"domain": "light", "floor": "Attic"}, Problem.NO_FLOOR),
        ({"domain": "cover", "area": "Kitchen"}, Problem.NONE_THERE),
        ({"domain": "siren"}, Problem.NONE),
    ],
)
def test_what_cannot_be_resolved_says_why(slots: dict[str, str], problem: Problem) -> None:
    found = resolve(_HOME, slots)
    assert found.devices == ()
    assert found.problem is problem


def test_an_ambiguous_name_tells_between_what() -> None:
    found = resolve(_HOME, {"name": "reading light"})
    assert [device.id for device in found.candidates] == ["reading_l", "reading_b"]


@pytest.mark.parametrize(
    ("kind", "area", "away", "meant"),
    [
        ("light", "den", ["one"], ["two"]),
        ("light", "den", [], []),
        ("light", "den", ["one", "two"], []),
        ("light", "hall", ["one"], []),
        ("switch", "den", ["one"], []),
    ],
    ids=["only one is there", "both are", "none is", "in different rooms", "of different kinds"],
)
def test_of_two_that_nobody_can_tell_apart_the_reachable_one_is_meant(
    kind: str, area: str, away: list[str], meant: list[str]
) -> None:
    devices = [Device("one", "Lamp", "light", "den"), Device("two", "Lamp", kind, area)]
    home = Home(devices, [Area("den", "Den"), Area("hall", "Hall")])
    for device_id in away:
        home.set_available(device_id, False)
    found = resolve(home, {"name": "lamp"})
    assert [device.id for device in found.devices] == meant
    assert meant or found.problem is Problem.AMBIGUOUS
