"""The language model comes when it is needed, says so while it comes, and goes when it is not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assistant.config import LanguageModelSettings, Settings
from assistant.errors import LanguageModelError, LanguageModelLoadingError
from assistant.events import Event, Stage, StageEvent
from assistant.home.devices import Device
from assistant.home.dwelling import DEMO_HOME
from assistant.home.file.reading import load_home
from assistant.home.model import Home
from assistant.household import Household
from assistant.llm import loading, native, tier
from assistant.llm.goals import goal_data
from assistant.llm.loading import LanguageModelLoader, ModelStatus, State
from assistant.models import ModelStore
from assistant.types import Request
from tests.llm.adapter_file import write_adapter

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def demo() -> Home:
    return load_home(DEMO_HOME).to_home()


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_adapter(tmp_path_factory.mktemp("adapter") / "a.adapter.gguf", strength=0.001)


@asynccontextmanager
async def loader(demo: Home, told: list[str], **llm: object) -> AsyncIterator[LanguageModelLoader]:
    settings = Settings(llm=LanguageModelSettings(context=1024, **llm))  # type: ignore[arg-type]
    made = LanguageModelLoader(ModelStore.from_settings(settings), settings, demo, tell=told.append)
    try:
        yield made
    finally:
        await made.close()


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)


async def test_a_request_to_a_model_that_still_loads_says_so_and_later_works(
    demo: Home, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    load = loading.load_language_model

    def slowly(*given: object) -> object:
        go_on.wait(30)
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "load_language_model", slowly)
    monkeypatch.setattr(loading, "_PATIENCE_S", 0.05)
    async with loader(demo, [], adapter=str(adapter)) as made:
        assert made.status.state is State.UNLOADED
        with pytest.raises(LanguageModelLoadingError):
            await made.get()
        assert made.status.state is State.LOADING
        go_on.set()
        await made.begin()
        assert await made.get() is not None
        assert "taught by a.adapter.gguf" in made.status.told


async def test_while_it_loads_it_tells_how_far_it_is(
    demo: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = goal_data("en")
    assert data is not None
    few = {goal: texts[:2] for goal, texts in data.examples.items()}
    fewer = data.model_copy(update={"examples": few})
    monkeypatch.setattr(tier, "goal_data", lambda language: fewer)
    monkeypatch.setattr(tier, "data_directory", lambda: tmp_path)
    seen: list[ModelStatus] = []
    async with loader(demo, [], adapter="none") as made:
        loading_task = made.begin()
        async with asyncio.timeout(60):
            while not loading_task.done():
                seen.append(made.status)
                await asyncio.sleep(0.01)
        ready = made.status
    assert {status.state for status in seen} == {State.LOADING}
    told = [status for status in seen if "examples" in status.told]
    shares = [status.progress for status in told if status.progress is not None]
    assert shares == sorted(shares)
    assert len(set(shares)) >= 4
    assert told[-1].told.endswith("%")
    assert ready.state is State.READY
    assert ready.model.endswith(".gguf") and not ready.adapter and not ready.server
    assert 100e6 < ready.bytes_needed < 250e6


async def test_where_there_is_none_it_is_absent_and_where_it_comes_later_it_is_found(
    demo: Home, model_file: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    settings = Settings.model_validate({
        "models": {"directory": str(tmp_path)}, "llm": {"model": "mine", "adapter": str(adapter)},
    })  # fmt: skip
    made = LanguageModelLoader(ModelStore.from_settings(settings), settings, demo, tell=told.append)
    try:
        assert made.status.state is State.ABSENT
        assert await made.get() is None
        assert made.status.state is State.ABSENT
        assert "mine" in made.status.told
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/mine.gguf").write_bytes(model_file.read_bytes()[:1_000_000])
        monkeypatch.setattr(loading, "_AGAIN_S", 0.0)
        assert await made.begin() is None
        assert made.status.state is State.FAILED
        assert "damaged" in made.status.told
        assert len(told) == 2
        assert await made.begin() is None
        assert len(told) == 2, "the same fault is told once"
        (tmp_path / "mine/mine.gguf").write_bytes(model_file.read_bytes())
        assert await made.begin() is not None
        assert made.status.state is State.READY
    finally:
        await made.close()


async def test_a_model_that_is_switched_off_or_asked_elsewhere_says_so(demo: Home) -> None:
    async with loader(demo, [], enabled=False) as off:
        assert off.status.state is State.OFF
    async with loader(demo, [], server="http://127.0.0.1:9", timeout_s=0.5) as made:
        ready = await made.begin()
        assert ready is not None
        assert made.status.server == "http://127.0.0.1:9"
        assert made.status.server_told == "not asked yet"
        await ready.propose("it is like a cave in here", demo, None)
        assert made.status.server_told.startswith("failed: ")


async def test_a_model_that_is_not_needed_is_let_go_and_comes_back(
    demo: Home, adapter: Path
) -> None:
    async with loader(demo, [], adapter=str(adapter), unload_after_s=0.3) as made:
        first = await made.begin()
        assert first is not None
        await eventually(lambda: made.status.state is State.UNLOADED)
        second = await made.begin()
        assert second is not None and second is not first


async def test_a_changed_home_is_shown_to_the_model(adapter: Path) -> None:
    home = load_home(DEMO_HOME).to_home()
    async with loader(home, [], adapter=str(adapter)) as made:
        ready = await made.begin()
        assert ready is not None
        cells = ready._model._cells
        before = set(cells._kept)
        home.put(Device("reading", "Reading lamp", "light", "living_room"))
        await made.home_changed()
        assert set(cells._kept) - before


@pytest.mark.parametrize("fault", ["damaged", "memory", "adapter"])
async def test_a_model_that_cannot_be_used_is_told_once_and_tier_one_goes_on(
    fault: str, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = ""
    folder = tmp_path / "models/mine"
    folder.mkdir(parents=True)
    whole = model_file.read_bytes()
    (folder / "mine.gguf").write_bytes(whole[: len(whole) // 2] if fault == "damaged" else whole)
    if fault == "memory":
        monkeypatch.setattr(native, "available_memory", lambda: 50_000_000)
    if fault == "adapter":
        adapter = str(write_adapter(tmp_path / "other.adapter.gguf", width=640))
    settings = Settings.model_validate({
        "models": {"directory": str(tmp_path / "models")},
        "llm": {"model": "mine", "adapter": adapter},
    })  # fmt: skip
    told: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, StageEvent) and event.stage is Stage.NOTICE:
            told.append(event.text)

    household = Household(settings, home_file=DEMO_HOME, scratch=True, observers=(note,))
    await household.start()
    try:
        first = await household.ask(Request("it is like a cave in here somehow"))
        again = await household.ask(Request("it is like a cave in here somehow"))
        done = await household.ask(Request("turn on the kitchen lights"))
    finally:
        await household.stop()
    assert first.failed and again.failed
    assert [r.status.value for r in done.results] == ["confirmed"]
    faults = [text for text in told if "language model cannot be used" in text]
    assert len(faults) == 1
    assert "\n" not in faults[0]


async def test_a_request_that_takes_too_long_is_stopped_in_a_sentence(
    demo: Home, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tier, "_LONGEST_S", 0.0)
    async with loader(demo, [], adapter=str(adapter)) as made:
        ready = await made.begin()
        assert ready is not None
        with pytest.raises(LanguageModelError, match="longer than 0 s and was stopped"):
            await ready.propose("it is like a cave in here", demo, "kitchen")
