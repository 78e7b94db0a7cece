"""What services mean: refusals, plain actions, and what confirms them."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.home.commands import plan
from assistant.home.expectations import Plan, Refusal, satisfied
from assistant.home.model import Device, Features, State
from assistant.types import Action

COLOR = Features(brightness=True, color=True, color_temp=(2200, 6500))
WHITE = Features(brightness=True, color_temp=(2700, 4000))
HEATING = Features(temperature=(7, 30), modes=("off", "heat"), unit="°C")


def device(kind: str, features: Features | None = None) -> Device:
    return Device("d", "Thing", kind, features=features or Features())


def decide(
    kind: str, service: str, data: dict[str, Any], features: Features | None, state: State
) -> Plan | Refusal:
    return plan(device(kind, features), Action(service, "d", data), state)


REFUSED = [
    ("light", "lock.lock", {}, None, "Thing is a light, not a lock"),
    ("light", "light.press", {}, None, "Thing cannot do light.press"),
    ("light", "light.turn_on", {"brightness_pct": 40}, None, "Thing cannot be dimmed"),
    ("light", "light.turn_on", {"brightness_pct": 140}, COLOR, "brightness_pct 140 is not within"),
    ("light", "light.turn_on", {"brightness_pct": "x"}, COLOR, "brightness_pct must be a number"),
    ("light", "light.turn_on", {"color_name": "red"}, WHITE, "Thing cannot show colours"),
    ("light", "light.turn_on", {"color_name": "smurf"}, COLOR, '"smurf" is not a known colour'),
    ("light", "light.turn_on", {"rgb_color": (1, 2)}, COLOR, "rgb_color must be three numbers"),
    ("light", "light.turn_on", {"effect": "disco"}, COLOR, 'there is no field "effect"'),
    ("fan", "fan.set_percentage", {"percentage": 50}, None, "the speed of Thing cannot be set"),
    ("cover", "cover.set_cover_position", {"position": 5}, None, "the position of Thing cannot"),
    ("climate", "climate.set_temperature", {"temperature": 45}, HEATING, "not within 7 to 30"),
    ("climate", "climate.set_hvac_mode", {"hvac_mode": "cool"}, HEATING, "(it has: off, heat)"),
    ("media_player", "media_player.volume_set", {"volume_level": 2}, None, "not within 0 to 1"),
    ("select", "select.select_option", {"option": "c"}, Features(modes=("a",)), "(it has: a)"),
    ("sensor", "homeassistant.turn_on", {}, None, "a sensor cannot be commanded"),
]


@pytest.mark.parametrize(("kind", "service", "data", "features", "reason"), REFUSED)
def test_what_cannot_be_done_is_refused_with_a_reason(
    kind: str, service: str, data: dict[str, Any], features: Features | None, reason: str
) -> None:
    decision = decide(kind, service, data, features, {})
    assert isinstance(decision, Refusal)
    assert reason in decision.reason


ON = {"power": "on"}
MEANT = [
    # kind, service, data, features, state before, plain data, confirming, not confirming
    ("light", "light.turn_on", {"brightness_pct": 40}, COLOR, {}, {"brightness_pct": 40},
     {**ON, "brightness_pct": 39.2}, {**ON, "brightness_pct": 45}),
    ("light", "light.turn_on", {"brightness_step_pct": -20}, COLOR, {**ON, "brightness_pct": 50},
     {"brightness_pct": 30}, {**ON, "brightness_pct": 30}, {**ON, "brightness_pct": 50}),
    ("light", "light.turn_on", {"color_name": "Blue"}, COLOR, {}, {"rgb_color": (0, 0, 255)},
     {**ON, "rgb_color": (0, 4, 250)}, {**ON, "rgb_color": (255, 0, 0)}),
    ("light", "light.turn_on", {"color_temp_kelvin": 6500}, WHITE, {}, {"color_temp_kelvin": 4000},
     {**ON, "color_temp_kelvin": 4016}, {**ON, "color_temp_kelvin": 2700}),
    ("light", "light.turn_on", {"color_name": "warm white"}, WHITE, {},
     {"color_temp_kelvin": 2700}, {**ON, "color_temp_kelvin": 2700}, {"power": "off"}),
    ("light", "light.turn_on", {"brightness_pct": 0}, COLOR, {}, {}, {"power": "off"}, ON),
    ("light", "light.toggle", {}, None, ON, {}, {"power": "off"}, ON),
    ("light", "homeassistant.turn_on", {}, None, {}, {}, ON, {"power": "off"}),
    ("switch", "switch.turn_off", {}, None, {}, {}, {"power": "off"}, ON),
    ("fan", "fan.turn_on", {"percentage": 66}, Features(percentage=True, percentage_step=33.3), {},
     {"percentage": 66}, {**ON, "percentage": 67}, {"power": "off", "percentage": 67}),
    ("cover", "cover.open_cover", {}, None, {"cover": "closed"}, {}, {"cover": "opening"},
     {"cover": "closed"}),
    ("cover", "cover.open_cover", {}, None, {"position": 20}, {}, {"position": 30},
     {"position": 20}),
    ("cover", "cover.close_cover", {}, None, {"position": 20}, {}, {"position": 0},
     {"position": 30}),
    ("cover", "cover.set_cover_position", {"position": 50}, Features(position=True),
     {"position": 100}, {"position": 50}, {"position": 80}, {"position": 100}),
    ("cover", "cover.stop_cover", {}, None, {"cover": "opening"}, {}, {"cover": "stopped"},
     {"cover": "opening"}),
    ("valve", "valve.open_valve", {}, None, {}, {}, {"cover": "open"}, {"cover": "closed"}),
    ("lock", "lock.unlock", {}, None, {}, {}, {"lock": "unlocked"}, {"lock": "jammed"}),
    ("climate", "climate.set_temperature", {"temperature": 21}, HEATING, {}, {"temperature": 21},
     {"temperature": 21.0}, {"temperature": 20}),
    ("climate", "climate.turn_off", {}, HEATING, {}, {}, {"hvac_mode": "off"},
     {"hvac_mode": "heat"}),
    ("climate", "climate.set_hvac_mode", {"hvac_mode": "heat"}, HEATING, {},
     {"hvac_mode": "heat"}, {"hvac_mode": "heat"}, {"hvac_mode": "off"}),
    ("media_player", "media_player.media_pause", {}, None, {}, {}, {"media": "paused"},
     {"media": "playing"}),
    ("media_player", "media_player.volume_up", {}, None, {"volume_pct": 95},
     {"volume_level": 1.0}, {"volume_pct": 100}, {"volume_pct": 95}),
    ("media_player", "media_player.volume_mute", {"is_volume_muted": True}, None, {},
     {"is_volume_muted": True}, {"muted": True}, {"muted": False}),
    ("vacuum", "vacuum.return_to_base", {}, None, {}, {}, {"value": "returning"},
     {"value": "cleaning"}),
    ("humidifier", "humidifier.set_humidity", {"humidity": 55}, None, {}, {"humidity": 55},
     {"humidity": 55}, {"humidity": 40}),
    ("number", "number.set_value", {"value": 3}, Features(temperature=(0, 5)), {}, {"value": 3},
     {"value": 3}, {"value": 4}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "service", "data", "features", "before", "plain", "yes", "no"), MEANT
)
def test_a_command_is_confirmed_by_the_right_state_only(
    kind: str, service: str, data: dict[str, Any], features: Features | None,
    before: State, plain: dict[str, Any], yes: State, no: State,
) -> None:  # fmt: skip
    decision = decide(kind, service, data, features, before)
    assert isinstance(decision, Plan)
    assert dict(decision.action.data) == plain
    checks = decision.confirmable(set(yes))
    assert checks
    assert satisfied(checks, yes)
    assert not satisfied(checks, no)
    own = {key: value for key, value in decision.state.items() if key in yes}
    assert satisfied(decision.confirmable(set(own)), own), "a device that obeys confirms"


@pytest.mark.parametrize(
    ("kind", "service"),
    [("scene", "scene.turn_on"), ("button", "button.press"),
     ("media_player", "media_player.media_next_track")],
)  # fmt: skip
def test_commands_that_leave_no_trace_have_nothing_to_wait_for(kind: str, service: str) -> None:
    decision = decide(kind, service, {}, None, {})
    assert isinstance(decision, Plan)
    assert decision.checks == ()


def test_only_what_a_device_reports_can_confirm() -> None:
    decision = decide("light", "light.turn_on", {"brightness_pct": 40}, COLOR, {})
    assert isinstance(decision, Plan)
    assert len(decision.confirmable({"power"})) == 1
    assert decision.confirmable(set()) == ()
