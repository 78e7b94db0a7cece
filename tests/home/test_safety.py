"""Which actions wait for a yes, the PIN or a code."""

import pytest

from assistant.config import SafetySettings
from assistant.home.devices import Device, Features
from assistant.home.model import Home
from assistant.home.safety import Question, Wants, needs_yes, questions, with_code
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


HOME = Home(
    [
        Device("front", "Front door", "lock"),
        Device("safe", "Safe", "lock", features=Features(code="number", code_verbs=("unlock",))),
        Device("water", "Water", "valve"),
        Device("alarm", "Alarm", "alarm_control_panel"),
        Device("lamp", "Lamp", "light"),
    ]
)
YES, PIN, CODE = Question(Wants.YES), Question(Wants.PIN), Question(Wants.CODE, "safe")
ASKED = [
    # services and devices, settings, what is asked for, in this order
    (["light.turn_on lamp"], {}, ()),
    (["lock.unlock front"], {}, (YES,)),
    (["lock.unlock front"], {"pin": "1234"}, (PIN,)),
    (["lock.lock front"], {"pin": "1234"}, ()),
    (["valve.open_valve water"], {"pin": "1234"}, (YES,)),
    (["valve.open_valve water", "lock.unlock front"], {"pin": "1234"}, (PIN,)),
    (["lock.unlock safe"], {}, (CODE,)),
    (["lock.unlock safe"], {"pin": "1234"}, (PIN, CODE)),
    (["lock.unlock safe"], {"codes": {"safe": "1"}}, (YES,)),
    (["lock.unlock safe"], {"codes": {"safe": "1"}, "pin": "1234"}, (PIN,)),
    (["lock.unlock front"], {"confirm": ()}, (YES,)),
    (["lock.unlock front"], {"confirm": (), "pin_for": ()}, ()),
    (["alarm_control_panel.alarm_arm_away alarm"], {"pin": "1234"}, ()),
    (["alarm_control_panel.alarm_disarm alarm"], {"pin": "1234"}, (PIN,)),
    (["alarm_control_panel.alarm_trigger alarm"], {"pin": "1234"}, (YES,)),
    (["switch.turn_on elsewhere"], {"pin": "1234", "pin_for": ("switch.turn_on",)}, (PIN,)),
]


@pytest.mark.parametrize(("wanted", "settings", "asked"), ASKED)
def test_a_yes_the_pin_or_a_code_is_asked_for_as_configured(wanted, settings, asked):
    actions = [Action(*words.split()) for words in wanted]
    assert questions(actions, HOME, SafetySettings(**settings)) == asked


@pytest.mark.parametrize("pin", ["12", "12a4", "1234567890123", " 1234"])
def test_a_pin_is_three_to_twelve_digits(pin):
    with pytest.raises(ValueError, match="pin"):
        SafetySettings(pin=pin)


def test_a_code_is_given_only_to_who_wants_it():
    codes = {"safe": "77", "front": "88"}
    safe, front = HOME.devices["safe"], HOME.devices["front"]
    assert with_code(Action("lock.unlock", "safe"), safe, codes).data == {"code": "77"}
    assert with_code(Action("lock.lock", "safe"), safe, codes).data == {}
    assert with_code(Action("lock.unlock", "front"), front, codes).data == {}
