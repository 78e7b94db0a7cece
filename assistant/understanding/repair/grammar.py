"""The sentences that templates allow, as one graph of words and lists."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.understanding.names import HOME_LISTS
from assistant.understanding.spelled import number_engine
from assistant.understanding.times.spoken_time import SpokenTimes
from assistant.understanding.times.timed import TIMED

if TYPE_CHECKING:
    from hassil.expression import Expression, Group, Sentence
    from hassil.intents import IntentData, Intents, RangeSlotList, SlotList

    _Parts = Sequence[Expression | list[Expression]]
    """Expressions; where several make up one word, they stand together."""

NOTHING = 0
"""The label of an arc that says nothing."""

_NEVER_GUESSED = frozenset({"HassRespond", "AssistantCannot", "HassGetWeather",
                            "AssistantCalculate", "AssistantConvert"})  # fmt: skip
"""Only a kind word is lost by not understanding it, and people say the like to one another."""
_MOST_FORMS = 400
_MOST_NUMBERS = 400
_MOST_OPENED = 4
"""A choice of so few ways is put into the node before it instead of behind an empty arc."""

_Arcs = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Grammar:
    """A graph without circles; its arcs lead to nodes of higher numbers.

    `sources`, `targets` and `labels` describe the arcs. A label is the place of a word in `words`;
    a word in `values` is a list, and says one of those values (none: it cannot be said).
    """

    nodes: int
    sources: Sequence[int]
    targets: Sequence[int]
    labels: Sequence[int]
    words: Sequence[str]
    values: Mapping[str, Sequence[str]]

    @property
    def start(self) -> int:
        """Where every sentence begins."""
        return 0

    @property
    def end(self) -> int:
        """Where every sentence ends."""
        return self.nodes - 1


@dataclass(frozen=True, slots=True)
class Graph:
    """A grammar without what a home puts into its lists."""

    empty: Grammar
    home: Mapping[str, tuple[str, frozenset[str]]]
    """The words that are such lists: the list, and which types of device it is about (none: any).
    """

    def filled(self, lists: Mapping[str, SlotList]) -> Grammar:
        """The grammar with the `lists` of a home."""
        from hassil.expression import TextChunk
        from hassil.intents import TextSlotList

        said: dict[str, Sequence[str]] = dict(self.empty.values)
        for word, (name, domains) in self.home.items():
            texts = set(said[word])
            values = lists.get(name)
            for value in values.values if isinstance(values, TextSlotList) else ():
                if isinstance(value.text_in, TextChunk) and (
                    not domains or (value.context or {}).get("domain") in domains
                ):
                    texts.add(_plain(value.text_in.text))
            said[word] = sorted(texts - {""})
        return replace(self.empty, values=said)


def graph_of(
    intents: Intents,
    times: SpokenTimes | None = None,
    *,
    only: Collection[str] | None = None,
    free: str = "",
) -> Graph:
    """All sentences of `intents` but small talk and those with free text, which can be anything.

    What a time belongs to may end with one of the examples of `times`. With `only` the sentences
    of these intents alone, and with `free` that word for every free text.
    """
    builder = _Builder(intents, times, free)
    starts = [
        node
        for intent in intents.intents.values()
        if (intent.name not in _NEVER_GUESSED if only is None else intent.name in only)
        for block in intent.data
        for node in builder.block(block, timed=intent.name in TIMED)
    ]
    return builder.graph(starts)


class _Builder:
    """Builds from the end: every piece is put in front of the node it leads to.

    Equal nodes are one, so sentences share their endings (hash-consing).
    """

    def __init__(
        self,
        intents: Intents,
        times: SpokenTimes | None,
        free: str,
    ) -> None:
        from hassil import expression

        self._e = expression
        self._intents = intents
        self._free = free
        self._unspaced = intents.settings.ignore_whitespace
        self._times = times
        self._labels: dict[str, int] = {"": NOTHING}
        self._nodes: dict[_Arcs, int] = {}
        self._arcs: list[_Arcs] = []
        self._built: dict[tuple[object, ...], int] = {}
        self._apart: dict[int, _Parts] = {}
        """By id of a group."""
        self._values: dict[str, Sequence[str]] = {}
        self._home: dict[str, tuple[str, frozenset[str]]] = {}
        self._end = self._node(frozenset())
        self._scope: tuple[object, ...] = ()
        """What the meaning of lists and rules depends on in the present block."""
        self._block_lists: Mapping[str, SlotList] = {}
        self._block_rules: Mapping[str, Sentence] = {}
        self._domains: tuple[str, ...] = ()

    def block(self, block: IntentData, *, timed: bool) -> list[int]:
        """The nodes before the sentences of a block; `timed` ones may end with a time."""
        self._block_lists = block.slot_lists or {}
        self._block_rules = {**self._intents.expansion_rules, **block.expansion_rules}
        needed = (block.requires_context or {}).get("domain")
        needed = needed.get("value") if isinstance(needed, dict) else needed
        self._domains = tuple(sorted([needed] if isinstance(needed, str) else needed or ()))
        own = id(block) if block.slot_lists or block.expansion_rules else 0
        self._scope = (own, self._domains)
        end = self._time(block) if timed and self._times is not None else self._end
        return [self._before(sentence.expression, end) for sentence in block.sentences]

    def _time(self, block: IntentData) -> int:
        """The node before the times that a sentence of `block` may end with.

        It may also end without one that it needs: times that were heard well are taken out of a
        text before sentences are looked for.
        """
        needed, unwanted = block.requires_context or {}, block.excludes_context or {}
        ways = [self._end]
        if "when" not in needed and "length" not in unwanted:
            ways.append(self._example("length", self._end))
        if "length" not in needed:
            day = self._example("day", self._end)
            ways += [day, *(self._example("clock", after) for after in (self._end, day))]
        return self._either(ways)

    def _example(self, kind: str, after: int) -> int:
        label = f"{{{kind}|time}}"
        if label not in self._values and self._times is not None:
            self._values[label] = sorted(self._times.examples(kind))
        return self._word(label, after)

    def graph(self, starts: Iterable[int]) -> Graph:
        """The part of the graph that can be reached from `starts`, renumbered."""
        start = self._node(frozenset((NOTHING, node) for node in starts))
        reachable = {start, self._end}
        for node in range(start, -1, -1):
            if node in reachable:
                reachable.update(target for _, target in self._arcs[node])
        number = {node: n for n, node in enumerate(sorted(reachable, reverse=True))}
        arcs = [
            (number[node], label, number[target])
            for node in reachable
            for label, target in self._arcs[node]
        ]
        words = sorted(self._labels, key=self._labels.__getitem__)
        empty = Grammar(
            nodes=len(number),
            sources=[source for source, _, _ in arcs],
            targets=[target for _, _, target in arcs],
            labels=[label for _, label, _ in arcs],
            words=words,
            values=self._values,
        )
        return Graph(empty, self._home)

    def _node(self, arcs: _Arcs) -> int:
        if arcs not in self._nodes:
            self._nodes[arcs] = len(self._arcs)
            self._arcs.append(arcs)
        return self._nodes[arcs]

    def _word(self, word: str, after: int) -> int:
        label = self._labels.setdefault(word, len(self._labels))
        return self._node(frozenset({(label, after)}))

    def _text(self, text: str, after: int) -> int:
        for word in reversed(text.split()):
            after = self._word(word.casefold(), after)
        return after

    def _either(self, nodes: Iterable[int]) -> int:
        ways = set(nodes)
        if len(ways) == 1:
            return ways.pop()
        return self._node(frozenset().union(*(self._ways_on(node) for node in ways)))

    def _ways_on(self, node: int) -> _Arcs:
        arcs = self._arcs[node]
        few = node != self._end and len(arcs) <= _MOST_OPENED
        return arcs if few else frozenset({(NOTHING, node)})

    def _before(self, expression: Expression, after: int) -> int:
        e = self._e
        match expression:
            case e.TextChunk():
                return self._text(expression.text, after)
            case e.ListReference() | e.RuleReference():
                key = (type(expression), self._scope, _name(expression), after)
                if key not in self._built:
                    self._built[key] = self._reference(expression, after)
                return self._built[key]
            case e.Permutation():
                orders = itertools.permutations(expression.items)
                return self._either(self._said_after(self._parts(o), after) for o in orders)
            case e.Alternative():
                ways = [self._before(item, after) for item in expression.items]
                return self._either([*ways, after] if expression.is_optional else ways)
            case e.Group():
                return self._said_after(self._parts_of(expression), after)
        return after

    def _reference(self, expression: Expression, after: int) -> int:
        from hassil.expression import ListReference

        name = _name(expression)
        if isinstance(expression, ListReference):
            return self._list(name, after)
        rule = self._block_rules.get(name)
        return after if rule is None else self._before(rule.expression, after)

    def _said_after(self, parts: _Parts, after: int) -> int:
        for part in reversed(parts):
            if isinstance(part, list):
                after = self._either(self._text(form, after) for form in self._forms(part))
            else:
                after = self._before(part, after)
        return after

    def _parts_of(self, group: Group) -> _Parts:
        """The parts of a group, taken apart once though it stands before many a node."""
        if id(group) not in self._apart:
            self._apart[id(group)] = self._parts(group.items)
        return self._apart[id(group)]

    def _parts(self, items: Sequence[Expression]) -> _Parts:
        return items if self._unspaced else _words_together(items)

    def _list(self, name: str, after: int) -> int:
        own = self._block_lists.get(name)
        values = own if own is not None else self._intents.slot_lists.get(name)
        domains = self._domains if name == "name" else ()
        label = f"{{{name}|{id(own) if own is not None else ','.join(domains)}}}"
        if label not in self._values:
            self._values[label] = sorted(self._said(values))
            if own is None and name in HOME_LISTS:
                self._home[label] = name, frozenset(domains)
        return self._word(label, after)

    def _said(self, values: SlotList | None) -> set[str]:
        from hassil.intents import RangeSlotList, TextSlotList, WildcardSlotList

        said: set[str] = set()
        if isinstance(values, TextSlotList):
            for value in values.values:
                said |= self._texts(value.text_in)
        elif isinstance(values, RangeSlotList):
            said |= _spoken_numbers(values, self._intents.language or "")
        elif isinstance(values, WildcardSlotList):
            said.add(self._free)
        return {_plain(text) for text in said if text.strip()}

    def _forms(self, items: Sequence[Expression]) -> set[str]:
        """All texts of expressions that follow each other."""
        forms = {""}
        for item in items:
            forms = {a + b for a, b in itertools.product(forms, self._texts(item))}
            if len(forms) > _MOST_FORMS:
                forms = set(sorted(forms)[:_MOST_FORMS])
        return forms

    def _texts(self, item: Expression) -> set[str]:
        e = self._e
        match item:
            case e.TextChunk():
                return {item.text}
            case e.RuleReference():
                rule = self._block_rules.get(item.rule_name)
                return self._texts(rule.expression) if rule is not None else {""}
            case e.Permutation():
                orders = itertools.permutations(item.items)
                return set().union(*(self._forms(order) for order in orders))
            case e.Alternative():
                found = set().union(*(self._texts(one) for one in item.items))
                return found | {""} if item.is_optional else found
            case e.Group():
                return self._forms(item.items)
        return {""}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _name(reference: Expression) -> str:
    from hassil.expression import ListReference, RuleReference

    if isinstance(reference, ListReference):
        return reference.list_name
    return reference.rule_name if isinstance(reference, RuleReference) else ""


def number_words(language: str) -> frozenset[str]:
    """The words that numbers up to a thousand are made of; none in a language without rules."""
    try:
        engine = number_engine(language)
    except ValueError:
        return frozenset()
    numbers = (*range(101), *range(200, 1001, 100))
    texts = (engine.format_number(number).text for number in numbers)
    return frozenset(word for text in texts for word in text.replace("-", " ").split())


def _spoken_numbers(values: RangeSlotList, language: str) -> set[str]:
    numbers = list(values.get_numbers())
    if len(numbers) > _MOST_NUMBERS:
        numbers = [number for number in numbers if number == int(number)][:_MOST_NUMBERS]
    try:
        engine = number_engine(values.words_language or language)
    except ValueError:
        return {str(number) for number in numbers}
    return {engine.format_number(number).text.replace("-", " ") for number in numbers}


def _words_together(items: Sequence[Expression]) -> _Parts:
    """The items, where several make up one word ("light" and "[s]") as a list."""
    from hassil.expression import TextChunk

    parts: list[Expression | list[Expression]] = []
    for item in items:
        pieces: list[Expression] = [item]
        if isinstance(item, TextChunk):
            pieces = [TextChunk(text) for text in re.findall(r"\s+|\S+", item.text)]
        for piece in pieces:
            last = parts[-1] if parts else None
            previous = last[-1] if isinstance(last, list) else last
            if previous is None or not (_joins(previous, -1) and _joins(piece, 0)):
                parts.append(piece)
            elif isinstance(last, list):
                last.append(piece)
            else:
                parts[-1] = [previous, piece]
    return parts


def _joins(expression: Expression, side: int) -> bool:
    """Whether a word may go on beyond this end (0: the beginning, -1: the end)."""
    from hassil import expression as e

    if isinstance(expression, e.TextChunk):
        return bool(expression.text) and not expression.text[side].isspace()
    if isinstance(expression, e.Alternative):
        return any(_joins(item, side) for item in expression.items)
    if isinstance(expression, e.Group):
        items = [i for i in expression.items if not isinstance(i, e.TextChunk) or i.text]
        return bool(items) and _joins(items[side], side)
    return False
