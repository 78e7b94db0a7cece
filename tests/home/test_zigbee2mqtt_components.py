"""Every type that Zigbee2MQTT exposes: what it tells becomes a state, a service a message.

Announcements after zigbee2mqtt.io/guide/usage/exposes.html.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from zigbee import (
    IEEE,
    LIGHT,
    binary,
    color,
    device,
    enum,
    home_of,
    measured,
    numeric,
    of,
    state,
    told,
)

Says = list[tuple[str, dict[str, Any], Any]]
"""Service, fields, and the object that goes to `set`."""

EFFECT = enum("effect", "blink", "breathe", "stop_effect", access=2)
LEFT = of("light", state(prop="state_left"), numeric("brightness", 0, 254, "brightness_left"),
          numeric("color_temp", 153, 500, "color_temp_left"), color("color_xy", "color_left"),
          endpoint="left")  # fmt: skip
COVER = of("cover", enum("state", "OPEN", "CLOSE", "STOP"), numeric("position", 0, 100))
BLIND = of("cover", enum("state", "OPEN", "CLOSE", "STOP"), numeric("position", 0, 100),
           numeric("tilt", 0, 100))  # fmt: skip
RADIATOR = of(
    "climate", numeric("occupied_heating_setpoint", 5, 30) | {"value_step": 0.5, "unit": "°C"},
    measured("local_temperature", "°C", 5), enum("system_mode", "off", "heat", "auto", "sleep"),
    enum("running_state", "idle", "heat", access=5), enum("preset", "none", "eco", "boost"),
)  # fmt: skip
BOTH = of(
    "climate", numeric("occupied_heating_setpoint", 7, 30),
    numeric("occupied_cooling_setpoint", 16, 35), measured("local_temperature", "°C", 5),
    enum("system_mode", "off", "heat", "cool", "auto"), enum("fan_mode", "auto", "low", "high"),
    enum("swing_mode", "on", "off"),
)  # fmt: skip
VENTILATOR = of("fan", state(prop="fan_state"),
                enum("mode", "low", "medium", "high", "auto", property="fan_mode"))  # fmt: skip
MODES = of("fan", enum("mode", "off", "low", "high", "on", "smart", property="fan_mode"))
WARNING = {
    "type": "composite", "name": "warning", "property": "warning", "access": 2,
    "features": [
        enum("mode", "stop", "burglar", "fire", "emergency", access=2),
        enum("level", "low", "medium", "high", "very_high", access=2),
        binary("strobe", access=2), numeric("duration", 0, 1800, access=2),
    ],
}  # fmt: skip

CASES: list[tuple[Any, str, dict[str, Any], dict[str, Any], Says]] = [
    ([LIGHT], "light",
     {"state": "ON", "brightness": 127, "color_temp": 250, "color_mode": "color_temp",
      "color": {"x": 0.3, "y": 0.3}},
     {"power": "on", "brightness_pct": 50, "color_temp_kelvin": 4000},
     [("light.turn_on", {}, {"state": "ON"}),
      ("light.turn_off", {}, {"state": "OFF"}),
      ("light.turn_on", {"brightness_pct": 50}, {"state": "ON", "brightness": 127}),
      ("light.turn_on", {"color_temp_kelvin": 2500}, {"state": "ON", "color_temp": 400}),
      ("light.turn_on", {"rgb_color": (255, 0, 0)},
       {"state": "ON", "color": {"x": 0.6401, "y": 0.33}})]),
    ([of("light", state(), color("color_hs"), color("color_xy"))], "light",
     {"state": "ON", "color_mode": "hs", "color": {"h": 240, "s": 100, "hue": 240, "x": 0.1}},
     {"power": "on", "rgb_color": (0, 0, 255)},
     [("light.turn_on", {"rgb_color": (255, 0, 0)}, {"state": "ON", "color": {"h": 0, "s": 100}})]),
    ([of("light", state(), numeric("brightness", 0, 100)), EFFECT], "light",
     {"state": "OFF", "brightness": None}, {"power": "off"},
     [("light.turn_on", {"brightness_pct": 40}, {"state": "ON", "brightness": 40}),
      ("light.turn_on", {"effect": "breathe"}, {"state": "ON", "effect": "breathe"})]),
    ([LIGHT], "light", {"state": "ON", "color_temp": 0, "color": {"x": None, "y": None}},
     {"power": "on"}, []),
    ([COVER], "cover", {"state": "CLOSE", "position": 100}, {"position": 100, "cover": "open"}, []),
    ([LEFT, EFFECT | {"property": "effect_left", "endpoint": "left"}], "light_left",
     {"state_left": "ON", "brightness_left": 254, "state_right": "OFF",
      "color_mode_left": "color_temp", "color_mode_right": "xy", "color_temp_left": 200},
     {"power": "on", "brightness_pct": 100, "color_temp_kelvin": 5000},
     [("light.turn_on", {"brightness_pct": 50}, {"state_left": "ON", "brightness_left": 127}),
      ("light.turn_on", {"color_temp_kelvin": 4000}, {"state_left": "ON", "color_temp_left": 250}),
      ("light.turn_on", {"effect": "blink"}, {"state_left": "ON", "effect_left": "blink"}),
      ("light.turn_off", {}, {"state_left": "OFF"})]),
    ([of("switch", state())], "switch", {"state": "ON"}, {"power": "on"},
     [("switch.turn_on", {}, {"state": "ON"}), ("switch.turn_off", {}, {"state": "OFF"})]),
    ([of("switch", state(True, False, "state_l2"), endpoint="l2")], "switch_l2",
     {"state_l1": True, "state_l2": False}, {"power": "off"},
     [("switch.turn_on", {}, {"state_l2": True})]),
    ([COVER], "cover", {"state": "OPEN", "position": 20}, {"position": 20, "cover": "open"},
     [("cover.open_cover", {}, {"state": "OPEN"}), ("cover.close_cover", {}, {"state": "CLOSE"}),
      ("cover.stop_cover", {}, {"state": "STOP"}),
      ("cover.set_cover_position", {"position": 70}, {"position": 70})]),
    ([BLIND, enum("moving", "UP", "STOP", "DOWN", access=1)], "cover",
     {"position": 20, "tilt": 40, "moving": "DOWN"},
     {"position": 20, "tilt": 40, "cover": "closing"},
     [("cover.open_cover_tilt", {}, {"tilt": 100}), ("cover.close_cover_tilt", {}, {"tilt": 0}),
      ("cover.set_cover_tilt_position", {"tilt_position": 25}, {"tilt": 25})]),
    ([BLIND, enum("motor_state", "opening", "closing", "stopped", access=1)], "cover",
     {"position": 0, "motor_state": "stopped"}, {"position": 0, "cover": "closed"}, []),
    ([of("cover", enum("state", "OPEN", "CLOSE", "STOP"))], "cover",
     {"state": "CLOSE"}, {"cover": "closed"}, [("cover.open_cover", {}, {"state": "OPEN"})]),
    ([of("lock", state("LOCK", "UNLOCK"),
         enum("lock_state", "not_fully_locked", "locked", "unlocked", access=1))], "lock",
     {"state": "UNLOCK", "lock_state": "unlocked"}, {"lock": "unlocked"},
     [("lock.lock", {}, {"state": "LOCK"}), ("lock.unlock", {}, {"state": "UNLOCK"})]),
    ([of("lock", state("LOCK", "UNLOCK"),
         enum("lock_state", "not_fully_locked", "locked", access=1))], "lock",
     {"state": "LOCK", "lock_state": "not_fully_locked"}, {"lock": "jammed"}, []),
    ([of("lock", state("LOCK", "UNLOCK"),
         enum("lock_state", "not_fully_locked", "locked", access=1))], "lock",
     {"state": "UNLOCK", "lock_state": "not_fully_locked"}, {"lock": "unlocked"}, []),
    ([RADIATOR], "climate",
     {"occupied_heating_setpoint": 20.5, "local_temperature": 19, "system_mode": "heat",
      "running_state": "heat", "preset": "eco"},
     {"temperature": 20.5, "current_temperature": 19, "hvac_mode": "heat", "action": "heating",
      "preset_mode": "eco"},
     [("climate.set_temperature", {"temperature": 21.5, "hvac_mode": "auto"},
       {"system_mode": "auto", "occupied_heating_setpoint": 21.5}),
      ("climate.set_hvac_mode", {"hvac_mode": "off"}, {"system_mode": "off"}),
      ("climate.turn_off", {}, {"system_mode": "off"}),
      ("climate.set_preset_mode", {"preset_mode": "boost"}, {"preset": "boost"})]),
    ([BOTH], "climate",
     {"occupied_heating_setpoint": 19, "occupied_cooling_setpoint": 25, "system_mode": "cool",
      "fan_mode": "low", "swing_mode": "off"},
     {"target_temp_low": 19, "target_temp_high": 25, "temperature": 25, "hvac_mode": "cool",
      "fan_mode": "low", "swing_mode": "off"},
     [("climate.set_temperature", {"temperature": 24}, {"occupied_cooling_setpoint": 24}),
      ("climate.set_temperature", {"target_temp_low": 18, "target_temp_high": 26},
       {"occupied_heating_setpoint": 18, "occupied_cooling_setpoint": 26}),
      ("climate.set_fan_mode", {"fan_mode": "high"}, {"fan_mode": "high"}),
      ("climate.set_swing_mode", {"swing_mode": "on"}, {"swing_mode": "on"})]),
    ([VENTILATOR], "fan", {"fan_state": "ON", "fan_mode": "low"}, {"power": "on", "percentage": 33},
     [("fan.turn_on", {}, {"fan_state": "ON"}), ("fan.turn_off", {}, {"fan_state": "OFF"}),
      ("fan.set_percentage", {"percentage": 100}, {"fan_mode": "high"}),
      ("fan.set_preset_mode", {"preset_mode": "auto"}, {"fan_mode": "auto"})]),
    ([VENTILATOR], "fan", {"fan_state": "ON", "fan_mode": "auto"},
     {"power": "on", "preset_mode": "auto"}, []),
    ([MODES], "fan", {"fan_mode": "high"}, {"power": "on", "percentage": 100},
     [("fan.turn_on", {}, {"fan_mode": "on"}), ("fan.turn_off", {}, {"fan_mode": "off"}),
      ("fan.turn_on", {"percentage": 50}, {"fan_mode": "low"})]),
    ([MODES], "fan", {"fan_mode": "off"}, {"power": "off"}, []),
    ([of("fan", state(), numeric("speed", 1, 254))], "fan", {"state": "ON", "speed": 127},
     {"power": "on", "percentage": 50},
     [("fan.set_percentage", {"percentage": 100}, {"speed": 254})]),
    ([WARNING], "warning", {}, {},
     [("siren.turn_on", {}, {"warning": {"mode": "emergency", "level": "very_high",
                                         "strobe": True}}),
      ("siren.turn_on", {"tone": "fire", "volume_pct": 30, "duration": 20},
       {"warning": {"mode": "fire", "level": "medium", "strobe": True, "duration": 20}}),
      ("siren.turn_off", {}, {"warning": {"mode": "stop"}})]),
    ([binary("alarm", access=7)], "switch_alarm", {"alarm": True}, {"power": "on"},
     [("siren.turn_on", {}, {"alarm": True}), ("siren.turn_off", {}, {"alarm": False})]),
    ([binary("eco_mode", "ON", "OFF", 7)], "switch_eco_mode", {"eco_mode": "ON"}, {"power": "on"},
     [("switch.turn_off", {}, {"eco_mode": "OFF"})]),
    ([numeric("occupancy_timeout", 0, 600)], "occupancy_timeout", {"occupancy_timeout": 30},
     {"value": 30}, [("number.set_value", {"value": 60}, {"occupancy_timeout": 60})]),
    ([enum("melody", 1, 2, 3)], "melody", {"melody": 2}, {"value": "2"},
     [("select.select_option", {"option": "3"}, {"melody": 3})]),
    ([enum("reset", "now", access=2)], "reset", {}, {}, [("button.press", {}, {"reset": "now"})]),
    ([enum("program", "a", "b", access=2)], "program", {}, {},
     [("select.select_option", {"option": "b"}, {"program": "b"})]),
    ([{"type": "text", "name": "display", "property": "display", "access": 7}], "display",
     {"display": "hello"}, {"value": "hello"},
     [("text.set_value", {"value": "007"}, {"display": "007"})]),
    ([{"type": "text", "name": "note", "property": "note", "access": 1}], "note",
     {"note": "all is well"}, {"value": "all is well"}, []),
    ([{"type": "list", "name": "faults", "property": "faults", "access": 1,
       "item_type": {"type": "text"}}], "faults",
     {"faults": ["hot", "dry"]}, {"value": "hot, dry"}, []),
    ([{"type": "composite", "name": "weather", "property": "weather", "access": 1,
       "features": [measured("rain", "mm")]}], "weather_rain",
     {"weather": {"rain": 2.5}}, {"value": 2.5}, []),
    ([measured("power", "W", 5)], "power", {"power": None}, {}, []),
    ([binary("contact", False, True)], "contact", {"contact": False}, {"value": "on"}, []),
    ([measured("temperature", "°C")], "temperature", {"temperature": -3.25}, {"value": -3.25}, []),
    ([enum("action", "single", "hold", access=1)], "action", {"action": "hold"},
     {"event": "hold"}, []),
    ([enum("action", "single", access=1)], "action", {"action": ""}, {}, []),
    ([enum("action", "single", access=1)], "action", {"action": None, "battery": 3}, {}, []),
    ([enum("action", "on", "scene_*", access=1)], "action", {"action": "scene_3"},
     {"event": "scene_3"}, []),
    ([enum("action", "on", access=1)], "action", {"action": "x" * 70}, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("exposes", "object_id", "says", "shown", "services"), CASES)
def test_what_is_exposed_is_read_and_commanded(
    exposes: Any, object_id: str, says: Any, shown: Any, services: Says
) -> None:
    home, registry = home_of(device(*exposes))
    identifier = f"{IEEE}_{object_id}_zigbee2mqtt"
    assert identifier in home.devices
    registry.receive("zigbee2mqtt/Lamp", json.dumps(says).encode())
    assert home.state(identifier) == shown
    for service, data, body in services:
        assert told(registry, identifier, service, data, shown) == [("zigbee2mqtt/Lamp/set", body)]


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Zigbee smart water valve", "valve"),
        ("Smart garden irrigation Valve control", "valve"),
        ("Smart plug", "switch"),
        (None, "switch"),
    ],
)
def test_a_water_valve_that_is_exposed_as_a_switch_is_a_valve(
    description: str | None, kind: str
) -> None:
    entry = device(of("switch", state()), measured("battery", "%"))
    entry["definition"]["description"] = description
    home, registry = home_of(entry)
    identifier = f"{IEEE}_switch_zigbee2mqtt"
    assert home.devices[identifier].type == kind
    registry.receive("zigbee2mqtt/Lamp", b'{"state":"ON"}')
    assert home.state(identifier) == ({"cover": "open"} if kind == "valve" else {"power": "on"})
    if kind == "valve":
        for verb, word in (("open_valve", "ON"), ("close_valve", "OFF")):
            body = [("zigbee2mqtt/Lamp/set", {"state": word})]
            assert told(registry, identifier, f"valve.{verb}", {}, {}) == body


def test_home_assistants_discovery_of_a_water_valve_is_known_by_its_model() -> None:
    home, registry = home_of()
    about = {"ids": ["zigbee2mqtt_0x01"], "mdl": "Zigbee smart water valve (GX02)", "name": "Lawn"}
    document = {"uniq_id": "lawn", "cmd_t": "z/Lawn/set", "stat_t": "z/Lawn", "dev": about}
    registry.receive("homeassistant/switch/lawn/config", json.dumps(document).encode())
    assert home.devices["lawn"].device_class == "valve"


FEATURES: list[tuple[Any, str, dict[str, Any]]] = [
    ([LIGHT, EFFECT], "light",
     {"brightness": True, "color": True, "color_temp": (2203, 4000),
      "effects": ("blink", "breathe", "stop_effect")}),
    ([BLIND], "cover", {"position": True, "tilt": True}),
    ([COVER], "cover", {"position": True, "tilt": False}),
    ([RADIATOR], "climate",
     {"temperature": (5, 30), "temperature_step": 0.5, "temperature_span": False, "unit": "°C",
      "modes": ("off", "heat", "auto"), "presets": ("none", "eco", "boost")}),
    ([BOTH], "climate",
     {"temperature": (7, 35), "temperature_span": True, "fan_modes": ("auto", "low", "high"),
      "swing_modes": ("on", "off")}),
    ([VENTILATOR], "fan", {"percentage": True, "percentage_step": 33.33, "presets": ("auto",)}),
    ([MODES], "fan", {"percentage": True, "percentage_step": 50.0, "presets": ("on", "smart")}),
    ([WARNING], "warning", {"tones": ("burglar", "fire", "emergency"), "siren_volume": True,
                            "siren_duration": True}),
    ([enum("action", "single", "double", access=1)], "action", {"modes": ("single", "double")}),
    ([enum("action", "on", "scene_*", access=1)], "action", {"modes": ("on",)}),
    ([measured("energy", "kWh")], "energy", {"unit": "kWh"}),
]  # fmt: skip


@pytest.mark.parametrize(("exposes", "object_id", "features"), FEATURES)
def test_what_it_can_do_is_known(exposes: Any, object_id: str, features: dict[str, Any]) -> None:
    home, _ = home_of(device(*exposes))
    known = home.devices[f"{IEEE}_{object_id}_zigbee2mqtt"].features
    assert {name: getattr(known, name) for name in features} == features


CLASSES: list[tuple[Any, str, str | None, bool]] = [
    (binary("contact", False, True), "binary_sensor", "door", True),
    (binary("occupancy"), "binary_sensor", "motion", True),
    (binary("presence"), "binary_sensor", "occupancy", True),
    (binary("water_leak"), "binary_sensor", "moisture", True),
    (binary("smoke"), "binary_sensor", "smoke", True),
    (binary("gas"), "binary_sensor", "gas", True),
    (binary("carbon_monoxide"), "binary_sensor", "carbon_monoxide", True),
    (binary("vibration"), "binary_sensor", "vibration", True),
    (binary("tamper"), "binary_sensor", "tamper", True),
    (binary("battery_low"), "binary_sensor", "battery", False),
    (binary("alarm", access=7), "siren", None, True),
    (binary("alarm"), "binary_sensor", "problem", True),
    (binary("something_own"), "binary_sensor", None, True),
    (binary("contact", False, True, category="diagnostic"), "binary_sensor", "door", False),
    (measured("temperature", "°C"), "sensor", "temperature", True),
    (measured("device_temperature", "°C"), "sensor", "temperature", False),
    (measured("co2", "ppm"), "sensor", "carbon_dioxide", True),
    (measured("illuminance", "lx"), "sensor", "illuminance", True),
    (measured("produced_energy", "kWh"), "sensor", "energy", True),
    (measured("power", "W"), "sensor", "power", True),
    (measured("linkquality", "lqi"), "sensor", None, False),
    (measured("battery", "%"), "sensor", "battery", False),
    (numeric("led_brightness", 0, 100) | {"category": "config"}, "number", None, False),
    (enum("power_on_behavior", "on", "off"), "select", None, False),
    (of("lock", state("LOCK", "UNLOCK", "child_lock")), "lock", None, False),
    (of("switch", state(prop="away_mode")), "switch", None, True),
    (enum("action", "single", access=1), "event", None, True),
]  # fmt: skip


@pytest.mark.parametrize(("expose", "kind", "device_class", "exposed"), CLASSES)
def test_sensors_have_their_class_and_settings_are_not_exposed(
    expose: Any, kind: str, device_class: str | None, exposed: bool
) -> None:
    home, _ = home_of(device(expose))
    (found,) = home.devices.values()
    assert (found.type, found.device_class, found.exposed) == (kind, device_class, exposed)


OPENER = [binary("trigger", access=3), binary("garage_door_contact", False, True)]


@pytest.mark.parametrize(
    ("exposes", "description", "main", "guarded"),
    [
        ([COVER], "Garage door controller", "cover", ("garage", True)),
        ([COVER], "Sliding gate opener", "cover", ("gate", True)),
        ([COVER], "Curtain motor", "cover", (None, True)),
        ([COVER, OPENER[1]], "Opener", "cover", ("garage", True)),
        (OPENER, "Opener", "switch_trigger", (None, False)),
    ],
)
def test_what_opens_a_garage_is_known_for_it(
    exposes: Any, description: str, main: str, guarded: tuple[str | None, bool]
) -> None:
    entry = device(*exposes)
    entry["definition"]["description"] = description
    home, _ = home_of(entry)
    found = home.devices[f"{IEEE}_{main}_zigbee2mqtt"]
    assert (found.device_class, found.exposed) == guarded


def test_a_contact_that_is_false_is_an_open_door() -> None:
    home, registry = home_of(device(binary("contact", False, True)))
    (found,) = home.devices
    for says, shown in ((False, "on"), (True, "off")):
        registry.receive("zigbee2mqtt/Lamp", json.dumps({"contact": says}).encode())
        assert home.state(found) == {"value": shown}


def test_a_thermostat_with_two_setpoints_heats_or_cools_to_one_temperature() -> None:
    _, registry = home_of(device(BOTH))
    identifier = f"{IEEE}_climate_zigbee2mqtt"
    for mode, prop in (("heat", "heating"), ("auto", "heating"), ("cool", "cooling")):
        shown = {"hvac_mode": mode}
        ((_, body),) = told(
            registry, identifier, "climate.set_temperature", {"temperature": 21}, shown
        )
        assert body == {f"occupied_{prop}_setpoint": 21}


def test_setpoints_for_an_empty_home_are_numbers_aside() -> None:
    away = numeric("unoccupied_heating_setpoint", 5, 30)
    home, _ = home_of(device(of("climate", numeric("occupied_heating_setpoint", 5, 30), away)))
    number = home.devices[f"{IEEE}_unoccupied_heating_setpoint_zigbee2mqtt"]
    assert (number.type, number.exposed) == ("number", False)


@pytest.mark.parametrize(
    ("exposes", "confirming"),
    [
        ([COVER], {"position"}),
        ([COVER, enum("moving", "UP", "STOP", "DOWN", access=1)], {"position", "cover"}),
        ([of("light", state()), EFFECT], {"power"}),
        ([of("light", state()), EFFECT | {"access": 3}], {"power", "effect"}),
    ],
)
def test_only_what_the_device_tells_itself_confirms_a_command(
    exposes: Any, confirming: set[str]
) -> None:
    home, registry = home_of(device(*exposes))
    main = next(id_ for id_, one in home.devices.items() if one.type in ("cover", "light"))
    binding = registry.binding(main)
    assert binding is not None
    assert binding.reports == confirming


def test_a_value_that_makes_no_sense_does_not_spoil_the_others() -> None:
    home, registry = home_of(device(RADIATOR))
    identifier = f"{IEEE}_climate_zigbee2mqtt"
    says = {"occupied_heating_setpoint": "warm", "local_temperature": 19}
    registry.receive("zigbee2mqtt/Lamp", json.dumps(says).encode())
    assert home.state(identifier) == {"current_temperature": 19}


def test_the_same_press_twice_is_two_events() -> None:
    home, registry = home_of(device(enum("action", "single", access=1)))
    fired: list[str] = []
    home.on_state(fired.append)
    for _ in range(2):
        registry.receive("zigbee2mqtt/Lamp", b'{"action":"single"}')
        registry.receive("zigbee2mqtt/Lamp", b'{"action":""}')
    assert len(fired) == 2
