"""What somebody wants, found by likeness of meaning to sentences whose meaning is known.

The language model reads a sentence inside a prompt that makes its next word the sentence's
meaning; its hidden state there is the sentence's embedding (PromptEOL: Jiang et al. 2023,
"Scaling Sentence Embeddings with Large Language Models", arXiv:2307.16645). The example sentences
vote, each by its cosine likeness.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.ports import LanguageModel

_LOG = logging.getLogger(__name__)
_FOLDER = Path(__file__).parent / "examples"
_SHARPNESS = 20.0
_PORTION = 8
_LINES_KEPT = 1000


class Goal(StrEnum):
    """What a sentence is after: one kind of change at home, an answer, or nothing."""

    LIGHT_ON = "light_on"
    LIGHT_OFF = "light_off"
    LIGHT_BRIGHTER = "light_brighter"
    LIGHT_DIMMER = "light_dimmer"
    LIGHT_COLOR = "light_color"
    FAN_ON = "fan_on"
    FAN_OFF = "fan_off"
    WARMER = "warmer"
    COOLER = "cooler"
    COVER_OPEN = "cover_open"
    COVER_CLOSE = "cover_close"
    GATE_OPEN = "gate_open"
    GATE_CLOSE = "gate_close"
    LOCK = "lock"
    UNLOCK = "unlock"
    MUSIC_PLAY = "music_play"
    MUSIC_PAUSE = "music_pause"
    TV_ON = "tv_on"
    TV_OFF = "tv_off"
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    VACUUM_START = "vacuum_start"
    VACUUM_DOCK = "vacuum_dock"
    TALK = "talk"
    """Nothing: people talking to each other, or taking something back."""
    QUESTION = "question"
    """General knowledge."""
    CURRENT_QUESTION = "current_question"
    """What only somebody with a connection to the world could know."""


NEVER_ACTS = (Goal.TALK, Goal.QUESTION, Goal.CURRENT_QUESTION)
"""The goals that change nothing at home."""


class Signs(BaseModel):
    """The words that speak for or against a wish; phrases match whole words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[Goal, tuple[str, ...]] = Field(description="what speaks of each goal")
    against: dict[Goal, tuple[str, ...]] = Field(description="what tells of the opposite")
    stands_for: dict[str, tuple[str, ...]] = Field(
        description="words that speak of a device with the key in its name"
    )
    here: tuple[str, ...] = Field(description="what speaks of where one is, or of oneself")
    stories: tuple[str, ...] = Field(description="what is in remarks, plans and stories")
    requests: tuple[str, ...] = Field(description="questions that begin so are polite requests")
    elsewhere: tuple[str, ...] = Field(description="rooms and devices that not every home has")
    inside: tuple[str, ...] = Field(description="what stands before the name of a room")
    no_room: tuple[str, ...] = Field(description="what may follow that and is no room")


class GoalData(BaseModel):
    """One language's file in `examples/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str = Field(min_length=1, description="prompt before the sentence")
    after: str = Field(min_length=1, description="prompt after the sentence")
    examples: dict[Goal, tuple[str, ...]]
    commands: dict[str, str] = Field(description="what each command is called")
    questions: tuple[str, ...] = Field(
        min_length=1,
        description="a sentence that begins so asks for nothing to be done, unless it is a request",
    )
    conjunctions: tuple[str, ...] = Field(min_length=1, description="words between two wishes")
    colors: tuple[str, ...] = Field(description="colours that lights can have")
    signs: Signs
    choose: str = Field(description="what a server's model is told before it chooses commands")
    chat: str = Field(description="what the model is told before it answers a question")
    facts: str = Field(description="data for an answer: {time}, {date}, {on} and {timers}")
    none: str = Field(description="where nothing is on, or no timer is set")
    current: tuple[str, ...] = Field(description="words that ask for what changes day by day")
    declined: str = Field(description="the answer to what nobody offline can know")
    reckoning: tuple[str, ...] = Field(
        description="words of sums; beside a number they ask for one"
    )
    numbers: tuple[str, ...] = Field(description="words of numbers")
    measures: tuple[str, ...] = Field(description="units: two of them ask for a conversion")
    not_reckoned: str = Field(description="the answer to a sum that code could not compute")
    first_person: tuple[str, ...] = Field(
        description="a sentence of the model's with one of these claims something; it is dropped"
    )


def goal_data(language: str) -> GoalData | None:
    """The data for `language` ("en_GB" takes "en"), or None when there is none.

    Raises `ConfigError` for a file that is wrong.
    """
    primary = language.replace("-", "_").split("_")[0].lower()
    path = _FOLDER / f"{primary}.yaml"
    if not primary.isalpha() or not path.is_file():
        return None
    try:
        return GoalData.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and the votes it got."""

    goal: Goal
    share: float
    """Its part of all votes, 0..1."""
    likeness: float
    """Cosine of the nearest example of any goal."""


class GoalFinder:
    """The example sentences of one language as one model sees them. Blocking, like the model."""

    def __init__(self, model: LanguageModel, data: GoalData, cache: Path | None) -> None:
        """`cache` is a folder to keep the embeddings in, for they take seconds to make."""
        self._model = model
        self._data = data
        self._cache = cache
        pairs = [(goal, text) for goal, texts in data.examples.items() for text in texts]
        self._goals = tuple(data.examples)
        self._texts = [text for _, text in pairs]
        self._labels = np.array([self._goals.index(goal) for goal, _ in pairs])
        self._examples = np.empty((0, 0), dtype=np.float32)
        self._center = np.empty(0, dtype=np.float32)
        self._lines: dict[str, npt.NDArray[np.float32]] = {}
        self._found: tuple[str, tuple[Verdict, ...]] | None = None
        """The text that was looked at last, perhaps while it was still being said."""

    def find(self, text: str, cancelled: Callable[[], bool]) -> tuple[Verdict, ...]:
        """What `text` may be after, likeliest first; nothing when `cancelled` turned true.

        Raises `LanguageModelError`.
        """
        if self._found is not None and self._found[0] == text:
            return self._found[1]
        meanings = self._meanings([text], cancelled)
        if not len(meanings):
            return ()
        likeness = self._examples @ meanings[0]
        votes = np.bincount(self._labels, np.exp(_SHARPNESS * likeness), minlength=len(self._goals))
        if self._asks(text):
            votes *= [goal in NEVER_ACTS for goal in self._goals]
        shares, nearest = votes / votes.sum(), float(likeness.max())
        verdicts = tuple(
            Verdict(self._goals[i], float(shares[i]), nearest) for i in np.argsort(-shares)
        )
        self._found = (text, verdicts)
        return verdicts

    def _asks(self, text: str) -> bool:
        """Whether `text` is a question and not a polite request."""
        polite = tuple(f"{start} " for start in self._data.signs.requests)
        asking = tuple(f"{start} " for start in self._data.questions)
        return text.startswith(asking) and not text.startswith(polite)

    def nearest(self, text: str, lines: Sequence[str], cancelled: Callable[[], bool]) -> int | None:
        """Which of `lines` is closest to `text` in meaning; None when `cancelled` turned true.

        What a line means is remembered, so that only new ones cost time. Raises
        `LanguageModelError`.
        """
        unknown = [line for line in lines if line not in self._lines]
        if len(self._lines) + len(unknown) > _LINES_KEPT:
            self._lines.clear()
            unknown = list(lines)
        for at in range(0, len(unknown), _PORTION):
            portion = unknown[at : at + _PORTION]
            meanings = self._meanings(portion, cancelled)
            if not len(meanings):
                return None
            self._lines.update(zip(portion, meanings, strict=True))
        wanted = self._meanings([text], cancelled)
        if not len(wanted):
            return None
        return int(np.argmax([self._lines[line] @ wanted[0] for line in lines]))

    def _meanings(
        self, texts: Sequence[str], cancelled: Callable[[], bool]
    ) -> npt.NDArray[np.float32]:
        """Unit vectors, from the middle of the examples; no rows when cancelled."""
        if not self.prepare(cancelled):
            return self._examples[:0]
        states = self._embed(texts, cancelled)
        return _unit(states - self._center) if len(states) else states

    def prepare(
        self, cancelled: Callable[[], bool], progress: Callable[[float], None] = lambda share: None
    ) -> bool:
        """Embed the examples, or read them from the cache; False when cancelled on the way.

        `progress` is told what share of them is done, 0..1.
        """
        if self._examples.size:
            return True
        states = self._read_cache()
        if states is None:
            portions = []
            for at in range(0, len(self._texts), _PORTION):
                progress(at / len(self._texts))
                portions.append(self._embed(self._texts[at : at + _PORTION], cancelled))
                if not len(portions[-1]):
                    return False
            states = np.concatenate(portions)
            self._write_cache(states)
        self._center = states.mean(axis=0)
        self._examples = _unit(states - self._center)
        return True

    def _embed(
        self, texts: Sequence[str], cancelled: Callable[[], bool]
    ) -> npt.NDArray[np.float32]:
        after = self._data.after
        return self._model.embed(
            self._data.before, [text + after for text in texts], cancelled=cancelled
        )

    def _cache_file(self) -> Path | None:
        if self._cache is None:
            return None
        key = "\0".join(
            (self._model.fingerprint, self._data.before, self._data.after, *self._texts)
        )
        return self._cache / f"goals-{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"

    def _read_cache(self) -> npt.NDArray[np.float32] | None:
        path = self._cache_file()
        if path is None or not path.is_file():
            return None
        try:
            states: npt.NDArray[np.float32] = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            _LOG.warning("%s is damaged and will be made again: %s", path, error)
            return None
        if states.ndim != 2 or len(states) != len(self._texts) or not np.isfinite(states).all():
            return None
        return states.astype(np.float32)

    def _write_cache(self, states: npt.NDArray[np.float32]) -> None:
        path = self._cache_file()
        if path is None:
            return
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.save(file, states, allow_pickle=False)
            part.replace(path)
        except OSError as error:
            _LOG.warning("%s cannot be kept: %s", path, error)


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6
    )
    return scaled
