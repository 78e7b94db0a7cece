"""The settings files: layers, origins, and mistakes explained."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from assistant.cli.config import commented_file, shown
from assistant.cli.main import main
from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.settings_file import load, settings_fields


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    files = (tmp_path / "etc/assistant.toml", tmp_path / "home/assistant.toml")
    monkeypatch.setattr("assistant.settings_file.config_files", lambda: files)
    monkeypatch.setattr("assistant.cli.config.config_files", lambda: files)
    return files


def test_no_file_at_all_is_a_working_configuration(layers: tuple[Path, Path]) -> None:
    loaded = load()
    assert loaded.settings == Settings()
    assert loaded.files == ()
    assert set(loaded.origins.values()) == {"default"}


def test_the_users_file_wins_setting_by_setting(layers: tuple[Path, Path]) -> None:
    system, user = layers
    write(system, 'language = "de"\n[mqtt]\nhost = "broker"\nport = 1884\n')
    write(user, "[mqtt]\nport = 1885\n")
    loaded = load()
    assert (loaded.settings.language, loaded.settings.mqtt.host) == ("de", "broker")
    assert loaded.settings.mqtt.port == 1885
    assert loaded.origins["mqtt.host"] == str(system)
    assert loaded.origins["mqtt.port"] == str(user)
    assert loaded.origins["mqtt.username"] == "default"
    assert loaded.files == (system, user)


def test_a_named_file_is_the_only_one(layers: tuple[Path, Path], tmp_path: Path) -> None:
    write(layers[0], 'language = "de"\n')
    loaded = load(write(tmp_path / "mine.toml", 'area = "kitchen"\n'))
    assert (loaded.settings.language, loaded.settings.area) == ("en", "kitchen")


def test_a_list_may_stand_for_a_tuple(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "a.toml", '[safety]\nconfirm = ["lock.unlock"]\n'))
    assert loaded.settings.safety.confirm == ("lock.unlock",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('langauge = "de"', 'line 1: there is no setting "langauge"; did you mean "language"?'),
        ('[mqtt]\nhots = "x"', 'line 2: there is no setting "mqtt.hots"; did you mean "mqtt.host"'),
        ("volume = 3", 'no setting "volume"; did you mean "audio.volume"?'),
        ("[speaker]\nx = 1", 'no setting "speaker"'),
        ("[wkae]\nx = 1", 'line 1: there is no setting "wkae"; did you mean "wake"?'),
        (
            "\n[audio]\nvolume = 300",
            "line 3: audio.volume = 300 is not right; expected a whole number from 0 to 100 "
            "(loudness of replies",
        ),
        ('audio.volume = "loud"', 'line 1: audio.volume = "loud" is not right; expected a whole'),
        ("[mqtt]\nport = true", "mqtt.port = true is not right; expected a whole number from 1"),
        ('[llm]\nenabled = "yes"', "expected true or false"),
        ('[wake]\nword = "computer"', 'expected one of "okay_nabu", "hey_jarvis"'),
        ("[listening]\nstart_timeout_s = 0", "expected a number above 0"),
        ('[safety]\nconfirm = "all"', "expected a list of texts"),
        ('language = "english please"', 'expected a text in quotes such as "en" or "pt_BR"'),
        ('mqtt = "broker"', "mqtt is a section"),
        ("[mqtt]\nhost = broker", "at line 2"),
        ("[mqtt\n", "at line 1"),
    ],
)
def test_a_mistake_names_file_key_expectation_and_nearest_key(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = write(tmp_path / "a.toml", text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_all_mistakes_are_said_at_once_and_no_secret_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.toml", "x = 1\n[mqtt]\npassword = 123456\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "mqtt.password" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
    assert "123456" not in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="assistant config init --path"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'area = "K\xfcche"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "latin.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.toml", "")
    path.chmod(0)
    with pytest.raises(ConfigError, match="permissions"):
        load(path)


def test_show_prints_every_setting_with_its_origin_and_no_password(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.toml", '[mqtt]\npassword = "hunter2"\n[audio]\ninput = "a \\"b\\""\n'
    )
    lines = list(shown(load(path)))
    text = "\n".join(lines)
    assert "hunter2" not in text
    assert f"# {path}" in next(line for line in lines if line.startswith("password"))
    assert "# default" in next(line for line in lines if line.startswith("port"))
    document = tomllib.loads(text)
    assert document["audio"]["input"] == 'a "b"'
    assert document["safety"]["confirm"] == list(Settings().safety.confirm)
    shown_keys = {line.split(" = ")[0].removeprefix("# ") for line in lines if " = " in line}
    assert {key.split(".")[-1] for key, _ in settings_fields()} - shown_keys == {
        "act_from", "ask_from", "flash_attention", "gpu_layers", "latitude", "longitude",
        "threshold",
    }  # fmt: skip


def test_the_file_init_writes_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    text = commented_file()
    assert load(write(tmp_path / "a.toml", text)).settings == Settings()
    uncommented = "\n".join(
        line[1:] if line.startswith("#") and line[1] != " " and "…" not in line else line
        for line in text.splitlines()
    )
    assert load(write(tmp_path / "b.toml", uncommented)).settings == Settings()
    for _, field in settings_fields():
        assert field.description
        assert field.description.split()[0] in text


def test_init_never_overwrites_without_force(
    layers: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "init"]) == 0
    assert stat.S_IMODE(layers[1].stat().st_mode) == 0o600
    layers[1].write_text('area = "kitchen"\n')
    assert main(["config", "init"]) == 1
    assert "--force" in capsys.readouterr().err
    assert layers[1].read_text() == 'area = "kitchen"\n'
    assert main(["config", "init", "--force"]) == 0
    assert "area" in layers[1].read_text()
    assert layers[1].read_text() != 'area = "kitchen"\n'


def test_check_counts_and_warns_of_a_password_for_everybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.toml", '[mqtt]\npassword = "x"\nhost = "y"\n')
    path.chmod(0o644)
    assert main(["--config", str(path), "config", "check"]) == 0
    output = capsys.readouterr().out
    assert "decides 2 settings" in output
    assert "everybody can read it" in output
    path.write_text("nonsense = 1\n")
    assert main(["--config", str(path), "config", "check"]) == 1
    assert "nonsense" in capsys.readouterr().err
