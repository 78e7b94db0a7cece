"""A model is tried in a process of its own first: what ends that process must not end this one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.home.dwelling import DEMO_HOME
from assistant.household import Household
from assistant.llm import trial
from assistant.llm.gguf import read_language_model_header
from assistant.llm.loading import State
from assistant.llm.trial import tried
from assistant.types import Request

pytestmark = pytest.mark.engine

BLOCKS = b"llama.block_count"


@pytest.fixture
def deadly(model_file: Path, tmp_path: Path) -> Path:
    """A model that says it has 1,566 layers: its header is whole, and llama.cpp aborts."""
    data = bytearray(model_file.read_bytes())
    at = data.index(BLOCKS) + len(BLOCKS) + 4
    data[at : at + 4] = struct.pack("<I", 1566)
    path = tmp_path / "models/mine/mine.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_a_file_that_ends_llama_cpp_is_told_in_a_sentence(deadly: Path, tmp_path: Path) -> None:
    read_language_model_header(deadly)
    with (
        pytest.raises(ModelError, match=r"ends llama.cpp \(SIG[A-Z]+\): it is damaged") as caught,
        tried(deadly, None, tmp_path / "cache"),
    ):
        pytest.fail("it must not be loaded")
    assert str(deadly) in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_with_such_a_file_tier_one_goes_on(deadly: Path) -> None:
    settings = Settings.model_validate({
        "models": {"directory": str(deadly.parents[1])}, "llm": {"model": "mine"},
    })  # fmt: skip
    household = Household(settings, home_file=DEMO_HOME, scratch=True)
    await household.start()
    try:
        odd = await household.ask(Request("it is like a cave in here somehow"))
        done = await household.ask(Request("turn on the kitchen lights"))
        status = household.llm.status
    finally:
        await household.stop()
    assert odd.failed
    assert status.state is State.FAILED and "ends llama.cpp" in status.told
    assert [result.status.value for result in done.results] == ["confirmed"]


def test_a_good_model_is_tried_once(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tried(model_file, None, tmp_path):
        assert not list(tmp_path.iterdir()), "should loading it end this process, it is tried again"
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(trial, "_try", lambda *files: pytest.fail("it was tried before"))
    with tried(model_file, None, tmp_path):
        pass


def test_a_model_that_could_not_be_loaded_is_tried_again(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[Path] = []
    monkeypatch.setattr(trial, "_try", lambda path, adapter: times.append(path))
    for _ in range(2):
        with pytest.raises(ModelError), tried(model_file, None, tmp_path):
            raise ModelError("too little memory")
    assert times == [model_file, model_file]


def test_a_model_that_never_answers_is_given_up(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_LONGEST_S", 0.05)
    with (
        pytest.raises(ModelError, match="did not write a token within"),
        tried(model_file, None, tmp_path),
    ):
        pytest.fail("it must not be loaded")
