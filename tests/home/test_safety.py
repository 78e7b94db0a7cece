"""Which actions wait for a yes."""

import pytest

from assistant.config import SafetySettings
from assistant.home.model import Device
from assistant.home.safety import needs_yes
from assistant.types import Action

CONFIRM = SafetySettings().confirm

CASES = [
    # type, name, device class, service, data, asks
    ("lock", "Front door", None, "lock.unlock", {}, True),
    ("lock", "Front door", None, "lock.open", {}, True),
    ("lock", "Front door", None, "lock.lock", {}, False),
    ("cover", "Big one", "garage", "cover.open_cover", {}, True),
    ("cover", "Big one", "garage", "cover.close_cover", {}, False),
    ("cover", "Big one", "gate", "cover.set_cover_position", {"position": 1}, True),
    ("cover", "Big one", "gate", "cover.set_cover_position", {"position": 0}, False),
    ("cover", "Big one", "door", "cover.toggle", {}, True),
    ("cover", "Big one", "garage", "homeassistant.turn_on", {}, True),
    ("cover", "Big one", "garage", "homeassistant.toggle", {}, True),
    ("cover", "Big one", "garage", "homeassistant.turn_off", {}, False),
    ("cover", "Big one", "blind", "cover.open_cover", {}, False),
    ("cover", "Big one", None, "cover.open_cover", {}, False),
    ("cover", "Garage door", None, "cover.open_cover", {}, True),
    ("cover", "Side gate", None, "cover.set_cover_position", {"position": 40}, True),
    ("cover", "Hoftor", None, "cover.open_cover", {}, True),
    ("cover", "차고 문", None, "cover.open_cover", {}, True),
    ("cover", "Patio door blind", None, "cover.open_cover", {}, False),
    ("cover", "Motor", None, "cover.open_cover", {}, False),
    ("valve", "Water", None, "valve.open_valve", {}, True),
    ("valve", "Water", None, "valve.set_valve_position", {"position": 50}, True),
    ("valve", "Water", None, "valve.set_valve_position", {"position": 0}, False),
    ("valve", "Water", None, "homeassistant.turn_on", {}, True),
    ("light", "Garage door light", None, "light.turn_on", {}, False),
]


@pytest.mark.parametrize(("kind", "name", "device_class", "service", "data", "asks"), CASES)
def test_what_opens_the_home_is_asked_about_whatever_it_is_called(
    kind, name, device_class, service, data, asks
):
    device = Device("x1", name, kind, device_class=device_class)
    assert needs_yes(Action(service, "x1", data), device, CONFIRM) is asks


def test_one_device_of_an_harmless_kind_can_be_guarded_by_its_id():
    opener = Device("opener", "Garage opener", "switch")
    other = Device("lamp", "Lamp", "switch")
    confirm = (*CONFIRM, "switch.turn_on:opener")
    assert needs_yes(Action("switch.turn_on", "opener"), opener, confirm)
    assert not needs_yes(Action("switch.turn_on", "lamp"), other, confirm)
