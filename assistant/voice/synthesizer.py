"""Chooses the voice: Piper's for the language, else espeak-ng."""

from __future__ import annotations

import logging

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.models import ModelStore
from assistant.ports import Synthesizer
from assistant.voice.espeak import EspeakSynthesizer
from assistant.voice.piper import PiperSynthesizer

_LOG = logging.getLogger(__name__)


def load_synthesizer(
    store: ModelStore, settings: Settings, language: str | None = None
) -> Synthesizer:
    """The voice of `language` (None: the configured one). Blocking: about half a second.

    A Piper voice that is missing or damaged is logged, and espeak-ng speaks in its place. Raises
    `ModelError` when there is no voice at all.
    """
    language = language or settings.language
    wanted = settings.voice.model
    model = store.find("voice", engine="piper", language=language, name=wanted)
    if model is None and wanted:
        _LOG.warning(
            "the voice %s is not installed (run `assistant models fetch %s`): another one speaks",
            wanted, wanted,
        )  # fmt: skip
        model = store.find("voice", engine="piper", language=language)
    trouble: ModelError | None = None
    if model is not None:
        try:
            return PiperSynthesizer(model.path, speed=settings.voice.speed)
        except ModelError as error:
            trouble = error
            _LOG.error("%s; until then espeak-ng speaks", error)
    else:
        _LOG.info('no Piper voice for "%s" is installed: espeak-ng speaks', language)
    try:
        return EspeakSynthesizer(language, speed=settings.voice.speed)
    except ModelError as error:
        raise ModelError(f"{trouble}; and {error}" if trouble else str(error)) from error
