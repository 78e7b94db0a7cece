"""`assistant ask`: text, sound files and batches, in a home described by a file."""

import io
import json
import struct
import wave

import numpy as np
import pytest

from assistant.cli.main import main
from assistant.config import Settings
from assistant.models import ModelStore

HOME = """
language: en
floors: [{id: ground, name: Ground floor, aliases: [downstairs]}]
areas:
  - {id: kitchen, name: Kitchen, floor: ground}
  - {id: bedroom, name: Bedroom}
devices:
  - id: kitchen_ceiling
    name: Kitchen lights
    aliases: [main light]
    area: kitchen
    type: light
    features: {brightness: true, color: true, color_temp: [2000, 6500]}
    state: {power: "on", brightness_pct: 40}
  - {id: bedroom_lamp, name: Bedside lamp, area: bedroom, type: light, state: {power: "off"}}
  - {id: front_door, name: Front door, area: kitchen, type: lock, state: {lock: locked}}
  - {id: blind, name: Blind, area: bedroom, type: cover, device_class: blind,
     features: {position: true}, state: {position: 100}}
"""
pytestmark = pytest.mark.household

KEYS = {"text", "language", "area", "tier", "intents", "actions", "reply", "question", "timings_ms"}
SETTINGS = """
[llm]
enabled = false
[models]
directory = "{models}"
"""


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys):
    """`ask(*arguments)` in the home above → (status, JSON objects printed, what stderr says)."""
    home = tmp_path / "home.yaml"
    home.write_text(HOME)
    config = tmp_path / "assistant.toml"
    config.write_text(SETTINGS.format(models=ModelStore.from_settings(Settings()).directory))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    (tmp_path / "state").mkdir()

    def run(*arguments, dry=True):
        extra = ["--home", str(home), *(["--dry-run"] if dry else [])]
        status = main(["--config", str(config), "ask", *arguments, *extra])
        printed = capsys.readouterr()
        lines = [json.loads(line) for line in printed.out.splitlines() if line.startswith("{")]
        return status, lines, printed.err

    return run


def test_json_has_the_promised_keys_and_vocabulary(ask):
    status, [answer], _ = ask("set the kitchen lights to 40%", "--json")
    assert status == 0
    assert answer.keys() >= KEYS
    assert answer["tier"] == "template"
    assert answer["intents"][0]["name"] == "HassLightSet"
    assert answer["actions"] == [
        {
            "service": "light.turn_on",
            "device": "kitchen_ceiling",
            "data": {"brightness_pct": 40},
            "outcome": "dry_run",
        }
    ]
    assert answer["reply"]
    assert answer["question"] is False


def test_without_dry_run_the_device_of_the_file_is_a_real_mqtt_client(ask):
    status, [answer], _ = ask("turn on the bedside lamp", "--json", dry=False)
    assert status == 0
    assert answer["actions"][0]["outcome"] == "confirmed"


def test_a_room_says_which_light_is_meant(ask):
    _, [answer], _ = ask("turn on the light", "--area", "bedroom", "--json")
    assert [a["device"] for a in answer["actions"]] == ["bedroom_lamp"]
    assert answer["area"] == "bedroom"


def test_a_room_that_is_not_there_is_named_with_those_that_are(ask):
    status, _, errors = ask("turn on the light", "--area", "attic")
    assert status == 1
    assert "attic" in errors
    assert "Kitchen" in errors


def test_unlocking_is_asked_about_first(ask):
    _, [answer], _ = ask("unlock the front door", "--json")
    assert answer["question"] is True
    assert [a["outcome"] for a in answer["actions"]] == ["awaiting_confirmation"]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n", "🎉🎉🎉", "?!", "a" * 10_000, "turn on " * 1_250, "\x00\x1b[2J",
        "mach das licht im keller an", "부엌 불 켜", "打开厨房的灯",
        "the kitchen lights are lovely", "what is the weather on mars", "don't turn on the light",
        "{{ 7 * 7 }}", "$(reboot)", "'; DROP TABLE timers; --",
    ],
)  # fmt: skip
def test_what_is_no_request_gets_an_honest_answer_and_changes_nothing(ask, text):
    status, [answer], errors = ask("--json", text)
    assert status == 1
    assert answer["actions"] == []
    assert answer["reply"]
    assert len(answer["reply"]) < 200
    assert "Traceback" not in errors


def test_a_batch_gives_one_result_a_line_whatever_the_lines_are(ask, tmp_path):
    batch = tmp_path / "batch.jsonl"
    requests = [
        json.dumps({"text": "turn off the kitchen lights"}),
        "this is no JSON",
        json.dumps(["neither", "is", "this"]),
        json.dumps({"text": "unlock the front door", "conversation": "a"}),
        json.dumps({"text": "yes", "conversation": "b"}),
        json.dumps({"text": "yes", "conversation": "a"}),
        json.dumps({"wav": str(tmp_path / "missing.wav")}),
        json.dumps({"text": "turn on the light", "area": "bedroom"}),
        json.dumps({"text": "turn on the light", "area": "attic"}),
        json.dumps({"text": "turn on the light", "area": 5}),
        json.dumps({"text": "turn on the light", "language": ["en"]}),
        json.dumps({"text": "half a smile \ud83d"}),
        json.dumps({"text": "turn on the bedside lamp"}),
    ]
    batch.write_text("\n".join(requests) + "\n\n")
    status, lines, _ = ask("--batch", str(batch))
    assert status == 0
    assert len(lines) == len(requests)
    assert lines[0]["actions"][0]["service"] == "light.turn_off"
    assert "error" in lines[1]
    assert "error" in lines[2]
    assert lines[3]["question"] is True
    assert lines[4]["actions"] == []
    assert [a["service"] for a in lines[5]["actions"]] == ["lock.unlock"]
    assert "missing.wav" in lines[6]["error"]
    assert lines[7]["actions"][0]["device"] == "bedroom_lamp"
    assert "attic" in lines[8]["error"]
    assert '"area"' in lines[9]["error"]
    assert '"language"' in lines[10]["error"]
    assert lines[11]["actions"] == []
    assert lines[12]["actions"][0]["device"] == "bedroom_lamp"


def test_a_question_is_not_answered_by_what_is_no_answer(ask, tmp_path):
    batch = tmp_path / "batch.jsonl"
    texts = ["unlock the front door", "turn off the kitchen lights", "yes"]
    batch.write_text("".join(json.dumps({"text": t, "conversation": "a"}) + "\n" for t in texts))
    _, lines, _ = ask("--batch", str(batch))
    assert [a["service"] for a in lines[1]["actions"]] == ["light.turn_off"]
    assert lines[2]["actions"] == []


def wav(samples: np.ndarray, rate: int = 16_000, channels: int = 1, width: int = 2) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return data.getvalue()


SILENCE = np.zeros(32_000, np.int16)
NOISE = np.random.default_rng(3).normal(0, 800, 48_000).astype(np.int16)
COUGH = np.concatenate(
    [SILENCE[:8000], NOISE[:2000] * np.linspace(8, 0, 2000).astype(np.int16), SILENCE[:16_000]]
)


@pytest.mark.engine
@pytest.mark.parametrize("samples", [SILENCE, NOISE, COUGH], ids=["silence", "noise", "cough"])
def test_a_recording_without_words_does_nothing(ask, tmp_path, samples):
    path = tmp_path / "request.wav"
    path.write_bytes(wav(samples))
    status, [answer], _ = ask("--wav", str(path), "--json")
    assert status == 1
    assert answer["actions"] == []
    assert answer["reply"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no sound at all", b"RIFF" + struct.pack("<I", 4) + b"WAVE", b"\x00" * 5000],
    ids=["empty", "text", "header only", "zeros"],
)
def test_a_file_that_is_no_sound_is_one_sentence(ask, tmp_path, content):
    path = tmp_path / "request.wav"
    path.write_bytes(content)
    status, lines, errors = ask("--wav", str(path), "--json")
    assert status == 1
    assert lines == []
    assert errors.count("\n") == 1
    assert "request.wav" in errors


def test_a_home_file_with_a_mistake_names_the_place(ask, tmp_path, capsys):
    home = tmp_path / "wrong.yaml"
    home.write_text(
        "areas: [{id: kitchen, name: Kitchen}]\ndevices: [{id: x, name: X, tpye: light}]"
    )
    status = main(["ask", "turn on x", "--home", str(home), "--dry-run"])
    errors = capsys.readouterr().err
    assert status == 1
    assert "wrong.yaml" in errors
    assert "type" in errors
