"""Every component but lights, written from the public schema of each: the pages
home-assistant.io/integrations/<component>.mqtt, and /device_trigger.mqtt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from homeassistant_cases import DIALECT, Case, announced, check, seen, told

from assistant.home.mqtt.dialect import GarbageError

CASES = (
    Case(
        "switch", {"cmd_t": "c", "stat_t": "s", "stat_on": "1", "stat_off": "0", "pl_on": "go",
                   "cmd_tpl": '{"s":"{{ value }}"}', "val_tpl": "{{ value_json.s }}"},
        [("turn_on", {}, [("c", '{"s":"go"}')]), ("turn_off", {}, [("c", '{"s":"OFF"}')])],
        [("s", '{"s":1}', {"power": "on"}), ("s", '{"s":0}', {"power": "off"})],
    ),
    Case("button", {"cmd_t": "c", "pl_prs": "ring"}, [("press", {}, [("c", "ring")])]),
    Case("scene", {"cmd_t": "c", "pl_on": "movie"}, [("turn_on", {}, [("c", "movie")])]),
    Case(
        "siren", {"cmd_t": "c", "stat_t": "s", "av_tones": ["fire", "burglar"]},
        [("turn_on", {}, [("c", '{"state":"ON"}')]),
         ("turn_on", {"tone": "fire", "volume_pct": 50, "duration": 10},
          [("c", '{"state":"ON","tone":"fire","duration":10,"volume_level":0.5}')]),
         ("turn_off", {}, [("c", '{"state":"OFF"}')])],
        [("s", "ON", {"power": "on"}), ("s", '{"state":"OFF","tone":"fire"}', {"power": "off"}),
         ("s", '{"tone":"fire"}', {})],
        {"tones": ("fire", "burglar"), "siren_volume": True, "siren_duration": True},
    ),
    Case(
        "siren", {"cmd_t": "c", "stat_t": "s", "cmd_tpl": "{{ value }}:{{ tone|d('none') }}",
                  "cmd_off_tpl": "quiet", "sup_dur": False, "sup_vol": False,
                  "stat_val_tpl": "{{ value_json.on }}", "stat_on": "yes", "stat_off": "no"},
        [("turn_on", {"tone": "x"}, [("c", "ON:x")]), ("turn_on", {}, [("c", "ON:none")]),
         ("turn_off", {}, [("c", "quiet")])],
        [("s", '{"on":"yes"}', {"power": "on"})],
        {"siren_volume": False, "siren_duration": False},
    ),
    Case(
        "fan",
        {"cmd_t": "c", "stat_t": "s", "pct_cmd_t": "p", "pct_stat_t": "ps", "spd_rng_min": 1,
         "spd_rng_max": 4, "pr_mode_cmd_t": "m", "pr_mode_stat_t": "ms", "pr_modes": ["auto"],
         "osc_cmd_t": "o", "osc_stat_t": "os", "dir_cmd_t": "d", "dir_stat_t": "ds",
         "dir_cmd_tpl": "dir={{ value }}"},
        [("turn_on", {}, [("c", "ON")]), ("turn_off", {}, [("c", "OFF")]),
         ("turn_on", {"percentage": 100}, [("c", "ON"), ("p", "4")]),
         ("set_percentage", {"percentage": 30}, [("p", "2")]),
         ("set_preset_mode", {"preset_mode": "auto"}, [("m", "auto")]),
         ("oscillate", {"oscillating": True}, [("o", "oscillate_on")]),
         ("oscillate", {"oscillating": False}, [("o", "oscillate_off")]),
         ("set_direction", {"direction": "reverse"}, [("d", "dir=reverse")])],
        [("s", "OFF", {"power": "off"}), ("ps", "2", {"percentage": 50}),
         ("ps", "0", {"percentage": 0}), ("ms", "auto", {"preset_mode": "auto"}),
         ("os", "oscillate_on", {"oscillating": True}), ("ds", "forward", {"direction": "forward"}),
         ("os", "None", {}), ("ps", "None", {"percentage": 0}),
         ("ms", "None", {"preset_mode": ""})],
        {"percentage": True, "percentage_step": 25, "presets": ("auto",), "oscillation": True,
         "direction": True},
    ),
    Case(
        "fan", {"cmd_t": "c", "osc_cmd_t": "o", "osc_stat_t": "os", "pl_osc_on": "1",
                "pl_osc_off": "0", "dir_cmd_t": "d", "dir_stat_t": "ds", "pl_dir_rev": "back"},
        [("oscillate", {"oscillating": True}, [("o", "1")]),
         ("set_direction", {"direction": "reverse"}, [("d", "back")])],
        [("os", "0", {"oscillating": False}), ("ds", "back", {"direction": "reverse"})],
        {"percentage": False, "presets": ()}, ("set_percentage", "set_preset_mode"),
    ),
    Case(
        "cover", {"cmd_t": "c", "stat_t": "s", "pl_stop": None, "pl_open": "up"},
        [("open_cover", {}, [("c", "up")]), ("close_cover", {}, [("c", "CLOSE")])],
        [("s", "opening", {"cover": "opening"}), ("s", "stopped", {"cover": "stopped"})],
        {"position": False, "tilt": False}, ("stop_cover", "set_cover_position"),
    ),
    Case(
        "cover",
        {"set_pos_t": "p", "pos_t": "ps", "pos_open": 0, "pos_clsd": 255,
         "set_pos_tpl": '{"pos":{{ value }},"pct":{{ position }},"of":{{ position_closed | int }}}',
         "pos_tpl": "{{ value_json.pos }}"},
        [("set_cover_position", {"position": 20}, [("p", '{"pos":204,"pct":20,"of":255}')]),
         ("open_cover", {}, [("p", '{"pos":0,"pct":100,"of":255}')]),
         ("close_cover", {}, [("p", '{"pos":255,"pct":0,"of":255}')])],
        [("ps", '{"pos":204}', {"position": 20, "cover": "open"}),
         ("ps", '{"pos":255}', {"position": 0, "cover": "closed"})],
        {"position": True},
    ),
    Case(
        "cover",
        {"cmd_t": "c", "tilt_cmd_t": "t", "tilt_status_t": "ts", "tilt_min": 0, "tilt_max": 180,
         "tilt_opnd_val": 90, "tilt_clsd_val": 0,
         "tilt_cmd_tpl": "{{ value }}deg {{ tilt_position }}",
         "tilt_status_tpl": "{{ value_json.tilt }}", "pl_stop_tilt": "halt"},
        [("open_cover_tilt", {}, [("t", "90deg 90")]), ("close_cover_tilt", {}, [("t", "0deg 0")]),
         ("stop_cover_tilt", {}, [("t", "halt")]),
         ("set_cover_tilt_position", {"tilt_position": 25}, [("t", "45deg 25")])],
        [("ts", '{"tilt":135}', {"tilt": 75})], {"tilt": True},
    ),
    Case(
        "valve", {"cmd_t": "c", "stat_t": "s"},
        [("open_valve", {}, [("c", "OPEN")]), ("close_valve", {}, [("c", "CLOSE")])],
        [("s", "closing", {"cover": "closing"}), ("s", '{"state":"open"}', {"cover": "open"})],
        {"position": False}, ("stop_valve",),
    ),
    Case(
        "valve", {"cmd_t": "c", "stat_t": "s", "pos": True, "pos_open": 50, "pl_stop": "STOP"},
        [("set_valve_position", {"position": 40}, [("c", "20")]),
         ("open_valve", {}, [("c", "50")]), ("close_valve", {}, [("c", "0")]),
         ("stop_valve", {}, [("c", "STOP")])],
        [("s", "25", {"position": 50, "cover": "open"}),
         ("s", '{"state":"opening","position":5}', {"position": 10, "cover": "opening"}),
         ("s", "closing", {"cover": "closing"})],
        {"position": True},
    ),
    Case(
        "lock", {"cmd_t": "c", "stat_t": "s", "stat_jam": "stuck"},
        [("lock", {}, [("c", "LOCK")]), ("unlock", {}, [("c", "UNLOCK")])],
        [("s", "LOCKED", {"lock": "locked"}), ("s", "stuck", {"lock": "jammed"})],
        {"code": "", "code_verbs": ()}, ("open",),
    ),
    Case(
        "lock",
        {"cmd_t": "c", "pl_open": "OPEN", "cod_form": r"^\d{4}$",
         "cmd_tpl": '{"action":"{{ value }}","code":"{{ code }}"}'},
        [("unlock", {"code": "1234"}, [("c", '{"action":"UNLOCK","code":"1234"}')]),
         ("open", {"code": "0007"}, [("c", '{"action":"OPEN","code":"0007"}')])],
        (), {"code": "number", "code_verbs": ("lock", "unlock", "open")},
    ),
    Case("lock", {"cmd_t": "c", "cod_form": "^[a-z]+$"}, (), (), {"code": "text"}),
    Case(
        "alarm_control_panel",
        {"cmd_t": "c", "stat_t": "s", "sup_feat": ["arm_home", "arm_away"], "pl_arm_away": "AWAY"},
        [("alarm_arm_home", {}, [("c", "ARM_HOME")]), ("alarm_arm_away", {}, [("c", "AWAY")]),
         ("alarm_disarm", {}, [("c", "DISARM")])],
        [("s", "armed_home", {"alarm": "armed_home"}), ("s", "pending", {"alarm": "pending"})],
        {"modes": ("arm_home", "arm_away"), "code": "", "code_verbs": ()},
        ("alarm_trigger", "alarm_arm_night"),
    ),
    Case(
        "alarm_control_panel",
        {"cmd_t": "c", "stat_t": "s", "code": "REMOTE_CODE", "cod_arm_req": False,
         "cod_trig_req": False, "cmd_tpl": "{{ action }}/{{ code }}"},
        [("alarm_disarm", {"code": "4321"}, [("c", "DISARM/4321")]),
         ("alarm_arm_vacation", {}, [("c", "ARM_VACATION/None")]),
         ("alarm_trigger", {}, [("c", "TRIGGER/None")])],
        (), {"code": "number", "code_verbs": ("alarm_disarm",)},
    ),
    Case(
        "alarm_control_panel",
        {"cmd_t": "c", "stat_t": "s", "code": "REMOTE_CODE_TEXT", "sup_feat": ["arm_night"]},
        (), (), {"code": "text", "code_verbs": ("alarm_arm_night", "alarm_disarm")},
    ),
    Case(
        "climate",
        {"mode_cmd_t": "m", "mode_stat_t": "ms", "temp_cmd_t": "t", "temp_stat_t": "ts",
         "curr_temp_t": "ct", "curr_hum_t": "ch", "act_t": "a", "modes": ["off", "heat", "auto"],
         "min_temp": 5, "max_temp": 30, "temp_step": 0.5, "val_tpl": "{{ value_json.v }}"},
        [("set_hvac_mode", {"hvac_mode": "heat"}, [("m", "heat")]),
         ("set_temperature", {"temperature": 21.5}, [("t", "21.5")]),
         ("set_temperature", {"temperature": 21.0, "hvac_mode": "heat"},
          [("m", "heat"), ("t", "21")]),
         ("turn_on", {}, [("m", "auto")]), ("turn_off", {}, [("m", "off")])],
        [("ms", '{"v":"auto"}', {"hvac_mode": "auto"}), ("ts", '{"v":20.5}', {"temperature": 20.5}),
         ("ct", '{"v":19}', {"current_temperature": 19}),
         ("ch", '{"v":45}', {"current_humidity": 45}), ("a", '{"v":"heating"}',
                                                        {"action": "heating"})],
        {"temperature": (5, 30), "temperature_step": 0.5, "modes": ("off", "heat", "auto"),
         "unit": "°C", "temperature_span": False},
    ),
    Case(
        "climate",
        {"temp_lo_cmd_t": "lo", "temp_lo_stat_t": "los", "temp_hi_cmd_t": "hi",
         "temp_hi_stat_t": "his", "fan_mode_cmd_t": "f", "fan_mode_stat_t": "fs",
         "fan_modes": ["low", "high"], "swing_mode_cmd_t": "w", "swing_mode_stat_t": "ws",
         "pr_mode_cmd_t": "p", "pr_mode_stat_t": "ps", "pr_modes": ["eco", "away"],
         "hum_cmd_t": "h", "hum_stat_t": "hs", "min_hum": 40, "max_hum": 70, "pow_cmd_t": "pw",
         "temp_unit": "F", "fan_mode_cmd_tpl": "fan:{{ value }}"},
        [("set_temperature", {"target_temp_low": 60, "target_temp_high": 70},
          [("lo", "60"), ("hi", "70")]),
         ("set_fan_mode", {"fan_mode": "low"}, [("f", "fan:low")]),
         ("set_swing_mode", {"swing_mode": "on"}, [("w", "on")]),
         ("set_preset_mode", {"preset_mode": "eco"}, [("p", "eco")]),
         ("set_humidity", {"humidity": 50}, [("h", "50")]),
         ("turn_on", {}, [("pw", "ON")]), ("turn_off", {}, [("pw", "OFF")])],
        [("los", "60", {"target_temp_low": 60}), ("his", "70.5", {"target_temp_high": 70.5}),
         ("fs", "high", {"fan_mode": "high"}), ("ws", "off", {"swing_mode": "off"}),
         ("ps", "away", {"preset_mode": "away"}), ("ps", "None", {"preset_mode": "none"}),
         ("hs", "55", {"humidity": 55})],
        {"temperature": (45, 95), "unit": "°F", "temperature_span": True,
         "fan_modes": ("low", "high"), "swing_modes": ("on", "off"),
         "presets": ("none", "eco", "away"), "humidity": (40, 70)},
        ("set_hvac_mode",),
    ),
    Case(
        "humidifier",
        {"cmd_t": "c", "stat_t": "s", "hum_cmd_t": "h", "hum_stat_t": "hs", "mode_cmd_t": "m",
         "mode_stat_t": "ms", "modes": ["auto", "sleep"], "min_hum": 30, "max_hum": 80,
         "curr_hum_t": "ch", "act_t": "a"},
        [("turn_on", {}, [("c", "ON")]), ("set_humidity", {"humidity": 45}, [("h", "45")]),
         ("set_mode", {"mode": "sleep"}, [("m", "sleep")])],
        [("s", "ON", {"power": "on"}), ("hs", "50", {"humidity": 50}),
         ("ms", "auto", {"mode": "auto"}), ("ch", "41.5", {"current_humidity": 41.5}),
         ("a", "drying", {"action": "drying"})],
        {"humidity": (30, 80), "modes": ("auto", "sleep")},
    ),
    Case(
        "water_heater",
        {"mode_cmd_t": "m", "mode_stat_t": "ms", "modes": ["off", "eco", "gas"], "temp_cmd_t": "t",
         "temp_stat_t": "ts", "curr_temp_t": "ct"},
        [("set_operation_mode", {"operation_mode": "gas"}, [("m", "gas")]),
         ("set_temperature", {"temperature": 50}, [("t", "50")]),
         ("turn_on", {}, [("m", "eco")]), ("turn_off", {}, [("m", "off")])],
        [("ms", "eco", {"operation_mode": "eco"}), ("ts", "50", {"temperature": 50}),
         ("ct", "48.2", {"current_temperature": 48.2})],
        {"temperature": (43.3, 60), "modes": ("off", "eco", "gas")},
    ),
    Case(
        "water_heater", {"pow_cmd_t": "p", "mode_cmd_t": "m", "temp_unit": "F"},
        [("turn_on", {}, [("p", "ON")]), ("turn_off", {}, [("p", "OFF")])], (),
        {"unit": "°F", "temperature": None}, ("set_temperature",),
    ),
    Case(
        "vacuum",
        {"cmd_t": "c", "stat_t": "s", "set_fan_spd_t": "f", "fanspd_lst": ["min", "max"],
         "pl_ret": "home"},
        [("start", {}, [("c", "start")]), ("pause", {}, [("c", "pause")]),
         ("stop", {}, [("c", "stop")]), ("return_to_base", {}, [("c", "home")]),
         ("locate", {}, [("c", "locate")]), ("clean_spot", {}, [("c", "clean_spot")]),
         ("set_fan_speed", {"fan_speed": "max"}, [("f", "max")])],
        [("s", '{"state":"cleaning","fan_speed":"min","battery_level":90}',
          {"value": "cleaning", "fan_mode": "min"}), ("s", '{"state":null}', {})],
        {"fan_modes": ("min", "max")},
    ),
    Case(
        "vacuum", {"cmd_t": "c", "sup_feat": ["start", "return_home"], "fanspd_lst": ["x"],
                   "set_fan_spd_t": "f"},
        [("start", {}, [("c", "start")])], (), {"fan_modes": ()},
        ("pause", "locate", "set_fan_speed"),
    ),
    Case(
        "lawn_mower",
        {"act_stat_t": "s", "act_val_tpl": "{{ value_json.a }}", "strt_mw_cmd_t": "c",
         "pause_cmd_t": "p", "dock_cmd_t": "d", "dock_cmd_tpl": "go:{{ value }}"},
        [("start_mowing", {}, [("c", "start_mowing")]), ("pause", {}, [("p", "pause")]),
         ("dock", {}, [("d", "go:dock")])],
        [("s", '{"a":"mowing"}', {"value": "mowing"}), ("s", '{"a":"docked"}',
                                                        {"value": "docked"})],
    ),
    Case(
        "number", {"cmd_t": "c", "stat_t": "s", "min": -5, "max": 5, "step": 0.1,
                   "unit_of_meas": "°C", "pl_rst": "reset"},
        [("set_value", {"value": 2.5}, [("c", "2.5")]),
         ("set_value", {"value": 3.0}, [("c", "3")])],
        [("s", "1.5", {"value": 1.5}), ("s", "reset", {})],
        {"value_range": (-5, 5), "value_step": 0.1, "unit": "°C"},
    ),
    Case(
        "select",
        {"cmd_t": "c", "stat_t": "s", "ops": ["a", "b c", "none"], "cmd_tpl": "o={{ value }}"},
        [("select_option", {"option": "b c"}, [("c", "o=b c")])],
        [("s", "a", {"value": "a"}), ("s", "none", {"value": "none"})],
        {"modes": ("a", "b c", "none")},
    ),
    Case(
        "text", {"cmd_t": "c", "stat_t": "s", "min": 2, "max": 8, "ptrn": "^[a-z]+$"},
        [("set_value", {"value": "abc"}, [("c", "abc")])], [("s", "hello", {"value": "hello"})],
        {"value_range": (2, 8), "value_pattern": "^[a-z]+$"},
    ),
    Case(
        "sensor", {"stat_t": "s", "unit_of_meas": "°C", "dev_cla": "temperature",
                   "sug_dsp_prc": 1, "val_tpl": "{{ value_json.t }}"},
        (), [("s", '{"t":21.46}', {"value": 21.5}), ("s", '{"t":null}', {})], {"unit": "°C"},
    ),
    Case("sensor", {"stat_t": "s"}, (), [("s", "Rain", {"value": "Rain"})]),
    Case("sensor", {"stat_t": "s", "stat_cla": "total"}, (), [("s", "7.0", {"value": 7})]),
    Case(
        "sensor", {"stat_t": "s", "dev_cla": "enum", "ops": ["idle", "busy"]},
        (), [("s", "busy", {"value": "busy"})], {"modes": ("idle", "busy")},
    ),
    Case(
        "binary_sensor",
        {"stat_t": "s", "dev_cla": "door", "pl_on": True, "pl_off": False,
         "val_tpl": "{{ value_json.open }}"},
        (), [("s", '{"open":true}', {"value": "on"}), ("s", '{"open":false}', {"value": "off"})],
    ),
    Case(
        "event", {"stat_t": "s", "evt_typ": ["press", "hold"], "dev_cla": "doorbell"},
        (), [("s", '{"event_type":"press","x":1}', {"event": "press"}), ("s", "", {}),
             ("s", "{}", {})],
        {"modes": ("press", "hold")},
    ),
    Case(
        "event", {"stat_t": "s", "evt_typ": ["press"],
                  "val_tpl": '{"event_type":"{{ value_json.action | lower }}"}'},
        (), [("s", '{"action":"PRESS"}', {"event": "press"})],
    ),
    Case(
        "device_automation",
        {"atype": "trigger", "t": "s", "type": "button_short_press", "stype": "button_1",
         "pl": "on", "val_tpl": "{{ value_json.action }}", "dev": {"name": "Remote"}},
        (), [("s", '{"action":"on"}', {"event": "button_short_press"}),
             ("s", '{"action":"off"}', {})],
        {"modes": ("button_short_press",)},
    ),
    Case(
        "media_player",
        {"cmd_t": "c", "stat_t": "s", "source_command_topic": "so", "source_state_topic": "sos",
         "source_list": ["TV", "Radio"], "volume_command_topic": "v", "volume_state_topic": "vs",
         "volume_scale": 1, "mute_command_topic": "m", "mute_state_topic": "ms"},
        [("media_play", {}, [("c", "PLAY")]), ("media_pause", {}, [("c", "PAUSE")]),
         ("media_next_track", {}, [("c", "NEXT")]),
         ("media_previous_track", {}, [("c", "PREVIOUS")]),
         ("volume_set", {"volume_level": 0.35}, [("v", "0.35")]),
         ("volume_mute", {"is_volume_muted": True}, [("m", "ON")]),
         ("select_source", {"source": "Radio"}, [("so", "Radio")])],
        [("s", "playing", {"media": "playing"}), ("vs", "0.5", {"volume_pct": 50}),
         ("ms", "OFF", {"muted": False}), ("sos", "TV", {"source": "TV"})],
        {"sources": ("TV", "Radio")},
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_device_is_commanded_and_read_as_it_announced(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("component", "config", "expires"),
    [
        ("sensor", {"stat_t": "s", "exp_aft": 60}, {"value": (60, None)}),
        ("binary_sensor", {"stat_t": "s", "off_dly": 5}, {"value": (5, "off")}),
        ("binary_sensor", {"stat_t": "s", "exp_aft": 9}, {"value": (9, None)}),
        ("binary_sensor", {"stat_t": "s", "exp_aft": 9, "off_dly": 5}, {"value": (5, "off")}),
        ("sensor", {"stat_t": "s", "exp_aft": 0}, {}),
    ],
)
def test_values_grow_stale(component: str, config: dict[str, Any], expires: Any) -> None:
    assert announced(component, config).expires == expires


def test_a_fixed_code_is_compared_and_never_shown() -> None:
    """Whatever is said about the panel, or goes wrong with it, its code is not in it."""
    panel = announced(
        "alarm_control_panel",
        {"cmd_t": "c", "stat_t": "s", "code": "0815", "cod_arm_req": False,
         "cmd_tpl": "{{ action }}{{ 1 / (0 if code == '0815' and action == 'TRIGGER' else 1) }}"},
    )  # fmt: skip
    assert (panel.device.features.code, panel.device.features.code_verbs) == (
        "number",
        ("alarm_disarm", "alarm_trigger"),
    )
    assert told(panel, "alarm_disarm", {"code": "0815"}) == [("c", "DISARM1.0")]
    assert told(panel, "alarm_arm_home", {}) == [("c", "ARM_HOME1.0")]
    for verb, code in (("alarm_disarm", "0816"), ("alarm_disarm", "1" * 99),
                       ("alarm_trigger", "0815")):  # fmt: skip
        with pytest.raises(GarbageError) as caught:
            told(panel, verb, {"code": code})
        assert "08" not in str(caught.value)
    assert "0815" not in repr(panel)


def test_a_code_of_another_form_is_refused_before_it_is_sent() -> None:
    lock = announced("lock", {"cmd_t": "c", "cod_form": r"^\d{4}$"})
    for code in ("12", "letters", "1" * 40):
        with pytest.raises(GarbageError) as caught:
            told(lock, "unlock", {"code": code})
        assert code not in str(caught.value)


def test_a_password_is_written_but_never_read() -> None:
    text = announced("text", {"cmd_t": "c", "stat_t": "s", "mode": "password"})
    assert told(text, "set_value", {"value": "open sesame"}) == [("c", "open sesame")]
    assert not text.readers
    assert not text.reports


def test_an_optimistic_device_has_nothing_to_confirm_by() -> None:
    switch = announced("switch", {"cmd_t": "c", "stat_t": "s", "opt": True})
    assert switch.reports == frozenset()
    assert seen(switch, "s", "ON") == {"power": "on"}


def test_triggers_of_many_remotes_keep_apart() -> None:
    config = {"atype": "trigger", "t": "s", "type": "press", "stype": "on", "dev": {"name": "Dial"}}
    ids = set()
    for node in ("0x01", "0x02"):
        (trigger,) = DIALECT.read_announcement(
            f"homeassistant/device_automation/{node}/action_on/config", json.dumps(config).encode()
        )
        assert (trigger.device.type, trigger.device.exposed) == ("event", False)
        assert trigger.device.name == "Dial on press"
        ids.add(trigger.device.id)
    assert ids == {"0x01_action_on", "0x02_action_on"}


def test_what_is_no_concern_of_ours_is_ignored_quietly() -> None:
    for component in ("notify", "update", "image", "camera", "tag", "device_tracker", "date"):
        assert DIALECT.read_announcement(f"homeassistant/{component}/x/config", b'{"t":"a"}') == ()
