"""The home file: what people write, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import HomeFileError
from assistant.home.devices import Device
from assistant.home.file.reading import apply_home_file, load_home, parse_home
from assistant.home.model import Home
from assistant.paths import packaged
from assistant.understanding.language import language_data
from assistant.understanding.names import home_names

EXAMPLE = """
language: en
floors: [{id: ground, name: Ground floor, aliases: [downstairs]}]
areas: [{id: kitchen, name: Kitchen, floor: ground, aliases: []}]
devices:
  - id: kitchen_ceiling
    name: Kitchen lights
    aliases: [main light]
    area: kitchen
    type: light                 # Home Assistant's component names
    features: {brightness: true, color: true, color_temp: [2000, 6500]}
    state: {power: "on", brightness_pct: 40}
"""


def test_the_published_example_means_what_it_says() -> None:
    file = parse_home(EXAMPLE, "home.yaml")
    home = file.to_home()
    device = home.devices["kitchen_ceiling"]
    assert file.language == "en"
    assert home.floors["ground"].aliases == ("downstairs",)
    assert home.areas["kitchen"].floor == "ground"
    assert device.names == ("Kitchen lights", "main light")
    assert device.area == "kitchen"
    assert device.features.brightness
    assert device.features.color
    assert device.features.color_temp == (2000, 6500)
    assert home.state("kitchen_ceiling") == {"power": "on", "brightness_pct": 40}


def one(kind: str, rest: str) -> str:
    return f"devices: [{{id: d, type: {kind}, {rest}}}]"


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("light", "on", {"power": "on"}),
        ("light", '"off"', {"power": "off"}),
        ("switch", "{state: on}", {"power": "on"}),
        ("cover", "closed", {"cover": "closed"}),
        ("lock", "locked", {"lock": "locked"}),
        ("climate", "heat", {"hvac_mode": "heat"}),
        ("climate", "off", {"hvac_mode": "off"}),
        ("media_player", "playing", {"media": "playing"}),
        ("sensor", "21.5", {"value": 21.5}),
        ("sensor", "{value: Rainy}", {"value": "Rainy"}),
        ("binary_sensor", "on", {"value": "on"}),
        (
            "light",
            "{brightness: 128, color: red}",
            {"brightness_pct": 50, "rgb_color": (255, 0, 0)},
        ),
        ("light", "{power: on, mood: calm}", {"power": "on", "mood": "calm"}),
        ("media_player", "{volume_level: 0.3}", {"volume_pct": 30}),
        ("fan", "null", {}),
        ("fan", "{power: on, oscillating: true, direction: reverse, preset_mode: Sleep}",
         {"power": "on", "oscillating": True, "direction": "reverse", "preset_mode": "Sleep"}),
        ("cover", "{cover: open, current_tilt_position: 30}", {"cover": "open", "tilt": 30}),
        ("climate", "{hvac_mode: heat_cool, target_temp_low: 19, fan_mode: on}",
         {"hvac_mode": "heat_cool", "target_temp_low": 19, "fan_mode": "on"}),
        ("siren", "off", {"power": "off"}),
        ("alarm_control_panel", "armed_away", {"alarm": "armed_away"}),
        ("alarm_control_panel", "{state: disarmed}", {"alarm": "disarmed"}),
        ("water_heater", "{state: Eco, temperature: 50}",
         {"operation_mode": "Eco", "temperature": 50}),
        ("lawn_mower", "mowing", {"value": "mowing"}),
        ("event", "double_press", {"event": "double_press"}),
        ("text", "Hello There", {"value": "Hello There"}),
    ],
)  # fmt: skip
def test_states_are_read_in_the_ways_people_write_them(
    kind: str, state: str, expected: dict[str, Any]
) -> None:
    assert parse_home(one(kind, f"state: {state}"), "f").states["d"] == expected


@pytest.mark.parametrize(
    ("kind", "features", "attribute", "expected"),
    [
        ("light", "[brightness, color]", "brightness", True),
        ("light", "{color_temp: true}", "color_temp", (2000, 6500)),
        ("light", "{color_temp: [153, 500]}", "color_temp", (2000, 6536)),
        ("light", "{color_temp: {min: 2200, max: 4000}}", "color_temp", (2200, 4000)),
        ("light", "{brightness: [1, 100]}", "brightness", True),
        ("light", "{effect: true}", "effects", ()),
        ("light", "{effect_list: [disco, off]}", "effects", ("disco", "off")),
        ("light", "{transition: true}", "brightness", False),
        ("fan", "{preset_modes: [auto, sleep]}", "presets", ("auto", "sleep")),
        ("fan", "[oscillating, direction]", "oscillation", True),
        ("climate", "{fan_modes: [low, high]}", "fan_modes", ("low", "high")),
        ("climate", "{swing_modes: [on, off]}", "swing_modes", ("on", "off")),
        ("climate", "{max_temp: 28, min_temp: 5}", "temperature", (5.0, 28.0)),
        ("climate", "[temperature_span]", "temperature_span", True),
        ("water_heater", "{operation_list: [eco, off]}", "modes", ("eco", "off")),
        ("humidifier", "{humidity: [30, 80]}", "humidity", (30.0, 80.0)),
        ("vacuum", "{fan_speed_list: [quiet, max]}", "fan_modes", ("quiet", "max")),
        ("media_player", "{source_list: [HDMI 1, Radio]}", "sources", ("HDMI 1", "Radio")),
        ("siren", "{available_tones: [bell], volume: true}", "tones", ("bell",)),
        ("cover", "[tilt]", "tilt", True),
        ("number", "{min: -10, max: 10, step: 0.1}", "value_range", (-10.0, 10.0)),
        ("number", "{step: 0.1}", "value_step", 0.1),
        ("number", "{temperature: [0, 5]}", "value_range", (0.0, 5.0)),
        ("text", '{max: 8, pattern: "[a-z]+"}', "value_pattern", "[a-z]+"),
        ("text", "{min: 1, max: 8}", "value_range", (1.0, 8.0)),
        ("lock", "{code: number}", "code_verbs", ("unlock", "open")),
        ("alarm_control_panel", "{code: text, code_verbs: [alarm_trigger]}", "code_verbs",
         ("alarm_trigger",)),
        ("event", "{event_types: [press, hold]}", "modes", ("press", "hold")),
        ("fan", "{speed: true}", "percentage", True),
        ("climate", "null", "temperature", (7.0, 35.0)),
        ("climate", "{temperature: [10, 28]}", "temperature", (10.0, 28.0)),
        ("climate", "{modes: [off, heat]}", "modes", ("off", "heat")),
        ("select", "{options: [a, b]}", "modes", ("a", "b")),
        ("sensor", "{unit: °C}", "unit", "°C"),
    ],
)  # fmt: skip
def test_features_may_be_flags_ranges_or_lists(
    kind: str, features: str, attribute: str, expected: Any
) -> None:
    (device,) = parse_home(one(kind, f"features: {features}"), "f").devices
    assert getattr(device.features, attribute) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("devices: [", "f: this is not YAML: line "),
        ("areas: []\nareas: []", 'f: this is not YAML: line 2, column 1: the key "areas" is'),
        ("- a", "f: expected a mapping with the keys language, floors, areas, devices"),
        ("device: []", 'there is no key "device"; did you mean "devices"?'),
        ("devices: [{id: a, type: light, are: x}]",
         'f: devices[a].are: there is no key "are"; did you mean "area"?'),
        ("devices: [{id: a, state: on}]",
         'f: devices[a].type: the key "type" is missing, which state needs.'),
        ("devices: [{type: light}]", 'f: devices[1].id: the key "id" is missing.'),
        ("devices: 5", "f: devices: input should be a valid list, found 5."),
        ("devices: [{id: a, type: light}, {id: a, type: fan}]",
         'f: devices: the id "a" is there twice.'),
        ("areas: [{id: kitchen}]\ndevices: [{id: a, type: light, area: kitchn}]",
         'f: devices[a].area: "kitchn" is not described in this file; did you mean "kitchen"?'),
        ("areas: [{id: den, floor: cellar}]", 'f: areas[den].floor: "cellar" is not described'),
        (one("light", "features: {brightnes: true}"),
         'f: devices[d].features: there is no feature "brightnes"; did you mean "brightness"?'),
        (one("lock", "features: {code: secret}"),
         "f: devices[d].features.code: expected number or text, found 'secret'."),
        (one("text", 'features: {pattern: "["}'),
         "f: devices[d].features.pattern: this is no regular expression"),
        (one("light", "features: {effects: {a: 1}}"),
         "f: devices[d].features.effects: expected a list of names"),
        (one("light", "features: {color_temp: [6500, 2000]}"),
         "f: devices[d].features.color_temp: expected true or a range in kelvin"),
        (one("light", "state: {brightness_pct: 140}"),
         "f: devices[d].state.brightness_pct: expected 0 to 100, found 140."),
        (one("light", "state: {power: maybe}"),
         "f: devices[d].state.power: expected one of on, off, found 'maybe'."),
        (one("alarm_control_panel", "state: asleep"),
         "f: devices[d].state.alarm: expected one of disarmed, armed_home"),
        (one("fan", "state: {direction: up}"),
         "f: devices[d].state.direction: expected one of forward, reverse, found 'up'."),
        (one("light", "exposed: perhaps"),
         "f: devices[d].exposed: input should be a valid boolean"),
        ("{}: a", "f:"),
        ("areas: [{id: a, names: {German: x}}]",
         'f: areas[a].names: expected languages such as "en" or "de", not "German"'),
        ("groups: [{id: g}]", 'f: groups[g].members: the key "members" is missing.'),
        ("groups: [{id: g, members: []}]", "f: groups[g].members:"),
        ("devices: [{id: a, type: fan}]\ngroups: [{id: a, members: [b]}]",
         'f: groups: the id "a" is there twice.'),
        ("devices: [{id: a, mqtt: {}}]", 'f: devices[a].type: the key "type" is missing, which'),
        ("devices: [{id: a, type: toaster, mqtt: {cmd_t: a}}]",
         'f: devices[a]: a device of type "toaster" cannot be reached by MQTT; these can: '),
        (one("switch", "mqtt: {stat_t: a}"), "f: devices[d].mqtt: command_topic is missing."),
        (one("switch", "mqtt: {cmd_t: a, state_topc: b}"),
         'f: devices[d].mqtt: There is no key "state_topc"; did you mean "state_topic"?'),
        (one("switch", 'mqtt: {cmd_t: "a/#"}'), "f: devices[d].mqtt: command_topic is not a topic"),
        (one("switch", 'mqtt: {cmd_t: a, stat_t: b, val_tpl: "{{ x"}'), "f: devices[d].mqtt:"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(HomeFileError) as raised:
        parse_home(text, "f")
    assert said in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeFileError, match=r"missing\.yaml cannot be read: No such file"):
        load_home(tmp_path / "missing.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(HomeFileError, match="is not UTF-8 text"):
        load_home(binary)


def test_an_empty_file_is_an_empty_home() -> None:
    assert parse_home("", "f").to_home().devices == {}


FILE = """
areas: [{id: den, name: Den}]
devices:
  - {id: lamp, name: Reading lamp, aliases: [big light], area: den, type: light, state: on}
  - {id: my_plug, name: Plug, type: switch, exposed: false}
  - {id: shed_light, name: Shed light, type: light}
"""


def test_a_file_corrects_what_was_discovered_before_and_after() -> None:
    home = Home([Device("lamp", "0x00158d", "light")])
    apply_home_file(home, parse_home(FILE, "f"))
    assert home.devices["lamp"].names == ("Reading lamp", "big light")
    assert home.devices["lamp"].area == "den"
    version = home.version
    home.put(Device("plug_17", "Plug", "switch", device_class="outlet"))
    assert home.version > version
    assert home.devices["plug_17"].exposed is False
    assert home.devices["plug_17"].device_class == "outlet"
    assert set(home.devices) == {"lamp", "plug_17", "shed_light"}


def test_the_demo_home_has_what_its_sentences_need() -> None:
    demo = load_home(Path(packaged("assistant/home/demo.yaml")))
    assert {area.id for area in demo.areas} == {
        "living_room", "kitchen", "hallway", "garage", "bedroom", "office", "nursery",
    }  # fmt: skip
    lights = [device for device in demo.devices if device.type == "light"]
    assert all(light.features.brightness for light in lights)
    kinds = {device.type for device in demo.devices}
    assert {"light", "climate", "fan", "cover", "lock", "media_player", "sensor", "switch"} == kinds


def test_names_and_aliases_may_be_given_by_language() -> None:
    file = parse_home(
        """
        floors: [{id: up, names: {de: Obergeschoss}}]
        areas: [{id: den, name: Den, names: {de_AT: Kammerl, de: Kammer}, floor: obergeschoss}]
        devices:
          - id: lamp
            type: light
            name: 5
            names: {de: Lampe}
            aliases: {en: [glow], de: Licht}
            area: kammer
        """,
        "f",
    )
    home = file.to_home()
    assert home.devices["lamp"].names == ("5", "glow", "Licht", "Lampe")
    assert home.devices["lamp"].name_in("de_DE") == "Lampe"
    assert home.areas["den"].name_in("de-AT") == "Kammerl"
    assert home.devices["lamp"].area == "den"
    assert home.areas["den"].floor == "up"
    said = home_names(home, language_data("de"))
    assert ("Kammer", "Den") in said.areas
    assert ("Obergeschoss", "Up") in said.floors


def test_every_example_of_the_documentation_is_right() -> None:
    text = (Path(__file__).parents[2] / "docs" / "home-file.md").read_text()
    examples = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    files = [parse_home(example, "docs/home-file.md") for example in examples]
    assert len(files) == 4
    assert files[0].groups[0].members == ("Reading lamp", "hallway_light")
    assert [routine.name for routine in files[1].routines] == ["good night", "movie time"]
    assert [binding.device.id for binding in files[2].by_hand] == ["hifi", "pond"]


def test_ids_and_times_are_what_they_look_like() -> None:
    file = parse_home("devices: [{id: 0x0017, type: switch, name: 12:30, aliases: [on, 007]}]", "f")
    (device,) = file.devices
    assert (device.id, device.names) == ("0x0017", ("12:30", "on", "007"))


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    ["id", "name", "names", "aliases", "area", "floor", "type", "device_class", "features", "state",
     "exposed", "mqtt", "members", "cmd_t", "stat_t", "avty", "~", "val_tpl", "brightness", "modes",
     "value", "language", "floors", "areas", "devices", "groups"]
)  # fmt: skip
_KIND = st.sampled_from(["light", "switch", "media_player", "climate", "sensor", "group"])
_ENTRY = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b"]) | _ANYTHING, "type": _KIND | _ANYTHING},
    optional={
        "name": _ANYTHING, "names": _ANYTHING, "aliases": _ANYTHING, "area": _ANYTHING,
        "features": _ANYTHING | st.dictionaries(_KEYS, _ANYTHING, max_size=3),
        "state": _ANYTHING | st.dictionaries(_KEYS, _ANYTHING, max_size=3),
        "mqtt": _ANYTHING | st.dictionaries(_KEYS | st.integers(), _ANYTHING, max_size=4),
        "members": _ANYTHING, "hidden": _ANYTHING,
    },
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    document=_ANYTHING
    | st.dictionaries(_KEYS, st.lists(_ENTRY | _ANYTHING, max_size=3) | _ANYTHING)
)
def test_whatever_is_written_is_read_or_explained(document: Any) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    try:
        parse_home(text, "f").to_home()
    except HomeFileError as error:
        assert str(error).startswith("f: ")


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 3000, "a: &a [*a]", "\x00", "? [a]\n: b"])
def test_what_is_hardly_yaml_is_explained(text: str) -> None:
    with pytest.raises(HomeFileError):
        parse_home(text, "f")
