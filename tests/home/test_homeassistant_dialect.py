"""Announcements as Home Assistant reads them, sensible and not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from homeassistant_cases import DIALECT, told
from homeassistant_cases import announced as _announced

from assistant.home.model import Home
from assistant.home.mqtt.dialect import AnnouncementError, Binding
from assistant.home.mqtt.homeassistant.abbreviations import full_key
from assistant.home.mqtt.registry import Registry
from assistant.types import Action


def read(component: str, **config: Any) -> Binding:
    return _announced(component, config)


TABLE = """
    act_stat_t activity_state_topic  act_t action_topic  act_val_tpl activity_value_template
    atype automation_type  aux_cmd_t aux_command_topic  av_tones available_tones
    avty availability  avty_mode availability_mode  avty_t availability_topic
    avty_tpl availability_template  away_mode_stat_tpl away_mode_state_template
    b_tpl blue_template  bat_lev_t battery_level_topic  bri_cmd_t brightness_command_topic
    bri_scl brightness_scale  bri_tpl brightness_template  bri_val_tpl brightness_value_template
    chrg_tpl charging_template  cln_t cleaning_topic
    clr_temp_cmd_tpl color_temp_command_template  clr_temp_k color_temp_kelvin
    clr_temp_stat_t color_temp_state_topic  clr_temp_tpl color_temp_template
    clr_temp_val_tpl color_temp_value_template  clrm color_mode
    clrm_stat_t color_mode_state_topic  clrm_val_tpl color_mode_value_template
    cmd_off_tpl command_off_template  cmd_on_tpl command_on_template  cmps components
    cod_arm_req code_arm_required  cod_dis_req code_disarm_required  cod_form code_format
    cod_trig_req code_trigger_required  color_temp_command_topic color_temp_command_topic
    cont_type content_type  curr_hum_t current_humidity_topic
    curr_hum_tpl current_humidity_template  curr_temp_t current_temperature_topic
    def_ent_id default_entity_id  dev_cla device_class  dir_cmd_t direction_command_topic
    dir_cmd_tpl direction_command_template  dir_stat_t direction_state_topic
    dir_val_tpl direction_value_template  dock_cmd_t dock_command_topic
    dock_cmd_tpl dock_command_template  dock_t docked_topic  dock_tpl docked_template
    dsp_prc display_precision  e encoding  en enabled_by_default  ent_cat entity_category
    ent_pic entity_picture  err_t error_topic  evt_typ event_types  exp_aft expire_after
    fan_mode_cmd_tpl fan_mode_command_template  fanspd_lst fan_speed_list
    fanspd_t fan_speed_topic  flsh flash  flsh_tlng flash_time_long  frc_upd force_update
    fx_cmd_t effect_command_topic  fx_cmd_tpl effect_command_template  fx_list effect_list
    fx_stat_t effect_state_topic  fx_tpl effect_template  fx_val_tpl effect_value_template
    g_tpl green_template  hold_stat_t hold_state_topic  hs_cmd_t hs_command_topic
    hs_cmd_tpl hs_command_template  hs_val_tpl hs_value_template
    hum_cmd_t target_humidity_command_topic  hum_stat_t target_humidity_state_topic
    hum_state_tpl target_humidity_state_template  ic icon  img_e image_encoding
    img_t image_topic  init initial  json_attr json_attributes  json_attr_t json_attributes_topic
    json_attr_tpl json_attributes_template  l_ver_t latest_version_topic
    lrst_val_tpl last_reset_value_template  max_hum max_humidity  max_k max_kelvin
    max_mirs max_mireds  max_temp max_temp  migr_discvry migrate_discovery  min_hum min_humidity
    min_k min_kelvin  min_mireds min_mireds  min_temp min_temp  mode mode
    mode_cmd_t mode_command_topic  mode_stat_tpl mode_state_template  modes modes  name name
    o origin  obj_id object_id  off_dly off_delay  on_cmd_type on_command_type  ops options
    opt optimistic  osc_cmd_t oscillation_command_topic  osc_val_tpl oscillation_value_template
    p platform  pause_cmd_t pause_command_topic  pause_mw_cmd_tpl pause_command_template
    pct_cmd_t percentage_command_topic  pct_val_tpl percentage_value_template  pl payload
    pl_arm_custom_b payload_arm_custom_bypass  pl_arm_nite payload_arm_night
    pl_avail payload_available  pl_cls payload_close  pl_dir_fwd payload_direction_forward
    pl_dir_rev payload_direction_reverse  pl_disarm payload_disarm  pl_inst payload_install
    pl_loc payload_locate  pl_lock payload_lock  pl_not_avail payload_not_available
    pl_not_home payload_not_home  pl_osc_off payload_oscillation_off  pl_prs payload_press
    pl_ret payload_return_to_base  pl_rst payload_reset  pl_rst_hum payload_reset_humidity
    pl_rst_mode payload_reset_mode  pl_rst_pct payload_reset_percentage
    pl_rst_pr_mode payload_reset_preset_mode  pl_stop payload_stop
    pl_stop_tilt payload_stop_tilt  pl_stpa payload_start_pause  pl_strt payload_start
    pl_toff payload_turn_off  pl_ton payload_turn_on  pl_trig payload_trigger
    pl_unlk payload_unlock  pos reports_position  pos_clsd position_closed
    pos_open position_open  pos_t position_topic  pos_tpl position_template
    pow_cmd_t power_command_topic  pow_cmd_tpl power_command_template
    pow_stat_tpl power_state_template  pr_mode_cmd_t preset_mode_command_topic
    pr_mode_val_tpl preset_mode_value_template  pr_modes preset_modes  ptrn pattern
    r_tpl red_template  rel_s release_summary  rel_u release_url  ret retain
    rgbw_cmd_tpl rgbw_command_template  rgbww_stat_t rgbww_state_topic
    rgbww_val_tpl rgbww_value_template  send_cmd_t send_command_topic  send_if_off send_if_off
    set_fan_spd_t set_fan_speed_topic  set_pos_t set_position_topic
    set_pos_tpl set_position_template  spd_rng_max speed_range_max  src_type source_type
    stat_cla state_class  stat_closing state_closing  stat_clsd state_closed
    stat_jam state_jammed  stat_locked state_locked  stat_locking state_locking
    stat_off state_off  stat_on state_on  stat_open state_open  stat_opening state_opening
    stat_stopped state_stopped  stat_t state_topic  stat_tpl state_template
    stat_unlocked state_unlocked  stat_unlocking state_unlocking
    stat_val_tpl state_value_template  state_topic state_topic  step step
    strt_mw_cmd_t start_mowing_command_topic  strt_mw_cmd_tpl start_mowing_command_template
    stype subtype  sug_dsp_prc suggested_display_precision  sup_clrm supported_color_modes
    sup_dur support_duration  sup_feat supported_features  sup_vol support_volume_set
    swing_mode_cmd_t swing_mode_command_topic  swing_mode_cmd_tpl swing_mode_command_template
    swing_mode_stat_t swing_mode_state_topic  t topic  temp_cmd_t temperature_command_topic
    temp_hi_stat_t temperature_high_state_topic  temp_lo_cmd_tpl temperature_low_command_template
    temp_stat_tpl temperature_state_template  temp_unit temperature_unit
    tilt_clsd_val tilt_closed_value  tilt_cmd_t tilt_command_topic
    tilt_cmd_tpl tilt_command_template  tilt_max tilt_max  tilt_opnd_val tilt_opened_value
    tilt_opt tilt_optimistic  tilt_status_t tilt_status_topic
    tilt_status_tpl tilt_status_template  tit title  trns transition  uniq_id unique_id
    unit_of_meas unit_of_measurement  url_t url_topic  url_tpl url_template
    val_tpl value_template  whit_cmd_t white_command_topic  whit_scl white_scale
    whit_val_stat_t white_value_state_topic  xy_cmd_tpl xy_command_template
    xy_stat_t xy_state_topic
"""
ABBREVIATED = TABLE.split()


@pytest.mark.parametrize(
    ("short", "full"), list(zip(ABBREVIATED[::2], ABBREVIATED[1::2], strict=True))
)
def test_short_keys_are_spelled_out(short: str, full: str) -> None:
    assert full_key(short) == full
    assert full_key(full) == full


def test_names_ids_and_rooms_are_home_assistants() -> None:
    plain = read("switch", name="Pump", cmd_t="a")
    assert (plain.device.id, plain.device.name) == ("thing", "Pump")
    whole = read("switch", name=None, uniq_id="u1", cmd_t="a", dev={"name": "Pump", "sa": "Shed"})
    assert (whole.device.id, whole.device.name, whole.area_name) == ("u1", "Pump", "Shed")
    part = read("switch", name="Valve", obj_id="o1", cmd_t="a", dev={"name": "Pump"})
    assert (part.device.id, part.device.name) == ("o1", "Pump Valve")
    asked = read("switch", cmd_t="a", def_ent_id="switch.porch")
    assert asked.device.id == "porch"
    hidden = read("switch", name="LED", cmd_t="a", ent_cat="config")
    assert not hidden.device.exposed


def test_a_whole_device_in_one_message() -> None:
    document = {
        "~": "base", "dev": {"name": "Station", "ids": "x"}, "o": {"name": "maker"},
        "avty_t": "base/online",
        "cmps": {
            "t": {"p": "sensor", "uniq_id": "x_t", "name": "Temperature", "stat_t": "~/t",
                  "unit_of_meas": "°C"},
            "relay": {"p": "switch", "uniq_id": "x_r", "cmd_t": "~/r/set", "stat_t": "~/r"},
        },
    }  # fmt: skip
    bindings = DIALECT.read_announcement(
        "homeassistant/device/x/config", json.dumps(document).encode()
    )
    assert [b.device.id for b in bindings] == ["x_t", "x_r"]
    assert [b.device.name for b in bindings] == ["Station Temperature", "Station"]
    assert list(bindings[1].readers) == ["base/r"]
    assert list(bindings[1].availability.topics) == ["base/online"]


@pytest.mark.parametrize(
    ("mode", "said", "available"),
    [
        ("all", {"a": "online"}, True),
        ("all", {"a": "online", "b": "offline"}, False),
        ("any", {"a": "offline", "b": "online"}, True),
        ("latest", {"a": "online", "b": "offline"}, False),
    ],
)
def test_availability_from_several_topics(mode: str, said: dict[str, str], available: bool) -> None:
    home = Home()
    registry = Registry(home, [DIALECT])
    config = {"cmd_t": "c", "avty_mode": mode, "avty": [{"t": "a"}, {"t": "b"}]}
    payload = json.dumps(config).encode()
    wanted = registry.receive("homeassistant/switch/s/config", payload)
    assert set(wanted) == {"a", "b"}
    for topic, payload in said.items():
        registry.receive(topic, payload.encode())
    assert home.available("s") is available


@pytest.mark.parametrize(
    ("component", "config", "reason"),
    [
        ("switch", {}, "command_topic is missing"),
        ("switch", {"cmd_t": "a/#"}, "command_topic is not a topic: 'a/#'"),
        ("switch", {"cmd_t": 5}, "command_topic is not a topic: 5"),
        ("switch", {"cmd_t": "a", "cmd_tpl": "{{ nope"}, "cannot be read"),
        ("light", {"cmd_t": "a", "schema": "odd"}, "the schema 'odd' is none of"),
        ("light", {"cmd_t": "a", "bri_scl": 0}, "brightness_scale must be at least 1"),
        ("light", {"cmd_t": "a", "clr_temp_cmd_t": "b", "min_mirs": -3}, "mireds must be above 0"),
        ("sensor", {}, "state_topic is missing"),
        ("select", {"cmd_t": "a"}, "options are missing"),
        ("cover", {"cmd_t": "a", "pos_open": 0}, "position_open and position_closed are the same"),
        ("fan", {"cmd_t": "a", "spd_rng_min": 0}, "speed_range_max must be above"),
        ("climate", {"max_temp": "hot"}, "max_temp is not a number: 'hot'"),
        ("switch", {"cmd_t": "a", "avty": [{}]}, "an entry of availability has no topic"),
    ],
)
def test_a_malformed_announcement_says_what_is_wrong(
    component: str, config: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AnnouncementError, match=reason.replace("(", r"\(")):
        read(component, **config)


def test_components_we_do_not_know_are_left_alone() -> None:
    assert DIALECT.read_announcement("homeassistant/camera/c/config", b"{") == ()


@pytest.mark.parametrize(
    ("config", "said", "available"),
    [
        ({"avty_t": "a"}, "online", True),
        ({"avty_t": "a"}, "offline", False),
        ({"avty_t": "a"}, "perhaps", None),
        ({"avty_t": "a", "pl_avail": "1", "pl_not_avail": "0"}, "0", False),
        ({"avty_t": "a", "avty_tpl": "{{ value_json.state }}"}, '{"state":"online"}', True),
        ({"avty": {"t": "a"}}, "offline", False),
        ({"avty": [{"t": "~/a", "val_tpl": "{{ value | lower }}"}], "~": "x"}, "OFFLINE", False),
        ({"avty_t": "~/a", "~": "x"}, "online", True),
    ],
)
def test_what_an_availability_topic_says(
    config: dict[str, Any], said: str, available: bool | None
) -> None:
    topics = read("switch", cmd_t="c", **config).availability.topics
    ((topic, meaning),) = topics.items()
    assert topic == ("x/a" if "~" in config else "a")
    assert meaning(said) is available


WHOLE = {
    "dev": {"ids": "x", "name": "Station", "mdl_id": "7", "sn": "9"},
    "o": {"name": "maker", "sw": "1", "url": "https://example.org"},
    "avty": {"t": "base/online"}, "stat_t": "base/state", "cmd_t": "base/set", "qos": 2,
    "e": "utf-8",
    "cmps": {"a": {"p": "sensor", "uniq_id": "a", "val_tpl": "{{ value_json.a }}"},
             "b": {"platform": "switch", "unique_id": "b", "name": "Fan"}},
}  # fmt: skip


def whole(**changes: Any) -> list[str]:
    document = {**WHOLE, **changes}
    topic = "homeassistant/device/x/config"
    return [b.device.id for b in DIALECT.read_announcement(topic, json.dumps(document).encode())]


def test_a_component_is_removed_by_an_entry_with_nothing_but_its_platform() -> None:
    assert whole() == ["a", "b"]
    assert whole(cmps={**WHOLE["cmps"], "a": {"p": "sensor"}}) == ["b"]
    assert whole(cmps={**WHOLE["cmps"], "a": {"p": "camera", "uniq_id": "a"}}) == ["b"]
    assert whole(cmps={"a": {"p": "sensor"}}) == []


def test_shared_options_count_for_every_component() -> None:
    bindings = DIALECT.read_announcement(
        "homeassistant/device/x/config", json.dumps(WHOLE).encode()
    )
    for binding in bindings:
        assert list(binding.readers) == ["base/state"]
        assert list(binding.availability.topics) == ["base/online"]
    (message,) = bindings[1].commands(Action("switch.turn_on", "b"), {})
    assert (message.topic, message.qos) == ("base/set", 2)


@pytest.mark.parametrize(
    "broken", [5, None, [], {"uniq_id": "a"}, {"p": "sensor", "stat_t": 1}, {"p": 3, "x": 1}]
)
def test_a_component_that_makes_no_sense_leaves_the_others(broken: object) -> None:
    assert whole(cmps={**WHOLE["cmps"], "a": broken}) == ["b"]
    with pytest.raises(AnnouncementError):
        whole(cmps={"a": broken})


def test_a_device_that_moves_to_another_topic_leaves_this_one() -> None:
    topic = "homeassistant/sensor/x/config"
    assert DIALECT.read_announcement(topic, b'{"migrate_discovery": true}') == ()
    assert DIALECT.read_announcement(topic, b"") == ()


def test_a_payload_of_null_is_one_that_the_device_does_not_have() -> None:
    cover = read("cover", cmd_t="c", pl_stop=None)
    assert told(cover, "stop_cover", {}) == []
    assert told(read("cover", cmd_t="c"), "stop_cover", {}) == [("c", "STOP")]


def test_names_are_fit_to_be_shown() -> None:
    named = read("switch", cmd_t="c", name="Kitchen\n\x1b[31m lamp\u202e" + "x" * 500)
    assert named.device.name.startswith("Kitchen [31m lamp ")
    assert len(named.device.name) <= 200
