"""How well a model does on the generator's own kind of requests, as the assistant would ask it.

Homes are new ones; phrasings too, where the tenth is asked that is never trained on. This says
what was learned; how good that is for people, `assistant eval` says with sentences of its own.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.llm.certainty import thresholds
from assistant.llm.choices import Choices
from assistant.llm.llama import LlamaModel
from assistant.llm.native import EngineOptions
from assistant.training.generator.examples import PER_HOME, Example, Pack, packs

_OUTCOMES = ("nothing", "ask", "chat")
_GENERATED = 64
"""Tokens by which the speed of generation is measured."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One request with what the model made of it."""

    example: Example
    room: str
    answer: str
    certainty: float
    seconds: float

    @property
    def right(self) -> bool:
        """Whether it is one of the right answers, in whatever order its commands are."""
        said = sorted(self.answer.split("; "))
        return any(sorted(right.split("; ")) == said for right in self.example.answers)

    @property
    def for_nothing(self) -> bool:
        """Whether what is right is doing nothing at all."""
        return all(right in _OUTCOMES for right in self.example.answers)

    @property
    def does(self) -> bool:
        """Whether it changes something; a question changes nothing."""
        return self.answer not in _OUTCOMES and not self.answer.startswith(("is ", "what "))

    @property
    def false_action(self) -> bool:
        """Whether it does something, and what is right is doing nothing at all."""
        return self.does and self.for_nothing

    @property
    def wrong_action(self) -> bool:
        """Whether it does something else than what is right."""
        return not self.false_action and not self.right and self.answer not in _OUTCOMES


class Answering:
    """A model in llama.cpp that answers packs."""

    def __init__(self, base: Path, adapter: Path | None, threads: int) -> None:
        """Load it. Raises `ModelError`."""
        self._model = LlamaModel(
            base, EngineOptions(context=2048, threads=threads), adapter=adapter
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._model.close()

    def answer_all(self, asked: Iterable[Pack]) -> list[Answered]:
        """Every request of every pack."""
        return [answered for pack in asked for answered in self._pack(pack)]

    def tokens_per_s(self) -> float:
        """Of plain generation, the adapter on; the median of three times."""
        return statistics.median(
            self._model.raw_tokens_per_s(_GENERATED, adapted=True) for _ in range(3)
        )

    def _pack(self, pack: Pack) -> Iterator[Answered]:
        menu = pack.home.menu
        choices = Choices(menu, self._model.tokenize)
        for example in pack.examples:
            started = time.monotonic()
            decision = self._model.decide(menu.fixed + example.prompt, choices)
            seconds = time.monotonic() - started
            if decision is not None:
                room = pack.home.room_name(example.area) or "-"
                yield Answered(example, room, decision.text.strip(), decision.certainty, seconds)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some requests."""

    requests: int
    right: int
    for_nothing: int
    """How many should have led to nothing."""
    false: int
    """How many of those led to something."""
    wrong: int
    p50_ms: float
    """Of a request; those that come first in a home, and evaluate it, included."""

    @property
    def exact(self) -> float:
        """The share that was right, 0..1."""
        return self.right / max(self.requests, 1)


def tally(answered: Sequence[Answered]) -> Tally:
    """Count them."""
    times = sorted(one.seconds for one in answered)
    return Tally(
        len(answered),
        sum(one.right for one in answered),
        sum(one.for_nothing for one in answered),
        sum(one.false_action for one in answered),
        sum(one.wrong_action for one in answered),
        times[len(times) // 2] * 1000 if times else 0.0,
    )


def table(name: str, answered: Sequence[Answered], *, show: bool) -> Iterator[str]:
    """The figures, by part of the generator, and where `show` says so every mistake."""
    parts: dict[str, list[Answered]] = defaultdict(list)
    for one in answered:
        parts[one.example.kind].append(one)
    yield f"{name}: {len(answered)} requests"
    yield f"  {'part':>12} {'n':>5} {'exact':>6} {'false':>6} {'wrong':>6}"
    for kind, ones in [*sorted(parts.items()), ("all", list(answered))]:
        t = tally(ones)
        yield f"  {kind:>12} {t.requests:>5} {t.exact:>6.0%} {t.false:>6} {t.wrong:>6}"
    if answered:
        yield f"  p50 {tally(answered).p50_ms:.0f} ms a request, a new home included"
        asked_for = thresholds(
            ((one.certainty, one.right) for one in answered if one.does), len(answered)
        )
        yield f"  thresholds (llm.act_from, ask_from): {asked_for.act:.2f}, {asked_for.ask:.2f}"
    for one in answered:
        if show and not one.right:
            right = max(one.example.answers, key=lambda a: one.example.answers[a])
            yield (
                f"  {one.room:>16} | {one.example.said}  ->  {one.answer} "
                f"({one.certainty:.2f}), not {right}"
            )


def some(seed: int, language: str, n: int, held_out: bool) -> list[Pack]:
    """`n` requests with their homes."""
    made = list(islice(packs(seed, language, held_out=held_out), -(-n // PER_HOME)))
    if over := len(made) * PER_HOME - n:
        made[-1] = replace(made[-1], examples=made[-1].examples[:-over])
    return made
