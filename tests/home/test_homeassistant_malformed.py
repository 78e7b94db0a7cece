"""Announcements and states of every component that make no sense, or only in part."""

from __future__ import annotations

from typing import Any

import pytest
from homeassistant_cases import announced, seen

from assistant.home.mqtt.dialect import AnnouncementError, GarbageError

MALFORMED = (
    ("alarm_control_panel", {"cmd_t": "c"}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "code": ["0815"]}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "cmd_tpl": "{{ 0815 x"}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "cmd_tpl": ["0815"]}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "pl_disarm": ["0815"]}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "val_tpl": "{{ value_json['0815' }}"}),
    ("lock", {"cmd_t": "c", "pl_unlk": {"code": "0815"}}),
    ("lock", {"cmd_t": "c", "cod_form": "(a+)+$"}),
    ("lock", {"cmd_t": "c", "cod_form": "("}),
    ("lock", {}),
    ("cover", {}),
    ("cover", {"cmd_t": "c", "tilt_cmd_t": "t", "tilt_min": 5, "tilt_max": 5}),
    ("valve", {}),
    ("fan", {"cmd_t": "c", "spd_rng_max": 1e300}),
    ("fan", {"cmd_t": "c", "pr_modes": "auto"}),
    ("climate", {"hum_cmd_t": "h", "min_hum": 90, "max_hum": 20}),
    ("climate", {"temp_cmd_t": "t", "min_temp": 30, "max_temp": 20}),
    ("humidifier", {"cmd_t": "c", "min_hum": -1}),
    ("water_heater", {"min_temp": 90, "max_temp": 20}),
    ("siren", {"cmd_t": "c", "av_tones": 5}),
    ("siren", {"stat_t": "s"}),
    ("vacuum", {"cmd_t": "c", "fanspd_lst": 3}),
    ("lawn_mower", {"dock_cmd_t": "a/#"}),
    ("number", {"cmd_t": "c", "min": 5, "max": 5}),
    ("number", {"cmd_t": "c", "step": 0}),
    ("select", {"cmd_t": "c", "ops": []}),
    ("text", {"cmd_t": "c", "max": 300}),
    ("text", {"cmd_t": "c", "mode": "secret"}),
    ("text", {"cmd_t": "c", "ptrn": "(a*)*b"}),
    ("sensor", {"stat_t": "s", "exp_aft": -1}),
    ("sensor", {"stat_t": "s", "sug_dsp_prc": 99}),
    ("sensor", {"stat_t": "s", "e": "utf-16"}),
    ("binary_sensor", {"stat_t": "s", "off_dly": "soon"}),
    ("event", {"stat_t": "s"}),
    ("event", {"evt_typ": ["x"]}),
    ("device_automation", {"atype": "action", "t": "s", "type": "x", "stype": "y"}),
    ("device_automation", {"atype": "trigger", "t": "s", "type": "x"}),
    ("media_player", {"cmd_t": "c", "volume_scale": 0}),
    ("switch", {"cmd_t": "c", "avty": "online"}),
    ("switch", {"cmd_t": "c", "uniq_id": "x" * 1000}),
)


@pytest.mark.parametrize(("component", "config"), MALFORMED)
def test_a_malformed_announcement_is_refused(component: str, config: dict[str, Any]) -> None:
    with pytest.raises(AnnouncementError) as caught:
        announced(component, config)
    assert "0815" not in str(caught.value)


GARBAGE = (
    ("cover", {"cmd_t": "c", "pos_t": "s"}, "200"),
    ("cover", {"cmd_t": "c", "stat_t": "s"}, "ajar"),
    ("valve", {"cmd_t": "c", "stat_t": "s"}, "5"),
    ("valve", {"cmd_t": "c", "stat_t": "s"}, '{"state":5}'),
    ("lock", {"cmd_t": "c", "stat_t": "s"}, "locked?"),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s"}, "armed"),
    ("fan", {"cmd_t": "c", "pct_stat_t": "s", "spd_rng_max": 4}, "5"),
    ("climate", {"temp_stat_t": "s"}, "warm"),
    ("climate", {"mode_stat_t": "s"}, "party"),
    ("humidifier", {"cmd_t": "c", "hum_stat_t": "s"}, "NaN"),
    ("vacuum", {"cmd_t": "c", "stat_t": "s"}, "cleaning"),
    ("lawn_mower", {"act_stat_t": "s"}, "sleeping"),
    ("select", {"cmd_t": "c", "stat_t": "s", "ops": ["a"]}, "b"),
    ("text", {"cmd_t": "c", "stat_t": "s", "max": 3}, "long"),
    ("sensor", {"stat_t": "s", "unit_of_meas": "W"}, "1e999"),
    ("sensor", {"stat_t": "s"}, "x" * 256),
    ("sensor", {"stat_t": "s", "val_tpl": "{{ value_json.x }}"}, '{"x":"\\ud800"}'),
    ("text", {"cmd_t": "c", "stat_t": "s", "val_tpl": "{{ value_json }}"}, '"\\ud800"'),
    ("sensor", {"stat_t": "s", "ops": ["a"]}, "b"),
    ("binary_sensor", {"stat_t": "s"}, "yes"),
    ("event", {"stat_t": "s", "evt_typ": ["a"]}, '{"event_type":"b"}'),
    ("event", {"stat_t": "s", "evt_typ": ["a"]}, "press"),
    ("siren", {"cmd_t": "c", "stat_t": "s"}, '{"state":"LOUD"}'),
)


@pytest.mark.parametrize(("component", "config", "payload"), GARBAGE)
def test_a_senseless_state_is_garbage(component: str, config: dict[str, Any], payload: str) -> None:
    with pytest.raises(GarbageError):
        seen(announced(component, config), "s", payload)


def test_of_a_message_that_tells_several_things_counts_what_makes_sense() -> None:
    config = {"temp_stat_t": "s", "temp_stat_tpl": "{{ value_json.t }}", "mode_stat_t": "s",
              "mode_stat_tpl": "{{ value_json.m }}"}  # fmt: skip
    thermostat = announced("climate", config)
    assert seen(thermostat, "s", '{"t":20,"m":"party"}') == {"temperature": 20}
    with pytest.raises(GarbageError):
        seen(thermostat, "s", '{"t":"x","m":"party"}')
