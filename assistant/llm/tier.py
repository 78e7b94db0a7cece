"""Understanding room, last tier: the language model proposes what no template accepts.

A model with an adapter that was taught this chooses from a menu of this home (`taught.py`); one
without only compares meanings (`untaught.py`), and nothing it proposes is done unasked. In neither
do a model's own words ever become a command.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from assistant.config import LanguageModelSettings, Settings
from assistant.errors import LanguageModelError
from assistant.home.model import Home
from assistant.llm.answers import Answerer, Talk, spoken_answer
from assistant.llm.certainty import Thresholds
from assistant.llm.goals import GoalData, GoalFinder, goal_data
from assistant.llm.llama import LlamaModel
from assistant.llm.menu import wording
from assistant.llm.native import EngineOptions
from assistant.llm.proposals import Rooms
from assistant.llm.remote import RemoteAnswerer, RemoteDecider
from assistant.llm.restraint import Restraint
from assistant.llm.server import Server
from assistant.llm.states import States
from assistant.llm.taught import LocalDecider, Read, TaughtProposer
from assistant.llm.trial import tried
from assistant.llm.untaught import UntaughtProposer
from assistant.models import ModelStore
from assistant.paths import data_directory, packaged
from assistant.types import Understood, Written

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_NEVER = 2.0
_LONGEST_S = 20.0
"""After so long a request is given up, whatever the model is doing."""

__all__ = ["LanguageModelTier", "load_language_model", "read_examples", "spoken_answer"]


class LanguageModelTier:
    """Proposals and answers from `model`, in a thread of its own. Belongs to the event loop."""

    def __init__(
        self,
        model: LlamaModel | None,
        language: str,
        *,
        chat: bool,
        cache: Path | None = None,
        settings: LanguageModelSettings | None = None,
    ) -> None:
        """`chat` false: questions are not answered. `cache`: a folder, else the data directory's.

        `model` may only be None where a server is to be asked. Raises `ModelError` when the
        server's settings are wrong, `ConfigError` when the language's data is. A language without
        data is never understood here.
        """
        self._model = model
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="language-model")
        self._server_worker = ThreadPoolExecutor(1, thread_name_prefix="language-model-server")
        self._closing = threading.Event()
        self._requests = 0
        self._untaught: UntaughtProposer | None = None
        self._taught: TaughtProposer | None = None
        self._remote: TaughtProposer | None = None
        self._server: Server | None = None
        folder = data_directory() / "cache" if cache is None else cache
        data = goal_data(language)
        self.how = self._choose_way(
            data, language, chat, folder, settings or LanguageModelSettings()
        )
        """In words, how requests are understood: with which adapter, or without one."""
        _LOG.info("the language model: %s", self.how)

    def _choose_way(
        self,
        data: GoalData | None,
        language: str,
        chat: bool,
        folder: Path,
        settings: LanguageModelSettings,
    ) -> str:
        if data is None:
            return f"not used, for there are no examples in {language}"
        words = wording(language.replace("-", "_").split("_")[0].lower())
        asked = ""
        if settings.server and words is not None:
            server = self._server = Server(settings)
            answers = RemoteAnswerer(server, data) if chat else None
            decides = RemoteDecider(server, data.choose)
            limits = Thresholds.of(settings)
            if settings.act_from is None:  # nobody has seen how sure a server's model is when wrong
                limits = replace(limits, act=_NEVER)
            self._remote = TaughtProposer(decides, words, data, answers, limits)
            asked = f"the server {server.address}, else "
        if self._model is None:
            return f"{asked}none"
        answerer = Answerer(self._model, data) if chat else None
        adapter = self._model.adapter
        if adapter is not None and words is not None:
            decider = LocalDecider(self._model, States(folder / "prompts"))
            limits = Thresholds.of(settings)
            self._taught = TaughtProposer(decider, words, data, answerer, limits)
            return f"{asked}{self._model.path.name}, taught by {adapter.name}"
        finder = GoalFinder(self._model, data, folder)
        self._untaught = UntaughtProposer(data, finder, Restraint(data.signs), answerer)
        return f"{asked}{self._model.path.name}, untaught (no adapter): it only compares meanings"

    @property
    def model(self) -> LlamaModel | None:
        """The model on this machine, if there is one."""
        return self._model

    @property
    def server(self) -> Server | None:
        """The server that is asked first, if there is one."""
        return self._server

    @property
    def busy(self) -> bool:
        """Whether a request is being thought about."""
        return self._requests > 0

    async def prepare(
        self, home: Home | None = None, progress: Callable[[float], None] = lambda share: None
    ) -> None:
        """Make ready for the first `propose`: seconds the first time, then kept on disk.

        Call it again when the home has changed; a request that comes meanwhile goes first.
        `progress` is told, in another thread, what share is done, 0..1. Raises
        `LanguageModelError`.
        """
        untaught, taught = self._untaught, self._taught
        if untaught is not None and not self._closing.is_set():
            await self._in_worker(
                lambda stop: untaught.finder.prepare(stop, progress), lambda: False
            )
        if taught is None or home is None:
            return
        rooms = Rooms.of(home)
        while not self._closing.is_set():
            kept = await self._in_worker(lambda stop: taught.keep(rooms, stop), lambda: self.busy)
            if kept:
                return
            await asyncio.sleep(0)

    async def expect(self, text: str, home: Home, area: str | None) -> None:
        """Make ready for `propose` with the same, said perhaps in a moment; a request goes first.

        Raises `LanguageModelError`.
        """
        if self.busy or self._remote is not None or self._closing.is_set():
            return
        rooms = Rooms.of(home)
        if (taught := self._taught) is not None:
            await self._in_worker(
                lambda stop: taught.expect(text, rooms, area, stop), lambda: self.busy
            )
        elif (untaught := self._untaught) is not None:
            await self._in_worker(lambda stop: untaught.expect(text, stop), lambda: self.busy)

    async def propose(
        self,
        text: str,
        home: Home,
        area: str | None,
        *,
        read: Read = lambda text: (),
        talk: Talk | None = None,
        written: Written = lambda sentence: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Understood:
        """What `text`, said in the area with the id `area`, may have meant.

        Intents (`ask_first` unless the model is sure), an answer, a question back, or none of
        these: not understood, mere talk, or cancelled. `read` understands the plain commands that
        a taught model says; an answer goes on from `talk`, and `written` is given, on the loop,
        its sentences as they come. Cancelling the task stops the model within a tenth of a
        second. Raises `LanguageModelError`.
        """
        if self._closing.is_set():
            return Understood()
        rooms = Rooms.of(home)
        loop = asyncio.get_running_loop()

        def tell(sentence: str) -> None:
            loop.call_soon_threadsafe(written, sentence)

        self._requests += 1
        try:
            if (remote := self._remote) is not None:
                try:
                    chosen = await self._in_worker(
                        lambda stop: remote.choose(text, rooms, area, stop, talk, written=tell),
                        cancelled, self._server_worker,
                    )  # fmt: skip
                    return remote.understood(chosen, read)
                except LanguageModelError as error:
                    _LOG.warning("%s; the local model is asked instead", error)
            return await self._locally(
                text, rooms, area, read=read, talk=talk, tell=tell, cancelled=cancelled
            )
        finally:
            self._requests -= 1

    async def _locally(
        self, text: str, rooms: Rooms, area: str | None, *,
        read: Read, talk: Talk | None, tell: Written, cancelled: Callable[[], bool],
    ) -> Understood:  # fmt: skip
        """What the model on this machine makes of it."""
        if self._untaught is not None:
            await self._in_worker(self._untaught.finder.prepare, cancelled)
        ends = time.monotonic() + _LONGEST_S

        def cancelled_or_late() -> bool:
            if time.monotonic() > ends:
                raise LanguageModelError(
                    f"the language model took longer than {_LONGEST_S:g} s and was stopped: "
                    "choose a smaller one with llm.model (`assistant models recommend`)"
                )
            return cancelled()

        if (taught := self._taught) is not None:
            chosen = await self._in_worker(
                lambda stop: taught.choose(text, rooms, area, stop, talk, written=tell),
                cancelled_or_late,
            )
            return taught.understood(chosen, read)
        if (untaught := self._untaught) is not None:
            return await self._in_worker(
                lambda stop: untaught.propose(text, rooms, area, stop, talk, written=tell),
                cancelled_or_late,
            )
        return Understood()

    def close(self) -> None:
        """Stop what is going on and free the model, in its own thread; idempotent."""
        if not self._closing.is_set():
            self._closing.set()
            if self._model is not None:
                self._worker.submit(self._model.close)
            self._worker.shutdown(wait=True)
            self._server_worker.shutdown(wait=True)

    async def _in_worker(
        self,
        work: Callable[[Callable[[], bool]], _T],
        cancelled: Callable[[], bool],
        worker: ThreadPoolExecutor | None = None,
    ) -> _T:
        abandoned = threading.Event()

        def stop() -> bool:
            return abandoned.is_set() or self._closing.is_set() or cancelled()

        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(worker or self._worker, work, stop)
        finally:
            abandoned.set()


def find_adapter(store: ModelStore, settings: Settings, model: str) -> Path | None:
    """The configured adapter for the model called `model`.

    An installed one is `adapters/MODEL.LANGUAGE.adapter.gguf` in a models folder, or packaged with
    the assistant.
    """
    chosen = settings.llm.adapter
    if chosen == "none":
        return None
    if chosen != "installed":
        return Path(chosen).expanduser()
    language = settings.language.replace("-", "_").split("_")[0].lower()
    name = f"adapters/{model}.{language}.adapter.gguf"
    places = [*(folder / name for folder in store.directories), packaged(f"models/{name}")]
    return next((place for place in places if place.is_file()), None)


def load_language_model(
    store: ModelStore, settings: Settings, progress: Callable[[float], bool] = lambda share: True
) -> LlamaModel | None:
    """The configured language model, or None when it is switched off.

    Blocking: a quarter of a second and more; `progress` is told what share of it is there, 0..1,
    and stops it with False. Raises `ModelError` when it is not installed or is
    damaged, saying what to fetch.
    """
    if not settings.llm.enabled:
        return None
    found = store.require(
        "llm", engine="llama", language=settings.language, name=settings.llm.model
    )
    adapter = find_adapter(store, settings, found.name)
    options = EngineOptions(
        context=settings.llm.context,
        threads=settings.llm.threads,
        gpu_layers=settings.llm.gpu_layers,
        memory_map=settings.llm.memory_map,
        cache_type=settings.llm.cache_type,
        flash_attention=settings.llm.flash_attention,
    )
    with tried(found.path, adapter, data_directory() / "cache"):
        return LlamaModel(found.path, options, adapter=adapter, progress=progress)


def read_examples(store: ModelStore, settings: Settings) -> bool:
    """Let the configured model read the examples ahead of time, for `LanguageModelTier` to find.

    Blocking: tens of seconds, none when they are kept already. False when the model is switched
    off, was taught (it needs none) or the language has no examples. Raises `ModelError` and
    `LanguageModelError`.
    """
    data = goal_data(settings.language)
    installed = store.find(
        "llm", engine="llama", language=settings.language, name=settings.llm.model
    )
    if installed is not None and find_adapter(store, settings, installed.name) is not None:
        return False
    model = load_language_model(store, settings) if data is not None else None
    if data is None or model is None:
        return False
    try:
        return GoalFinder(model, data, data_directory() / "cache").prepare(lambda: False)
    finally:
        model.close()
