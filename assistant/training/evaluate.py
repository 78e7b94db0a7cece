"""How well a model does on the generator's own kind of requests, as the assistant would ask it.

Homes are new ones; phrasings too, where the tenth is asked that is never trained on. This says
what was learned; how good that is for people, `assistant eval` says with sentences of its own.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.llm.choices import Choices
from assistant.llm.llama import LlamaModel
from assistant.llm.native import EngineOptions
from assistant.training.generator.examples import Example, Pack

_OUTCOMES = ("nothing", "ask", "chat")


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
    def false_action(self) -> bool:
        """Whether it does something, and what is right is doing nothing at all."""
        wanted = any(right not in _OUTCOMES for right in self.example.answers)
        does = self.answer not in _OUTCOMES and not self.answer.startswith(("is ", "what "))
        return does and not wanted

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

    def answer_all(self, packs: Iterable[Pack]) -> list[Answered]:
        """Every request of every pack."""
        return [answered for pack in packs for answered in self._pack(pack)]

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


def table(name: str, answered: Sequence[Answered], *, show: bool) -> Iterator[str]:
    """The figures, by part of the generator, and where `show` says so every mistake."""
    parts: dict[str, list[Answered]] = defaultdict(list)
    for one in answered:
        parts[one.example.kind].append(one)
    yield f"{name}: {len(answered)} requests"
    yield f"  {'part':>12} {'n':>5} {'exact':>6} {'false':>6} {'wrong':>6}"
    for kind, ones in [*sorted(parts.items()), ("all", list(answered))]:
        counts = Counter(
            {"right": sum(o.right for o in ones), "false": sum(o.false_action for o in ones),
             "wrong": sum(o.wrong_action for o in ones)}
        )  # fmt: skip
        yield (
            f"  {kind:>12} {len(ones):>5} {counts['right'] / max(len(ones), 1):>6.0%} "
            f"{counts['false']:>6} {counts['wrong']:>6}"
        )
    times = sorted(o.seconds for o in answered)
    if times:
        yield f"  p50 {times[len(times) // 2] * 1000:.0f} ms a request, a new home included"
    for one in answered:
        if show and not one.right:
            right = max(one.example.answers, key=lambda a: one.example.answers[a])
            yield (
                f"  {one.room:>16} | {one.example.said}  ->  {one.answer} "
                f"({one.certainty:.2f}), not {right}"
            )
