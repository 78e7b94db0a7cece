"""What Shelly's components can do: exact calls go out, state comes back.

Configurations and statuses follow the component pages of shelly-api-docs.shelly.cloud/gen2.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from shelly_double import ID, ShellyDouble, device_config, device_status
from shelly_world import CALIBRATED, LIGHT, METERED, PREFIX, WARM, World, shelly

from assistant.home.commands.expectations import Refusal
from assistant.home.commands.plan import plan
from assistant.types import Action

SLATS = {"slat": {"enable": True}}
WALL = {"thermostat_0": {"enable": True, "type": "heating", "sensor": "x"}, "humidity_0": {}}
ON, OFF = {"id": 0, "on": True}, {"id": 0, "on": False}

CASES: list[tuple[Any, Any, str, Any, Any, str, Any, list[tuple[str, Any]]]] = [
    ({"switch_0": {"name": None}}, {"switch_0": {"output": False}}, "switch_0",
     {"switch:0": {"id": 0, "output": True}}, {"power": "on"},
     "switch.turn_on", {}, [("Switch.Set", ON)]),
    ({"switch_0": {}}, {"switch_0": {"output": True}}, "switch_0", {"sys": {"uptime": 1}},
     {"power": "on"}, "switch.toggle", {}, [("Switch.Set", OFF)]),
    ({"light_0": {}}, {"light_0": LIGHT}, "light_0", {"light:0": {"brightness": 55}},
     {"power": "on", "brightness_pct": 55}, "light.turn_on", {"brightness_pct": 70},
     [("Light.Set", {**ON, "brightness": 70})]),
    ({"rgb_0": {}}, {"rgb_0": {**LIGHT, "rgb": [1, 2, 3]}}, "rgb_0", {"rgb:0": {"rgb": [9, 8, 7]}},
     {"power": "on", "brightness_pct": 40, "rgb_color": (9, 8, 7)}, "light.turn_on",
     {"rgb_color": (255, 0, 0)}, [("RGB.Set", {**ON, "rgb": [255, 0, 0]})]),
    ({"rgbw_0": {}}, {"rgbw_0": {**LIGHT, "rgb": [1, 2, 3], "white": 90}}, "rgbw_0",
     {"rgbw:0": {"output": False}},
     {"power": "off", "brightness_pct": 40, "rgb_color": (1, 2, 3)}, "light.turn_on",
     {"rgb_color": (0, 0, 255)}, [("RGBW.Set", {**ON, "rgb": [0, 0, 255], "white": 0})]),
    ({"cct_0": {"ct_range": [2700, 5000]}}, {"cct_0": {**LIGHT, "ct": 3000}}, "cct_0",
     {"cct:0": {"ct": 4000}}, {"power": "on", "brightness_pct": 40, "color_temp_kelvin": 4000},
     "light.turn_on", {"color_temp_kelvin": 6500}, [("CCT.Set", {**ON, "ct": 5000})]),
    ({"rgbcct_0": {}}, {"rgbcct_0": {**LIGHT, "mode": "rgb", "rgb": [1, 2, 3]}}, "rgbcct_0",
     {"rgbcct:0": {"mode": "cct", "ct": 2700}},
     {"power": "on", "brightness_pct": 40, "rgb_color": (1, 2, 3), "color_temp_kelvin": 2700},
     "light.turn_on", {"color_temp_kelvin": 4000},
     [("RGBCCT.Set", {**ON, "ct": 4000, "mode": "cct"})]),
    ({"cover_0": {}}, {"cover_0": CALIBRATED}, "cover_0",
     {"cover:0": {"state": "closing", "current_pos": 60}}, {"cover": "closing", "position": 60},
     "cover.set_cover_position", {"position": 30},
     [("Cover.GoToPosition", {"id": 0, "pos": 30})]),
    ({"cover_0": {}}, {"cover_0": {"state": "stopped", "pos_control": False}}, "cover_0",
     {"cover:0": {"state": "calibrating"}}, {"cover": "stopped"}, "cover.open_cover", {},
     [("Cover.Open", {"id": 0})]),
    ({"cover_0": {}}, {"cover_0": {"state": "opening", "pos_control": False}}, "cover_0", {},
     {"cover": "opening"}, "cover.stop_cover", {}, [("Cover.Stop", {"id": 0})]),
    ({"cover_0": SLATS}, {"cover_0": {**CALIBRATED, "slat_pos": 20}}, "cover_0",
     {"cover:0": {"slat_pos": 80}}, {"cover": "open", "position": 70, "tilt": 80},
     "cover.close_cover", {}, [("Cover.Close", {"id": 0})]),
    (WALL, {"thermostat_0": WARM, "humidity_0": {"rh": 41}}, "thermostat_0",
     {"thermostat:0": {"target_C": 20}},
     {"temperature": 20, "current_temperature": 20.9, "hvac_mode": "heat", "current_humidity": 41},
     "climate.set_temperature", {"temperature": 19.5},
     [("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "target_C": 19.5}})]),
    (WALL, {"thermostat_0": WARM}, "thermostat_0", {"thermostat:0": {"enable": False}},
     {"temperature": 21.5, "current_temperature": 20.9, "hvac_mode": "off"},
     "climate.turn_off", {},
     [("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "enable": False}})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "status", "suffix", "says", "shown", "service", "data", "calls"), CASES
)
async def test_what_it_is_made_of_is_read_and_commanded(
    config: Any, status: Any, suffix: str, says: Any, shown: Any, service: str, data: Any,
    calls: Any,
) -> None:  # fmt: skip
    world = await shelly(config, status)
    identifier = f"{PREFIX}_{suffix}"
    await world.say(*world.double.notify(says))
    assert world.home.state(identifier) == shown
    assert world.do(identifier, service, data) == calls


TILTS = [
    ("open_cover_tilt", {}, 100), ("close_cover_tilt", {}, 0),
    ("set_cover_tilt_position", {"tilt_position": 35}, 35),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "data", "target"), TILTS)
async def test_slats_are_tilted_by_their_own_position(verb: str, data: Any, target: int) -> None:
    world = await shelly({"cover_0": SLATS}, {"cover_0": {**CALIBRATED, "slat_pos": 20}})
    calls = world.do(f"{PREFIX}_cover_0", f"cover.{verb}", data)
    assert calls == [("Cover.GoToPosition", {"id": 0, "slat_pos": target})]
    assert (
        not (await shelly({"cover_0": {}}, {"cover_0": CALIBRATED}))
        .home.devices[f"{PREFIX}_cover_0"]
        .features.tilt
    )


SENSORS: list[tuple[Any, Any, str, str, str | None, str, Any]] = [
    ({"switch_0": {}}, {"switch_0": {"output": True, **METERED}}, "switch_0_power", "sensor",
     "power", "W", 3.5),
    ({"switch_0": {}}, {"switch_0": {"output": True, **METERED}}, "switch_0_energy", "sensor",
     "energy", "kWh", 1.234),
    ({"pm1_0": {}}, {"pm1_0": METERED}, "pm1_0_voltage", "sensor", "voltage", "V", 230.1),
    ({"em1_0": {}}, {"em1_0": {"act_power": -50.0}}, "em1_0_power", "sensor", "power", "W", -50),
    ({"em1data_0": {}}, {"em1data_0": {"total_act_energy": 2000.0}}, "em1data_0_energy", "sensor",
     "energy", "kWh", 2),
    ({"em_0": {}}, {"em_0": {"total_act_power": 900.5, "b_act_power": 300}}, "em_0_power_b",
     "sensor", "power", "W", 300),
    ({"emdata_0": {}}, {"emdata_0": {"total_act": 5000}}, "emdata_0_energy", "sensor", "energy",
     "kWh", 5),
    ({"temperature_100": {}}, {"temperature_100": {"tC": 21.25, "tF": 70.25}}, "temperature_100",
     "sensor", "temperature", "°C", 21.25),
    ({"humidity_0": {}}, {"humidity_0": {"rh": 48.0}}, "humidity_0", "sensor", "humidity", "%",
     48),
    ({"illuminance_0": {}}, {"illuminance_0": {"lux": 300}}, "illuminance_0", "sensor",
     "illuminance", "lx", 300),
    ({"voltmeter_100": {"xvoltage": {"expr": None, "unit": None}}},
     {"voltmeter_100": {"voltage": 4.32}}, "voltmeter_100", "sensor", "voltage", "V", 4.32),
    ({"voltmeter_100": {"xvoltage": {"expr": "x*10", "unit": "ppm"}}},
     {"voltmeter_100": {"voltage": 4.32, "xvoltage": 43.2}}, "voltmeter_100", "sensor", None,
     "ppm", 43.2),
    ({"devicepower_0": {}}, {"devicepower_0": {"battery": {"V": 5.8, "percent": 87}}},
     "devicepower_0", "sensor", "battery", "%", 87),
    ({"smoke_0": {}}, {"smoke_0": {"alarm": False, "mute": False}}, "smoke_0", "binary_sensor",
     "smoke", "", "off"),
    ({"flood_0": {}}, {"flood_0": {"alarm": True, "mute": False}}, "flood_0", "binary_sensor",
     "moisture", "", "on"),
    ({"presence_0": {}}, {"presence_0": {"num_objects": 2}}, "presence_0", "sensor", None, "", 2),
    ({"input_0": {"type": "switch"}}, {"input_0": {"state": True}}, "input_0", "binary_sensor",
     None, "", "on"),
    ({"input_0": {"type": "analog"}}, {"input_0": {"percent": 12.5}}, "input_0", "sensor", None,
     "%", 12.5),
    ({"input_0": {"type": "count", "xcounts": {"unit": "l"}}},
     {"input_0": {"counts": {"total": 7, "xtotal": 70}}}, "input_0", "sensor", None, "l", 70),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "status", "suffix", "kind", "device_class", "unit", "value"), SENSORS
)
async def test_what_it_measures_is_told_in_its_unit(
    config: Any, status: Any, suffix: str, kind: str, device_class: str, unit: str, value: Any
) -> None:
    home = (await shelly(config, status)).home
    device = home.devices[f"{PREFIX}_{suffix}"]
    assert (device.type, device.device_class, device.features.unit) == (kind, device_class, unit)
    assert home.state(device.id) == {"value": value}


async def test_a_switch_is_a_light_where_its_owner_says_so() -> None:
    config = device_config(switch_0={}, switch_1={})
    config["sys"]["ui_data"] = {"consumption_types": ["heating", "lights"]}
    status = device_status(switch_0={"output": False}, switch_1={"output": True})
    world = await World(ShellyDouble(config, status)).come()
    assert world.home.devices[f"{PREFIX}_switch_0"].type == "switch"
    assert world.home.devices[f"{PREFIX}_switch_1"].type == "light"
    call = ("Switch.Set", {"id": 1, "on": False})
    assert world.do(f"{PREFIX}_switch_1", "light.turn_off", {}) == [call]


async def test_a_buttons_presses_are_events() -> None:
    config = {"input_0": {"type": "button"}, "input_1": {"type": "button"}}
    world = await shelly(config, {"input_0": {"state": None}})
    await world.say(*world.double.fire("input:1", "double_push"))
    await world.say(*world.double.fire("input:1", "no_such_event"))
    device = world.home.devices[f"{PREFIX}_input_1"]
    assert device.type == "event" and "double_push" in device.features.modes
    assert world.home.state(device.id) == {"event": "double_push"}
    assert world.home.state(f"{PREFIX}_input_0") == {}


async def test_a_relay_that_the_own_thermostat_works_is_left_to_it() -> None:
    actuator = {"thermostat_0": {"type": "cooling", "actuator": f"shelly://{ID}/c/switch:0"}}
    status = {"thermostat_0": WARM, "switch_0": {"output": True}}
    world = await shelly({**actuator, "switch_0": {}}, status)
    assert list(world.home.devices) == [f"{PREFIX}_thermostat_0"]
    assert world.home.devices[f"{PREFIX}_thermostat_0"].features.modes == ("off", "cool")
    other: Any = {"thermostat_0": {"type": "cooling", "actuator": "shelly://shellyx-1/c/switch:0"}}
    busy = ShellyDouble(device_config(**other, switch_0={}), device_status(**status))
    busy.status["sys"]["relay_in_thermostat"] = True
    assert list((await World(busy).come()).home.devices) == [f"{PREFIX}_thermostat_0"]
    assert f"{PREFIX}_switch_0" in (await shelly({**other, "switch_0": {}}, status)).home.devices


async def test_a_cover_that_is_not_calibrated_is_only_opened_and_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"cover_0": {}}, {"cover_0": {"state": "closed", "pos_control": False}})
    device = world.home.devices[f"{PREFIX}_cover_0"]
    action = Action("cover.set_cover_position", device.id, {"position": 30})
    assert isinstance(plan(device, action, {}), Refusal)
    with caplog.at_level(logging.WARNING):
        await world.say(*world.double.notify({"cover:0": {"state": "calibrating"}}))
    assert not caplog.records and world.home.state(device.id) == {"cover": "closed"}


async def test_where_a_wall_switch_stands_is_shown_to_who_has_named_it() -> None:
    inputs = {"input_0": {"type": "switch"}, "input_1": {"type": "switch", "name": "Gate"}}
    unused = {"input_2": {"type": "switch", "name": "Spare", "enable": False}}
    world = await shelly(
        {**inputs, **unused}, {"input_0": {"state": True}, "input_1": {"state": True}}
    )
    assert [one.exposed for one in world.home.devices.values()] == [False, True]


async def test_a_value_out_of_its_range_is_logged_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"light_0": {}, "switch_1": {}}, {"light_0": LIGHT})
    with caplog.at_level(logging.WARNING):
        await world.say(*world.double.notify({"light:0": {"brightness": 400}}))
    assert len(caplog.records) == 1 and "400" in caplog.text
    assert world.home.state(f"{PREFIX}_light_0")["brightness_pct"] == 40


def dynamic(key: str, config: Any, status: Any) -> dict[str, Any]:
    number = int(key.partition(":")[2])
    return {"key": key, "config": {"id": number, **config}, "status": {"id": number, **status}}


TRV, DOOR = {"addr": "28:68:47:fc:9a:6b"}, {"addr": "0c:ef:f6:f1:d7:7b"}
GATEWAY = [
    dynamic("blutrv:200", {**TRV, "name": "Bath radiator"}, {"target_C": 20, "current_C": 24.1}),
    dynamic("bthomedevice:200", {**TRV, "name": "Bath radiator"}, {"battery": 100}),
    dynamic("bthomedevice:202", {**DOOR, "name": "Front door"}, {"battery": 99}),
    dynamic("bthomesensor:203", {**TRV, "name": None, "obj_id": 69}, {"value": 24.2}),
    dynamic("bthomesensor:210", {**DOOR, "name": None, "obj_id": 45}, {"value": False}),
    dynamic("bthomesensor:211", {**DOOR, "name": None, "obj_id": 58}, {}),
    dynamic("boolean:200", {"name": "Holiday", "meta": {"ui": {"view": "toggle"}}},
            {"value": True}),
    dynamic("number:200", {"name": "Delay", "min": 0, "max": 60,
                           "meta": {"ui": {"view": "slider", "unit": "s", "step": 5}}},
            {"value": 10}),
    dynamic("enum:200", {"name": "Program", "options": ["a", "b"],
                         "meta": {"ui": {"view": "dropdown", "titles": {"b": "Boost"}}}},
            {"value": "b"}),
    dynamic("text:200", {"name": "Note", "max_len": 30}, {"value": "hello"}),
    dynamic("button:200", {"name": "Ring"}, {}),
]  # fmt: skip


async def gateway() -> World:
    config = {**device_config("Gateway"), "bthome": {}}
    return await World(ShellyDouble(config, device_status(), added=GATEWAY)).come()


async def test_added_components_are_found_page_by_page() -> None:
    world = await gateway()
    found = {one.name: (one.type, world.home.state(one.id)) for one in world.home.devices.values()}
    assert found == {
        "Bath radiator": ("climate", {"temperature": 20, "current_temperature": 24.1}),
        "Front door Window": ("binary_sensor", {"value": "off"}),
        "Front door Button": ("event", {}),
        "Holiday": ("switch", {"power": "on"}),
        "Delay": ("number", {"value": 10}),
        "Program": ("select", {"value": "Boost"}),
        "Note": ("text", {"value": "hello"}),
        "Ring": ("button", {}),
    }
    assert world.methods.count("Shelly.GetComponents") == 4
    await world.say(*world.double.fire("bthomedevice:202", "long_push"))
    assert world.home.state(f"{PREFIX}_bthomesensor_211") == {"event": "long_push"}


ADDED: list[tuple[str, str, Any, tuple[str, Any]]] = [
    ("blutrv_200", "climate.set_temperature", {"temperature": 21.3},
     ("BluTrv.Call", {"id": 200, "method": "TRV.SetTarget",
                      "params": {"id": 0, "target_C": 21.3}})),
    ("boolean_200", "switch.turn_off", {}, ("Boolean.Set", {"id": 200, "value": False})),
    ("number_200", "number.set_value", {"value": 25}, ("Number.Set", {"id": 200, "value": 25})),
    ("enum_200", "select.select_option", {"option": "Boost"},
     ("Enum.Set", {"id": 200, "value": "b"})),
    ("text_200", "text.set_value", {"value": "bye"}, ("Text.Set", {"id": 200, "value": "bye"})),
    ("button_200", "button.press", {},
     ("Button.Trigger", {"id": 200, "event": "single_push"})),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "service", "data", "call"), ADDED)
async def test_added_components_are_commanded(
    suffix: str, service: str, data: Any, call: Any
) -> None:
    assert (await gateway()).do(f"{PREFIX}_{suffix}", service, data) == [call]


async def test_a_radiator_out_of_its_gateways_reach_is_unavailable() -> None:
    world = await gateway()
    identifier = f"{PREFIX}_blutrv_200"
    for connected in (False, True):
        await world.say(*world.double.notify({"blutrv:200": {"connected": connected}}))
        assert world.home.available(identifier) is connected
    binding = world.registry.binding(identifier)
    assert binding is not None and binding.hardware == {"286847fc9a6b"}
    question = binding.questions[-1]
    world.double.added[0]["status"]["target_C"] = 18
    for answer in world.double.receive(question.payload):
        await world.say(*answer)
    assert world.home.state(identifier)["temperature"] == 18
