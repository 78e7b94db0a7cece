"""`assistant home` and its actions, beside a running assistant in the demo home."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from brokers import free_port

from assistant.cli.home import in_words
from assistant.cli.main import main
from assistant.home.file.reading import load_home

pytestmark = pytest.mark.household

SETTINGS = """
[audio]
input = "none"
output = "none"
[mqtt]
port = {port}
[llm]
enabled = false
[models]
directory = "{folder}"
"""

Command = Callable[..., tuple[int, str, str]]


def until(condition: Callable[[], Any], limit_s: float = 30.0) -> Any:
    deadline = time.monotonic() + limit_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail("what the test waits for has not happened")
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running assistant: `assistant run` with the demo home."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "assistant.toml").write_text(SETTINGS.format(port=free_port(), folder=folder))
    places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    running = subprocess.Popen(
        [sys.executable, "-m", "assistant", "--config", str(folder / "assistant.toml"), "run"],
        env={**os.environ, **places}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: (folder / "control.sock").exists() or running.poll() is not None)
    assert running.poll() is None
    yield folder
    running.terminate()
    running.wait(20)


@pytest.fixture
def home_file(folder: Path) -> Path:
    path = folder / "home.yaml"
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """`command("rename", "lamp", "Light")` → (status, what it prints, what it complains)."""
    monkeypatch.setenv("STATE_DIRECTORY", str(folder))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)

        def run(*arguments: str) -> tuple[int, str, str]:
            status = main(["--config", str(folder / "assistant.toml"), "home", *arguments])
            said = capsys.readouterr()
            return status, said.out, said.err

        until(lambda: json.loads(run("--json")[1])["devices"])
        yield run


def test_a_renamed_device_is_called_so_by_the_running_assistant(
    command: Command, home_file: Path
) -> None:
    status, said, _ = command("rename", "kitchen_li", "Hob lights")
    assert status == 0
    assert "+    name: Hob lights" in said
    assert home_file.read_text() == "devices:\n  - id: kitchen_lights\n    name: Hob lights\n"

    def name() -> str:
        devices = json.loads(command("--json")[1])["devices"]
        return next(one["name"] for one in devices if one["id"] == "kitchen_lights")

    until(lambda: name() == "Hob lights", 5)
    home_file.unlink()
    until(lambda: name() == "Kitchen lights", 5)


WRITTEN = """# mine
areas: [{id: loft, name: Loft, aliases: [attic]}]
devices:
  - id: office_light  # at the desk
    name: Desk lamp
    exposed: false
groups:
  - {id: all, name: All, members: [office_light, hallway_light]}
"""
CASES: list[tuple[list[str], str, str]] = [
    (["move", "hallway_light", "ATTIC"], "", "  - id: hallway_light\n    area: loft\n"),
    (["move", "office_light", "kitchen"],
     "{id: loft, name: Loft, aliases: [attic]}]\ndevices:\n"
     "  - id: office_light  # at the desk\n    name: Desk lamp\n    exposed: false\n",
     "{id: loft, name: Loft, aliases: [attic]}, {id: kitchen, name: Kitchen}]\ndevices:\n"
     "  - id: office_light  # at the desk\n    name: Desk lamp\n    exposed: false\n"
     "    area: kitchen\n"),
    (["move", "hallway_light", "Spare room", "--create"], "", "{id: spare_room, name: Spare room}"),
    (["rename", "office_light", "Lamp", "--yes"], "name: Desk lamp", "name: Lamp"),
    (["rename", "office_light", "Lampe", "--language", "de"], "", "    names: {de: Lampe}\n"),
    (["alias", "hallway_light", "a", "b c"], "", "    aliases: [a, b c]\n"),
    (["alias", "hallway_light", "Flur", "--language", "de"], "", "    aliases: {de: [Flur]}\n"),
    (["hide", "hallway_light"], "", "  - id: hallway_light\n    hidden: true\n"),
    (["show", "office_light", "--yes"], "    exposed: false", "    exposed: true"),
    (["group", "Evening lights", "hallway_light", "nursery_light"], "",
     "  - id: evening_lights\n    name: Evening lights\n"
     "    members: [hallway_light, nursery_light]\n"),
    (["group", "ALL", "nursery_light", "--add"], "[office_light, hallway_light]",
     "[office_light, hallway_light, nursery_light]"),
    (["group", "all", "hallway_light", "--remove"], "[office_light, hallway_light]",
     "[office_light]"),
    (["group", "all", "--delete", "--yes"],
     "  - {id: all, name: All, members: [office_light, hallway_light]}\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "before", "after"), CASES)
def test_a_change_is_written_where_it_belongs(
    command: Command, home_file: Path, arguments: list[str], before: str, after: str
) -> None:
    home_file.write_text(WRITTEN)
    status, _, complaint = command(*arguments)
    assert (status, complaint) == (0, "")
    text = home_file.read_text()
    if before:
        assert text == WRITTEN.replace(before, after)
    else:
        assert after in text
        assert "".join(line for line in text.splitlines(True) if line in WRITTEN) == WRITTEN or (
            "spare_room" in text
        )
    load_home(home_file)


REFUSED: list[tuple[list[str], str]] = [
    (["rename", "office_light", "Lamp"],
     "This would replace what you wrote (name: Desk lamp); --yes does it."),
    (["show", "office_light"], "(exposed: false); --yes does it."),
    (["group", "all", "nursery_light"], "(members: [office_light, hallway_light]); --yes does it."),
    (["group", "all", "--delete"], "--yes does it."),
    (["rename", "hallwy_light", "Lamp"],
     'There is no device "hallwy_light"; did you mean "hallway_light"?'),
    (["rename", "nursery", "Lamp"], '"nursery" may be any of several: nursery_'),
    (["move", "hallway_light", "Kitchn"], 'did you mean "Kitchen"? --create makes a new room.'),
    (["alias", "hallway_light", "x", "--remove"], 'gives Hallway light no alias "x"'),
    (["group", "none", "nursery_light", "--add"], 'There is no group "none"'),
    (["group", "none"], "Say which devices"),
    (["rename", "office_light", "\x07", "--yes"], "signs that cannot be seen"),
    (["--room", "kitchn"], 'There is no room "kitchn"; did you mean "Kitchen"?'),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED)
def test_what_cannot_be_done_unasked_is_said_and_not_written(
    command: Command, home_file: Path, arguments: list[str], sentence: str
) -> None:
    home_file.write_text(WRITTEN)
    status, _, complaint = command(*arguments)
    assert status == 1
    assert sentence in complaint
    assert home_file.read_text() == WRITTEN


def test_another_file_is_changed_without_a_home_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    other = tmp_path / "other.yaml"
    other.write_text("devices: [{id: lamp, aliases: [glow]}]\ngroups: [{id: g, members: [lamp]}]\n")
    assert main(["home", "alias", "glow", "Licht", "--home", str(other)]) == 0
    assert main(["home", "--home", str(other), "rename", "g", "Glows"]) == 0
    assert main(["home", "--home", str(other), "rename", "lmp", "Glows"]) == 1
    assert 'did you mean "lamp"' in capsys.readouterr().err
    assert other.read_text() == (
        "devices: [{id: lamp, aliases: [glow, Licht]}]\n"
        "groups: [{id: g, members: [lamp], name: Glows}]\n"
    )


def test_a_wrong_file_can_be_put_right_with_the_editor_though_no_assistant_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/aera/area/")
    (tmp_path / "assistant.toml").write_text("")
    wrong = tmp_path / "home.yaml"
    wrong.write_text("areas: [den]\ndevices: [{id: lamp, aera: den}]\n")
    home = ["--config", str(tmp_path / "assistant.toml"), "home"]
    assert main([*home, "hide", "lamp"]) == 1
    assert 'did you mean "area"' in capsys.readouterr().err
    assert main([*home, "edit"]) == 0
    assert load_home(wrong).corrections["lamp"]["area"] == "den"


@pytest.mark.parametrize(
    ("state", "unit", "words"),
    [
        ({"power": "on", "brightness_pct": 40, "rgb_color": [255, 0, 9]}, "", "on, 40 %, #ff0009"),
        ({"cover": "open", "position": 70, "tilt": 30}, "", "open, at 70 %, slats at 30 %"),
        ({"hvac_mode": "heat_cool", "target_temp_low": 19, "target_temp_high": 24.5}, "°C",
         "heat cool, from 19 °C, to 24.5 °C"),
        ({"temperature": 21, "current_temperature": 20.5}, "°C", "set to 21 °C, 20.5 °C now"),
        ({"value": 812}, "ppm", "812 ppm"),
        ({"value": "off"}, "", "off"),
        ({"alarm": "armed_away"}, "", "armed away"),
        ({"power": "on", "percentage": 50, "oscillating": False}, "",
         "on, speed 50 %, not oscillating"),
        ({"media": "playing", "volume_pct": 30, "muted": True}, "", "playing, volume 30 %, muted"),
        ({"value": "{0}"}, "", "{0}"),
        ({"something_new": 5}, "", "something new 5"),
        ({}, "", ""),
    ],
)  # fmt: skip
def test_a_state_is_shown_in_words(state: dict[str, Any], unit: str, words: str) -> None:
    assert in_words(state, unit) == words


def test_nothing_is_cut_off_in_a_pipe(command: Command, home_file: Path) -> None:
    listed = command()[1]
    devices = json.loads(command("--json")[1])["devices"]
    for device in devices:
        assert device["hidden"] or device["id"] in listed
        assert device["hidden"] or device["name"] in listed
    assert "brightness_pct" not in listed


def test_the_list_is_narrowed_by_room_and_type_and_leaves_out_what_is_hidden(
    command: Command, home_file: Path
) -> None:
    def listed(*arguments: str) -> set[str]:
        return {one["id"] for one in json.loads(command("--json", *arguments)[1])["devices"]}

    assert listed("--room", "study", "--type", "light") == {"office_light"}
    assert "kitchen_lights" in listed("--type", "light")
    assert "coffee_machine" not in listed("--type", "light")
    assert "Coffee machine" in command("--room", "kitchen")[1]
    home_file.write_text("devices: [{id: office_light, hidden: true}]")
    until(lambda: listed("--room", "office", "--type", "light") == set(), 5)
    assert listed("--room", "office", "--type", "light", "--all") == {"office_light"}


def on_a_terminal(folder: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """`assistant home …` as a process on a terminal, where `answer` is typed."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "--config", str(folder / "assistant.toml"), "home",
         *arguments],
        stdin=there, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    os.write(here, answer.encode())
    said, _ = process.communicate(timeout=60)
    os.close(here)
    os.close(there)
    return process.returncode, said.decode()


@pytest.mark.parametrize(("answer", "name"), [("y\n", "Lamp"), ("n\n", "Desk lamp")])
def test_on_a_terminal_it_asks_before_it_replaces(
    command: Command, folder: Path, home_file: Path, answer: str, name: str
) -> None:
    home_file.write_text(WRITTEN)
    status, said = on_a_terminal(folder, answer, "rename", "office_light", "Lamp")
    assert "This replaces what you wrote (name: Desk lamp). Go on? [y/N]" in said
    assert status == (0 if name == "Lamp" else 1)
    assert load_home(home_file).corrections["office_light"]["name"] == name


def test_the_editor_begins_with_what_was_found_and_a_wrong_file_is_not_put_in_place(
    command: Command, folder: Path, home_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "sed -i 's/^#  - {id: office/  - {id: office/'")
    monkeypatch.delenv("VISUAL", raising=False)
    assert command("edit")[0] == 0
    assert [area.name for area in load_home(home_file).areas] == ["Office"]
    assert "#  - id: kitchen_lights\n#    name: Kitchen lights\n#    area: kitchen\n" in (
        home_file.read_text()
    )
    uncommented = home_file.read_text().replace("#  ", "  ").replace("#    ", "    ")
    home_file.write_text(uncommented.partition("groups:")[0])
    assert len(load_home(home_file).corrections) > 10
    before = home_file.read_text()
    monkeypatch.setenv("EDITOR", "sed -i 's/name:/nmae:/'")
    status, _, complaint = command("edit")
    assert status == 1
    assert 'there is no key "nmae"; did you mean "name"?' in complaint
    assert "stays as it was; what you wrote is in " in complaint
    assert home_file.read_text() == before
    status, said = on_a_terminal(folder, "y\nn\n", "edit")
    assert status == 1
    assert said.count("Edit it again? [Y/n]") == 2
