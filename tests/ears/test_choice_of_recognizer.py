"""Which recognizer a language gets, and Korean from sound to a spoken answer with Vosk."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.cli.main import main
from assistant.config import Settings
from assistant.ears.vosk import VoskRecognizer
from assistant.ears.whisper import WhisperRecognizer
from assistant.engines import load_recognizer
from assistant.errors import ModelError
from assistant.models import ModelStore

pytestmark = pytest.mark.engine

HOME = """
language: ko
areas: [{id: living_room, name: 거실}]
devices: [{id: lamp, name: 거실 불, area: living_room, type: light}]
"""


def chosen(recognizer: str, language: str) -> type:
    settings = Settings.model_validate({"recognizer": recognizer, "language": language})
    engine = load_recognizer(ModelStore.from_settings(settings), settings, language)
    engine.close()
    return type(engine)


def test_auto_takes_vosk_where_there_is_a_vosk_model_of_the_language_else_whisper() -> None:
    assert chosen("auto", "ko") is VoskRecognizer
    assert chosen("auto", "en") is WhisperRecognizer


def test_a_recognizer_asked_for_by_name_without_a_model_says_what_to_fetch() -> None:
    with pytest.raises(ModelError, match="assistant models fetch"):
        chosen("vosk", "en")


def test_korean_is_heard_by_vosk_and_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    espeak = shutil.which("espeak-ng")
    assert espeak, "install espeak-ng"
    recording, home = tmp_path / "request.wav", tmp_path / "home.yaml"
    subprocess.run([espeak, "-v", "ko", "-w", str(recording), "지금 몇 시야"], check=True)
    home.write_text(HOME, encoding="utf-8")
    arguments = ["ask", "--wav", str(recording), "--home", str(home), "--dry-run", "--json"]
    assert main(["--config", "/dev/null", *arguments]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["text"] == "지금 몇 시야"
    assert [intent["name"] for intent in answer["intents"]] == ["HassGetCurrentTime"]
    assert answer["reply"].startswith("지금은")
