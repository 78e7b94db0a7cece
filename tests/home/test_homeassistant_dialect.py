"""Announcements as Home Assistant reads them, sensible and not."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest

from assistant.home.model import Home
from assistant.home.mqtt.dialect import AnnouncementError, Binding, GarbageError
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.homeassistant.abbreviations import full_key
from assistant.home.mqtt.homeassistant.templates import value_template
from assistant.home.mqtt.registry import Registry

DIALECT = HomeAssistantDialect()


def read(component: str, **config: Any) -> Binding:
    topic = f"homeassistant/{component}/thing/config"
    (binding,) = DIALECT.read_announcement(topic, json.dumps(config).encode())
    return binding


TABLE = """
    act_t action_topic  aux_cmd_t aux_command_topic  av_tones available_tones
    avty availability  avty_mode availability_mode  avty_t availability_topic
    away_mode_stat_tpl away_mode_state_template  b_tpl blue_template
    bat_lev_t battery_level_topic  bri_cmd_t brightness_command_topic  bri_scl brightness_scale
    bri_val_tpl brightness_value_template  chrg_tpl charging_template
    clr_temp_cmd_tpl color_temp_command_template  clrm color_mode
    clrm_stat_t color_mode_state_topic  cln_t cleaning_topic  cmd_on_tpl command_on_template
    cod_arm_req code_arm_required  cod_dis_req code_disarm_required
    curr_temp_t current_temperature_topic  dev_cla device_class  dock_tpl docked_template
    ent_cat entity_category  err_t error_topic  exp_aft expire_after  fanspd_lst fan_speed_list
    flsh_tlng flash_time_long  frc_upd force_update  fx_cmd_t effect_command_topic
    hold_stat_t hold_state_topic  hs_cmd_t hs_command_topic
    hum_cmd_t target_humidity_command_topic  hum_stat_t target_humidity_state_topic
    json_attr_t json_attributes_topic  lrst_val_tpl last_reset_value_template
    max_temp max_temp  min_temp min_temp  max_mirs max_mireds  max_hum max_humidity
    mode_stat_tpl mode_state_template  obj_id object_id  on_cmd_type on_command_type
    ops options  opt optimistic  osc_cmd_t oscillation_command_topic
    pct_cmd_t percentage_command_topic  pl payload  pl_arm_nite payload_arm_night
    pl_avail payload_available  pl_cls payload_close  pl_not_avail payload_not_available
    pl_prs payload_press  pl_ret payload_return_to_base  pl_rst_hum payload_reset_humidity
    pl_rst_pr_mode payload_reset_preset_mode  pl_stpa payload_start_pause
    pl_ton payload_turn_on  pl_unlk payload_unlock  pos_clsd position_closed
    pos_t position_topic  pow_cmd_t power_command_topic
    pr_mode_val_tpl preset_mode_value_template  rgbww_val_tpl rgbww_value_template  ret retain
    set_fan_spd_t set_fan_speed_topic  set_pos_tpl set_position_template
    spd_rng_max speed_range_max  src_type source_type  stat_cla state_class
    stat_clsd state_closed  stat_t state_topic  stat_val_tpl state_value_template
    sup_clrm supported_color_modes  sup_feat supported_features
    swing_mode_cmd_t swing_mode_command_topic  t topic  temp_cmd_t temperature_command_topic
    temp_hi_stat_t temperature_high_state_topic  temp_unit temperature_unit
    tilt_clsd_val tilt_closed_value  tilt_status_tpl tilt_status_template  uniq_id unique_id
    unit_of_meas unit_of_measurement  val_tpl value_template
    whit_val_stat_t white_value_state_topic  xy_stat_t xy_state_topic  state_topic state_topic
    color_temp_command_topic color_temp_command_topic  min_mireds min_mireds
"""
ABBREVIATED = TABLE.split()


@pytest.mark.parametrize(
    ("short", "full"), list(zip(ABBREVIATED[::2], ABBREVIATED[1::2], strict=True))
)
def test_short_keys_are_spelled_out(short: str, full: str) -> None:
    assert full_key(short) == full


def test_names_ids_and_rooms_are_home_assistants() -> None:
    plain = read("switch", name="Pump", cmd_t="a")
    assert (plain.device.id, plain.device.name) == ("thing", "Pump")
    whole = read("switch", name=None, uniq_id="u1", cmd_t="a", dev={"name": "Pump", "sa": "Shed"})
    assert (whole.device.id, whole.device.name, whole.area_name) == ("u1", "Pump", "Shed")
    part = read("switch", name="Valve", obj_id="o1", cmd_t="a", dev={"name": "Pump"})
    assert (part.device.id, part.device.name) == ("o1", "Pump Valve")
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
    wanted = registry.receive("homeassistant/switch/s/config", json.dumps(config).encode())
    assert set(wanted) == {"a", "b"}
    for topic, payload in said.items():
        registry.receive(topic, payload.encode())
    assert home.available("s") is available


@pytest.mark.parametrize(
    ("source", "payload", "result"),
    [
        ("{{ value_json.a.b }}", '{"a":{"b":7}}', "7"),
        ("{{ value_json['a'] }}", '{"a":"x"}', "x"),
        ("{{ value_json.missing }}", "{}", ""),
        ("{{ value_json.t | float | round(1) }}", '{"t":"20.46"}', "20.5"),
        ("{{ 'ON' if value | int > 3 else 'OFF' }}", "5", "ON"),
        ("{{ iif(value == '1', 'open', 'closed') }}", "1", "open"),
        ("{{ (value_json[0] * 2.5) | int }}", "[100]", "250"),
    ],
)
def test_value_templates(source: str, payload: str, result: str) -> None:
    assert value_template(source)(payload) == result


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for i in range(100000) %}x{% endfor %}",
        "{{ value_json.append(1) }}",
        "{{ value_json|dictsort }}",
    ],
)
def test_a_template_cannot_reach_out_or_eat_everything(source: str) -> None:
    with contextlib.suppress(GarbageError):
        assert "<class" not in value_template(source)("[1]")


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


COMPONENTS = (
    "light", "switch", "fan", "cover", "valve", "lock", "climate", "sensor", "binary_sensor",
    "number", "select", "button", "scene", "humidifier", "vacuum", "media_player", "siren",
    "device", "tag", "update",
)  # fmt: skip
KEYS = (
    "~", "name", "uniq_id", "obj_id", "cmd_t", "stat_t", "val_tpl", "cmd_tpl", "schema", "bri",
    "brightness", "bri_cmd_t", "bri_scl", "clr_temp_cmd_t", "rgb_cmd_t", "rgb_stat_t", "sup_clrm",
    "pct_cmd_t", "pct_stat_t", "spd_rng_min", "spd_rng_max", "pos_t", "set_pos_t", "pos_open",
    "pos_clsd", "temp_cmd_t", "temp_stat_t", "modes", "min_temp", "max_temp", "min", "max", "ops",
    "unit_of_meas", "dev", "dev_cla", "avty", "avty_t", "avty_mode", "pl_on", "pl_off", "qos",
    "retain", "ent_cat", "en", "cmps", "components", "state_open", "min_mireds", "max_kelvin",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 3.5, "", "a", "a/b", "a/+", "~", "~/x", "x/~", "ON", "json",
    "template", "{{ value_json.x }}", "{{", "{{ 1/0 }}", "{% for %}", [], {}, [1, 2], ["a", "b"],
    {"t": "a"}, [{"t": "a"}], [{"topic": 1}], [None], {"name": "N", "sa": "R"}, {"p": "light"},
    {"k": {"p": "switch", "cmd_t": "a"}}, "\u0000", "😀" * 40, "9" * 400, [[[[[[]]]]]],
    ["rgb", "color_temp"], "off", "all",
)  # fmt: skip
PAYLOADS = (
    b"", b"ON", b"OFF", b"{}", b"[]", b"null", b'{"state":"ON","brightness":1e400}', b"\xff\xfe",
    b'{"state":{}}', b"NaN", b"Infinity", b"1,2", b"1,2,3", b"-5", b"9" * 5000, b'{"x":' * 2000,
    b'{"color":{"r":"x"}}', b'{"color_temp":0,"state":"ON"}', b"[" * 100000,
)  # fmt: skip


def test_hundreds_of_senseless_announcements_and_states_do_no_harm() -> None:
    """Whatever is announced and said, the registry takes it or leaves it, and goes on."""
    dice = random.Random(20)
    home = Home()
    registry = Registry(home, [DIALECT])
    for round_number in range(800):
        component = dice.choice(COMPONENTS)
        config = {key: dice.choice(VALUES) for key in dice.sample(KEYS, dice.randint(0, 14))}
        if dice.random() < 0.7:
            config["cmd_t"], config["stat_t"] = "c", "s"
        payload = json.dumps(config).encode()
        if dice.random() < 0.15:
            payload = payload[: dice.randint(0, len(payload))]
        topic = f"homeassistant/{component}/d{round_number % 50}/config"
        wanted = registry.receive(topic, payload)
        for state_topic in {*wanted, "s"}:
            registry.receive(state_topic, dice.choice(PAYLOADS))
    assert home.devices
    good = json.dumps({"cmd_t": "ok/set", "stat_t": "ok", "uniq_id": "ok"}).encode()
    registry.receive("homeassistant/switch/ok/config", good)
    registry.receive("ok", b"ON")
    assert home.state("ok") == {"power": "on"}
