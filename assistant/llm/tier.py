"""Understanding room, last tier: the language model proposes what no template accepts.

Nothing it says is ever done unasked. First it finds what the sentence is after (`goals.py`): talk
leads to nothing, a question to a short answer, a wish to commands of this home
(`proposals.py`). Where several would serve and neither a name nor a room decides, the model
takes the one closest in meaning. Its own words never become a command.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assistant.config import Settings
from assistant.home.model import Home
from assistant.llm.goals import (
    NEVER_ACTS,
    Goal,
    GoalData,
    GoalFinder,
    Verdict,
    goal_data,
)
from assistant.llm.llama import LlamaModel
from assistant.llm.native import EngineOptions
from assistant.llm.proposals import (
    Proposal,
    Rooms,
    cleaned,
    names_one,
    plain,
    proposals_for,
)
from assistant.llm.restraint import Restraint
from assistant.models import ModelStore
from assistant.paths import data_directory
from assistant.ports import LanguageModel
from assistant.types import Intent, Tier, Understood

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

_MAX_TEXT = 200
_MAX_WISHES = 3
_MAX_ANSWER_TOKENS = 60
_MAX_ANSWER_SENTENCES = 2
_LEAST_SHARE = 0.25
_CLEAR_SHARE = 0.7
_LEAST_LIKENESS = 0.35
_GOALS_TRIED = 5
_QUESTIONS = (Goal.QUESTION, Goal.CURRENT_QUESTION)
_SENTENCE = re.compile(r"[^.!?]*[^.!?\s][^.!?]*(?:\.(?=\d)[^.!?]*)*[.!?]+")
_WORD = re.compile(r"[\w'’]+")


class LanguageModelTier:
    """Proposals and answers from `model`, in a thread of its own. Belongs to the event loop."""

    def __init__(
        self,
        model: LanguageModel,
        language: str,
        *,
        chat: bool,
        cache: Path | None = None,
    ) -> None:
        """`chat` false: questions are not answered. `cache`: a folder, else the data directory's.

        Raises `ConfigError` when the language's data is wrong. A language without data is never
        understood here.
        """
        self._model = model
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="language-model")
        self._closing = threading.Event()
        self._proposer: _Proposer | None = None
        data = goal_data(language)
        if data is not None:
            folder = data_directory() / "cache" if cache is None else cache
            self._proposer = _Proposer(
                model, data, GoalFinder(model, data, folder), Restraint(data.signs), chat
            )
        else:
            _LOG.info("the language model is not used: there are no examples in %s", language)

    async def prepare(self) -> None:
        """Make ready for the first `propose`: seconds the first time, then kept on disk.

        Raises `LanguageModelError`.
        """
        if self._proposer is not None and not self._closing.is_set():
            await self._in_worker(self._proposer.finder.prepare, lambda: False)

    async def propose(
        self,
        text: str,
        home: Home,
        area: str | None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Understood:
        """What `text`, said in the area with the id `area`, may have meant.

        Intents (always with `ask_first`), an answer, or neither: not understood, mere talk, or
        cancelled. Cancelling the task stops the model within a tenth of a second. Raises
        `LanguageModelError`.
        """
        proposer = self._proposer
        if proposer is None or self._closing.is_set():
            return Understood()
        rooms = Rooms.of(home)
        return await self._in_worker(
            lambda stop: proposer.propose(text, rooms, area, stop), cancelled
        )

    def close(self) -> None:
        """Stop what is going on and free the model, in its own thread; idempotent."""
        if not self._closing.is_set():
            self._closing.set()
            self._worker.submit(self._model.close)
            self._worker.shutdown(wait=True)

    async def _in_worker(
        self, work: Callable[[Callable[[], bool]], _T], cancelled: Callable[[], bool]
    ) -> _T:
        abandoned = threading.Event()

        def stop() -> bool:
            return abandoned.is_set() or self._closing.is_set() or cancelled()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work, stop)
        finally:
            abandoned.set()


@dataclass(frozen=True, slots=True)
class _Proposer:
    """The blocking half, in the model's thread."""

    model: LanguageModel
    data: GoalData
    finder: GoalFinder
    restraint: Restraint
    chat: bool

    def propose(
        self, text: str, rooms: Rooms, area: str | None, stop: Callable[[], bool]
    ) -> Understood:
        words = plain(text, _MAX_TEXT)
        if not any(character.isalpha() for character in words):
            return Understood()
        verdicts = self.finder.find(words, stop)
        if not verdicts or not _sure(verdicts[0]):
            return Understood()
        goal = verdicts[0].goal
        if goal in _QUESTIONS:
            answer = self._answer(goal, text, stop) if self.chat else ""
            return Understood(tier=Tier.LLM, answer=answer) if answer else Understood()
        intents = self._several(words, rooms, area, stop)
        if not intents:
            intent = self._intent(verdicts, words, rooms, area, stop)
            intents = (intent,) if intent else ()
        if not intents or stop():
            return Understood()
        return Understood(intents, Tier.LLM, ask_first=True)

    def _several(
        self, words: str, rooms: Rooms, area: str | None, stop: Callable[[], bool]
    ) -> tuple[Intent, ...]:
        """The intents of "… and …" where each part clearly wants something of its own."""
        joined = "|".join(map(re.escape, self.data.conjunctions))
        clauses = re.split(rf"\s+(?:{joined})\s+", words)
        if not 1 < len(clauses) <= _MAX_WISHES or any(len(c.split()) < 2 for c in clauses):
            return ()
        found: list[Intent] = []
        for clause in clauses:
            verdicts = self.finder.find(clause, stop)
            if not verdicts or verdicts[0].share < _CLEAR_SHARE or not _sure(verdicts[0]):
                return ()
            intent = self._intent(verdicts, clause, rooms, area, stop)
            if intent is None:
                return ()
            found.append(intent)
        return tuple(found)

    def _intent(
        self,
        verdicts: tuple[Verdict, ...],
        words: str,
        rooms: Rooms,
        area: str | None,
        stop: Callable[[], bool],
    ) -> Intent | None:
        """The likeliest goal that this home can serve; one whose device was named goes first."""
        if self.restraint.forbids(words, rooms):
            return None
        options = [
            (verdict, proposals_for(
                verdict.goal, words, rooms, area,
                words=self.data.commands, colors=self.data.colors,
            ))
            for verdict in verdicts[:_GOALS_TRIED] if verdict.goal not in NEVER_ACTS
        ]  # fmt: skip
        believed = [
            (verdict, among) for verdict, among in options
            if among and self.restraint.believes(words, verdict, verdicts, among)
        ]  # fmt: skip
        if not believed:
            return None
        _, among = max(
            believed,
            key=lambda option: (
                names_one(words, option[1]), self.restraint.names(words, option[1])
            ),
        )  # fmt: skip
        chosen = among[0] if len(among) == 1 else self._choose(among, words, stop)
        if chosen is None:
            return None
        ids = tuple(device.id for device in chosen.devices)
        return Intent(chosen.intent, chosen.slots, Tier.LLM, ids, words, chosen.response)

    def _choose(
        self, among: tuple[Proposal, ...], text: str, stop: Callable[[], bool]
    ) -> Proposal | None:
        """The proposal closest to `text` in meaning."""
        if not among:
            return None
        index = self.finder.nearest(text, [proposal.line for proposal in among], stop)
        return None if index is None else among[index]

    def _answer(self, goal: Goal, text: str, stop: Callable[[], bool]) -> str:
        if goal is Goal.CURRENT_QUESTION:
            return self.data.declined
        prompt = self.model.dialogue(self.data.chat, cleaned(text, _MAX_TEXT))
        said = self.model.complete(prompt, max_tokens=_MAX_ANSWER_TOKENS, cancelled=stop)
        return "" if stop() else spoken_answer(said, self.data)


def spoken_answer(text: str, data: GoalData) -> str:
    """At most two whole sentences of `text` that can be spoken and claim nothing; or ""."""
    text = re.sub(r"[*_`#|<>\[\]{}~^]+", "", " ".join(text.split()))
    text = "".join(c for c in text if c.isalnum() or c.isspace() or c in "'’\"-.,;:?!%°()/+&=$€£")
    kept = []
    for sentence in _SENTENCE.findall(text):
        said = sentence.strip()
        if {word.lower() for word in _WORD.findall(said)} & set(data.first_person):
            continue
        kept.append(said)
        if len(kept) == _MAX_ANSWER_SENTENCES:
            break
    return " ".join(kept)


def _sure(verdict: Verdict) -> bool:
    if verdict.goal is Goal.TALK:
        return False
    return verdict.share >= _LEAST_SHARE and verdict.likeness >= _LEAST_LIKENESS


def load_language_model(store: ModelStore, settings: Settings) -> LlamaModel | None:
    """The configured language model, or None when it is switched off.

    Blocking: a quarter of a second and more. Raises `ModelError` when it is not installed or is
    damaged, saying what to fetch.
    """
    if not settings.llm.enabled:
        return None
    found = store.require(
        "llm", engine="llama", language=settings.language, name=settings.llm.model
    )
    return LlamaModel(
        found.path,
        EngineOptions(
            context=settings.llm.context,
            threads=settings.llm.threads,
            gpu_layers=settings.llm.gpu_layers,
            memory_map=settings.llm.memory_map,
            cache_type=settings.llm.cache_type,
            flash_attention=settings.llm.flash_attention,
        ),
    )


def read_examples(store: ModelStore, settings: Settings) -> bool:
    """Let the configured model read the examples ahead of time, for `LanguageModelTier` to find.

    Blocking: tens of seconds, none when they are kept already. False when the model is switched
    off or the language has no examples. Raises `ModelError` and `LanguageModelError`.
    """
    data = goal_data(settings.language)
    model = load_language_model(store, settings) if data is not None else None
    if data is None or model is None:
        return False
    try:
        return GoalFinder(model, data, data_directory() / "cache").prepare(lambda: False)
    finally:
        model.close()
