"""What a remembered intent becomes by what leans on it: a table."""

from __future__ import annotations

import pytest

from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.types import Intent
from assistant.understanding.turns.merging import Topic, merged

HOME = Home(
    [
        Device("lamp", "Lamp", "light", "bedroom"),
        Device("spot", "Spot", "light", "bedroom"),
        Device("hob", "Hob light", "light", "kitchen"),
        Device("fan", "Fan", "fan", "bedroom"),
        Device("left", "Left blind", "cover", "bedroom", device_class="blind"),
        Device("right", "Right blind", "cover", "bedroom", device_class="blind"),
        Device("front", "Front door", "lock", "kitchen"),
        Device("back", "Back door", "lock", "bedroom"),
        Device("heating", "Heating", "climate", "kitchen"),
    ],
    [Area("bedroom", "Bedroom"), Area("kitchen", "Kitchen")],
)
_LAMP_ON = Topic((Intent("HassTurnOn", {"name": "Lamp"}, device_ids=("lamp",)),), ("lamp",))
_LEFT = Topic((Intent("HassTurnOff", {"name": "Left blind"}, device_ids=("left",)),), ("left",))
_FRONT = Topic((Intent("HassTurnOn", {"name": "Front door"}, device_ids=("front",)),), ("front",))
_ROOM = Topic(
    (Intent("HassLightSet", {"area": "Bedroom", "domain": "light", "brightness": 30}),),
    ("lamp", "spot"),
)
_WARMTH = Topic((Intent("HassClimateGetTemperature", {"area": "Kitchen"}),), ("heating",))
_BRIGHTER = Topic(
    (Intent("HassLightSet", {"name": "Lamp", "brightness_step": 20}, response="step_up"),),
    ("lamp",),
)
_WARMER = Topic(
    (Intent("HassClimateSetTemperature", {"name": "Heating", "temperature": 20}),), ("heating",)
)


def _follow(how: str, *ids: str, **slots: str | int) -> Intent:
    return Intent("AssistantFollowUp", slots, device_ids=ids, response=how)


@pytest.mark.parametrize(
    ("topic", "follow", "name", "slots", "ids"),
    [
        (_ROOM, _follow("too", area="Kitchen"), "HassLightSet",
         {"area": "Kitchen", "domain": "light", "brightness": 30}, ()),
        (_LAMP_ON, _follow("too", area="Kitchen"), "HassTurnOn",
         {"area": "Kitchen", "domain": "light"}, ()),
        (_LEFT, _follow("instead", area="Kitchen"), "HassTurnOff",
         {"area": "Kitchen", "domain": "cover", "device_class": "blind"}, ()),
        (_WARMTH, _follow("too", area="Bedroom"), "HassClimateGetTemperature",
         {"area": "Bedroom"}, ()),
        (_LAMP_ON, _follow("too", "fan", name="Fan"), "HassTurnOn", {"name": "Fan"}, ("fan",)),
        (_ROOM, _follow("instead", "hob", name="Hob light"), "HassLightSet",
         {"name": "Hob light", "domain": "light", "brightness": 30}, ("hob",)),
        (_LEFT, _follow("other"), "HassTurnOff", {"name": "Right blind"}, ("right",)),
        (_FRONT, _follow("other"), "HassTurnOn", {"name": "Back door"}, ("back",)),
        (_LAMP_ON, _follow("other"), "HassTurnOn", {"name": "Spot"}, ("spot",)),
        (_ROOM, _follow("others"), "HassLightSet",
         {"name": "Hob light", "brightness": 30}, ("hob",)),
        (_BRIGHTER, _follow("more"), "HassLightSet",
         {"name": "Lamp", "brightness_step": 20}, ()),
        (_BRIGHTER, _follow("again"), "HassLightSet",
         {"name": "Lamp", "brightness_step": 20}, ()),
        (_WARMER, _follow("more"), "HassClimateSetTemperature",
         {"name": "Heating", "temperature_step": 1}, ()),
        (_WARMER, _follow("step_up", step=2), "HassClimateSetTemperature",
         {"name": "Heating", "temperature_step": 2}, ("heating",)),
    ],
)  # fmt: skip
def test_what_leans_on_an_intent_becomes_one(topic, follow, name, slots, ids) -> None:
    intent = merged(follow, topic, HOME)
    assert intent is not None
    assert (intent.name, dict(intent.slots), intent.device_ids) == (name, slots, ids)


@pytest.mark.parametrize(
    ("topic", "follow"),
    [
        (_LEFT, _follow("too", "back", name="Back door")),  # to close a blind, to unlock a door
        (_LAMP_ON, _follow("too", "front", name="Front door")),
        (_ROOM, _follow("too", "fan", name="Fan")),  # a fan has no brightness
        (Topic((Intent("HassStartTimer", {"minutes": 5}),)), _follow("too", area="Kitchen")),
        (Topic((Intent("HassStartTimer", {"minutes": 5}),)), _follow("other")),
        (_LAMP_ON, _follow("more")),
        (Topic(()), _follow("again")),
    ],
)
def test_what_makes_no_sense_after_it_becomes_nothing(topic, follow) -> None:
    assert merged(follow, topic, HOME) is None


def test_less_is_the_other_way_round() -> None:
    intent = merged(_follow("less"), _BRIGHTER, HOME)
    assert intent is not None
    assert intent.response == "step_down"
