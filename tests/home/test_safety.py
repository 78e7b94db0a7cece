"""Which actions wait for a yes, the PIN or a code."""

from dataclasses import replace

import pytest

from assistant.config import SafetySettings
from assistant.home.devices import Device, Features
from assistant.home.members import expanded
from assistant.home.model import Home
from assistant.home.safety import Question, Wants, guessable, needs_yes, questions, with_code
from assistant.home.written import Written
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
    ("switch", "Garden", "valve", "switch.turn_on", {}, True),
    ("switch", "Garden", "valve", "homeassistant.toggle", {}, True),
    ("switch", "Garden", "valve", "switch.turn_off", {}, False),
    ("switch", "Water valve", None, "switch.turn_on", {}, True),
    ("switch", "Wasserventil", "switch", "switch.turn_on", {}, True),
    ("switch", "Garage door", None, "switch.turn_on", {}, True),
    ("switch", "Gate opener", None, "switch.toggle", {}, True),
    ("switch", "Hoftor", None, "switch.turn_on", {}, True),
    ("switch", "차고 문", None, "switch.turn_on", {}, True),
    ("switch", "Garage door light", "outlet", "switch.turn_on", {}, False),
    ("switch", "Garage socket", "outlet", "switch.turn_on", {}, False),
    ("switch", "Motor", None, "switch.turn_on", {}, False),
    ("switch", "Outdoor", None, "switch.turn_on", {}, False),
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


def _covers(roller: Device, **group: object) -> Home:
    """Two covers, and a bridge's group of them; `group` says what is different about it."""
    members = (roller.id, "left")
    south = replace(Device("south", "South side", "cover", members=members), **group)  # type: ignore[arg-type]
    return Home([roller, Device("left", "Left roller", "cover"), south])


_PLAIN = Device("roller", "North roller", "cover")
_BY_ID = "cover.open_cover:roller"
GROUPS = [
    # a member, the group, the settings; whether it may be opened without a question
    (_PLAIN, {}, {}, True),
    (replace(_PLAIN, name="Garage door"), {}, {}, False),
    (replace(_PLAIN, local_names=(("de", "Hoftor"),)), {}, {}, False),
    (replace(_PLAIN, device_class="garage"), {}, {}, False),
    (_PLAIN, {}, {"confirm": (_BY_ID,)}, False),
    (_PLAIN, {}, {"confirm": (), "pin_for": (_BY_ID,), "pin": "1234"}, False),
    (_PLAIN, {}, {"confirm": ("cover.open_cover:left",)}, False),
    (_PLAIN, {"members": ("left", "nobody knows")}, {}, False),
    (_PLAIN, {"members": ("left", "nobody knows"), "type": "light"}, {}, True),
    (_PLAIN, {"virtual": True}, {"confirm": ("cover.open_cover:south",)}, False),
]


@pytest.mark.parametrize(("member", "group", "settings", "free"), GROUPS)
def test_a_group_is_judged_by_each_of_its_members(member, group, settings, free):
    home = _covers(member, **group)
    if group.get("virtual"):
        home = Home(home.devices.values())
        home.write(Written(groups=(home.devices["south"],)))
    safety = SafetySettings(**settings)
    action = Action("homeassistant.turn_on", "south")
    actions = expanded([action], home)
    asked = questions(actions, home, safety)
    wanted = Question(Wants.PIN) if safety.pin else YES
    assert asked == (() if free else (wanted,))
    assert questions(expanded([Action("cover.close_cover", "south")], home), home, safety) == ()
    keys = (*safety.confirm, *safety.pin_for)
    assert all(guessable(one, home, keys) for one in actions) is free


def test_a_group_of_groups_is_judged_by_the_innermost_members_and_rings_end():
    home = Home([
        Device("garage", "Garage door", "cover"),
        Device("inner", "Inner", "cover", members=("garage", "outer")),
        Device("outer", "Outer", "cover", members=("inner",)),
    ])  # fmt: skip
    assert questions([Action("cover.open_cover", "outer")], home, SafetySettings()) == (YES,)


@pytest.mark.parametrize("guarded", ["lock", "valve", "siren", "alarm_control_panel"])
def test_no_group_with_a_guard_among_its_members_is_ever_guessed(guarded):
    home = Home([
        Device("it", "It", guarded),
        Device("plug", "Plug", "switch"),
        Device("both", "Both", "switch", members=("it", "plug")),
    ])  # fmt: skip
    assert guessable(Action("switch.turn_off", "plug"), home, CONFIRM)
    assert not guessable(Action("switch.turn_off", "both"), home, CONFIRM)
