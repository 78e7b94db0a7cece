"""What services mean: refusals, plain actions, and what confirms them."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.home.commands.expectations import Plan, Refusal, satisfied
from assistant.home.commands.plan import plan
from assistant.home.devices import Device, Features, State
from assistant.types import Action

COLOR = Features(brightness=True, color=True, color_temp=(2200, 6500))
WHITE = Features(brightness=True, color_temp=(2700, 4000))
EFFECTS = Features(effects=("Rainbow Chase", "off"))
FAN = Features(percentage=True, oscillation=True, direction=True, presets=("auto", "sleep"))
SLATS = Features(position=True, tilt=True)
BOTH = Features(
    temperature=(7, 30), temperature_span=True, humidity=(30, 70), unit="°C",
    modes=("off", "heat_cool", "heat"), fan_modes=("low", "high"), presets=("eco", "boost"),
    swing_modes=("off", "vertical"),
)  # fmt: skip
BOILER = Features(temperature=(40, 65), temperature_step=5, modes=("off", "eco", "performance"))
PANEL = Features(
    modes=("arm_home", "arm_away"), code="number", code_verbs=("alarm_disarm", "alarm_trigger")
)
HEATING = Features(temperature=(7, 30), modes=("off", "heat"), unit="°C")


def device(kind: str, features: Features | None = None) -> Device:
    return Device("d", "Thing", kind, features=features or Features())


def decide(
    kind: str, service: str, data: dict[str, Any], features: Features | None, state: State
) -> Plan | Refusal:
    return plan(device(kind, features), Action(service, "d", data), state)


REFUSED = [
    ("light", "lock.lock", {}, None, "it is a light, not a lock"),
    ("light", "light.press", {}, None, "it cannot do light.press"),
    ("light", "light.turn_on", {"brightness_pct": 40}, None, "it cannot be dimmed"),
    ("light", "light.turn_on", {"brightness_pct": 140}, COLOR, "its brightness goes from 0 to 100"),
    ("light", "light.turn_on", {"brightness_pct": "x"}, COLOR, "brightness_pct must be a number"),
    ("light", "light.turn_on", {"color_name": "red"}, WHITE, "it cannot show colours"),
    ("light", "light.turn_on", {"color_name": "smurf"}, COLOR, '"smurf" is not a known colour'),
    ("light", "light.turn_on", {"rgb_color": (1, 2)}, COLOR, "rgb_color must be three numbers"),
    ("light", "light.turn_on", {"effect": "disco"}, COLOR, 'it has no effect "disco"'),
    ("light", "light.turn_on", {"effect": "c"}, EFFECTS, "(it has: Rainbow Chase, off)"),
    ("light", "light.turn_on", {"flash": "long"}, EFFECTS, 'there is no field "flash"'),
    ("fan", "fan.set_percentage", {"percentage": 50}, None, "its speed cannot be set"),
    ("cover", "cover.set_cover_position", {"position": 5}, None, "its position cannot"),
    ("climate", "climate.set_temperature", {"temperature": 45}, HEATING, "from 7 to 30"),
    ("climate", "climate.set_hvac_mode", {"hvac_mode": "cool"}, HEATING, "(it has: off, heat)"),
    ("media_player", "media_player.volume_set", {"volume_level": 2}, None, "goes from 0 to 1"),
    ("select", "select.select_option", {"option": "c"}, Features(modes=("a",)), "(it has: a)"),
    ("fan", "fan.set_preset_mode", {"preset_mode": "turbo"}, FAN, "(it has: auto, sleep)"),
    ("fan", "fan.oscillate", {"oscillating": True}, None, "it cannot swing"),
    ("fan", "fan.oscillate", {"oscillating": "yes"}, FAN, "oscillating must be true or false"),
    ("fan", "fan.set_direction", {"direction": "up"}, FAN, "(it has: forward, reverse)"),
    ("fan", "fan.set_direction", {"direction": "reverse"}, None, "its direction cannot be"),
    ("fan", "fan.set_percentage", {}, FAN, "percentage must be given"),
    ("cover", "cover.open_cover_tilt", {}, None, "its slats cannot be tilted"),
    ("cover", "cover.set_cover_tilt_position", {"tilt_position": 101}, SLATS, "tilt position goes"),
    ("valve", "valve.open_cover_tilt", {}, SLATS, "it cannot do valve.open_cover_tilt"),
    ("climate", "climate.set_temperature", {"target_temp_low": 18}, HEATING, "not a range"),
    (
        "climate",
        "climate.set_temperature",
        {"target_temp_low": 22, "target_temp_high": 20},
        BOTH,
        "22 to 20 degrees is no range",
    ),
    ("climate", "climate.set_temperature", {}, BOTH, "temperature must be given"),
    ("climate", "climate.set_fan_mode", {"fan_mode": "medium"}, BOTH, "(it has: low, high)"),
    ("climate", "climate.set_preset_mode", {"preset_mode": "x"}, BOTH, "(it has: eco, boost)"),
    ("climate", "climate.set_swing_mode", {"swing_mode": "x"}, HEATING, "(it has: none)"),
    ("climate", "climate.set_humidity", {"humidity": 50}, HEATING, "its humidity"),
    ("climate", "climate.set_humidity", {"humidity": 90}, BOTH, "its humidity goes from 30 to 70"),
    ("climate", "climate.set_operation_mode", {"operation_mode": "eco"}, BOTH, "cannot do"),
    (
        "humidifier",
        "humidifier.set_mode",
        {"mode": "x"},
        Features(modes=("auto",)),
        "(it has: auto)",
    ),
    (
        "humidifier",
        "humidifier.set_humidity",
        {"humidity": 20},
        Features(humidity=(30, 80)),
        "its humidity goes from 30 to 80",
    ),
    ("water_heater", "water_heater.set_temperature", {"temperature": 90}, BOILER, "40 to 65"),
    ("water_heater", "water_heater.set_temperature", {"hvac_mode": "heat"}, BOILER, "no field"),
    (
        "water_heater",
        "water_heater.set_operation_mode",
        {"operation_mode": "x"},
        BOILER,
        "(it has: off, eco, performance)",
    ),
    (
        "media_player",
        "media_player.select_source",
        {"source": "HDMI 3"},
        Features(sources=("HDMI 1", "HDMI 2")),
        "(it has: HDMI 1, HDMI 2)",
    ),
    ("vacuum", "vacuum.set_fan_speed", {"fan_speed": "max"}, None, "(it has: none)"),
    ("vacuum", "vacuum.sing", {}, None, "it cannot do vacuum.sing"),
    ("lawn_mower", "lawn_mower.stop", {}, None, "it cannot do lawn_mower.stop"),
    ("siren", "siren.turn_on", {"tone": "x"}, Features(tones=("bell",)), "(it has: bell)"),
    ("siren", "siren.turn_on", {"volume_pct": 50}, None, "its volume cannot be set"),
    ("siren", "siren.turn_on", {"duration": 5}, None, "how long it sounds cannot be set"),
    ("siren", "siren.turn_on", {"duration": 1e9}, Features(siren_duration=True), "1 to 3600"),
    (
        "alarm_control_panel",
        "alarm_control_panel.alarm_arm_night",
        {},
        PANEL,
        "it cannot be armed night (it has: home, away)",
    ),
    ("alarm_control_panel", "alarm_control_panel.alarm_disarm", {}, PANEL, "wants its code"),
    (
        "alarm_control_panel",
        "alarm_control_panel.alarm_disarm",
        {"code": "abc"},
        PANEL,
        "its code is made of digits",
    ),
    ("lock", "lock.unlock", {}, Features(code="text", code_verbs=("unlock",)), "wants its code"),
    ("number", "number.set_value", {"value": 11}, Features(value_range=(0, 10)), "value goes from"),
    (
        "text",
        "text.set_value",
        {"value": "abcd"},
        Features(value_range=(0, 3)),
        "takes a text of 0 to 3 characters",
    ),
    (
        "text",
        "text.set_value",
        {"value": "a1"},
        Features(value_pattern="[a-z]+"),
        "it does not take this text",
    ),
    ("event", "homeassistant.turn_on", {}, None, "a event cannot be commanded"),
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
    ("light", "light.turn_on", {"color_name": "Purple"}, COLOR, {}, {"rgb_color": (128, 0, 128)},
     {**ON, "rgb_color": (255, 0, 255)}, {**ON, "rgb_color": (128, 0, 0)}),
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
    ("fan", "fan.set_percentage", {"percentage": 50},
     Features(percentage=True, percentage_step=33.3), {}, {"percentage": 50}, {"percentage": 66},
     {"percentage": 33}),
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
    ("number", "number.set_value", {"value": 3}, Features(value_range=(0, 5)), {}, {"value": 3},
     {"value": 3}, {"value": 4}),
    ("light", "light.turn_on", {"effect": "rainbow chase"}, EFFECTS, {},
     {"effect": "Rainbow Chase"}, {**ON, "effect": "Rainbow Chase"}, {**ON, "effect": "off"}),
    ("fan", "fan.turn_on", {"preset_mode": "Sleep"}, FAN, {}, {"preset_mode": "sleep"},
     {"preset_mode": "sleep"}, {"preset_mode": "auto"}),
    ("fan", "fan.oscillate", {"oscillating": False}, FAN, {}, {"oscillating": False},
     {"oscillating": False}, {"oscillating": True}),
    ("fan", "fan.set_direction", {"direction": "reverse"}, FAN, {}, {"direction": "reverse"},
     {"direction": "reverse"}, {"direction": "forward"}),
    ("cover", "cover.open_cover_tilt", {}, SLATS, {"tilt": 0}, {}, {"tilt": 40}, {"tilt": 0}),
    ("cover", "cover.close_cover_tilt", {}, SLATS, {"tilt": 80}, {}, {"tilt": 0}, {"tilt": 90}),
    ("cover", "cover.set_cover_tilt_position", {"tilt_position": 30}, SLATS, {},
     {"tilt_position": 30}, {"tilt": 31}, {"tilt": 60}),
    ("climate", "climate.set_temperature", {"target_temp_low": 18, "target_temp_high": 22}, BOTH,
     {}, {"target_temp_low": 18, "target_temp_high": 22},
     {"target_temp_low": 18, "target_temp_high": 22},
     {"target_temp_low": 18, "target_temp_high": 25}),
    ("climate", "climate.set_temperature", {"temperature": 22}, BOTH,
     {"hvac_mode": "heat_cool", "target_temp_low": 18, "target_temp_high": 21},
     {"target_temp_low": 20.5, "target_temp_high": 23.5},
     {"target_temp_low": 20.5, "target_temp_high": 23.5},
     {"target_temp_low": 18, "target_temp_high": 21}),
    ("climate", "climate.set_temperature", {"temperature": 21.3}, HEATING, {},
     {"temperature": 21.5}, {"temperature": 21.5}, {"temperature": 20}),
    ("climate", "climate.set_humidity", {"humidity": 45}, BOTH, {}, {"humidity": 45},
     {"humidity": 45}, {"humidity": 60}),
    ("climate", "climate.set_fan_mode", {"fan_mode": "High"}, BOTH, {}, {"fan_mode": "high"},
     {"fan_mode": "high"}, {"fan_mode": "low"}),
    ("climate", "climate.set_preset_mode", {"preset_mode": "eco"}, BOTH, {},
     {"preset_mode": "eco"}, {"preset_mode": "eco"}, {"preset_mode": "boost"}),
    ("climate", "climate.set_swing_mode", {"swing_mode": "vertical"}, BOTH, {},
     {"swing_mode": "vertical"}, {"swing_mode": "vertical"}, {"swing_mode": "off"}),
    ("climate", "climate.turn_on", {}, Features(modes=("off", "cool", "dry")), {}, {},
     {"hvac_mode": "cool"}, {"hvac_mode": "off"}),
    ("humidifier", "humidifier.set_mode", {"mode": "auto"}, Features(modes=("auto",)), {},
     {"mode": "auto"}, {"mode": "auto"}, {"mode": "sleep"}),
    ("humidifier", "humidifier.toggle", {}, None, ON, {}, {"power": "off"}, ON),
    ("water_heater", "water_heater.turn_off", {}, BOILER, {}, {}, {"operation_mode": "off"},
     {"operation_mode": "eco"}),
    ("water_heater", "water_heater.turn_on", {}, BOILER, {}, {}, {"power": "on"},
     {"power": "off"}),
    ("water_heater", "water_heater.set_temperature", {"temperature": 52}, BOILER, {},
     {"temperature": 50}, {"temperature": 50}, {"temperature": 60}),
    ("water_heater", "water_heater.set_operation_mode", {"operation_mode": "eco"}, BOILER, {},
     {"operation_mode": "eco"}, {"operation_mode": "eco"}, {"operation_mode": "off"}),
    ("media_player", "media_player.select_source", {"source": "hdmi 1"},
     Features(sources=("HDMI 1",)), {}, {"source": "HDMI 1"}, {"source": "HDMI 1"},
     {"source": "TV"}),
    ("vacuum", "vacuum.clean_spot", {}, None, {}, {}, {"value": "cleaning"}, {"value": "docked"}),
    ("vacuum", "vacuum.set_fan_speed", {"fan_speed": "max"}, Features(fan_modes=("max",)), {},
     {"fan_speed": "max"}, {"fan_mode": "max"}, {"fan_mode": "low"}),
    ("lawn_mower", "homeassistant.turn_on", {}, None, {}, {}, {"value": "mowing"},
     {"value": "docked"}),
    ("lawn_mower", "lawn_mower.dock", {}, None, {}, {}, {"value": "returning"},
     {"value": "mowing"}),
    ("lawn_mower", "lawn_mower.pause", {}, None, {}, {}, {"value": "paused"}, {"value": "mowing"}),
    ("siren", "siren.turn_on", {"tone": "Bell", "volume_pct": 40, "duration": 5},
     Features(tones=("bell",), siren_volume=True, siren_duration=True), {},
     {"tone": "bell", "volume_pct": 40, "duration": 5}, ON, {"power": "off"}),
    ("siren", "siren.turn_off", {}, None, {}, {}, {"power": "off"}, ON),
    ("alarm_control_panel", "alarm_control_panel.alarm_arm_away", {}, PANEL, {}, {},
     {"alarm": "arming"}, {"alarm": "armed_home"}),
    ("alarm_control_panel", "alarm_control_panel.alarm_disarm", {"code": "0123"}, PANEL, {},
     {"code": "0123"}, {"alarm": "disarmed"}, {"alarm": "armed_away"}),
    ("alarm_control_panel", "alarm_control_panel.alarm_trigger", {"code": "0123"}, PANEL, {},
     {"code": "0123"}, {"alarm": "triggered"}, {"alarm": "armed_away"}),
    ("lock", "lock.unlock", {"code": "a b"}, Features(code="text", code_verbs=("unlock",)), {},
     {"code": "a b"}, {"lock": "unlocked"}, {"lock": "locked"}),
    ("number", "number.set_value", {"value": 0.34}, Features(value_range=(0, 5), value_step=0.1),
     {}, {"value": 0.3}, {"value": 0.3}, {"value": 0.5}),
    ("text", "text.set_value", {"value": "hello"}, Features(value_pattern="[a-z]+"), {},
     {"value": "hello"}, {"value": "hello"}, {"value": "x"}),
    ("text", "text.set_value", {"value": "a" * 40 + "!"}, Features(value_pattern="(a+)+b"), {},
     {"value": "a" * 40 + "!"}, {"value": "a" * 40 + "!"}, {"value": "x"}),
    ("select", "select.select_option", {"option": "eco mode"}, Features(modes=("Eco_Mode",)), {},
     {"option": "Eco_Mode"}, {"value": "Eco_Mode"}, {"value": "x"}),
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
     ("media_player", "media_player.media_next_track"), ("vacuum", "vacuum.locate")],
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
