"""Vosk: streaming recognition, restricted if wanted to the words that the home can be asked for.

Source: Vosk API (github.com/alphacep/vosk-api); results are its JSON documents.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelError, RecognitionError
from assistant.types import SAMPLE_RATE, Samples, Transcript, Word

_LOG = logging.getLogger(__name__)

UNKNOWN = ("[unk]", "<UNK>", "<unk>")
"""What models write for sound that no word of the grammar explains; each has one of these."""

_MAX_UNKNOWN_SHARE = 0.5


class VoskRecognizer:
    """A Vosk model. Words come while they are spoken; `partial` is free.

    With `grammar` and after `prime`, only the primed words can be heard; anything else comes out
    as unknown and is left out of the text, and an utterance that is mostly unknown is empty: talk
    that was not meant for the home must not be bent into a command.

    Raises `ModelError` when `path` holds no Vosk model.
    """

    streaming = True

    def __init__(self, path: Path, language: str, *, grammar: bool = True) -> None:
        self.language = language
        if not (path / "am" / "final.mdl").is_file() and not (path / "final.mdl").is_file():
            raise ModelError(
                f"{path} is no Vosk model: am/final.mdl is missing. "
                f"Fetch it again with: assistant models fetch {path.name}"
            )
        import vosk

        vosk.SetLogLevel(-1)
        try:
            self._model: Any = vosk.Model(str(path))
        except Exception as error:  # the binding raises bare Exception
            raise ModelError(
                f"The Vosk model at {path} is damaged ({error}). "
                f"Fetch it again with: assistant models fetch {path.name}"
            ) from error
        self._new = vosk.KaldiRecognizer
        self._restricted = grammar
        self._grammar: str | None = None
        self._dynamic = (path / "graph" / "HCLr.fst").is_file() or (path / "HCLr.fst").is_file()
        self._recognizer: Any = None
        self._segments: list[Transcript] = []
        self._final: Transcript | None = None

    def start(self) -> None:
        """Begin a new utterance; whatever was heard before is forgotten."""
        # Reset() would keep features of the utterance before
        self._recognizer = self._make()
        self._segments = []
        self._final = None

    def accept(self, samples: Samples) -> None:
        """Recognize more of the utterance: `(n,)` int16, 16 kHz mono. Raises `RecognitionError`."""
        if self._recognizer is None:
            self.start()
        self._final = None
        try:
            segment_over = self._recognizer.AcceptWaveform(samples.tobytes())
        except Exception as error:  # the binding raises bare Exception
            raise RecognitionError(
                f"Vosk could not take the audio ({error}); say it again."
            ) from error
        if segment_over:
            self._segments.append(self._read(self._recognizer.Result()))

    def partial(self) -> Transcript:
        """What was said so far."""
        if self._final is not None:
            return self._final
        if self._recognizer is None:
            return Transcript("", self.language)
        growing = json.loads(self._recognizer.PartialResult()).get("partial", "")
        texts = [segment.text for segment in self._segments]
        return Transcript(" ".join(filter(None, (*texts, _known(growing)))), self.language)

    def finish(self) -> Transcript:
        """The final transcript, with words, times and confidence."""
        if self._final is None:
            if self._recognizer is not None:
                self._segments.append(self._read(self._recognizer.FinalResult()))
            self._final = self._join(self._segments)
        return self._final

    def reconsider(self) -> Transcript:
        """What was said so far; a grammar leaves no alternatives worth having."""
        return self.partial()

    def weigh(self, texts: Sequence[str]) -> list[float]:
        """Nothing: Vosk does not say how well a given text fits."""
        return []

    def prime(self, phrases: Sequence[str], words: Sequence[str]) -> list[str]:
        """Restrict recognition to these words; returns those that the model lacks.

        The phrases teach which words follow each other. Without `grammar`, or with a model whose
        graph is fixed, only the missing words are found.
        """
        sentences = [_WORD.findall(text.casefold()) for text in (*phrases, *words)]
        wanted = list(dict.fromkeys(word for sentence in sentences for word in sentence))
        known = {word for word in wanted if self._model.vosk_model_find_word(word) >= 0}
        if self._restricted and not self._dynamic:
            _LOG.warning("this Vosk model has a fixed graph: every word of it can be heard")
        elif self._restricted and known:
            entries = [
                *(" ".join(sentence) for sentence in sentences if known.issuperset(sentence)),
                *(word for word in wanted if word in known),
                *(mark for mark in UNKNOWN if self._model.vosk_model_find_word(mark) >= 0),
            ]
            grammar = json.dumps(list(dict.fromkeys(filter(None, entries))), ensure_ascii=False)
            if grammar != self._grammar:
                self._grammar = grammar
                self._recognizer = None
        return [word for word in wanted if word not in known]

    def close(self) -> None:
        """Free the model."""
        self._recognizer = None
        self._model = None

    def _make(self) -> Any:
        if self._model is None:
            raise RecognitionError("The Vosk recognizer is closed; restart the assistant.")
        arguments = [self._model, SAMPLE_RATE]
        recognizer = self._new(*arguments, *([self._grammar] if self._grammar else []))
        recognizer.SetWords(True)
        return recognizer

    def _read(self, result: str) -> Transcript:
        document = json.loads(result)
        words = tuple(
            Word(str(w["word"]), w["start"], w["end"], w["conf"])
            for w in document.get("result", ())
        )
        return Transcript(str(document.get("text", "")), self.language, words=words)

    def _join(self, segments: Sequence[Transcript]) -> Transcript:
        words = tuple(word for segment in segments for word in segment.words)
        known = tuple(word for word in words if word.text not in UNKNOWN)
        heard_s = sum(word.end_s - word.start_s for word in words)
        unknown_s = heard_s - sum(word.end_s - word.start_s for word in known)
        if not known or unknown_s > _MAX_UNKNOWN_SHARE * heard_s:
            return Transcript("", self.language, confidence=0.0)
        return Transcript(
            " ".join(word.text for word in known),
            self.language,
            confidence=sum(word.confidence for word in known) / len(known),
            words=known,
        )


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _known(text: str) -> str:
    return " ".join(word for word in text.split() if word not in UNKNOWN)
