"""Missing, truncated and exchanged models: the daemon starts, says what is wrong, and goes on."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from brokers import eventually
from exchange import COMMAND, Voice, fast_microphone, models_without, obeys, rehearsal_settings

import assistant.models.store
from assistant.config import Settings
from assistant.errors import ModelError
from assistant.events import Event, Stage, StageEvent
from assistant.models import ModelStore
from assistant.rehearsal import Rehearsal
from assistant.replies import Replies
from assistant.types import Request, Samples, Turn

pytestmark = pytest.mark.engine

_WEIGHTS = {".onnx", ".bin", ".gguf"}


@pytest.fixture(autouse=True)
def only_the_configured_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models in this checkout would stand in for the missing ones."""
    monkeypatch.setattr(assistant.models.store, "checkout", lambda: None)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def installed(task: str, engine: str) -> Path:
    return ModelStore.from_settings(Settings()).require(task, engine=engine, language="en").path


def cut(source: Path, target: Path) -> None:
    """A copy of a model whose weights are only half there."""
    target.mkdir()
    for file in source.iterdir():
        content = file.read_bytes()
        weights = file.suffix in _WEIGHTS
        (target / file.name).write_bytes(content[: len(content) // 2] if weights else content)


def missing(source: Path, models: Path) -> None:
    """The model is not there."""


def truncated(source: Path, models: Path) -> None:
    """A model of the manifest, which knows its size."""
    cut(source, models / source.name)


def own_truncated(source: Path, models: Path) -> None:
    """A model of the user's own, whose size nobody knows."""
    cut(source, models / f"my-{source.name}")


def of_another_kind(source: Path, models: Path) -> None:
    """Under the names of the model's files is something else: an adapter, a picture, a text."""
    target = models / f"my-{source.name}"
    target.mkdir()
    for file in source.iterdir():
        if file.suffix in _WEIGHTS:
            (target / file.name).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400)
        else:
            shutil.copy(file, target / file.name)


@contextlib.asynccontextmanager
async def daemon_with(models: Path, **sections: object) -> AsyncIterator[tuple[Rehearsal, str]]:
    """A started daemon on these models, and what it had to tell at the start."""
    settings = rehearsal_settings(models={"directory": str(models)}, **sections)
    stage = Rehearsal(settings, make_source=fast_microphone)
    events: list[Event] = []
    stage.daemon.observe(events.append)
    try:
        await stage.daemon.start()
        await eventually(
            lambda: stage.daemon.hears or any("cannot hear" in t for t in told(events))
        )
        yield stage, "\n".join(told(events))
    finally:
        await stage.daemon.stop()


def told(events: list[Event]) -> list[str]:
    """The notices among the events."""
    return [e.text for e in events if isinstance(e, StageEvent) and e.stage is Stage.NOTICE]


async def ask_file(stage: Rehearsal, samples: Samples) -> Turn:
    """What `assistant ask --wav` does in the daemon."""
    return await stage.daemon._hearing.ask(samples, Request(""))


Damage = Callable[[Path, Path], None]


@pytest.mark.parametrize("damage", [missing, truncated, own_truncated, of_another_kind])
async def test_without_its_recognition_model_it_cannot_hear_says_so_and_obeys_text(
    damage: Damage, tmp_path: Path, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    source = installed("recognition", "whisper")
    models = models_without(tmp_path / "models", source.name)
    damage(source, models)
    async with daemon_with(models, recognizer="whisper") as (stage, notices):
        assert "It cannot hear: " in notices
        assert "assistant models fetch" in notices
        assert all(line in caplog.text for line in notices.splitlines())
        with pytest.raises(ModelError, match="models fetch"):
            await ask_file(stage, voice(COMMAND))
        turn = await stage.household.ask(Request(COMMAND))
        assert [r.status for r in turn.results] == ["confirmed"]
        await stage.daemon.mouth.say(turn.reply)
        assert stage.sink.duration_s > 0.5
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("damage", [missing, truncated, own_truncated, of_another_kind])
async def test_without_voice_activity_detection_it_cannot_hear_says_so_and_obeys_text(
    damage: Damage, tmp_path: Path, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    source = installed("vad", "silero")
    models = models_without(tmp_path / "models", source.name)
    damage(source, models)
    async with daemon_with(models) as (stage, notices):
        assert "It cannot hear: " in notices
        assert "assistant models fetch" in notices
        assert all(line in caplog.text for line in notices.splitlines())
        with pytest.raises(ModelError, match="models fetch"):
            await ask_file(stage, voice(COMMAND))
        turn = await stage.household.ask(Request(COMMAND))
        assert [r.status for r in turn.results] == ["confirmed"]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("damage", [missing, truncated, own_truncated, of_another_kind])
async def test_without_its_voice_espeak_speaks(
    damage: Damage, tmp_path: Path, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    source = installed("voice", "piper")
    models = models_without(tmp_path / "models", source.name)
    damage(source, models)
    async with daemon_with(models) as (stage, _):
        assert "espeak-ng speaks" in caplog.text
        assert await obeys(stage, voice)
        rates = {written.sample_rate for written in stage.sink.written}
        assert rates == {22_050}
        loudest = max(int(np.abs(written.samples).max()) for written in stage.sink.written)
        assert loudest > 3000
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("damage", [missing, truncated, own_truncated, of_another_kind])
async def test_without_its_language_model_it_says_so_and_does_what_templates_can(
    damage: Damage, tmp_path: Path, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    source = installed("llm", "llama")
    models = models_without(tmp_path / "models", source.name)
    damage(source, models)
    async with daemon_with(models, llm={"enabled": True}) as (stage, _):
        turn = await stage.household.ask(Request("who was the first man on the moon"))
        assert turn.reply in Replies("en").variants("not_understood")
        assert turn.failed
        assert await obeys(stage, voice)
    assert "The language model cannot be used: " in caplog.text
    assert "models fetch" in caplog.text
    assert "Traceback" not in caplog.text
