"""Everything that Tasmota announces: what it tells becomes a state, a service a message.

Announcements after tasmota.github.io/docs/MQTT (`SetOption19 0`); commands and answers after
tasmota.github.io/docs/Commands, …/Blinds-and-Shutters and …/Buttons-and-Switches.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.model import Home
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.types import Action

MAC = "DC4F220E7A3B"
ROOT = "tasmota_0E7A3B"
RESULT, STATE, SENSOR, STATUS10 = (
    "stat/{}/RESULT",
    "tele/{}/STATE",
    "tele/{}/SENSOR",
    "stat/{}/STATUS10",
)


def config(**more: Any) -> dict[str, Any]:
    return {
        "ip": "192.168.1.20", "dn": "Kitchen", "fn": ["Tasmota", None], "hn": "tasmota-0E7A3B",
        "mac": MAC, "md": "Generic", "ty": 0, "if": 0, "ofln": "Offline", "onln": "Online",
        "state": ["OFF", "ON", "TOGGLE", "HOLD"], "sw": "13.2.0", "t": ROOT,
        "ft": "%prefix%/%topic%/", "tp": ["cmnd", "stat", "tele"], "rl": [1, 0, 0, 0],
        "swc": [-1, -1], "swn": [None, None], "btn": [0, 0],
        "so": {"4": 0, "11": 0, "13": 0, "17": 0, "20": 0, "30": 0, "68": 0, "73": 0, "82": 0,
               "114": 0, "117": 0},
        "lk": 1, "lt_st": 0, "bat": 0, "dslp": 0, "sho": [], "sht": [], "ver": 1, **more,
    }  # fmt: skip


def home_of(sensors: Any = None, **more: Any) -> tuple[Home, Registry]:
    home = Home()
    registry = Registry(home, [TasmotaDialect()])
    registry.receive(f"tasmota/discovery/{MAC}/config", json.dumps(config(**more)).encode())
    if sensors is not None:
        body = json.dumps({"sn": sensors, "ver": 1})
        registry.receive(f"tasmota/discovery/{MAC}/sensors", body.encode())
    return home, registry


def told(
    registry: Registry, device_id: str, service: str, data: Any, shown: Any
) -> list[tuple[str, str]]:
    binding = registry.binding(device_id)
    assert binding is not None
    planned = plan(binding.device, Action(service, device_id, data), shown)
    assert isinstance(planned, Plan), planned
    messages = binding.commands(planned.action, shown)
    assert all(message.topic.startswith(f"cmnd/{ROOT}/") for message in messages)
    return [(message.topic.rpartition("/")[2], message.payload) for message in messages]


Says = list[tuple[str, dict[str, Any], list[tuple[str, str]]]]
"""Service, fields, and the commands with their payloads."""

ON, OFF = ("POWER1", "ON"), ("POWER1", "OFF")
RGB, RGBCCT = {"rl": [2], "lt_st": 3}, {"rl": [2], "lt_st": 5}
BLIND = {"rl": [3, 3], "sho": [0], "sht": [[-90, 90, 20]]}
FAN = {"if": 1, "rl": [2, 0, 0, 0]}
SWITCH = {"rl": [0], "swc": [1], "swn": ["Switch1"]}

CASES: list[tuple[dict[str, Any], str, str, Any, dict[str, Any], Says]] = [
    ({}, "RL_1", STATE, {"POWER": "ON"}, {"power": "on"},
     [("switch.turn_on", {}, [ON]), ("switch.turn_off", {}, [OFF])]),
    ({"rl": [2], "lt_st": 1}, "LI_1", RESULT, {"POWER": "ON", "Dimmer": 40},
     {"power": "on", "brightness_pct": 40},
     [("light.turn_on", {"brightness_pct": 70}, [("Dimmer", "70"), ON])]),
    ({"rl": [2], "lt_st": 1, "ty": 1}, "LI_1", RESULT, {"POWER": "ON", "Dimmer": 40},
     {"power": "on", "brightness_pct": 40},
     [("light.turn_on", {"brightness_pct": 70}, [("Dimmer3", "70"), ON])]),
    ({"rl": [2], "lt_st": 2, "so": {"82": 1}}, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 100, "White": 100, "CT": 250},
     {"power": "on", "brightness_pct": 100, "color_temp_kelvin": 4000},
     [("light.turn_on", {"color_temp_kelvin": 5000}, [("CT", "200"), ON])]),
    (RGB, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 50, "Color": "0000FF", "HSBColor": "240,100,50", "Scheme": 2},
     {"power": "on", "brightness_pct": 50, "rgb_color": (0, 0, 255), "effect": "Cycle up"},
     [("light.turn_on", {"rgb_color": (255, 0, 0)}, [("Color2", "255,0,0"), ON]),
      ("light.turn_on", {"effect": "Random"}, [("Scheme", "4"), ON])]),
    ({"rl": [2], "lt_st": 4}, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 50, "HSBColor": "240,100,50", "White": 0},
     {"power": "on", "brightness_pct": 50, "rgb_color": (0, 0, 255)},
     [("light.turn_on", {"rgb_color": (0, 255, 0)}, [("Color2", "0,255,0"), ON])]),
    ({"rl": [2], "lt_st": 4}, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 50, "HSBColor": "240,100,50", "White": 50},
     {"power": "on", "brightness_pct": 50, "rgb_color": (255, 255, 255)},
     [("light.turn_on", {"rgb_color": (255, 255, 255)}, [("White", "50"), ON]),
      ("light.turn_on", {"rgb_color": (255, 255, 255), "brightness_pct": 20},
       [("White", "20"), ("Dimmer", "20"), ON])]),
    (RGBCCT, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 50, "HSBColor": "240,100,50", "White": 50, "CT": 400},
     {"power": "on", "brightness_pct": 50, "color_temp_kelvin": 2500},
     [("light.turn_on", {"color_temp_kelvin": 2000}, [("CT", "500"), ON])]),
    (RGBCCT, "LI_1", STATE,
     {"POWER": "ON", "Dimmer": 50, "HSBColor": "0,100,50", "White": 0, "CT": 400},
     {"power": "on", "brightness_pct": 50, "rgb_color": (255, 0, 0)}, []),
    ({"rl": [1, 2, 2], "lt_st": 5, "lk": 0}, "LI_2", STATE,
     {"POWER1": "OFF", "POWER2": "ON", "Dimmer2": 10, "POWER3": "OFF", "Dimmer3": 90,
      "HSBColor": "0,100,10", "White": 90, "CT": 200},
     {"power": "on", "brightness_pct": 10, "rgb_color": (255, 0, 0)},
     [("light.turn_on", {"brightness_pct": 20, "rgb_color": (0, 0, 255)},
       [("Color2", "0,0,255="), ("Dimmer1", "20"), ("POWER2", "ON")])]),
    ({"rl": [1, 2, 2], "lt_st": 5, "lk": 0}, "LI_3", STATE,
     {"POWER2": "ON", "Dimmer2": 10, "POWER3": "ON", "Dimmer3": 90, "CT": 200},
     {"power": "on", "brightness_pct": 90, "color_temp_kelvin": 5000},
     [("light.turn_on", {"brightness_pct": 20}, [("Dimmer2", "20"), ("POWER3", "ON")])]),
    ({"rl": [1, 2, 2], "lt_st": 2, "so": {"68": 1}}, "LI_3", STATE,
     {"POWER2": "ON", "Channel2": 5, "POWER3": "OFF", "Channel3": 60},
     {"power": "off", "brightness_pct": 60},
     [("light.turn_on", {"brightness_pct": 20}, [("Channel3", "20"), ("POWER3", "ON")])]),
    (FAN, "FN_1", RESULT, {"FanSpeed": 2}, {"power": "on", "percentage": 66},
     [("fan.turn_on", {}, [("FanSpeed", "2")]), ("fan.turn_off", {}, [("FanSpeed", "0")]),
      ("fan.set_percentage", {"percentage": 100}, [("FanSpeed", "3")]),
      ("fan.turn_on", {"percentage": 30}, [("FanSpeed", "1")])]),
    (FAN, "FN_1", STATE, {"POWER1": "ON", "FanSpeed": 0}, {"power": "off", "percentage": 0}, []),
    (FAN, "LI_1", STATE, {"POWER1": "ON", "FanSpeed": 0}, {"power": "on"},
     [("light.turn_off", {}, [OFF])]),
    (BLIND, "SHT_1", RESULT,
     {"Shutter1": {"Position": 30, "Direction": -1, "Target": 0, "Tilt": 45}},
     {"position": 30, "cover": "closing", "tilt": 75},
     [("cover.open_cover", {}, [("ShutterOpen1", "")]),
      ("cover.close_cover", {}, [("ShutterClose1", "")]),
      ("cover.stop_cover", {}, [("ShutterStop1", "")]),
      ("cover.set_cover_position", {"position": 80}, [("ShutterPosition1", "80")]),
      ("cover.open_cover_tilt", {}, [("ShutterTilt1", "OPEN")]),
      ("cover.close_cover_tilt", {}, [("ShutterTilt1", "CLOSE")]),
      ("cover.stop_cover_tilt", {}, [("ShutterStop1", "")]),
      ("cover.set_cover_tilt_position", {"tilt_position": 25}, [("ShutterTilt1", "-45")])]),
    ({"rl": [1, 3, 3, 3, 3], "sho": [0, 1]}, "SHT_2", STATUS10,
     {"StatusSNS": {"Shutter2": {"Position": 0, "Direction": 0}}},
     {"position": 100, "cover": "open"},
     [("cover.set_cover_position", {"position": 30}, [("ShutterPosition2", "70")]),
      ]),
    (SWITCH, "SW_1", RESULT, {"Switch1": {"Action": "ON"}}, {"value": "on"}, []),
    (SWITCH, "SW_1", SENSOR, {"Time": "x", "Switch1": "OFF"}, {"value": "off"}, []),
    (SWITCH, "SW_1", STATUS10, {"StatusSNS": {"Switch1": "ON"}}, {"value": "on"}, []),
    ({"rl": [0], "swc": [-1, 15, 2], "swn": ["", "", "Front_door"]}, "SW_3", RESULT,
     {"Front_door": {"Action": "ON"}}, {"value": "on"}, []),
    ({"rl": [0], "swc": [3], "swn": ["Switch1"]}, "SW_1", RESULT,
     {"Switch1": {"Action": "TOGGLE"}}, {}, []),
    ({"rl": [0], "swc": [3], "swn": ["Switch1"]}, "SW_1_EVENT", RESULT,
     {"Switch1": {"Action": "TOGGLE"}}, {"event": "single"}, []),
    ({"rl": [0], "swc": [5]}, "SW_1_EVENT", RESULT, {"Switch1": {"Action": "HOLD"}},
     {"event": "hold"}, []),
    ({"rl": [0], "swc": [8]}, "SW_1_EVENT", RESULT, {"Switch1": {"Action": "HOLD"}},
     {"event": "double"}, []),
    ({"btn": [1]}, "BTN_1", RESULT, {"Button1": {"Action": "TRIPLE"}}, {"event": "triple"}, []),
    ({"btn": [0, 1], "so": {"11": 1}}, "BTN_2", RESULT, {"Button2": {"Action": "SINGLE"}},
     {"event": "double"}, []),
    ({"btn": [1], "so": {"13": 1}}, "BTN_1", RESULT, {"Button1": {"Action": "DOUBLE"}}, {}, []),
    ({"btn": [1], "so": {"4": 1}}, "BTN_1", "stat/{}/BUTTON1", {"Button1": {"Action": "HOLD"}},
     {"event": "hold"}, []),
    ({"so": {"4": 1}}, "RL_1", "stat/{}/STATE", {"POWER": "ON"}, {"power": "on"}, []),
    ({"so": {"4": 1}, **BLIND}, "SHT_1", "stat/{}/SHUTTER",
     {"Shutter1": {"Position": 100, "Direction": 0}}, {"position": 100, "cover": "open"}, []),
]  # fmt: skip


def test_a_value_told_plainly_is_understood() -> None:
    home, registry = home_of(so={"4": 1})
    registry.receive(f"stat/{ROOT}/POWER", b"ON")
    assert home.state("0E7A3B_RL_1") == {"power": "on"}


def test_an_inverted_shutter_falls_while_its_number_grows() -> None:
    home, registry = home_of(rl=[3, 3], sho=[1])
    for position, direction, shown in (
        (62, -1, {"position": 38, "cover": "closing"}),
        (100, 0, {"position": 0, "cover": "closed"}),
        (62, 1, {"position": 38, "cover": "opening"}),
    ):
        body = {"Shutter1": {"Position": position, "Direction": direction, "Target": 100}}
        registry.receive(f"stat/{ROOT}/RESULT", json.dumps(body).encode())
        assert home.state("0E7A3B_SHT_1") == shown


@pytest.mark.parametrize(("more", "suffix", "on", "says", "shown", "services"), CASES)
def test_what_is_announced_is_read_and_commanded(
    more: Any, suffix: str, on: str, says: Any, shown: Any, services: Says
) -> None:
    home, registry = home_of(**more)
    identifier = f"0E7A3B_{suffix}"
    assert identifier in home.devices
    registry.receive(on.format(ROOT), json.dumps(says).encode())
    assert home.state(identifier) == shown
    for service, data, messages in services:
        assert told(registry, identifier, service, data, shown) == messages


def test_what_it_can_do_is_known() -> None:
    home, _ = home_of(**RGBCCT)
    light = home.devices["0E7A3B_LI_1"].features
    assert (light.brightness, light.color, light.color_temp) == (True, True, (2000, 6536))
    assert light.effects == ("None", "Wake up", "Cycle up", "Cycle down", "Random")
    home, _ = home_of(**BLIND)
    assert home.devices["0E7A3B_SHT_1"].features.tilt
    home, _ = home_of(rl=[3, 3], sho=[0], sht=[[-90, 90, 0]])
    assert not home.devices["0E7A3B_SHT_1"].features.tilt
    home, _ = home_of(btn=[1, 1], swc=[9])
    assert home.devices["0E7A3B_SW_1_EVENT"].features.modes == ("double",)
    assert home.devices["0E7A3B_BTN_2"].features.modes == (
        "single", "double", "triple", "quadruple", "quintuple", "hold",
    )  # fmt: skip


NAMES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["Kitchen"]),
    ({"fn": ["Lamp"]}, ["Lamp"]),
    ({"dn": "floor_lamp", "fn": ["floor_lamp"]}, ["floor lamp"]),
    ({"rl": [1, 1], "fn": ["Tasmota", "Tasmota2"]}, ["Kitchen 1", "Kitchen 2"]),
    ({"rl": [1, 1], "fn": ["Left", None]}, ["Left", "Kitchen 2"]),
    ({"rl": [1, 3, 3], "fn": ["Lamp", "Blind", "Blind2"]}, ["Lamp", "Blind"]),
    ({"rl": [3, 3, 3, 3]}, ["Kitchen 1", "Kitchen 2"]),
    (FAN, ["Kitchen", "Kitchen"]),
    ({"rl": [0], "btn": [1, 0]}, ["Kitchen button"]),
    ({"rl": [0], "btn": [1, 1]}, ["Kitchen button 1", "Kitchen button 2"]),
    ({"rl": [0], "swc": [1, 1], "swn": ["Switch1", "Front_door"]},
     ["Kitchen switch 1", "Front door"]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "names"), NAMES)
def test_parts_are_called_as_their_user_or_their_device(
    more: dict[str, Any], names: list[str]
) -> None:
    home, _ = home_of(**more)
    assert [one.name for one in home.devices.values()] == names


SENSORS = {
    "Time": "2023-01-01T00:00:00", "TempUnit": "C", "PressureUnit": "mmHg",
    "DS18B20-1": {"Id": "01", "Temperature": 20.1}, "DS18B20-2": {"Id": "02", "Temperature": 5},
    "BME280": {"Humidity": 40, "DewPoint": 7.5, "Pressure": 750}, "ESP32": {"Temperature": 53.3},
    "ENERGY": {"TotalStartTime": "x", "Total": 3.5, "Power": [10, 20], "Voltage": 230,
               "ApparentPower": 12, "Factor": 0.9, "Current": 0.1},
    "ANALOG": {"Moisture1": 30, "A0": 7}, "PMS5003": {"PM2.5": 8, "PB1": 3},
    "SCD40": {"CarbonDioxide": 612}, "Switch1": "ON",
}  # fmt: skip
KNOWN = {
    "DS18B20-1_Temperature": ("Kitchen DS18B20-1 Temperature", "temperature", "°C", True),
    "DS18B20-2_Temperature": ("Kitchen DS18B20-2 Temperature", "temperature", "°C", True),
    "BME280_Humidity": ("Kitchen Humidity", "humidity", "%", True),
    "BME280_DewPoint": ("Kitchen Dew point", "temperature", "°C", True),
    "BME280_Pressure": ("Kitchen Pressure", "pressure", "mmHg", True),
    "ESP32_Temperature": ("Kitchen ESP32 Temperature", "temperature", "°C", False),
    "ENERGY_Total": ("Kitchen Energy Total", "energy", "kWh", True),
    "ENERGY_Power_0": ("Kitchen Power 1", "power", "W", True),
    "ENERGY_Power_1": ("Kitchen Power 2", "power", "W", True),
    "ENERGY_Voltage": ("Kitchen Voltage", "voltage", "V", True),
    "ENERGY_ApparentPower": ("Kitchen Apparent power", "apparent_power", "VA", False),
    "ENERGY_Factor": ("Kitchen Power factor", "power_factor", "", False),
    "ENERGY_Current": ("Kitchen Current", "current", "A", True),
    "ANALOG_Moisture1": ("Kitchen Moisture 1", "moisture", "%", True),
    "PMS5003_PM2.5": ("Kitchen PM2.5", "pm25", "µg/m³", True),
    "SCD40_CarbonDioxide": ("Kitchen Carbon dioxide", "carbon_dioxide", "ppm", True),
}


@pytest.mark.parametrize("wrapped", [False, True])
def test_sensors_are_known_by_quantity_class_and_unit(wrapped: bool) -> None:
    home, registry = home_of(SENSORS, rl=[0])
    found = {
        one.id.removeprefix("0E7A3B_"):
            (one.name, one.device_class, one.features.unit, one.exposed)
        for one in home.devices.values()
    }  # fmt: skip
    assert found == KNOWN
    topic, body = (STATUS10, {"StatusSNS": SENSORS}) if wrapped else (SENSOR, SENSORS)
    registry.receive(topic.format(ROOT), json.dumps(body).encode())
    for suffix, value in (("ENERGY_Power_1", 20), ("PMS5003_PM2.5", 8), ("ANALOG_Moisture1", 30)):
        assert home.state(f"0E7A3B_{suffix}") == {"value": value}


@pytest.mark.parametrize(
    ("announced", "says", "shown"),
    [
        ([1, 2], {"Power": 7}, {"_0": {"value": 7}, "_1": {}}),
        ([1, 2], {"Power": [7]}, {"_0": {"value": 7}, "_1": {}}),
        (1, {"Power": [7, 8]}, {"": {"value": 7}}),
    ],
)  # fmt: skip
def test_as_many_phases_are_told_as_there_are_or_fewer(
    announced: Any, says: Any, shown: Any
) -> None:
    home, registry = home_of({"ENERGY": {"Power": announced}}, rl=[0])
    registry.receive(f"tele/{ROOT}/SENSOR", json.dumps({"ENERGY": says}).encode())
    found = {suffix: home.state(f"0E7A3B_ENERGY_Power{suffix}") for suffix in shown}
    assert found == shown


STATE_ASKED, SENSORS_ASKED = ("State", ""), ("Status", "10")


@pytest.mark.parametrize(
    ("more", "sensors", "asked"),
    [
        ({}, None, [STATE_ASKED]),
        ({"rl": [1, 2], "lt_st": 1}, {"AM2301": {"Temperature": 1, "Humidity": 2}},
         [STATE_ASKED, SENSORS_ASKED]),
        (BLIND, None, [SENSORS_ASKED]),
        (SWITCH, None, [SENSORS_ASKED]),
        ({"rl": [0], "btn": [1]}, None, []),
        ({"dslp": 1}, {"AM2301": {"Temperature": 1}}, []),
    ],
)  # fmt: skip
def test_a_device_is_asked_once_for_its_state_and_once_for_its_sensors(
    more: Any, sensors: Any, asked: list[tuple[str, str]]
) -> None:
    home, registry = home_of(sensors, **more)
    bindings = [registry.binding(one) for one in home.devices]
    questions = [one for binding in bindings if binding for one in binding.questions]
    expected = [(f"cmnd/{ROOT}/{command}", payload) for command, payload in asked]
    assert [(one.topic, one.payload) for one in questions] == expected


def test_a_device_that_sleeps_can_still_be_reached_when_it_says_goodbye() -> None:
    home, registry = home_of(dslp=1)
    registry.receive(f"tele/{ROOT}/LWT", b"Offline")
    assert home.available("0E7A3B_RL_1")


def test_motion_is_over_after_a_second() -> None:
    _, registry = home_of(rl=[0], swc=[13])
    binding = registry.binding("0E7A3B_SW_1")
    assert binding is not None
    assert binding.expires == {"value": (1.0, "off")}
    assert binding.device.device_class == "motion"


def test_a_switch_does_not_fire_when_it_only_tells_how_it_stands() -> None:
    home, registry = home_of(rl=[0], swc=[3], swn=["Switch1"])
    registry.receive(f"tele/{ROOT}/SENSOR", b'{"Switch1":"ON"}')
    assert home.state("0E7A3B_SW_1") == {"value": "on"}
    assert home.state("0E7A3B_SW_1_EVENT") == {}
