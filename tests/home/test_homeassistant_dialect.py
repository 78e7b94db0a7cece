"""Announcements as Home Assistant reads them, sensible and not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from homeassistant_cases import DIALECT, told
from homeassistant_cases import announced as _announced

from assistant.home.model import Home
from assistant.home.mqtt.dialect import AnnouncementError, Binding
from assistant.home.mqtt.homeassistant.abbreviations import full_device_key, full_key
from assistant.home.mqtt.registry import Registry
from assistant.types import Action


def read(component: str, **config: Any) -> Binding:
    return _announced(component, config)


ABBREVIATED = [
    tuple(line.split())
    for line in (Path(__file__).parent / "abbreviations.txt").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("short", "full"), ABBREVIATED)
def test_every_short_key_is_spelled_out(short: str, full: str) -> None:
    place, _, key = short.rpartition(".")
    spell = full_device_key if place == "device" else full_key
    assert spell(key) == full
    assert spell(full) == full


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
