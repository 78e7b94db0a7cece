"""One tree of errors: each has a sentence for the person at home and one for the log."""

from __future__ import annotations


class AssistantError(Exception):
    """Something went wrong that a person can be told about.

    `str(error)` is the sentence for the log and the command line: what happened and what to
    do next. `spoken` is the key of a reply template (under `errors:`) for the person at home.
    """

    spoken = "internal"


class ConfigError(AssistantError):
    """The configuration is wrong; names the file, the key, and what was expected."""


class ModelError(AssistantError):
    """A model is missing, damaged or of another kind."""

    spoken = "model"


class AudioError(AssistantError):
    """A sound device or file cannot be used."""

    spoken = "audio"


class RecognitionError(AssistantError):
    """A recognizer failed on an utterance."""

    spoken = "recognition"


class BrokerError(AssistantError):
    """The MQTT broker is absent or refused the connection."""

    spoken = "broker"


class HomeFileError(AssistantError):
    """A home file cannot be read; names the file, the place in it and what was expected."""


class ScheduleError(AssistantError):
    """A timer or alarm cannot be set as asked."""

    spoken = "schedule"


class StoreError(AssistantError):
    """The database cannot be opened or written."""

    spoken = "store"


class UnwritableError(StoreError):
    """The database cannot be written, but perhaps read."""


class LanguageModelError(AssistantError):
    """The language model failed or is not there."""

    spoken = "llm"


class LanguageModelLoadingError(LanguageModelError):
    """The language model is still getting ready."""

    spoken = "llm_loading"


class ControlError(AssistantError):
    """The running daemon cannot be reached, or did not answer."""


class ServiceError(AssistantError):
    """The system service cannot be installed, removed or asked."""


class EvaluationError(AssistantError):
    """A file of cases is wrong, or what is to be evaluated is not there."""
