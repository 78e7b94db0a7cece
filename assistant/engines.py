"""Which engines hear and speak: chooses them by the settings and the models installed."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

from assistant.config import Settings
from assistant.conversation import Request
from assistant.ears.transcribe import transcribe
from assistant.ears.vad import SileroVad
from assistant.ears.worker import Worker
from assistant.household import Household
from assistant.models import ModelStore
from assistant.ports import Recognizer, VoiceActivityDetector
from assistant.types import Samples, Transcript, Turn

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


class FileHearing:
    """Hears whole recordings for `assistant ask --wav`; engines load with the first one."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._worker = Worker("recognizer")
        self._engines: dict[str, tuple[VoiceActivityDetector, Recognizer]] = {}

    async def ask(self, samples: Samples, request: Request) -> Turn:
        """The turn that `samples`, `(n,)` int16 16 kHz mono, lead to in the place of a text.

        Raises `ModelError` when an engine's model is missing, `RecognitionError`.
        """
        household = self._household
        language = request.language or household.language
        started = household.clock.monotonic()
        heard = await self._worker.call(self._hear, samples, language)
        hear_ms = round((household.clock.monotonic() - started) * 1000, 1)
        if heard is None or not heard.text:
            return household.nothing_heard(language)
        turn = await household.ask(replace(request, text=heard.text))
        return replace(turn, timings_ms={"hear": hear_ms, **turn.timings_ms})

    async def close(self) -> None:
        """Free the engines."""
        for _, recognizer in self._engines.values():
            await self._worker.call(recognizer.close)
        self._worker.close()

    def _hear(self, samples: Samples, language: str) -> Transcript | None:
        if language not in self._engines:
            household = self._household
            recognizer = load_recognizer(household.models, household.settings, language)
            understanding = household.conversation(language).understanding
            recognizer.prime(*understanding.vocabulary())
            self._engines[language] = (load_vad(household.models), recognizer)
        vad, recognizer = self._engines[language]
        return transcribe(samples, vad, recognizer)
