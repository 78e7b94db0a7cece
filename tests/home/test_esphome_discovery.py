"""ESPHome's devices, found by the Home Assistant discovery that its MQTT component publishes.

Announcements follow esphome.io/components/mqtt and the pages of its components, with the
abbreviated keys that ESPHome writes and its topics: `<node>/<component>/<object>/state`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.mqtt.dialect import Binding
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.types import Action

NODE = "living-room"


def message(component: str, **options: Any) -> tuple[str, str]:
    """Topic and payload of the announcement of one entity, "Thing"."""
    own = f"{NODE}/{component}/thing"
    readable = component not in ("button", "climate")
    writable = component not in ("sensor", "binary_sensor", "event", "climate")
    body = {
        "name": "Thing",
        **({"stat_t": f"{own}/state"} if readable else {}),
        **({"cmd_t": f"{own}/command"} if writable else {}),
        "avty_t": f"{NODE}/status",
        "uniq_id": f"ESP{component}thing",
        "dev": {
            "ids": "a4cf12f04d9c", "name": "Living room", "sw": "2025.6.0 (Jun 18 2025)",
            "mf": "Espressif", "mdl": "esp32dev", "cns": [["mac", "a4cf12f04d9c"]],
        },
        **{key: value.replace("~", own) if isinstance(value, str) else value
           for key, value in options.items()},
    }  # fmt: skip
    body = {key: value for key, value in body.items() if value is not None}
    return f"homeassistant/{component}/{NODE}/thing/config", json.dumps(body)


def announced(component: str, **options: Any) -> Binding:
    """What is made of the announcement of one entity, "Thing"."""
    topic, payload = message(component, **options)
    (binding,) = HomeAssistantDialect().read_announcement(topic, payload.encode())
    return binding


def state_of(binding: Binding, says: dict[str, str]) -> dict[str, Any]:
    """The state after payloads on topics."""
    readings = [read(text) for topic, text in says.items() for read in binding.readers[topic]]
    return {key: value for reading in readings for key, value in reading.items()}


BRIGHT = {
    "schema": "json",
    "clrm": True,
    "supported_color_modes": ["brightness"],
    "brightness": True,
}
COLORS = {
    "schema": "json", "clrm": True, "supported_color_modes": ["color_temp", "rgb"],
    "brightness": True, "min_mirs": 153.846, "max_mirs": 370.37, "effect": True,
    "fx_list": ["Rainbow", "None"],
}  # fmt: skip
CLIMATE = {
    "curr_temp_t": "~/current_temperature/state", "mode_cmd_t": "~/mode/command",
    "mode_stat_t": "~/mode/state", "modes": ["off", "heat", "cool", "heat_cool"],
    "temp_cmd_t": "~/target_temperature/command", "temp_stat_t": "~/target_temperature/state",
    "min_temp": 16, "max_temp": 28, "temp_step": 0.5, "temp_unit": "C",
    "act_t": "~/action/state",
}  # fmt: skip
SPAN = {
    **{key: value for key, value in CLIMATE.items() if key not in ("temp_cmd_t", "temp_stat_t")},
    "temp_lo_cmd_t": "~/target_temperature_low/command",
    "temp_lo_stat_t": "~/target_temperature_low/state",
    "temp_hi_cmd_t": "~/target_temperature_high/command",
    "temp_hi_stat_t": "~/target_temperature_high/state",
}
AIRFLOW = {
    "fan_mode_cmd_t": "~/fan_mode/command", "fan_mode_stat_t": "~/fan_mode/state",
    "fan_modes": ["auto", "low", "high"], "swing_mode_cmd_t": "~/swing_mode/command",
    "swing_mode_stat_t": "~/swing_mode/state", "swing_modes": ["off", "vertical"],
    "pr_mode_cmd_t": "~/preset/command", "pr_mode_stat_t": "~/preset/state",
    "pr_modes": ["eco", "boost"],
}  # fmt: skip
FAN = {
    "osc_cmd_t": "~/oscillation/command", "osc_stat_t": "~/oscillation/state",
    "pct_cmd_t": "~/speed_level/command", "pct_stat_t": "~/speed_level/state", "spd_rng_max": 4,
    "dir_cmd_t": "~/direction/command", "dir_stat_t": "~/direction/state",
}  # fmt: skip
BLIND = {
    "dev_cla": "blind", "pos_t": "~/position/state", "set_pos_t": "~/position/command",
    "tilt_status_t": "~/tilt/state", "tilt_cmd_t": "~/tilt/command",
}  # fmt: skip
ALARM = {"sup_feat": ["arm_away", "arm_home"], "cod_arm_req": False}

CASES: list[tuple[str, Any, Any, Any, str, Any, list[tuple[str, Any]]]] = [
    ("switch", {}, {"state": "ON"}, {"power": "on"}, "turn_off", {}, [("command", "OFF")]),
    ("light", BRIGHT, {"state": {"state": "ON", "color_mode": "brightness", "brightness": 128}},
     {"power": "on", "brightness_pct": 50.2}, "turn_on", {"brightness_pct": 20},
     [("command", {"state": "ON", "brightness": 51})]),
    ("light", COLORS,
     {"state": {"state": "ON", "color_mode": "rgb", "brightness": 255,
                "color": {"r": 255, "g": 0, "b": 0}, "effect": "None"}},
     {"power": "on", "brightness_pct": 100, "rgb_color": (255, 0, 0), "effect": "None"},
     "turn_on", {"rgb_color": (0, 0, 255)},
     [("command", {"state": "ON", "color": {"r": 0, "g": 0, "b": 255}})]),
    ("light", COLORS, {"state": {"state": "OFF"}}, {"power": "off"}, "turn_on",
     {"effect": "Rainbow"}, [("command", {"state": "ON", "effect": "Rainbow"})]),
    ("fan", FAN, {"state": "ON", "speed_level/state": "2", "oscillation/state": "oscillate_on",
                  "direction/state": "forward"},
     {"power": "on", "percentage": 50, "oscillating": True, "direction": "forward"},
     "set_percentage", {"percentage": 75}, [("speed_level/command", "3")]),
    ("fan", FAN, {"state": "ON"}, {"power": "on"}, "oscillate", {"oscillating": False},
     [("oscillation/command", "oscillate_off")]),
    ("fan", FAN, {"state": "ON"}, {"power": "on"}, "set_direction", {"direction": "reverse"},
     [("direction/command", "reverse")]),
    ("cover", BLIND, {"state": "open", "position/state": "60", "tilt/state": "30"},
     {"cover": "open", "position": 60, "tilt": 30}, "set_cover_position", {"position": 10},
     [("position/command", "10")]),
    ("cover", BLIND, {"state": "opening"}, {"cover": "opening"}, "stop_cover", {},
     [("command", "STOP")]),
    ("cover", BLIND, {"state": "open"}, {"cover": "open"}, "set_cover_tilt_position",
     {"tilt_position": 80}, [("tilt/command", "80")]),
    ("cover", {**BLIND, "stat_t": None}, {"position/state": "0"},
     {"position": 0, "cover": "closed"}, "open_cover", {}, [("command", "OPEN")]),
    ("cover", {**BLIND, "pos_t": None, "set_pos_t": None, "cmd_t": None}, {"tilt/state": "30"},
     {"tilt": 30}, "open_cover_tilt", {}, [("tilt/command", "100")]),
    ("light", COLORS, {"state": {"state": "ON", "color_mode": "color_temp", "color_temp": 250}},
     {"power": "on", "color_temp_kelvin": 4000}, "turn_on", {"color_temp_kelvin": 5000},
     [("command", {"state": "ON", "color_temp": 200})]),
    ("lock", {"pl_open": "OPEN"}, {"state": "LOCKED"}, {"lock": "locked"}, "unlock", {},
     [("command", "UNLOCK")]),
    ("lock", {"pl_open": "OPEN"}, {"state": "JAMMED"}, {"lock": "jammed"}, "open", {},
     [("command", "OPEN")]),
    ("climate", CLIMATE, {"mode/state": "heat", "current_temperature/state": "20.4",
                          "target_temperature/state": "21.0"},
     {"hvac_mode": "heat", "current_temperature": 20.4, "temperature": 21},
     "set_temperature", {"temperature": 22.5}, [("target_temperature/command", "22.5")]),
    ("climate", CLIMATE, {"mode/state": "off"}, {"hvac_mode": "off"}, "set_hvac_mode",
     {"hvac_mode": "cool"}, [("mode/command", "cool")]),
    ("climate", SPAN, {"target_temperature_low/state": "19", "target_temperature_high/state": "24"},
     {"target_temp_low": 19, "target_temp_high": 24}, "set_temperature",
     {"target_temp_low": 20, "target_temp_high": 23},
     [("target_temperature_low/command", "20"), ("target_temperature_high/command", "23")]),
    ("climate", {**CLIMATE, **AIRFLOW}, {"fan_mode/state": "auto", "swing_mode/state": "off",
                                         "preset/state": "eco"},
     {"fan_mode": "auto", "swing_mode": "off", "preset_mode": "eco"}, "set_fan_mode",
     {"fan_mode": "high"}, [("fan_mode/command", "high")]),
    ("climate", {**CLIMATE, **AIRFLOW}, {}, {}, "set_swing_mode", {"swing_mode": "vertical"},
     [("swing_mode/command", "vertical")]),
    ("climate", {**CLIMATE, **AIRFLOW}, {}, {}, "set_preset_mode", {"preset_mode": "boost"},
     [("preset/command", "boost")]),
    ("number", {"min": 0, "max": 20, "step": 0.5, "unit_of_meas": "min", "mode": "slider"},
     {"state": "7.5"}, {"value": 7.5}, "set_value", {"value": 12}, [("command", "12")]),
    ("select", {"ops": ["Day", "Night"]}, {"state": "Day"}, {"value": "Day"}, "select_option",
     {"option": "Night"}, [("command", "Night")]),
    ("text", {"min": 0, "max": 30, "mode": "text"}, {"state": "hello"}, {"value": "hello"},
     "set_value", {"value": "bye"}, [("command", "bye")]),
    ("button", {}, {}, {}, "press", {}, [("command", "PRESS")]),
    ("valve", {}, {"state": "closed"}, {"cover": "closed"}, "open_valve", {},
     [("command", "OPEN")]),
    ("alarm_control_panel", ALARM, {"state": "disarmed"}, {"alarm": "disarmed"}, "alarm_arm_away",
     {}, [("command", "ARM_AWAY")]),
]  # fmt: skip


@pytest.mark.parametrize(("component", "options", "says", "shown", "verb", "data", "told"), CASES)
def test_what_it_announces_is_read_and_commanded(
    component: str, options: Any, says: Any, shown: Any, verb: str, data: Any, told: Any
) -> None:
    binding = announced(component, **options)
    own = f"{NODE}/{component}/thing/"
    texts = {
        f"{own}{topic}": payload if isinstance(payload, str) else json.dumps(payload)
        for topic, payload in says.items()
    }
    assert state_of(binding, texts) == shown
    action = Action(f"{component}.{verb}", binding.device.id, data)
    planned = plan(binding.device, action, shown)
    assert isinstance(planned, Plan), planned
    messages = binding.commands(planned.action, shown)
    assert [one.topic for one in messages] == [f"{own}{topic}" for topic, _ in told]
    for one, (_, payload) in zip(messages, told, strict=True):
        body = one.payload if isinstance(payload, str) else json.loads(one.payload)
        assert body == payload


SENSORS = [
    ("sensor", {"unit_of_meas": "°C", "stat_cla": "measurement", "dev_cla": "temperature"},
     "21.37", 21.37, "°C"),
    ("sensor", {"unit_of_meas": "lx", "stat_cla": "measurement", "dev_cla": "illuminance"}, "120",
     120, "lx"),
    ("sensor", {}, "Morning", "Morning", ""),
    ("binary_sensor", {"dev_cla": "motion"}, "ON", "on", ""),
]  # fmt: skip


@pytest.mark.parametrize(("component", "options", "payload", "value", "unit"), SENSORS)
def test_what_it_measures_is_told_in_its_unit(
    component: str, options: Any, payload: str, value: Any, unit: str
) -> None:
    binding = announced(component, **options)
    assert state_of(binding, {f"{NODE}/{component}/thing/state": payload}) == {"value": value}
    device = binding.device
    assert (device.device_class, device.features.unit) == (options.get("dev_cla"), unit)


def test_an_event_is_told_when_it_fires() -> None:
    binding = announced("event", evt_typ=["single", "double"], dev_cla="button")
    assert binding.device.features.modes == ("single", "double")
    fired = {f"{NODE}/event/thing/state": '{"event_type": "double"}'}
    assert state_of(binding, fired) == {"event": "double"}


def test_a_measurement_too_old_is_no_measurement() -> None:
    assert announced("sensor", unit_of_meas="°C", exp_aft=300).expires["value"][0] == 300


def test_the_name_is_the_nodes_and_the_entitys() -> None:
    binding = announced("switch")
    assert (binding.device.id, binding.device.name) == ("ESPswitchthing", "Living room Thing")
    assert binding.hardware == {"a4cf12f04d9c"}
    assert announced("switch", name="").device.name == "Living room"
    assert announced("switch", dev={"name": "Node", "sa": "Kitchen"}).area_name == "Kitchen"


def test_what_is_for_maintenance_only_is_not_exposed() -> None:
    assert announced("sensor", unit_of_meas="dBm").device.exposed
    assert not announced("sensor", unit_of_meas="dBm", ent_cat="diagnostic").device.exposed
    assert not announced("sensor", unit_of_meas="dBm", en=False).device.exposed


def test_its_last_will_makes_all_of_it_unavailable() -> None:
    said = announced("switch").availability.topics[f"{NODE}/status"]
    assert [said(payload) for payload in ("online", "offline", "x")] == [True, False, None]
