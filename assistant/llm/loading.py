"""The language model's life: loaded at the start or at the first request, let go when idle."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.config import Settings
from assistant.errors import AssistantError, LanguageModelLoadingError, ModelError
from assistant.home.model import Home
from assistant.llm.llama import LlamaModel
from assistant.llm.tier import LanguageModelTier, load_language_model
from assistant.models import ModelStore

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 1.0
"""A model that is ready so soon is waited for, rather than told about."""
_AGAIN_S = 600.0
"""After so long what failed is tried again when it is needed: memory may be free by then."""


class State(StrEnum):
    """How it is with the language model."""

    OFF = "off"
    ABSENT = "absent"
    UNLOADED = "not loaded"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What there is to say of the language model now."""

    state: State
    told: str
    """In words: what is in use, how far it is, or why there is none."""
    progress: float | None = None
    """While it loads: the share of the present step that is done, 0..1, where that is known."""
    model: str = ""
    """The file on this machine that is in use."""
    adapter: str = ""
    bytes_needed: int = 0
    """Of memory, estimated."""
    server: str = ""
    """Address of the server that is asked first."""
    server_told: str = ""
    """How it did when it was last asked."""


class LanguageModelLoader:
    """Gives the tier of the configured model to whoever asks. Belongs to the event loop."""

    def __init__(
        self,
        store: ModelStore,
        settings: Settings,
        home: Home,
        *,
        tell: Callable[[str], None],
        patient: bool = False,
    ) -> None:
        """`tell` takes a sentence for the user; `patient`: requests wait until it is loaded."""
        self._store = store
        self._settings = settings
        self._home = home
        self._tell = tell
        self._patient = patient
        self._loading: asyncio.Task[LanguageModelTier | None] | None = None
        self._tier: LanguageModelTier | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._letting_go: asyncio.Task[None] | None = None
        self._fault, self._failed_at = "", 0.0
        self._step: tuple[str, float | None] = ("", None)
        """What is being done to make it ready, and the share that is done. Set by any thread."""
        self._closing = False

    @property
    def status(self) -> ModelStatus:
        """How it is with the model now."""
        tier = self._tier
        if not self._settings.llm.enabled:
            return ModelStatus(State.OFF, "off: llm.enabled is false")
        if self._fault and (self._loading is None or self._loading.done()):
            state = State.FAILED if self._is_installed() else State.ABSENT
            return ModelStatus(state, self._fault)
        if self._loading is None:
            if self._is_installed() or self._settings.llm.server:
                return ModelStatus(State.UNLOADED, "not loaded: the first request loads it")
            return ModelStatus(State.ABSENT, "none is installed: `assistant models recommend`")
        if tier is None or not self._loading.done():
            doing, share = self._step
            told = doing if share is None else f"{doing}, {share:.0%}"
            return ModelStatus(State.LOADING, told, share)
        model, server = tier.model, tier.server
        return ModelStatus(
            State.READY, tier.how,
            model=model.path.name if model is not None else "",
            adapter=model.adapter.name if model is not None and model.adapter is not None else "",
            bytes_needed=model.bytes_needed if model is not None else 0,
            server=server.address if server is not None else "",
            server_told=server.state if server is not None else "",
        )  # fmt: skip

    def _is_installed(self) -> bool:
        """Whether there is such a model, be it damaged."""
        wanted = self._settings.llm.model
        return any(
            model.task == "llm" and wanted in {"", model.name} for model in self._store.installed()
        )

    def begin(self) -> asyncio.Task[LanguageModelTier | None]:
        """Load in the background, unless that has begun already."""
        if self._fault and time.monotonic() > self._failed_at + _AGAIN_S:
            self._loading = None
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="load-llm")
        return self._loading

    async def get(self) -> LanguageModelTier | None:
        """The tier, loaded when first asked for; None where there is none.

        Raises `LanguageModelLoadingError` while it loads, unless patient.
        """
        loading = self.begin()
        await asyncio.wait([loading], timeout=None if self._patient else _PATIENCE_S)
        if not loading.done():
            raise LanguageModelLoadingError("the language model is still getting ready")
        self._count_down()
        return await asyncio.shield(loading)

    async def expect(self, text: str, area: str | None) -> None:
        """Let a model that is ready look ahead at what is perhaps about to be asked."""
        if self._tier is None or self._loading is None or not self._loading.done():
            return
        try:
            await self._tier.expect(text, self._home, area)
        except AssistantError as error:  # the request itself will meet it again, and tell
            _LOG.debug("the language model could not look ahead: %s", error)

    async def home_changed(self) -> None:
        """Evaluate what the model is shown of the home anew; requests go first."""
        if self._tier is None or self._loading is None or not self._loading.done():
            return
        try:
            await self._tier.prepare(self._home)
        except AssistantError as error:
            _LOG.warning("the language model could not be shown the home: %s", error)

    async def close(self) -> None:
        """Free the model; idempotent."""
        self._closing = True
        if self._idle is not None:
            self._idle.cancel()
        if self._loading is not None:
            self._loading.cancel()
        if self._letting_go is not None:
            await asyncio.wait([self._letting_go])
        tier, self._tier = self._tier, None
        if tier is not None:
            await asyncio.to_thread(tier.close)

    async def _load(self) -> LanguageModelTier | None:
        settings = self._settings
        try:
            model = await self._local_model()
            if model is None and not (settings.llm.enabled and settings.llm.server):
                return None
            try:
                tier = LanguageModelTier(
                    model, settings.language, chat=settings.llm.chat, settings=settings.llm
                )
            except AssistantError:
                if model is not None:
                    model.close()
                raise
            self._tier = tier
            self._step = ("reading the home", None)
            await tier.prepare(self._home, self._prepared)
        except AssistantError as error:
            told = f"The language model cannot be used: {error}"
            if told != self._fault:
                self._tell(told)
            self._fault, self._failed_at = told, time.monotonic()
            return None
        self._fault = ""
        self._count_down()
        return tier

    async def _local_model(self) -> LlamaModel | None:
        """The model on this machine; where a server is asked, it may be missing."""
        self._step = ("reading its weights", 0.0)
        try:
            return await asyncio.to_thread(
                load_language_model, self._store, self._settings, self._read
            )
        except ModelError as error:
            if not self._settings.llm.server:
                raise
            self._tell(f"Only the language model server can be asked: {error}")
            return None

    def _read(self, share: float) -> bool:
        """Take note of how much of it is there; whether to go on."""
        self._step = ("reading its weights", share)
        return not self._closing

    def _prepared(self, share: float) -> None:
        self._step = ("reading the examples", share)

    def _count_down(self) -> None:
        """Begin to wait for the idle time anew."""
        if self._idle is not None:
            self._idle.cancel()
        after = self._settings.llm.unload_after_s
        if after and self._tier is not None:
            self._idle = asyncio.get_running_loop().call_later(after, self._let_go)

    def _let_go(self) -> None:
        tier = self._tier
        if tier is None:
            return
        if tier.busy:
            self._count_down()
            return
        self._tier = self._loading = None
        _LOG.info("the language model was not needed for a while and is let go")
        self._letting_go = asyncio.create_task(asyncio.to_thread(tier.close), name="unload-llm")
