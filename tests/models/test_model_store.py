"""Finding and checking models on the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from models_site import entry, model_file

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.models import ModelStore
from assistant.models.manifest import UrlSource, load_manifest


def put(directory: Path, name: str, *files: str, content: bytes = b"x") -> Path:
    for file in files:
        path = directory / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory / name


def voice(directory: Path, name: str, language: str) -> None:
    folder = put(directory, name, f"{name}.onnx")
    (folder / f"{name}.onnx.json").write_text(json.dumps({"language": {"code": language}}))


def test_the_packaged_manifest_is_sound() -> None:
    manifest = load_manifest()
    assert {model.task for model in manifest} == {"vad", "recognition", "voice", "llm"}
    for model in manifest:
        assert model.licence
        assert model.sources
        for file in model.files:
            assert file.sha256 is None or len(file.sha256) == 64
        for source in model.sources:
            if isinstance(source, UrlSource):
                assert source.url.startswith("https://")
                assert source.archive or model.files, model.name
        if model.tested:
            assert model.size == sum(file.size or 0 for file in model.files)
            assert all(file.sha256 for file in model.files)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (
            {},
            ["silero-vad", "whisper-tiny.en", "en_US-joe-medium", "smollm2-135m-instruct-q4_1"],
        ),
        ({"llm": {"enabled": False}}, ["silero-vad", "whisper-tiny.en", "en_US-joe-medium"]),
        (
            {"recognizer": "vosk", "llm": {"enabled": False}},
            ["silero-vad", "vosk-model-small-en-us-0.15", "en_US-joe-medium"],
        ),
        (
            {"language": "ko", "llm": {"enabled": False}},
            ["silero-vad", "vosk-model-small-ko-0.22"],
        ),
        (
            {"language": "de_DE", "llm": {"enabled": False}},
            ["silero-vad", "vosk-model-small-de-0.15", "de_DE-thorsten-medium"],
        ),
        ({"language": "fi", "llm": {"enabled": False}}, ["silero-vad", "whisper-base"]),
        (
            {"voice": {"model": "en_GB-alba-medium"}, "llm": {"enabled": False}},
            ["silero-vad", "whisper-tiny.en", "en_GB-alba-medium"],
        ),
    ],
)
def test_the_default_models_follow_the_settings(
    tmp_path: Path, settings: dict[str, object], names: list[str]
) -> None:
    wanted = ModelStore([tmp_path]).defaults(Settings.model_validate(settings))
    assert [model.name for model in wanted] == names


def test_the_manifests_order_decides_between_voices_of_one_language(tmp_path: Path) -> None:
    store = ModelStore(
        [tmp_path],
        [
            entry("us", "https://x/a", languages=("en_US",)),
            entry("gb", "https://x/a", languages=("en_GB",)),
        ],
    )
    put(tmp_path, "gb", "gb.onnx")
    put(tmp_path, "us", "us.onnx")
    for asked, found in (("en", "us"), ("en-GB", "gb"), ("en_AU", "us"), ("en_US", "us")):
        model = store.find("voice", language=asked)
        assert model is not None
        assert model.name == found
    assert store.find("voice", language="de") is None
    assert store.find("recognition", language="en") is None
    assert store.find("voice", engine="other") is None


def test_models_that_the_manifest_does_not_know_are_found_by_their_layout(tmp_path: Path) -> None:
    put(tmp_path, "vosk-model-small-cn-9.9", "am/final.mdl")
    put(tmp_path, "vosk-model-en-gb-9.9", "am/final.mdl")
    put(tmp_path, "my-whisper", "model.bin", "config.json")
    put(tmp_path, "my-whisper.en", "model.bin", "config.json")
    put(tmp_path, "my-llm", "some.gguf")
    put(tmp_path, "my-vad", "silero_vad_v9.onnx")
    put(tmp_path, "letters", "readme.txt")
    put(tmp_path, ".downloads", "am/final.mdl")
    voice(tmp_path, "my-voice", "fr_FR")
    store = ModelStore([tmp_path], [])
    found = {(m.name, m.task, m.engine, m.language) for m in store.installed()}
    assert found == {
        ("vosk-model-small-cn-9.9", "recognition", "vosk", "zh"),
        ("vosk-model-en-gb-9.9", "recognition", "vosk", "en_GB"),
        ("my-whisper", "recognition", "whisper", ""),
        ("my-whisper.en", "recognition", "whisper", "en"),
        ("my-llm", "llm", "llama", ""),
        ("my-vad", "vad", "silero", ""),
        ("my-voice", "voice", "piper", "fr_FR"),
    }
    assert store.require("voice", language="fr").file == tmp_path / "my-voice/my-voice.onnx"
    assert store.require("llm").file == tmp_path / "my-llm/some.gguf"
    assert store.require("recognition", engine="whisper", language="de").name == "my-whisper"
    assert store.require("recognition", engine="vosk", language="zh_CN").file.is_dir()


def test_the_first_folder_wins_and_all_are_read(tmp_path: Path) -> None:
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    put(mine, "a", "a.gguf")
    put(shared, "a", "a.gguf")
    put(shared, "b", "b.gguf")
    store = ModelStore([mine, shared], [])
    assert store.require("llm", name="a").path == mine / "a"
    assert store.require("llm", name="b").path == shared / "b"
    with pytest.raises(ModelError, match="only reads"):
        store.remove("b")
    assert (shared / "b").exists()


@pytest.mark.parametrize("damage", ["missing", "truncated", "empty"])
def test_a_damaged_model_is_passed_over_and_require_says_how_to_mend_it(
    tmp_path: Path, damage: str
) -> None:
    good = b"weights"
    files = (model_file("v.onnx", good),)
    store = ModelStore([tmp_path], [entry("v", "https://x/v.onnx", files=files)])
    path = put(tmp_path, "v", "v.onnx", content=good) / "v.onnx"
    assert store.find("voice") is not None
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(good[:3] if damage == "truncated" else b"")
    assert store.find("voice") is None
    with pytest.raises(ModelError, match=r"v is damaged \(v\.onnx .*models fetch v"):
        store.require("voice")


def test_a_changed_byte_is_found_by_verify_only(tmp_path: Path) -> None:
    store = ModelStore(
        [tmp_path], [entry("v", "https://x/v.onnx", files=(model_file("v.onnx", b"weights"),))]
    )
    put(tmp_path, "v", "v.onnx", content=b"weighty")
    model = store.require("voice")
    assert store.check(model) == ()
    assert "sha256" in str(store.verify(model)[0])


def test_a_missing_model_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    store = ModelStore([tmp_path])
    cases = [
        ({"task": "vad"}, "models fetch silero-vad"),
        ({"task": "recognition", "language": "en"}, "models fetch whisper-tiny.en"),
        (
            {"task": "recognition", "engine": "vosk", "language": "fr"},
            "models fetch vosk-model-small-fr-0.22",
        ),
        ({"task": "voice", "name": "en_US-amy-low"}, "models fetch en_US-amy-low"),
        ({"task": "voice", "name": "nobody"}, "neither in .* nor in the manifest"),
        ({"task": "voice", "name": "whisper-tiny.en"}, "not one for speech synthesis"),
        ({"task": "voice", "language": "ja"}, "the manifest has none"),
    ]
    for asked, sentence in cases:
        with pytest.raises(ModelError, match=sentence):
            store.require(asked.pop("task"), **asked)


def test_removing_deletes_the_folder_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "a", "a.gguf")
    put(tmp_path, "b", "b.gguf")
    store = ModelStore([tmp_path], [])
    store.remove("a")
    assert [model.name for model in store.installed()] == ["b"]
    assert os.listdir(tmp_path) == ["b"]  # noqa: PTH208
    for name in ("a", "", "..", "../models", "b/.."):
        with pytest.raises(ModelError):
            store.remove(name)
    assert (tmp_path / "b/b.gguf").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[model]\n", "not valid TOML"),
        ('[[model]]\nname = "x"\n', "wrong at model x"),
        (
            '[[model]]\nname = "x"\ntask = "fly"\nengine = "e"\nlanguages = []\nlicence = ""\n'
            "sources = []\n",
            "unknown task fly",
        ),
        (
            '[[model]]\nname = "../x"\ntask = "llm"\nengine = "e"\nlanguages = []\nlicence = ""\n'
            "sources = []\n",
            "unsafe path",
        ),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_place(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=sentence):
        load_manifest(path)


def test_a_rubbish_lock_file_is_said(tmp_path: Path) -> None:
    put(tmp_path, "v", "v.onnx")
    (tmp_path / "v.lock.json").write_text("[]")
    store = ModelStore([tmp_path], [entry("v", "https://x/v.onnx")])
    with pytest.raises(ModelError, match="lock file"):
        store.find("voice")


def test_the_folder_comes_from_the_settings_else_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Settings.model_validate({"models": {"directory": str(tmp_path / "mine")}})
    assert ModelStore.from_settings(chosen).directory == tmp_path / "mine"
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert ModelStore.from_settings(Settings()).directory == tmp_path / "assistant/models"
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    assert ModelStore.from_settings(Settings()).directory == tmp_path / "state/models"
