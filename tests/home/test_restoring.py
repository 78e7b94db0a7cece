"""Bringing devices back to the state they were in: a table."""

from __future__ import annotations

import pytest

from assistant.home.commands.plan import plan
from assistant.home.commands.restoring import Change, restoring
from assistant.home.devices import Device, Features
from assistant.types import Action

_COLORED = Features(brightness=True, color=True, color_temp=(2000, 6500))
_CLIMATE = Features(temperature=(5, 30), modes=("off", "heat"), presets=("eco", "home"))


@pytest.mark.parametrize(
    ("device", "before", "service", "data", "back"),
    [
        (Device("d", "D", "switch"), {"power": "off"}, "switch.turn_on", {},
         [("switch.turn_off", {})]),
        (Device("d", "D", "light", features=_COLORED), {"power": "off", "brightness_pct": 40},
         "light.turn_on", {"brightness_pct": 80}, [("light.turn_off", {})]),
        (Device("d", "D", "light", features=_COLORED), {"power": "on", "brightness_pct": 40},
         "light.turn_on", {"brightness_pct": 80}, [("light.turn_on", {"brightness_pct": 40})]),
        (Device("d", "D", "light", features=_COLORED),
         {"power": "on", "brightness_pct": 40, "color_temp_kelvin": 2700},
         "light.turn_on", {"color_name": "red"},
         [("light.turn_on", {"brightness_pct": 40, "color_temp_kelvin": 2700})]),
        (Device("d", "D", "cover", features=Features(position=True)),
         {"cover": "open", "position": 30}, "cover.close_cover", {},
         [("cover.set_cover_position", {"position": 30})]),
        (Device("d", "D", "cover"), {"cover": "closed"}, "cover.open_cover", {},
         [("cover.close_cover", {})]),
        (Device("d", "D", "lock"), {"lock": "unlocked"}, "lock.lock", {}, [("lock.unlock", {})]),
        (Device("d", "D", "climate", features=_CLIMATE), {"temperature": 20, "hvac_mode": "heat"},
         "climate.set_temperature", {"temperature": 23},
         [("climate.set_temperature", {"temperature": 20})]),
        (Device("d", "D", "climate", features=_CLIMATE), {"hvac_mode": "heat"},
         "climate.set_hvac_mode", {"hvac_mode": "off"},
         [("climate.set_hvac_mode", {"hvac_mode": "heat"})]),
        (Device("d", "D", "fan", features=Features(percentage=True)),
         {"power": "on", "percentage": 30}, "fan.turn_off", {},
         [("fan.set_percentage", {"percentage": 30})]),
        (Device("d", "D", "media_player"), {"media": "playing", "volume_pct": 30},
         "media_player.volume_set", {"volume_level": 0.5},
         [("media_player.volume_set", {"volume_level": 0.3})]),
        (Device("d", "D", "media_player"), {"media": "playing"}, "media_player.turn_off", {},
         [("media_player.media_play", {})]),
        (Device("d", "D", "vacuum"), {"value": "docked"}, "vacuum.start", {},
         [("vacuum.return_to_base", {})]),
        (Device("d", "D", "alarm_control_panel"), {"alarm": "disarmed"},
         "alarm_control_panel.alarm_arm_away", {}, [("alarm_control_panel.alarm_disarm", {})]),
        (Device("d", "D", "humidifier", features=Features(humidity=(30, 80))),
         {"power": "on", "humidity": 45}, "humidifier.set_humidity", {"humidity": 60},
         [("humidifier.set_humidity", {"humidity": 45})]),
    ],
)  # fmt: skip
def test_a_device_is_brought_back(device, before, service, data, back) -> None:
    change = Change(Action(service, "d", data), before)
    planned = plan(device, change.action, before)
    actions = restoring(device, change, {**before, **planned.state})
    assert actions is not None
    assert [(action.service, dict(action.data)) for action in actions] == back
    for action in actions:
        assert hasattr(plan(device, action, before), "state"), "the device can do it"


@pytest.mark.parametrize(
    ("device", "before", "service"),
    [
        (Device("d", "D", "scene"), {}, "scene.turn_on"),
        (Device("d", "D", "media_player"), {"media": "playing"}, "media_player.media_next_track"),
        (Device("d", "D", "lock"), {}, "lock.lock"),
    ],
)
def test_what_cannot_be_brought_back_is_not_made_up(device, before, service) -> None:
    assert restoring(device, Change(Action(service, "d"), before), before) is None


def test_what_was_so_before_stays() -> None:
    change = Change(Action("switch.turn_on", "d"), {"power": "on"})
    assert restoring(Device("d", "D", "switch"), change, {"power": "on"}) == ()
