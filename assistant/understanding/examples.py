"""Understanding room: a few sentences that between them say every value of the user's own lists."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import IntentData, Intents, SlotList

_DRAWS = 300
_MOST = 16
_FIXED_WORDS = 3
"""What a sentence costs besides its words, so that a few full ones are taken before many short."""

_DEEPEST = 20


def own_examples(intents: Intents, lists: Mapping[str, SlotList]) -> list[str]:
    """Sentences of the templates that the user added, at most 16, the most telling ones first.

    Drawn by chance, always the same; of those, greedily, the ones with most values not yet said
    for their length (Chvátal 1979, "A greedy heuristic for the set-covering problem").
    """
    blocks = [
        block
        for intent in intents.intents.values()
        for block in intent.data
        if (block.metadata or {}).get("users")
    ]
    sampler = _Sampler(intents, lists)
    sentences = [(block, number) for block in blocks for number in range(len(block.sentences))]
    if not sentences:
        return []
    drawn: dict[str, frozenset[str]] = {}
    for draw in range(max(_DRAWS, len(sentences))):
        text, said = sampler.draw(*sentences[draw % len(sentences)])
        if text:
            drawn[text] = said
    chosen: list[str] = []
    left = frozenset().union(*drawn.values()) | {""}
    while left and drawn and len(chosen) < _MOST:
        best = max(drawn, key=lambda text: (_worth(text, drawn[text] & left), text))
        if not drawn[best] & left:
            break
        chosen.append(best)
        left -= drawn.pop(best)
    return chosen


def _worth(text: str, new: frozenset[str]) -> float:
    return len(new) / (len(text.split()) + _FIXED_WORDS)


class _Sampler:
    """Says templates, each choice by chance."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        self._intents = intents
        self._lists = lists
        self._random = random.Random(0)  # noqa: S311
        self._said: set[str] = set()

    def draw(self, block: IntentData, number: int) -> tuple[str, frozenset[str]]:
        """A sentence, and the values in it; the template itself counts as one."""
        template = block.sentences[number]
        self._said = {template.text or str(number)}
        text = "".join(self._say(template.expression, block, 0))
        return " ".join(text.split()), frozenset(self._said)

    def _say(self, expression: Expression, block: IntentData, depth: int) -> Iterator[str]:
        from hassil import expression as e

        if depth > _DEEPEST:
            return
        match expression:
            case e.TextChunk():
                yield expression.text
            case e.ListReference():
                yield from self._value(expression.list_name, block, depth)
            case e.RuleReference():
                rules = {**self._intents.expansion_rules, **block.expansion_rules}
                if expression.rule_name in rules:
                    yield from self._say(rules[expression.rule_name].expression, block, depth + 1)
            case e.Permutation():
                yield from self._all(self._shuffled(expression.items), block, depth, " ")
            case e.Alternative():
                chosen = self._random.choice([*expression.items, *[None] * expression.is_optional])
                if chosen is not None:
                    yield from self._say(chosen, block, depth + 1)
            case e.Group():
                yield from self._all(expression.items, block, depth, "")

    def _all(
        self, items: Sequence[Expression], block: IntentData, depth: int, between: str
    ) -> Iterator[str]:
        for item in items:
            yield from self._say(item, block, depth + 1)
            yield between

    def _shuffled(self, items: Sequence[Expression]) -> list[Expression]:
        return self._random.sample(items, len(items))

    def _value(self, name: str, block: IntentData, depth: int) -> Iterator[str]:
        from hassil.intents import RangeSlotList, TextSlotList

        values = (block.slot_lists or {}).get(name) or self._lists.get(name)
        if isinstance(values, TextSlotList) and values.values:
            text = "".join(self._say(self._random.choice(values.values).text_in, block, depth + 1))
            self._said.add(text)
            yield text
        elif isinstance(values, RangeSlotList):
            yield str(self._random.choice(list(values.get_numbers())))
