"""Which engines hear and speak: chooses them by the settings and the models installed."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import replace

from assistant.config import Settings
from assistant.ears.recording import utterance_in
from assistant.ears.vad import SileroVad
from assistant.ears.worker import Worker
from assistant.home.devices import Area, Floor
from assistant.home.model import Home
from assistant.household import Household
from assistant.models import ModelStore
from assistant.ports import Recognizer, VoiceActivityDetector
from assistant.types import Completeness, Request, Samples, Turn

_LOG = logging.getLogger(__name__)


def load_vad(store: ModelStore) -> VoiceActivityDetector:
    """The voice activity detector. Raises `ModelError` when its model is missing."""
    path = store.require("vad", engine="silero").path
    return SileroVad(path)


def load_recognizer(store: ModelStore, settings: Settings, language: str) -> Recognizer:
    """The recognizer that the settings ask for; "auto" prefers Vosk, which streams.

    Raises `ModelError` when no model of the language is installed.
    """
    vosk = store.find("recognition", engine="vosk", language=language, name=settings.vosk.model)
    if settings.recognizer == "vosk" or (settings.recognizer == "auto" and vosk):
        from assistant.ears.vosk import VoskRecognizer

        model = vosk or store.require(
            "recognition", engine="vosk", language=language, name=settings.vosk.model
        )
        return VoskRecognizer(model.path, language, grammar=settings.vosk.grammar)
    from assistant.ears.whisper import WhisperRecognizer

    model = store.require(
        "recognition", engine="whisper", language=language, name=settings.whisper.model
    )
    return WhisperRecognizer(
        model.path,
        language,
        threads=settings.whisper.threads or os.cpu_count() or 1,
        context_s=settings.whisper.context_s,
    )


class Hearing:
    """The recognizers of a household, one resident copy for each language, in one thread.

    The microphone's ears and whole recordings use the same ones.
    """

    def __init__(self, household: Household) -> None:
        self.worker = Worker("recognizer")
        self._household = household
        self._recognizers: dict[str, Recognizer] = {}
        self._vad: VoiceActivityDetector | None = None
        self._loading = asyncio.Lock()

    async def recognizer(self, language: str) -> Recognizer:
        """The recognizer of `language`, loaded and primed when first asked for.

        Raises `ModelError` when no model of the language is installed or it is damaged.
        """
        household = self._household
        await household.ready()
        async with self._loading:
            if language not in self._recognizers:
                recognizer = await self.worker.call(
                    load_recognizer, household.models, household.settings, language
                )
                await self._prime(language, recognizer)
                self._recognizers[language] = recognizer
        return self._recognizers[language]

    async def prime(self) -> None:
        """Tell the recognizers the names and words of this home, as they are now."""
        for language, recognizer in tuple(self._recognizers.items()):
            await self._prime(language, recognizer)

    async def _prime(self, language: str, recognizer: Recognizer) -> None:
        understanding = self._household.conversation(language).understanding
        await understanding.refresh()
        phrases, words = await asyncio.to_thread(understanding.vocabulary)
        unknown = await self.worker.call(recognizer.prime, phrases, words)
        if lacking := sorted(set(unknown) & _words_of_names(self._household.home)):
            _LOG.warning(
                "the recognizer cannot hear these words of the home's names, which its model "
                "lacks (give them aliases): %s",
                ", ".join(lacking),
            )

    async def ask(self, samples: Samples, request: Request) -> Turn:
        """The turn that `samples`, `(n,)` int16 16 kHz mono, lead to in the place of a text.

        Raises `ModelError` when an engine's model is missing, `RecognitionError`.
        """
        household = self._household
        language = request.language or household.language
        recognizer = await self.recognizer(language)
        if self._vad is None:
            self._vad = await asyncio.to_thread(load_vad, household.models)
        started = household.clock.monotonic()
        utterance = await self.worker.call(utterance_in, samples, self._vad, recognizer)
        if utterance is None:
            return household.nothing_heard(language)
        heard = await self.worker.call(utterance.finish)
        if heard.text:
            understanding = household.conversation(language).understanding
            if await understanding.completeness(heard.text) is not Completeness.COMPLETE:
                heard = await self.worker.call(utterance.reconsider)

        async def weigh(texts: Sequence[str]) -> Sequence[float]:
            return await self.worker.call(utterance.weigh, texts)

        hear_ms = round((household.clock.monotonic() - started) * 1000, 1)
        if not heard.text:
            return household.nothing_heard(language)
        turn = await household.ask(
            replace(request, text=heard.text, alternatives=heard.alternatives, weigh=weigh)
        )
        return replace(turn, timings_ms={"hear": hear_ms, **turn.timings_ms})

    async def close(self) -> None:
        """Free the engines."""
        for recognizer in self._recognizers.values():
            await self.worker.call(recognizer.close)
        self._recognizers.clear()
        self.worker.close()


def _words_of_names(home: Home) -> set[str]:
    named: list[Area | Floor] = [*home.areas.values(), *home.floors.values()]
    names = [name for thing in named for name in (thing.name, *thing.aliases)]
    names += [name for device in home.devices.values() for name in device.names]
    return {word for name in names for word in name.casefold().split()}
