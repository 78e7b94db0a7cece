"""The language model's life: loaded at the start or at the first request, let go when idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from assistant.config import Settings
from assistant.errors import AssistantError, LanguageModelLoadingError, ModelError
from assistant.home.model import Home
from assistant.llm.llama import LlamaModel
from assistant.llm.tier import LanguageModelTier, load_language_model
from assistant.models import ModelStore

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 1.0
"""A model that is ready so soon is waited for, rather than told about."""


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
        self._fault = ""

    @property
    def state(self) -> str:
        """In words: off, not loaded, loading, what is in use, or why there is none."""
        if not self._settings.llm.enabled:
            return "off"
        if self._fault:
            return self._fault
        if self._loading is None:
            return "not loaded"
        return self._tier.how if self._loading.done() and self._tier is not None else "loading"

    def begin(self) -> asyncio.Task[LanguageModelTier | None]:
        """Load in the background, unless that has begun already."""
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
            await tier.prepare(self._home)
        except AssistantError as error:
            self._fault = f"The language model cannot be used: {error}"
            self._tell(self._fault)
            return None
        self._count_down()
        return tier

    async def _local_model(self) -> LlamaModel | None:
        """The model on this machine; where a server is asked, it may be missing."""
        try:
            return await asyncio.to_thread(load_language_model, self._store, self._settings)
        except ModelError as error:
            if not self._settings.llm.server:
                raise
            self._tell(f"Only the language model server can be asked: {error}")
            return None

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
