"""Proposals of a model that was taught nothing: it only compares what sentences mean.

First it finds what the sentence is after (`goals.py`): talk leads to nothing, a question to a short
answer, a wish to commands of this home (`proposals.py`). Where several would serve and neither a
name nor a room decides, the model takes the one closest in meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.llm.answers import Answerer, Talk
from assistant.llm.goals import NEVER_ACTS, Goal, GoalData, GoalFinder, Verdict
from assistant.llm.proposals import Proposal, Rooms, names_one, plain, proposals_for
from assistant.llm.restraint import Restraint
from assistant.types import Intent, Tier, Understood, Written

_MAX_TEXT = 200
_MAX_WISHES = 3
_LEAST_SHARE = 0.25
_CLEAR_SHARE = 0.7
_LEAST_LIKENESS = 0.35
_GOALS_TRIED = 5
_QUESTIONS = (Goal.QUESTION, Goal.CURRENT_QUESTION)


@dataclass(frozen=True, slots=True)
class UntaughtProposer:
    """The blocking half, in the model's thread. Nothing it proposes is done unasked."""

    data: GoalData
    finder: GoalFinder
    restraint: Restraint
    answerer: Answerer | None

    def propose(
        self, text: str, rooms: Rooms, area: str | None, stop: Callable[[], bool],
        talk: Talk | None = None, *, written: Written = lambda sentence: None,
    ) -> Understood:  # fmt: skip
        """What `text`, said in `area`, may be after. Raises `LanguageModelError`.

        `written` is given the sentences of an answer as they come.
        """
        words = plain(text, _MAX_TEXT)
        if not any(character.isalpha() for character in words):
            return Understood()
        verdicts = self.finder.find(words, stop)
        if not verdicts or not _sure(verdicts[0]):
            return Understood()
        goal = verdicts[0].goal
        if goal in _QUESTIONS:
            return self._answer(goal, text, stop, talk, written)
        intents = self._several(words, rooms, area, stop)
        if not intents:
            intent = self._intent(verdicts, words, rooms, area, stop)
            intents = (intent,) if intent else ()
        if not intents or stop():
            return Understood()
        return Understood(intents, Tier.LLM, ask_first=True)

    def expect(self, text: str, stop: Callable[[], bool]) -> None:
        """Find out ahead what `text` is after, unless `stop` turns true."""
        words = plain(text, _MAX_TEXT)
        if any(character.isalpha() for character in words):
            self.finder.find(words, stop)

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

    def _answer(
        self, goal: Goal, text: str, stop: Callable[[], bool], talk: Talk | None, written: Written
    ) -> Understood:
        if self.answerer is None:
            return Understood()
        if goal is Goal.CURRENT_QUESTION:
            return Understood(tier=Tier.LLM, answer=self.data.declined)
        answer = self.answerer.answer(text, stop, talk, written)
        return Understood(tier=Tier.LLM, answer=answer) if answer else Understood()


def _sure(verdict: Verdict) -> bool:
    if verdict.goal is Goal.TALK:
        return False
    return verdict.share >= _LEAST_SHARE and verdict.likeness >= _LEAST_LIKENESS
