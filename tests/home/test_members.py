"""Groups and their members: nothing is commanded twice, and a user's group member by member."""

from __future__ import annotations

import pytest

from assistant.home.devices import Area, Device
from assistant.home.members import expanded
from assistant.home.model import Home
from assistant.home.resolve import resolve
from assistant.types import Action

HOME = Home(
    [
        Device("a", "Spot one", "light", "kitchen"),
        Device("b", "Spot two", "light", "kitchen"),
        Device("c", "Desk lamp", "light", "office"),
        Device("d", "Shelf light", "light", None),
        Device("hidden", "Hidden light", "light", "office", exposed=False),
        Device("spots", "Spots", "light", "kitchen", members=("a", "b")),
        Device("mixed", "Office group", "light", "office", members=("c", "d")),
        Device("mine", "Evening", "light", "kitchen", members=("a", "c"), virtual=True),
        Device("plug", "Plug", "switch", "den"),
        Device("both", "Den things", "group", "den", members=("plug", "d"), virtual=True),
    ],
    [Area("kitchen", "Kitchen"), Area("office", "Office"), Area("den", "Den")],
)


@pytest.mark.parametrize(
    ("slots", "meant"),
    [
        # All members of the Zigbee group are meant: they are commanded, not the group.
        ({"domain": "light", "area": "Kitchen"}, {"a", "b", "c"}),
        # One member is elsewhere: the group is commanded, and stands for the one that is here.
        ({"domain": "light", "area": "Office"}, {"mixed"}),
        ({"domain": "light"}, {"a", "b", "c", "d"}),
        ({"name": "Spots"}, {"spots"}),
        ({"name": "Evening"}, {"mine"}),
        ({"area": "Den"}, {"plug", "d"}),
    ],
)
def test_a_group_and_its_members_are_not_both_meant(slots: dict[str, str], meant: set[str]) -> None:
    assert {device.id for device in resolve(HOME, slots).devices} == meant


def test_a_group_of_the_users_is_commanded_member_by_member() -> None:
    actions = [
        Action("light.turn_on", "mine", {"brightness_pct": 30}),
        Action("light.turn_on", "spots"),
        Action("group.turn_off", "both"),
    ]
    assert expanded(actions, HOME) == (
        Action("light.turn_on", "a", {"brightness_pct": 30}),
        Action("light.turn_on", "c", {"brightness_pct": 30}),
        Action("light.turn_on", "spots"),
        Action("homeassistant.turn_off", "plug"),
        Action("homeassistant.turn_off", "d"),
    )


def test_a_bridges_group_with_a_member_that_is_not_exposed_is_taken_apart() -> None:
    light = Device("a", "Spot one", "light")
    hidden = Device("hidden", "Hidden light", "light", exposed=False)
    inner = Device("inner", "Inner", "light", members=("a", "hidden", "nobody knows"))
    outer = Device("outer", "Outer", "light", members=("inner",), virtual=True)
    home = Home([light, hidden, inner, outer])
    both = (Action("light.turn_on", "a"), Action("light.turn_on", "hidden"))
    assert expanded([Action("light.turn_on", "inner")], home) == both
    assert expanded([Action("light.turn_on", "outer")], home) == both
    assert {d.id for d in resolve(home, {"domain": "light"}).devices} == {"a"}


def test_a_group_of_nobody_who_may_be_commanded_falls_to_its_members_who_refuse() -> None:
    hidden = Device("hidden", "Hidden light", "light", exposed=False)
    home = Home([hidden, Device("dark", "Dark", "light", members=("hidden",))])
    assert expanded([Action("light.turn_on", "dark")], home) == (Action("light.turn_on", "hidden"),)
    assert resolve(home, {"domain": "light"}).devices == ()
