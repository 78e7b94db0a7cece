"""`assistant explain` and `assistant intents check`: what a user who writes sentences needs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.cli.main import main

HOME = """
areas: [{id: hall, name: Hall}, {id: den, name: Den}]
devices:
  - {id: lamp, name: Lamp, area: hall, type: light, state: {power: "off"}}
  - {id: front, name: Front door, area: hall, type: lock, state: {lock: locked}}
"""
GOOD = """intents:
  Cosy:
    data:
      - sentences:
          - "make it cosy in [the] {area}"
          - "turn on the lamp"
"""
ACTIONS = "Cosy: {steps: [{service: light.turn_on, device: lamp}], reply: Cosy.}\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sentences beside the settings file."""
    made = tmp_path / "intents" / "en"
    made.mkdir(parents=True)
    (made / "cosy.yaml").write_text(GOOD)
    (made / "actions.yaml").write_text(ACTIONS)
    return made


@pytest.fixture
def run(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "home.yaml").write_text(HOME)
    config = tmp_path / "assistant.toml"
    config.write_text("[llm]\nenabled = false\n")

    def run(*arguments: str) -> tuple[int, str, str]:
        home = ["--home", str(tmp_path / "home.yaml")]
        status = main(["--config", str(config), *arguments, *home])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_a_sentence_is_explained_by_template_slots_devices_and_rivals(
    run: Run, folder: Path
) -> None:
    status, out, _ = run("explain", "turn on the lamp and unlock the front door", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["tier"] == "template"
    first, second = told["intents"]
    assert (first["intent"], first["template"]) == ("Cosy", "turn on the lamp")
    assert first["file"] == str(folder / "cosy.yaml")
    assert {(o["intent"], o["slots"].get("name")) for o in first["others"]} >= {
        ("HassTurnOn", "Lamp")
    }
    assert second["slots"]["name"] == "Front door"
    assert "unlock" in second["template"]
    assert [(a["service"], a["device"], a["asks_first"]) for a in told["actions"]] == [
        ("light.turn_on", "lamp", False),
        ("lock.unlock", "front", True),
    ]
    assert told["timings_ms"]["templates"] > 0


def test_an_explanation_reads_well_on_a_terminal(run: Run) -> None:
    status, out, _ = run("explain", "make it cosy in the den")
    assert status == 0
    for piece in ("tier       template", "Cosy", "make it cosy in [the] {area}", "area = Den",
                  "would do   light.turn_on lamp", " ms"):  # fmt: skip
        assert piece in out


def test_what_is_not_understood_is_explained_as_such(run: Run) -> None:
    status, out, _ = run("explain", "the weather on Mars is lovely")
    assert status == 1
    assert "not understood" in out


def test_good_sentences_pass(run: Run) -> None:
    status, out, _ = run("intents", "check")
    assert status == 0, out
    assert "Nothing is wrong" in out


HEAD = "intents:\n  Warm:\n    data:\n      - sentences:\n"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("warm.yaml", HEAD + "          - fine\n          - 'warm {wher}'\n", ":6: Warm: "),
        ("warm.yaml", HEAD + "          - 'warm <up>'\n", ":5: Warm: "),
        ("warm.yaml", HEAD + "          - 'warm [up'\n", ":5: Warm: "),
        ("warm.yaml", HEAD + "          - 'warm []'\n", ":5: Warm: "),
        ("warm.yaml", HEAD + "          - 'warm up'\n", ":5: Warm has neither an action"),
        ("actions.yaml", ACTIONS + "Cold: {reply: Brr.}\n", ":2: No sentence leads to Cold."),
        ("actions.yaml", ACTIONS + "Cold: {steps: [{service: rm}]}\n", ":2: Cold.steps.0.service"),
        ("warm.yaml", HEAD + "          - 'make it (cosy|warm) in the {area}'\n"
         "responses: {intents: {Warm: {default: Warm.}}}\n", "both accept"),
        ("warm.yaml", HEAD + "          - 'warm (up|down) and turn off the lamp!'\n"
         "          - 'please'\n          - '{name}'\n"
         "responses: {intents: {Warm: {default: Warm.}}}\n", '"{name}" never leads to Warm'),
        ("warm.yaml", "a: [\n", "warm.yaml:2: This is no YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_with_file_and_line(
    run: Run, folder: Path, file: str, text: str, told: str
) -> None:
    (folder / file).write_text(text)
    status, out, _ = run("intents", "check", str(folder.parent))
    assert status == 1
    lines = [line for line in out.splitlines() if told in line]
    assert lines, out
    assert any(file in line for line in lines) or "both accept" in told


def test_a_folder_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    status, _, err = run("intents", "check", str(tmp_path / "nowhere"))
    assert status == 1
    assert "nowhere" in err


def test_what_a_misheard_sentence_sounds_like_is_explained_with_its_costs(run: Run) -> None:
    _, out, _ = run("explain", "make it cozy in the dan", "--json")
    repair = json.loads(out)["repair"]
    assert repair["verdict"] in ("ask", "sure")
    assert repair["reason"]
    first, *_ = repair["candidates"]
    assert first["text"] == "make it cosy in the den"
    assert 0 < first["for_each_phone"] < 0.1
    _, out, _ = run("explain", "make it cozy in the dan")
    assert "sounds as  make it cosy in the den" in out


def test_why_nothing_is_guessed_is_explained(run: Run) -> None:
    status, out, _ = run("explain", "make it cosy in the attic")
    assert status == 1
    assert "repair     no" in out
