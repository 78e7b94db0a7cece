"""Whisper on CTranslate2, primed with what may be said.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision": the
prompt format, and the average log-probability below which a decoding is not to be believed.
"""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.ears.logmel import FRAME_SAMPLES, log_mel
from assistant.errors import ModelError, RecognitionError
from assistant.types import SAMPLE_RATE, Samples, Transcript

_LOG = logging.getLogger(__name__)

MAX_AUDIO_S = 30
"""The encoder takes no more; what is beyond is not recognized."""

PROMPT_TOKENS = 223
"""Half of the decoder's context, less one: what its authors allow for previous text."""

_MAX_TOKENS = 448
_TOKENS_PER_S = 9
"""Nobody says more in a second: a decoding that goes on is a loop."""

_ALTERNATIVES = 5
_BATCH = 8
_LEAST_PROBABILITY = 1e-6
_SAMPLES_PER_POSITION = 2 * FRAME_SAMPLES
_POSITIONS_AFTER = 25
"""Half a second of the silence that the audio is padded with."""

_MIN_TOKENS = 12
_MIN_LOG_PROBABILITY = -1.0
"""Noise comes out between -1.2 and -6, commands between -0.05 and -0.6."""

_MAX_WORDS_PER_S = 5.0


@dataclass(frozen=True, slots=True)
class _Decoded:
    text: str
    log_probability: float
    no_speech: float
    complete: bool


class WhisperRecognizer:
    """Whisper of any size, int8, greedy.

    Decodes whenever `partial` or `finish` is asked for more than was decoded already: asking
    again, with no audio accepted in between, costs nothing. `threads` 0 takes all cores.
    `context_s` is how much audio the encoder is given at least (10 to 30 s, padded with
    silence): less is faster, and below 15 s it begins to repeat itself.

    Raises `ModelError` when `path` holds no complete Whisper model for CTranslate2.
    """

    streaming = False

    def __init__(self, path: Path, language: str, *, threads: int = 0, context_s: int = 15) -> None:
        self.language = language
        for name in ("model.bin", "tokenizer.json", "config.json"):
            if not (path / name).is_file():
                raise ModelError(
                    f"{path} is no Whisper model for CTranslate2: {name} is missing. "
                    f"Fetch it again with: assistant models fetch {path.name}"
                )
        import ctranslate2
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path / "tokenizer.json"))
            self._model: Any = ctranslate2.models.Whisper(
                str(path),
                device="cpu",
                compute_type="int8",
                inter_threads=1,
                intra_threads=threads or os.cpu_count() or 1,
            )
        except Exception as error:  # both libraries raise bare Exception and RuntimeError
            raise ModelError(
                f"The Whisper model at {path} is damaged or of another kind ({error}). "
                f"Fetch it again with: assistant models fetch {path.name}"
            ) from error
        self._to_view = ctranslate2.StorageView.from_array
        self._bands = int(self._model.n_mels)
        self._context_frames = context_s * SAMPLE_RATE // FRAME_SAMPLES
        self._task = self._task_tokens(language)
        self._previous: list[int] = []
        self._prompt_sentences: frozenset[str] = frozenset()
        self._pieces: list[Samples] = []
        self._samples = 0
        self._decoded_samples = -1
        self._encoded: Any = None
        """The encoder's output for the audio decoded last."""
        self._transcript = Transcript("", language)

    def start(self) -> None:
        """Begin a new utterance; whatever was heard before is forgotten."""
        self._pieces = []
        self._samples = 0
        self._decoded_samples = -1
        self._encoded = None

    def accept(self, samples: Samples) -> None:
        """Take in more of the utterance: `(n,)` int16, 16 kHz mono."""
        self._pieces.append(samples)
        self._samples += len(samples)

    def partial(self) -> Transcript:
        """Decode what is there now. Raises `RecognitionError`."""
        if self._decoded_samples != self._samples:
            self._transcript = self._recognize()
            self._decoded_samples = self._samples
        return self._transcript

    def finish(self) -> Transcript:
        """The final transcript; free if `partial` has seen all audio. Raises `RecognitionError`."""
        return self.partial()

    def reconsider(self) -> Transcript:
        """The transcript with what else it may have been, from a beam search over the same audio.

        About as slow as `partial` without its encoder. Raises `RecognitionError`.
        """
        transcript = self.partial()
        if not transcript.text or transcript.alternatives or self._encoded is None:
            return transcript
        start = self._tokenizer.token_to_id("<|startofprev|>")
        prompt = ([start, *self._previous] if self._previous else []) + self._task
        try:
            found = self._model.generate(
                self._encoded,
                [prompt],
                beam_size=_ALTERNATIVES,
                num_hypotheses=_ALTERNATIVES,
                max_length=min(len(prompt) + _MIN_TOKENS + 3 * len(transcript.text), _MAX_TOKENS),
            )[0]
        except (RuntimeError, ValueError) as error:
            raise RecognitionError(f"Whisper failed on a second look ({error}).") from error
        texts = [self._tokenizer.decode(tokens).strip() for tokens in found.sequences_ids]
        others = {_plain(text): text for text in texts if _plain(text) != _plain(transcript.text)}
        self._transcript = replace(transcript, alternatives=tuple(others.values()))
        return self._transcript

    def weigh(self, texts: Sequence[str]) -> list[float]:
        """The logarithm of the probability of each text given the audio, by the decoder.

        The decoder reads each text instead of writing its own (forced decoding), without the
        primed text, which would cost ten times as much. Raises `RecognitionError`.
        """
        self.partial()
        if self._encoded is None:
            return []
        frames = max(1, self._decoded_samples // _SAMPLES_PER_POSITION)
        encoded = np.array(self._encoded)[:, : frames + _POSITIONS_AFTER]
        heard = self._transcript.text
        mark = heard[-1] if heard.endswith(_MARKS) else "."
        weights: list[float] = []
        try:
            for start in range(0, len(texts), _BATCH):
                said = [_sentence(text, mark) for text in texts[start : start + _BATCH]]
                tokens = [self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
                          for text in said]  # fmt: skip
                aligned = self._model.align(
                    self._to_view(np.ascontiguousarray(np.repeat(encoded, len(said), axis=0))),
                    self._task[:-1],
                    tokens,
                    [frames] * len(said),
                )
                weights += [_log_probability(one.text_token_probs) for one in aligned]
        except (RuntimeError, ValueError) as error:
            raise RecognitionError(f"Whisper failed on weighing words ({error}).") from error
        return weights

    def prime(self, phrases: Sequence[str], words: Sequence[str]) -> list[str]:
        """Make likely phrases and names the previous text; the first are the most important.

        Whisper spells any word, so none is missing: the answer is always empty.
        """
        tokens: list[int] = []
        said: list[str] = []
        for sentence in (*map(_sentence, phrases), _listing(words)):
            more = self._tokenizer.encode(" " + sentence, add_special_tokens=False).ids
            if sentence and len(tokens) + len(more) <= PROMPT_TOKENS:
                tokens.extend(more)
                said.append(sentence)
        self._previous = tokens
        self._prompt_sentences = frozenset(map(_plain, said))
        self._decoded_samples = -1
        return []

    def close(self) -> None:
        """Free the model."""
        self._model = None
        self.start()

    def _task_tokens(self, language: str) -> list[int]:
        names = ["<|startoftranscript|>"]
        if self._model.is_multilingual:
            names += [f"<|{re.split('[-_]', language)[0]}|>", "<|transcribe|>"]
        names.append("<|notimestamps|>")
        tokens = [self._tokenizer.token_to_id(name) for name in names]
        if None in tokens:
            raise ModelError(
                f"This Whisper model has no token {names[tokens.index(None)]}: it does not know "
                f'the language "{language}". Choose another with whisper.model.'
            )
        return tokens

    def _recognize(self) -> Transcript:
        if self._samples < SAMPLE_RATE // 20:
            return Transcript("", self.language)
        if self._model is None:
            raise RecognitionError("The Whisper recognizer is closed; restart the assistant.")
        audio = np.concatenate(self._pieces)
        if len(audio) > MAX_AUDIO_S * SAMPLE_RATE:
            _LOG.info(
                "only the first %d of %d s are recognized", MAX_AUDIO_S, len(audio) // SAMPLE_RATE
            )
            audio = audio[: MAX_AUDIO_S * SAMPLE_RATE]
        needed = math.ceil(len(audio) / FRAME_SAMPLES / 100) * 100
        frames = min(max(self._context_frames, needed), MAX_AUDIO_S * 100)
        try:
            encoded = self._encoded = self._model.encode(
                self._to_view(log_mel(audio, bands=self._bands, frames=frames)[None])
            )
            decoded = self._decode(encoded, self._previous, len(audio))
            if self._previous and (not decoded.complete or self._recites(decoded.text)):
                decoded = self._decode(encoded, [], len(audio))
        except (RuntimeError, ValueError) as error:
            raise RecognitionError(
                f"Whisper failed on {len(audio) / SAMPLE_RATE:.1f} s of audio ({error}); "
                "say it again, and if it happens again restart the assistant."
            ) from error
        if decoded.log_probability < _MIN_LOG_PROBABILITY:
            _LOG.debug("no words: %.2f, %.2f", decoded.log_probability, decoded.no_speech)
            return Transcript("", self.language, confidence=0.0)
        text = without_repetition(decoded.text, len(audio) / SAMPLE_RATE)
        return Transcript(text, self.language, confidence=math.exp(decoded.log_probability))

    def _decode(self, encoded: Any, previous: Sequence[int], samples: int) -> _Decoded:
        start = self._tokenizer.token_to_id("<|startofprev|>")
        prompt = ([start, *previous] if previous else []) + self._task
        room = _MIN_TOKENS + math.ceil(_TOKENS_PER_S * samples / SAMPLE_RATE)
        limit = min(len(prompt) + room, _MAX_TOKENS)
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=limit,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        return _Decoded(
            text=self._tokenizer.decode(tokens).strip(),
            log_probability=float(result.scores[0]) if tokens else -math.inf,
            no_speech=float(result.no_speech_prob),
            complete=len(prompt) + len(tokens) < limit,
        )

    def _recites(self, text: str) -> bool:
        """Whether `text` is two or more sentences of the prompt, which nobody says in a row."""
        sentences = [_plain(part) for part in _SENTENCE_END.split(text) if _plain(part)]
        return len(sentences) > 1 and all(part in self._prompt_sentences for part in sentences)


_MARKS = (".", "?", "!")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def without_repetition(text: str, duration_s: float) -> str:
    """`text` with a sentence that repeats itself said once.

    Only where the whole is more than a person can say in `duration_s`: "louder, louder" stays.
    """
    if len(text.split()) <= _MAX_WORDS_PER_S * duration_s:
        return text
    kept: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        if not any(_plain(sentence) and _plain(kept_one) == _plain(sentence) for kept_one in kept):
            kept.append(sentence)
    if len(kept) > 1 and _plain(kept[0]).startswith(_plain(kept[-1])):
        kept.pop()  # a loop cut off in the middle of a sentence
    return " ".join(kept)


def _log_probability(tokens: Sequence[float]) -> float:
    return float(np.log(np.maximum(tokens, _LEAST_PROBABILITY)).sum())


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _sentence(phrase: str, mark: str = ".") -> str:
    phrase = phrase.strip()
    if not phrase:
        return ""
    end = "" if phrase.endswith(_MARKS) else mark
    return phrase[0].upper() + phrase[1:] + end


def _listing(words: Sequence[str]) -> str:
    """The words as one sentence, none when there are too many to be of use."""
    chosen = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    return ", ".join(chosen) + "." if 0 < len(chosen) <= 60 else ""
