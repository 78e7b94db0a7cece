"""`assistant home …` on physical devices of several parts: what they do, and what they measure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from brokers import Mosquitto
from paho.mqtt import publish
from zigbee import LIGHT, device, measured, of, state

from assistant.cli.main import main

pytestmark = [pytest.mark.household, pytest.mark.broker]

LAMP, PLUG, GANG = "0x00158d0001234567", "0x00158d0001234569", "0x00158d000123456b"
MAIN = {LAMP: f"{LAMP}_light_zigbee2mqtt", PLUG: f"{PLUG}_switch_zigbee2mqtt"}
PARTS = ("switch", "power", "linkquality")
SETTINGS = """
home = "{folder}/home.yaml"
mqtt = {{host = "127.0.0.1", port = {port}}}
llm = {{enabled = false}}
models = {{directory = "{folder}"}}
"""

Home = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Home:
    """`home("move", "plug", "kitchen")` → (status, what it prints, what it complains)."""
    devices = [
        device(LIGHT, measured("linkquality"), name=LAMP, ieee=LAMP),
        device(of("switch", state()), measured("power", "W"), measured("linkquality"),
               name="Plug", ieee=PLUG),
        device(of("switch", state(prop="state_l1"), endpoint="l1"),
               of("switch", state(prop="state_l2"), endpoint="l2"), name="Gang", ieee=GANG),
    ]  # fmt: skip
    publish.multiple(
        [("zigbee2mqtt/bridge/devices", json.dumps(devices), 1, True)], port=mosquitto.port
    )
    settings = tmp_path / "assistant.toml"
    settings.write_text(SETTINGS.format(folder=tmp_path, port=mosquitto.port))
    (tmp_path / "home.yaml").write_text("areas: [{id: kitchen, name: Kitchen}]\n")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["--config", str(settings), "home", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def written(tmp_path: Path) -> dict[str, dict[str, object]]:
    entries = yaml.safe_load((tmp_path / "home.yaml").read_text()).get("devices") or []
    return {entry.pop("id"): entry for entry in entries}


def test_an_address_or_a_name_means_the_whole_device(home: Home, tmp_path: Path) -> None:
    assert home("move", LAMP, "kitchen")[0] == 0
    assert home("rename", LAMP, "Counter lamp")[0] == 0
    assert home("move", "Plug", "kitchen")[0] == 0
    assert written(tmp_path) == {
        MAIN[LAMP]: {"area": "kitchen", "name": "Counter lamp"},
        MAIN[PLUG]: {"area": "kitchen"},
    }
    areas = {d["id"]: d["area"] for d in json.loads(home("--json", "--all")[1])["devices"]}
    plug = [area for identifier, area in areas.items() if identifier.startswith(PLUG)]
    assert plug == ["kitchen"] * len(PARTS), "what it measures goes along"


def test_what_is_hidden_is_hidden_with_all_its_parts(home: Home, tmp_path: Path) -> None:
    assert home("hide", "plug")[0] == 0
    assert written(tmp_path) == {f"{PLUG}_{part}_zigbee2mqtt": {"hidden": True} for part in PARTS}
    assert home("show", "plug", "--yes")[0] == 0
    assert written(tmp_path) == {}


def test_a_part_is_meant_by_its_own_name_or_id(home: Home, tmp_path: Path) -> None:
    assert home("move", "Plug power", "kitchen")[0] == 0
    assert home("hide", f"{PLUG}_switch_zigbee2mqtt")[0] == 0
    assert written(tmp_path) == {
        f"{PLUG}_power_zigbee2mqtt": {"area": "kitchen"},
        f"{PLUG}_switch_zigbee2mqtt": {"hidden": True},
    }


def test_a_device_that_does_two_things_is_moved_as_one_and_renamed_by_halves(
    home: Home, tmp_path: Path
) -> None:
    status, _, complaint = home("rename", "gang", "Wall switch")
    assert status != 0
    assert "may be any of several" in complaint
    assert home("move", "gang", "kitchen")[0] == 0
    assert written(tmp_path) == {
        f"{GANG}_switch_{end}_zigbee2mqtt": {"area": "kitchen"} for end in ("l1", "l2")
    }
