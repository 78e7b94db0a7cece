"""A pack as tensors: the home's tokens once, each request behind them seeing only home and itself.

Positions begin again after the home for every request, so that each sees exactly what it will see
when it is alone behind the home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import torch

from assistant.training.generator.examples import Pack


class Tokenizer(Protocol):
    """What is needed of a tokenizer."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """The text's tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """One forward pass; `n` tokens, `m` of them followed by a token of an answer."""

    tokens: torch.Tensor
    """(1, n) int64"""
    positions: torch.Tensor
    """(1, n) int64"""
    seen: torch.Tensor
    """(1, 1, n, n) bool: what each token may attend to."""
    asked: torch.Tensor
    """(m,) int64: positions whose next token is learned."""
    hard: torch.Tensor
    """(m,) int64: the next token of the answer drawn."""
    soft: tuple[Mapping[int, float], ...]
    """m shares by token: how the right answers that began like this one go on."""
    starts: torch.Tensor
    """(number of requests,) int64: where in `asked` each answer begins."""


def batch(pack: Pack, tokenizer: Tokenizer, random: Random) -> Batch:
    """Draw one of the right answers for each request, and lay everything out."""
    tokens = _encode(tokenizer, pack.home.menu.fixed)
    home = len(tokens)
    positions, owners = list(range(home)), [0] * home
    asked: list[int] = []
    hard: list[int] = []
    soft: list[Mapping[int, float]] = []
    starts: list[int] = []
    for number, example in enumerate(pack.examples, start=1):
        texts = list(example.answers)
        chosen = random.choices(texts, list(example.answers.values()))[0]
        ways = [(_encode(tokenizer, f" {t}\n"), share) for t, share in example.answers.items()]
        answer = _encode(tokenizer, f" {chosen}\n")
        prompt = _encode(tokenizer, example.prompt)
        row = prompt + answer[:-1]
        starts.append(len(asked))
        first = len(tokens) + len(prompt) - 1
        asked += range(first, first + len(answer))
        hard += answer
        soft += continuations(ways, answer)
        positions += range(home, home + len(row))
        owners += [number] * len(row)
        tokens += row
    owner = torch.tensor(owners)
    before = torch.ones(len(tokens), len(tokens), dtype=torch.bool).tril()
    seen = before & ((owner[None, :] == 0) | (owner[None, :] == owner[:, None]))
    return Batch(
        torch.tensor([tokens]), torch.tensor([positions]), seen[None, None], torch.tensor(asked),
        torch.tensor(hard), tuple(soft), torch.tensor(starts),
    )  # fmt: skip


def continuations(
    ways: Sequence[tuple[Sequence[int], float]], answer: Sequence[int]
) -> list[Mapping[int, float]]:
    """For each token of `answer`, the shares of what may stand there after those before it."""
    found: list[Mapping[int, float]] = []
    for at in range(len(answer)):
        shares: dict[int, float] = {}
        for way, share in ways:
            if len(way) > at and list(way[:at]) == list(answer[:at]):
                shares[way[at]] = shares.get(way[at], 0.0) + share
        total = sum(shares.values())
        found.append({token: share / total for token, share in shares.items()})
    return found


def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False))
