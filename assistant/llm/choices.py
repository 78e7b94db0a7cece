"""A menu as a tree of tokens: what may come next, and where nothing is left to choose.

It allows what `Menu.grammar` allows, each command in the one way in which a tokenizer splits it (as
the model was taught it). That makes the probabilities of all answers sum to one, without a look
at the whole vocabulary at every token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from assistant.llm.menu import MOST_COMMANDS, Menu, Offer

Node = dict[int, "Node"]
Tokenize = Callable[[str], list[int]]

_VALUE = re.compile(r" \{\w+\}")


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer decoded from a menu."""

    text: str
    """As `Menu.read` and `Menu.outcome` take it."""
    commands: tuple[float, ...] = ()
    """Probability of each command among all that could have stood in its place, 0..1."""
    acts: float = 1.0
    """Probability that something was to be done at all, 0..1."""
    weighed: bool = True
    """False: nobody knows how probable; it is only to be asked about."""

    @property
    def certainty(self) -> float:
        """Of the least certain command and of acting at all; of the outcome, where none acts."""
        return self.acts * min(self.commands) if self.commands else 1.0 - self.acts


class Choices:
    """The tree of one menu in one model's tokens."""

    def __init__(self, menu: Menu, tokenize: Tokenize) -> None:
        self._tokenize = cache(tokenize)
        self._done: Node = {}
        self._commands: Node = {}
        end = tokenize("\n")
        joined = tokenize(menu.joined_by.rstrip())
        for offer in menu.offers:
            for tokens in self._split(offer):
                last = _insert(self._commands, tokens)
                _insert(last, end, self._done)
                _insert(last, joined, self._commands)
        self._counts: dict[int, int] = {}
        self.root: Node = dict(self._commands)
        self._outcomes = {tokenize(f" {word}")[0] for word in menu.outcomes}
        for word in menu.outcomes:
            node = self.root
            for token in tokenize(f" {word}"):
                node[token] = dict(node.get(token, {}))
                node = node[token]
            _insert(node, end, self._done)

    def _split(self, offer: Offer) -> Iterator[list[int]]:
        """The tokens of each command that an offer stands for."""
        found = _VALUE.search(offer.text)
        if found is None:
            yield self._tokenize(f" {offer.text}")
            return
        before, after = f" {offer.text[: found.start()]}", offer.text[found.end() :]
        head, tail = self._tokenize(before), self._tokenize(after) if after else []
        likewise = all(
            self._tokenize(f"{before} {value}{after}")
            == [*head, *self._tokenize(f" {value}"), *tail]
            for value in (offer.values[0], offer.values[-1])
        )
        for value in offer.values:
            if likewise:
                yield [*head, *self._tokenize(f" {value}"), *tail]
            else:
                yield self._tokenize(f"{before} {value}{after}")

    def walk(self) -> Walk:
        """A walk from the root."""
        return Walk(self, self.root, self._commands, self._done, self._outcomes)

    def count(self, node: Node) -> int:
        """How many commands can still be said from `node`, itself included if it is one."""
        if id(node) not in self._counts:
            ends = any(after is self._done for after in node.values())
            self._counts[id(node)] = ends + sum(
                self.count(after)
                for after in node.values()
                if after is not self._done and after is not self._commands
            )
        return self._counts[id(node)]


class Walk:
    """One answer on its way through the tree."""

    def __init__(
        self, choices: Choices, root: Node, commands: Node, done: Node, outcomes: set[int]
    ) -> None:
        self._choices = choices
        self._root, self._commands, self._done = root, commands, done
        self._node = root
        self._outcomes = outcomes
        self._sure: list[float] = []
        self._said: list[tuple[int, ...]] = []
        self._command: tuple[int, ...] = ()
        self._so_far = 1.0
        self._acts = 1.0
        self._says_outcome = False

    @property
    def done(self) -> bool:
        """Whether the answer is whole."""
        return self._node is self._done

    @property
    def allowed(self) -> Sequence[int]:
        """The tokens that may come next; a single one leaves nothing to ask the model."""
        return tuple(token for token in self._node if self._may_come(token))

    def _may_come(self, token: int) -> bool:
        """Whether `token` leads to a command that was not said yet, and not to too many."""
        after = self._node[token]
        if self._says_outcome:
            return True
        if after is self._commands:
            more = min(self._choices.count(after), MOST_COMMANDS)
            return self._command not in self._said and len(self._said) + 1 < more
        if after is self._done:
            return self._command not in self._said
        begun = (*self._command, token)
        said = sum(command[: len(begun)] == begun for command in self._said)
        return not said or said < self._choices.count(after)

    def choose(self, logits: npt.NDArray[np.float32]) -> int:
        """The likeliest of `allowed`, which is then taken."""
        allowed = np.array(self.allowed, dtype=np.intp)
        shares = _softmax(logits[allowed])
        best = int(shares.argmax())
        token, share = int(allowed[best]), float(shares[best])
        if self._node is self._root:
            silent = sum(
                float(p) for t, p in zip(allowed, shares, strict=True) if int(t) in self._outcomes
            )
            self._acts = 1.0 - silent
            self._says_outcome = token in self._outcomes
            # the command is weighed among commands: whether to act at all is counted once
            share = share if self._says_outcome else share / max(self._acts, 1e-9)
        elif self._ends_with(token):
            # whether another command follows says nothing about this one
            ends = [self._ends_with(int(other)) for other in allowed]
            share = float(shares[ends].sum())
        self._so_far *= share
        self.take(token)
        return token

    def take(self, token: int) -> None:
        """Go on with `token`, one of `allowed`."""
        if self._ends_with(token) and not self._says_outcome:
            self._sure.append(self._so_far)
            self._so_far = 1.0
            self._said.append(self._command)
            self._command = ()
        else:
            self._command = (*self._command, token)
        self._node = self._node[token]

    def decision(self, text: str) -> Decision:
        """What was decided, once `done`; `text` is what the tokens say."""
        return Decision(text, tuple(min(1.0, sure) for sure in self._sure), self._acts)

    def _ends_with(self, token: int) -> bool:
        """Whether the command is whole before `token`."""
        return self._node[token] is self._done or self._node[token] is self._commands


def _insert(node: Node, tokens: Sequence[int], last: Node | None = None) -> Node:
    """Go down `tokens` from `node`, making what is missing; `last` is put at the end."""
    for token in tokens[:-1]:
        node = node.setdefault(token, {})
    return node.setdefault(tokens[-1], {} if last is None else last)


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    weights = np.exp((logits - logits.max()).astype(np.float64))
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares
