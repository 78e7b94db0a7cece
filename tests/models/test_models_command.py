"""`assistant models` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cli.main import main


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "assistant.toml"
    path.write_text(f'[models]\ndirectory = "{tmp_path / "models"}"\n')
    return path


def models(settings_file: Path, *words: str) -> int:
    return main(["--config", str(settings_file), "models", *words])


def test_list_shows_what_is_installed_what_is_wanted_and_what_is_yours(
    settings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models/my-llm").mkdir(parents=True)
    (tmp_path / "models/my-llm/x.gguf").write_bytes(b"x")
    (tmp_path / "models/silero-vad").mkdir()
    assert models(settings_file, "list") == 0
    lines = {line[2:].split()[0]: line for line in capsys.readouterr().out.splitlines() if line[3:]}
    assert lines["my-llm"].startswith("✓")
    assert "yours" in lines["my-llm"]
    assert lines["silero-vad"].startswith("✗")
    assert "default" in lines["whisper-tiny.en"]
    assert "untested" in lines["en_US-lessac-medium"]
    assert "de_DE-thorsten-medium" not in lines
    assert models(settings_file, "list", "--all") == 0
    assert "de_DE-thorsten-medium" in capsys.readouterr().out


def test_verify_names_the_damaged_and_ends_with_an_error(
    settings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models/silero-vad"
    folder.mkdir(parents=True)
    (folder / "silero_vad_16k_op15.onnx").write_bytes(b"rubbish")
    assert models(settings_file, "verify") == 1
    output = capsys.readouterr()
    assert "✗ silero-vad: silero_vad_16k_op15.onnx has 7 bytes instead of 1289603" in output.out
    assert "assistant models fetch --again silero-vad" in output.err


def test_fetch_without_a_name_and_with_a_wrong_one_says_what_to_do(
    settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models(settings_file, "fetch") == 1
    assert "--all-default" in capsys.readouterr().err
    assert models(settings_file, "fetch", "silero-vat") == 1
    assert 'did you mean "silero-vad"?' in capsys.readouterr().err


def test_remove_deletes_and_says_so(
    settings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models/my-llm").mkdir(parents=True)
    assert models(settings_file, "remove", "my-llm") == 0
    assert not (tmp_path / "models/my-llm").exists()
    assert models(settings_file, "remove", "my-llm") == 1
    assert 'There is no model "my-llm"' in capsys.readouterr().err


@pytest.mark.engine
def test_the_default_models_are_fetched_once_and_whole(
    settings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models(settings_file, "fetch", "silero-vad") == 0
    assert "silero-vad is now in" in capsys.readouterr().out
    assert models(settings_file, "verify") == 0
    assert models(settings_file, "fetch", "silero-vad") == 0
    assert "is there already" in capsys.readouterr().out
