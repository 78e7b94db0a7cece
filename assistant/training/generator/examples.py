"""What training reads: a home with a handful of requests behind it, one after another by seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from assistant.training.generator.acts import Answers
from assistant.training.generator.homes import Dwelling, dwelling
from assistant.training.generator.requests import Requests

PER_HOME = 16
UNSEEN = 900_001
"""The seed of homes to measure with, which no training uses."""


@dataclass(frozen=True, slots=True)
class Example:
    """One request as the model is asked it."""

    said: str
    area: str | None
    """Where it was said."""
    prompt: str
    """What follows the home's part of the prompt."""
    answers: Answers
    kind: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A home, and requests of it."""

    home: Dwelling
    examples: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of what the model is given and what is right."""
        rows = [(e.prompt, sorted(e.answers.items())) for e in self.examples]
        text = json.dumps([self.home.menu.fixed, rows], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def packs(
    seed: int, language: str = "en", *, start: int = 0, per_home: int = PER_HOME,
    held_out: bool = False,
) -> Iterator[Pack]:  # fmt: skip
    """Packs without end, each by its own seed, so that any can be made alone; from the `start`th.

    `held_out`: sentences from the phrasings that are never trained on.
    """
    number = start
    while True:
        random = Random(f"{language} {seed} {number} {held_out}")  # noqa: S311
        home = dwelling(random, language)
        requests = Requests(home, random, held_out)
        made = [requests.make() for _ in range(per_home)]
        examples = [
            Example(r.said, r.area, home.menu.request(r.said, r.area), r.answers, r.kind)
            for r in made
        ]
        yield Pack(home, tuple(examples))
        number += 1
