"""Devices of every component, from announcement to confirmation, on a real Mosquitto."""

from __future__ import annotations

import json
from typing import Any

import pytest
from brokers import Mosquitto, eventually, traffic_on
from buses import LAMP, connected

from assistant.types import Action, Status

pytestmark = pytest.mark.broker


CASES: dict[str, dict[str, Any]] = {
    "light, default schema": {
        "topic": "homeassistant/light/lamp/config",
        "config": {
            **LAMP, "bri_cmd_t": "l/bri", "bri_stat_t": "l/bri/state",
            "rgb_cmd_t": "l/rgb", "rgb_stat_t": "l/rgb/state",
        },
        "says": [("l/state", "OFF"), ("l/bri/state", "128"), ("l/rgb/state", "1,2,3")],
        "state": {"power": "off", "brightness_pct": 50.2, "rgb_color": (1, 2, 3)},
        "action": ("light.turn_on", {"brightness_pct": 40, "color_name": "blue"}),
        "told": [("l/rgb", "0,0,255"), ("l/bri", "102"), ("l/set", "ON")],
        "answers": [("l/state", "ON"), ("l/bri/state", "102"), ("l/rgb/state", "0,0,255")],
    },
    "light, JSON schema, with ~": {
        "topic": "homeassistant/light/node/lamp/config",
        "config": {
            "schema": "json", "~": "z/lamp", "cmd_t": "~/set", "stat_t": "~",
            "brightness": True, "sup_clrm": ["color_temp", "xy"], "uniq_id": "lamp",
        },
        "says": [("z/lamp", '{"state":"OFF","brightness":255,"color_temp":370,'
                            '"color_mode":"color_temp"}')],
        "state": {"power": "off", "brightness_pct": 100, "color_temp_kelvin": 2703},
        "action": ("light.turn_on", {"brightness_pct": 20, "color_temp_kelvin": 4000}),
        "told": [("z/lamp/set", '{"state":"ON","brightness":51,"color_temp":250}')],
        "answers": [("z/lamp", '{"state":"ON","brightness":51,"color_temp":250,'
                               '"color_mode":"color_temp"}')],
    },
    "light, template schema": {
        "topic": "homeassistant/light/lamp/config",
        "config": {
            "schema": "template", "cmd_t": "t/set", "stat_t": "t", "uniq_id": "lamp",
            "cmd_on_tpl": "on{% if brightness is defined %},{{ brightness }}{% endif %}",
            "cmd_off_tpl": "off", "stat_tpl": "{{ value.split(',')[0] }}",
            "bri_tpl": "{{ value.split(',')[1] }}",
        },
        "says": [("t", "off,255")],
        "state": {"power": "off", "brightness_pct": 100},
        "action": ("light.turn_on", {"brightness_pct": 100}),
        "told": [("t/set", "on,255")],
        "answers": [("t", "on,255")],
    },
    "switch with templates": {
        "topic": "homeassistant/switch/plug/config",
        "config": {
            "uniq_id": "plug", "cmd_t": "p/cmnd", "stat_t": "p/tele",
            "val_tpl": "{{ value_json.POWER }}", "cmd_tpl": '{"POWER":"{{ value }}"}',
        },
        "says": [("p/tele", '{"POWER":"OFF"}')],
        "state": {"power": "off"},
        "action": ("switch.turn_on", {}),
        "told": [("p/cmnd", '{"POWER":"ON"}')],
        "answers": [("p/tele", '{"POWER":"ON"}')],
    },
    "fan with three speeds": {
        "topic": "homeassistant/fan/fan/config",
        "config": {
            "uniq_id": "fan", "cmd_t": "f/set", "stat_t": "f", "pct_cmd_t": "f/speed/set",
            "pct_stat_t": "f/speed", "spd_rng_max": 3,
        },
        "says": [("f", "ON"), ("f/speed", "1")],
        "state": {"power": "on", "percentage": 33},
        "action": ("fan.set_percentage", {"percentage": 66}),
        "told": [("f/speed/set", "2")],
        "answers": [("f/speed", "2")],
    },
    "cover with an upside-down position": {
        "topic": "homeassistant/cover/blind/config",
        "config": {
            "uniq_id": "blind", "cmd_t": "b/set", "pos_t": "b/pos", "set_pos_t": "b/pos/set",
            "pos_open": 0, "pos_clsd": 100, "dev_cla": "blind",
        },
        "says": [("b/pos", "100")],
        "state": {"position": 0},
        "action": ("cover.set_cover_position", {"position": 30}),
        "told": [("b/pos/set", "70")],
        "answers": [("b/pos", "70")],
    },
    "garage door": {
        "topic": "homeassistant/cover/door/config",
        "config": {"uniq_id": "door", "cmd_t": "g/set", "stat_t": "g", "dev_cla": "garage"},
        "says": [("g", "closed")],
        "state": {"cover": "closed"},
        "action": ("cover.open_cover", {}),
        "told": [("g/set", "OPEN")],
        "answers": [("g", "opening")],
    },
    "lock": {
        "topic": "homeassistant/lock/lock/config",
        "config": {"uniq_id": "lock", "cmd_t": "k/set", "stat_t": "k"},
        "says": [("k", "UNLOCKED")],
        "state": {"lock": "unlocked"},
        "action": ("lock.lock", {}),
        "told": [("k/set", "LOCK")],
        "answers": [("k", "LOCKING"), ("k", "LOCKED")],
    },
    "thermostat": {
        "topic": "homeassistant/climate/heating/config",
        "config": {
            "uniq_id": "heating", "temp_cmd_t": "h/t/set", "temp_stat_t": "h/t",
            "curr_temp_t": "h/now", "mode_cmd_t": "h/m/set", "mode_stat_t": "h/m",
            "modes": ["off", "heat"], "max_temp": 30,
        },
        "says": [("h/t", "19.5"), ("h/now", "18.1"), ("h/m", "heat")],
        "state": {"temperature": 19.5, "current_temperature": 18.1, "hvac_mode": "heat"},
        "action": ("climate.set_temperature", {"temperature": 21}),
        "told": [("h/t/set", "21")],
        "answers": [("h/t", "21.0")],
    },
    "sensor": {
        "topic": "homeassistant/sensor/s/config",
        "config": {"uniq_id": "s", "stat_t": "s", "val_tpl": "{{ value_json.t | round(1) }}",
                   "unit_of_meas": "°C", "dev_cla": "temperature"},
        "says": [("s", '{"t":20.46}')],
        "state": {"value": 20.5},
        "action": ("sensor.turn_on", {}),
        "told": [],
        "status": Status.REFUSED,
    },
    "binary sensor": {
        "topic": "homeassistant/binary_sensor/s/config",
        "config": {"uniq_id": "s", "stat_t": "s", "pl_on": "true", "pl_off": "false"},
        "says": [("s", "true")],
        "state": {"value": "on"},
        "action": ("homeassistant.turn_on", {}),
        "told": [],
        "status": Status.REFUSED,
    },
    "button": {
        "topic": "homeassistant/button/bell/config",
        "config": {"uniq_id": "bell", "cmd_t": "bell/ring", "pl_prs": "RING"},
        "says": [],
        "state": {},
        "action": ("button.press", {}),
        "told": [("bell/ring", "RING")],
        "status": Status.SENT,
    },
    "scene": {
        "topic": "homeassistant/scene/film/config",
        "config": {"uniq_id": "film", "cmd_t": "scene/film"},
        "says": [],
        "state": {},
        "action": ("scene.turn_on", {}),
        "told": [("scene/film", "ON")],
        "status": Status.SENT,
    },
    "vacuum cleaner": {
        "topic": "homeassistant/vacuum/robot/config",
        "config": {"uniq_id": "robot", "cmd_t": "v/cmd", "stat_t": "v"},
        "says": [("v", '{"state":"docked","battery_level":80}')],
        "state": {"value": "docked"},
        "action": ("vacuum.start", {}),
        "told": [("v/cmd", "start")],
        "answers": [("v", '{"state":"cleaning"}')],
    },
    "number": {
        "topic": "homeassistant/number/n/config",
        "config": {"uniq_id": "n", "cmd_t": "n/set", "stat_t": "n", "min": 0, "max": 10},
        "says": [("n", "3")],
        "state": {"value": 3},
        "action": ("number.set_value", {"value": 7}),
        "told": [("n/set", "7")],
        "answers": [("n", "7")],
    },
    "select": {
        "topic": "homeassistant/select/c/config",
        "config": {"uniq_id": "c", "cmd_t": "c/set", "stat_t": "c", "ops": ["low", "high"]},
        "says": [("c", "low")],
        "state": {"value": "low"},
        "action": ("select.select_option", {"option": "high"}),
        "told": [("c/set", "high")],
        "answers": [("c", "high")],
    },
    "media player (extension)": {
        "topic": "homeassistant/media_player/radio/config",
        "config": {"uniq_id": "radio", "cmd_t": "r/set", "stat_t": "r",
                   "volume_command_topic": "r/vol/set", "volume_state_topic": "r/vol"},
        "says": [("r", "playing"), ("r/vol", "30")],
        "state": {"media": "playing", "volume_pct": 30},
        "action": ("media_player.volume_set", {"volume_level": 0.5}),
        "told": [("r/vol/set", "50")],
        "answers": [("r/vol", "50")],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_a_device_is_discovered_commanded_and_confirmed(
    name: str, mosquitto: Mosquitto
) -> None:
    case = CASES[name]
    async with connected(mosquitto.port) as (bus, home), traffic_on(mosquitto.port) as traffic:
        await traffic.client.publish(case["topic"], json.dumps(case["config"]), retain=True)
        await eventually(lambda: home.devices)
        (device,) = home.devices.values()
        for topic, payload in case["says"]:
            await traffic.client.publish(topic, payload, qos=1, retain=True)
        await eventually(lambda: case["state"].items() <= dict(home.state(device.id)).items())
        await traffic.client.publish("test/begins", "", qos=1)
        await eventually(lambda: traffic.on("test/begins"))
        if case["told"]:
            traffic.answers[case["told"][-1]] = case.get("answers", [])
        traffic.heard.clear()

        service, data = case["action"]
        (result,) = await bus.perform([Action(service, device.id, data)])

        assert (result.status, result.detail) == (
            case.get("status", Status.CONFIRMED),
            result.detail if case.get("status") else "",
        )
        answered = case.get("answers", [])
        await eventually(lambda: len(traffic.heard) >= len(case["told"]) + len(answered))
        assert [m for m in traffic.heard if m not in answered] == case["told"]
