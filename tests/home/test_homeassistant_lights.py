"""Lights of all three schemas, written from the public schema of
home-assistant.io/integrations/light.mqtt."""

from __future__ import annotations

from typing import Any

import pytest
from homeassistant_cases import Case, announced, check, seen, told

from assistant.home.mqtt.dialect import AnnouncementError, GarbageError

WHOLE_JSON = (
    '{"state":"ON","brightness":128,"color_mode":"rgb","color":{"r":255,"g":0,"b":9},'
    '"effect":"rainbow"}'
)
CASES = (
    Case(
        "light", {"cmd_t": "c", "stat_t": "s", "pl_on": "1", "pl_off": "0"},
        [("turn_on", {}, [("c", "1")]), ("turn_off", {}, [("c", "0")])],
        [("s", "1", {"power": "on"}), ("s", "0", {"power": "off"}), ("s", "None", {})],
        {"brightness": False, "color": False, "color_temp": None},
    ),
    Case(
        "light",
        {"cmd_t": "c", "bri_cmd_t": "b", "bri_stat_t": "bs", "bri_scl": 100,
         "bri_cmd_tpl": '{"v":{{ value }}}', "bri_val_tpl": "{{ value_json.v }}"},
        [("turn_on", {"brightness_pct": 40}, [("b", '{"v":40}'), ("c", "ON")])],
        [("bs", '{"v":25}', {"brightness_pct": 25})], {"brightness": True},
    ),
    Case(
        "light", {"cmd_t": "c", "bri_cmd_t": "b", "on_cmd_type": "first"},
        [("turn_on", {"brightness_pct": 100}, [("c", "ON"), ("b", "255")])],
    ),
    Case(
        "light", {"cmd_t": "c", "bri_cmd_t": "b", "on_cmd_type": "brightness"},
        [("turn_on", {}, [("b", "255")]), ("turn_on", {"brightness_pct": 0.1}, [("b", "1")])],
    ),
    Case(
        "light",
        {"cmd_t": "c", "clr_temp_cmd_t": "t", "clr_temp_stat_t": "ts", "min_mirs": 200,
         "max_mirs": 400},
        [("turn_on", {"color_temp_kelvin": 4000}, [("t", "250"), ("c", "ON")])],
        [("ts", "250", {"color_temp_kelvin": 4000})], {"color_temp": (2500, 5000)},
    ),
    Case(
        "light",
        {"cmd_t": "c", "clr_temp_cmd_t": "t", "clr_temp_stat_t": "ts", "clr_temp_k": True,
         "min_k": 2200, "max_k": 6500},
        [("turn_on", {"color_temp_kelvin": 4000}, [("t", "4000"), ("c", "ON")])],
        [("ts", "2700", {"color_temp_kelvin": 2700})], {"color_temp": (2200, 6500)},
    ),
    Case(
        "light",
        {"cmd_t": "c", "fx_cmd_t": "f", "fx_stat_t": "fs", "fx_list": ["rainbow", "none"],
         "fx_cmd_tpl": "fx:{{ value }}"},
        [("turn_on", {"effect": "rainbow"}, [("f", "fx:rainbow"), ("c", "ON")])],
        [("fs", "rainbow", {"effect": "rainbow"})], {"effects": ("rainbow", "none")},
    ),
    Case(
        "light",
        {"cmd_t": "c", "bri_cmd_t": "b", "bri_stat_t": "bs", "rgb_cmd_t": "r", "rgb_stat_t": "rs",
         "rgb_cmd_tpl": "#{{ '%02x%02x%02x' | format(red, green, blue) }}",
         "rgb_val_tpl": "{{ value_json.rgb | join(',') }}"},
        [("turn_on", {"rgb_color": (255, 128, 0)}, [("r", "#ff8000"), ("c", "ON")])],
        [("rs", '{"rgb":[1,2,3]}', {"rgb_color": (1, 2, 3)})], {"color": True},
    ),
    Case(  # without a brightness topic, the brightness is in the colour
        "light", {"cmd_t": "c", "rgb_cmd_t": "r", "rgb_stat_t": "rs"},
        [("turn_on", {"rgb_color": (255, 128, 0), "brightness_pct": 50},
          [("r", "128,64,0"), ("c", "ON")]),
         ("turn_on", {"brightness_pct": 20}, [("r", "51,51,51"), ("c", "ON")])],
        [("rs", "0,51,0", {"rgb_color": (0, 255, 0), "brightness_pct": 20}), ("rs", "0,0,0", {})],
        {"color": True, "brightness": True},
    ),
    Case(
        "light", {"cmd_t": "c", "bri_cmd_t": "b", "rgbw_cmd_t": "r", "rgbw_stat_t": "rs",
                  "bri_stat_t": "bs"},
        [("turn_on", {"rgb_color": (255, 100, 100)}, [("r", "255,0,0,165"), ("c", "ON")])],
        [("rs", "255,0,0,165", {"rgb_color": (255, 100, 100)}),
         ("rs", "0,0,0,9", {"rgb_color": (9, 9, 9)})],
    ),
    Case(
        "light",
        {"cmd_t": "c", "bri_cmd_t": "b", "bri_stat_t": "bs", "rgbww_cmd_t": "r",
         "rgbww_stat_t": "rs", "rgbww_cmd_tpl": "{{ red }}/{{ cold_white }}/{{ warm_white }}"},
        [("turn_on", {"rgb_color": (255, 0, 0)}, [("r", "255/0/0"), ("c", "ON")])],
        [("rs", "255,0,0,0,0", {"rgb_color": (255, 0, 0)})],
    ),
    Case(
        "light", {"cmd_t": "c", "hs_cmd_t": "h", "hs_stat_t": "hs"},
        [("turn_on", {"rgb_color": (0, 255, 0)}, [("h", "120.0,100.0"), ("c", "ON")])],
        [("hs", "240,100", {"rgb_color": (0, 0, 255)})], {"color": True, "brightness": False},
    ),
    Case(
        "light", {"cmd_t": "c", "xy_cmd_t": "x", "xy_stat_t": "xs"},
        [("turn_on", {"rgb_color": (255, 0, 0)}, [("x", "0.6401,0.33"), ("c", "ON")])],
        [("xs", "0.6401,0.33", {"rgb_color": (255, 0, 0)})],
    ),
    Case(
        "light", {"cmd_t": "c", "rgb_cmd_t": "r", "bri_cmd_t": "b", "whit_cmd_t": "w",
                  "whit_scl": 100},
        [("turn_on", {"rgb_color": (255, 255, 255)}, [("w", "100"), ("c", "ON")]),
         ("turn_on", {"rgb_color": (255, 0, 0)}, [("r", "255,0,0"), ("c", "ON")])],
    ),
    Case(
        "light",
        {"schema": "json", "cmd_t": "c", "stat_t": "s", "brightness": True, "effect": True,
         "fx_list": ["rainbow"], "sup_clrm": ["rgb", "color_temp"]},
        [("turn_on", {}, [("c", '{"state":"ON"}')]),
         ("turn_off", {}, [("c", '{"state":"OFF"}')]),
         ("turn_on", {"brightness_pct": 50, "rgb_color": (1, 2, 3)},
          [("c", '{"state":"ON","brightness":128,"color":{"r":1,"g":2,"b":3}}')]),
         ("turn_on", {"color_temp_kelvin": 2000}, [("c", '{"state":"ON","color_temp":500}')]),
         ("turn_on", {"effect": "rainbow"}, [("c", '{"state":"ON","effect":"rainbow"}')])],
        [("s", WHOLE_JSON, {"power": "on", "brightness_pct": 50.2, "rgb_color": (255, 0, 9),
                            "effect": "rainbow"}),
         ("s", '{"color_mode":"color_temp","color_temp":250,"color":{"x":0.3,"y":0.3}}',
          {"color_temp_kelvin": 4000}),
         ("s", '{"state":null}', {}), ("s", '{"state":"OFF"}', {"power": "off"})],
        {"brightness": True, "color": True, "color_temp": (2000, 6536), "effects": ("rainbow",)},
    ),
    Case(
        "light", {"schema": "json", "cmd_t": "c", "stat_t": "s", "sup_clrm": ["rgbw", "white"]},
        [("turn_on", {"rgb_color": (255, 100, 100)},
          [("c", '{"state":"ON","color":{"r":255,"g":0,"b":0,"w":165}}')]),
         ("turn_on", {"rgb_color": (255, 255, 255), "brightness_pct": 40},
          [("c", '{"state":"ON","white":102}')])],
        [("s", '{"color_mode":"white","brightness":255}',
          {"rgb_color": (255, 255, 255), "brightness_pct": 100}),
         ("s", '{"color":{"r":255,"g":0,"b":0,"w":165}}', {"rgb_color": (255, 100, 100)})],
    ),
    Case(
        "light", {"schema": "json", "cmd_t": "c", "stat_t": "s", "sup_clrm": ["rgbww"]},
        [("turn_on", {"rgb_color": (0, 0, 255)},
          [("c", '{"state":"ON","color":{"r":0,"g":0,"b":255,"c":0,"w":0}}')])],
        [("s", '{"color_mode":"rgbww","color":{"r":0,"g":0,"b":255,"c":0,"w":0}}',
          {"rgb_color": (0, 0, 255)})],
    ),
    Case(
        "light", {"schema": "json", "cmd_t": "c", "stat_t": "s", "hs": True, "bri_scl": 100,
                  "brightness": True},
        [("turn_on", {"rgb_color": (0, 255, 0), "brightness_pct": 30},
          [("c", '{"state":"ON","brightness":30,"color":{"h":120.0,"s":100.0}}')])],
        [("s", '{"color":{"h":120,"s":100}}', {"rgb_color": (0, 255, 0)})],
    ),
    Case(
        "light", {"schema": "json", "cmd_t": "c", "sup_clrm": ["xy"]},
        [("turn_on", {"rgb_color": (255, 0, 0)},
          [("c", '{"state":"ON","color":{"x":0.6401,"y":0.33}}')])],
    ),
    Case(
        "light",
        {"schema": "template", "cmd_t": "c", "stat_t": "s", "fx_list": ["blink"],
         "cmd_on_tpl": "on,{{ brightness|d }},{{ red|d }},{{ color_temp|d }},{{ effect|d }}",
         "cmd_off_tpl": "off", "stat_tpl": "{{ value.split(',')[0] }}",
         "bri_tpl": "{{ value.split(',')[1] }}", "r_tpl": "{{ value.split(',')[2] }}",
         "g_tpl": "0", "b_tpl": "0", "clr_temp_tpl": "{{ value.split(',')[3] }}",
         "fx_tpl": "{{ value.split(',')[4] }}"},
        [("turn_on", {"brightness_pct": 100}, [("c", "on,255,,,")]),
         ("turn_on", {"rgb_color": (9, 0, 0), "effect": "blink"}, [("c", "on,,9,,blink")]),
         ("turn_on", {"color_temp_kelvin": 4000}, [("c", "on,,,250,")]),
         ("turn_off", {}, [("c", "off")])],
        [("s", "on,51,8,500,blink",
          {"power": "on", "brightness_pct": 20, "rgb_color": (8, 0, 0),
           "color_temp_kelvin": 2000, "effect": "blink"})],
        {"brightness": True, "color": True, "effects": ("blink",)},
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_light_is_commanded_and_read_as_it_announced(case: Case) -> None:
    check(case)


def test_a_dimmed_colour_keeps_its_tone_when_only_the_brightness_is_told() -> None:
    lamp = announced("light", {"cmd_t": "c", "rgb_cmd_t": "r", "rgb_stat_t": "rs"})
    red = {"rgb_color": (255, 0, 0), "brightness_pct": 20}
    assert told(lamp, "turn_on", {"brightness_pct": 40}, red)[0] == ("r", "102,0,0")
    assert told(lamp, "turn_on", {"rgb_color": (0, 0, 255)}, red)[0] == ("r", "0,0,51")


@pytest.mark.parametrize(
    ("config", "topic", "payload"),
    [
        ({"cmd_t": "c", "rgb_stat_t": "s"}, "s", "1,2"),
        ({"cmd_t": "c", "rgb_stat_t": "s"}, "s", "a,b,c"),
        ({"cmd_t": "c", "bri_stat_t": "s"}, "s", "-1"),
        ({"cmd_t": "c", "clr_temp_stat_t": "s"}, "s", "0"),
        ({"cmd_t": "c", "fx_stat_t": "s"}, "s", "x" * 300),
        ({"schema": "json", "cmd_t": "c", "stat_t": "s"}, "s", "[]"),
        ({"schema": "json", "cmd_t": "c", "stat_t": "s"}, "s", '{"state":"MAYBE"}'),
        ({"schema": "json", "cmd_t": "c", "stat_t": "s"}, "s", '{"brightness":{}}'),
        ({"schema": "json", "cmd_t": "c", "stat_t": "s", "rgb": True}, "s",
         '{"color":{"r":1,"g":1e999,"b":1}}'),
    ],
)  # fmt: skip
def test_a_lights_nonsense_is_garbage(config: dict[str, Any], topic: str, payload: str) -> None:
    with pytest.raises(GarbageError):
        seen(announced("light", config), topic, payload)


@pytest.mark.parametrize(
    "config",
    [
        {"cmd_t": "c", "on_cmd_type": "sometimes"},
        {"cmd_t": "c", "whit_cmd_t": "w", "rgb_cmd_t": "r", "whit_scl": 0},
        {"cmd_t": "c", "bri_scl": 1e300},
        {"schema": "json", "cmd_t": "c", "sup_clrm": "rgb"},
        {"schema": "json", "cmd_t": "c", "effect": True, "fx_list": {"a": 1}},
        {"schema": "template", "cmd_t": "c", "cmd_on_tpl": "on"},
        {"schema": "template", "cmd_t": "c", "cmd_on_tpl": "{{", "cmd_off_tpl": "off"},
        {"cmd_t": "c", "clr_temp_cmd_t": "t", "min_k": 7000, "max_k": 2000},
    ],
)
def test_a_lights_malformed_announcement_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(AnnouncementError):
        announced("light", config)
