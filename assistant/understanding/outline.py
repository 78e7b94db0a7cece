"""Understanding room: of which words the templates of a language are made, as bit sets.

A bit set is an integer with a bit for every template. Every group of the grammar is a node that
knows what it can say, begin with and end with (the sets FIRST and LAST of compiler construction;
Aho, Sethi, Ullman 1986, section 4.4), in pieces of words, for a word may be glued from several:
"light" and "[s]". The bits run once through the nodes, from the templates down to the pieces.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.understanding.clauses import AllOf, Clauses, is_list
from assistant.understanding.names import IT
from assistant.understanding.parsing import rules_in
from assistant.understanding.spelled import number_words

if TYPE_CHECKING:
    from hassil.expression import Expression, Sentence
    from hassil.intents import IntentData, Intents

_Saying = tuple[int | str, ...]
"""Nodes and pieces, in their order."""
_Part = tuple[_Saying, bool]
"""What an expression is as part of another, and whether it may say nothing."""

NUMBER = "0"
"""Stands for digits, of which a text may hold any where a template takes a number."""
_WORDS = re.compile(rf"\d+|[^\W\d_]+|{IT}")
_LETTERS = re.compile(rf"\d+|[^\W\d_]|{IT}")
_DIGITS = "0123456789"
_FREE = "{}"
"""Free text: a list of anything."""


def splitter(*, glued: bool) -> Callable[[str], list[str]]:
    """Splits a text into its words, or its letters where words are `glued`; all digits alike."""
    pattern = _LETTERS if glued else _WORDS

    from hassil.util import fold_case

    def split(text: str) -> list[str]:
        found = pattern.findall(fold_case(text))
        return [NUMBER if piece[0].isdigit() else piece for piece in found]

    return split


@dataclass(frozen=True, slots=True)
class Bits:
    """The templates by the pieces of words that they can say: anywhere, first or last."""

    pieces: Mapping[str, int]
    lists: Mapping[str, int]
    """By name of a list that a home fills."""
    anything: int

    def filled(self, said: Mapping[str, Iterable[str] | None]) -> Bits:
        """The same with what the lists say in one home; None, or no such list: anything."""
        pieces, anything = dict(self.pieces), self.anything
        for name, users in self.lists.items():
            of_list = said.get(name)
            if of_list is None:
                anything |= users
            for piece in of_list or ():
                pieces[piece] = pieces.get(piece, 0) | users
        return Bits(pieces, {}, anything)


class Outline:
    """What is known of a language's templates whatever the home. Safe to use in a thread.

    Raises hassil's errors for a rule or list that does not exist, and `ParseError` for a rule that
    contains itself.
    """

    def __init__(self, intents: Intents, home_lists: Collection[str]) -> None:
        self.blocks: list[tuple[str, IntentData]] = []
        """With the names of their intents."""
        self.places: list[tuple[int, int]] = []
        """Of every template its block, and its number in there."""
        self.of_block: list[int] = []
        """The templates of each block."""
        self.split = splitter(glued=intents.settings.ignore_whitespace)
        self.clauses = Clauses(intents.expansion_rules)
        graph = _Graph(intents, home_lists, self.split)
        roots: dict[int, int] = defaultdict(int)
        apart = 0
        for intent in intents.intents.values():
            for block in intent.data:
                first = len(self.places)
                for number, sentence in enumerate(block.sentences):
                    if block.slot_lists or block.expansion_rules:
                        _check_apart(sentence, block, intents, home_lists)
                    else:
                        roots[graph.of(sentence.expression)] |= 1 << len(self.places)
                    self.places.append((len(self.blocks), number))
                bits = (1 << len(self.places)) - (1 << first)
                if block.slot_lists or block.expansion_rules:
                    apart |= bits  # what its lists and rules say is not looked at here
                self.of_block.append(bits)
                self.blocks.append((intent.name, block))
        mute = sum({bits for node, bits in roots.items() if graph.empty[node]})
        self.says = graph.bits(graph.says, roots, apart)
        self.begins = graph.bits(graph.begins, roots, apart | mute)
        self.ends = graph.bits(graph.ends, roots, apart | mute)
        self._lists = intents.slot_lists
        self._home_lists = home_lists
        self._language = intents.language
        self._needed: list[AllOf | None] = [None] * len(self.places)
        self._fragments: dict[str, frozenset[str] | None] = {}

    def needed(self, template: int) -> AllOf:
        """What a text must contain for a template, but for what lists of its own block say."""
        known = self._needed[template]
        if known is None:
            number_of_block, number = self.places[template]
            _, block = self.blocks[number_of_block]
            sentence = block.sentences[number]
            if block.expansion_rules:
                rules = {**self.clauses.rules, **block.expansion_rules}
                known = frozenset(sentence.get_required_clauses(rules))
            else:
                known = self.clauses.of(sentence.expression)
                # What hassil itself would find out, if it had not to look at every group again.
                sentence.required_clauses = frozenset(
                    clause for clause in known if not any(map(is_list, clause))
                )
            if block.slot_lists:
                local = {f"{{{name}}}" for name in block.slot_lists}
                known = frozenset(clause for clause in known if local.isdisjoint(clause))
            self._needed[template] = known
        return known

    def fragments(self, name: str) -> frozenset[str] | None:
        """Of each value of a list a fragment that a text with it holds; None: any text."""
        from hassil.intents import RangeSlotList, TextSlotList

        if name not in self._fragments:
            values = self._lists.get(name)
            found: frozenset[str] | None = None
            if isinstance(values, RangeSlotList):
                digits = frozenset(_DIGITS if values.digits else "")
                found = digits | number_words(values, self._language) or None
            elif isinstance(values, TextSlotList):
                found = self._fragments_of(value.text_in for value in values.values)
            elif name in self._home_lists:
                found = frozenset()
            self._fragments[name] = found
        return self._fragments[name]

    def _fragments_of(self, values: Iterable[Expression]) -> frozenset[str] | None:
        found: set[str] = set()
        for value in values:
            clauses = [c for c in self.clauses.of(value) if not any(map(is_list, c))]
            if not clauses:
                return None
            found |= min(clauses, key=lambda clause: (len(clause), sorted(clause)))
        return frozenset(found)


class _Graph:
    """A language's expressions as numbered nodes, of which each comes after those it holds."""

    def __init__(
        self, intents: Intents, home_lists: Collection[str], split: Callable[[str], list[str]]
    ) -> None:
        from hassil import expression

        self._e = expression
        self._intents = intents
        self._home_lists = home_lists
        self._split = split
        self.says: list[list[int | str]] = []
        """Of every node the nodes and pieces in it."""
        self.begins: list[list[int | str]] = []
        self.ends: list[list[int | str]] = []
        self.empty: list[bool] = []
        """The node may say nothing, so that what comes next can be the first."""
        self._nodes: dict[int, int] = {}
        """By id of a group."""
        self._items: dict[int, _Part] = {}
        """By id of an expression."""
        self._named: dict[str, int | None] = {}
        """Of rules and lists; None: it is being looked at."""

    def of(self, expression: Expression) -> int:
        """The node of a template or a rule."""
        node = self._nodes.get(id(expression))
        if node is None:
            items = expression.items if isinstance(expression, self._e.Group) else [expression]
            node = self._nodes[id(expression)] = self._added(expression, items)
        return node

    def bits(self, inside: list[list[int | str]], roots: Mapping[int, int], anything: int) -> Bits:
        """Let the bits of `roots` run down to the pieces."""
        users = [0] * len(inside)
        for node, bits in roots.items():
            users[node] = bits
        pieces: dict[str, int] = defaultdict(int)
        for node in range(len(inside) - 1, -1, -1):
            if bits := users[node]:
                for part in inside[node]:
                    if isinstance(part, int):
                        users[part] |= bits
                    else:
                        pieces[part] |= bits
        anything |= pieces.pop(_FREE, 0)
        lists = {name: pieces.pop(f"{{{name}}}") for name in self._home_lists
                 if f"{{{name}}}" in pieces}  # fmt: skip
        return Bits(dict(pieces), lists, anything)

    def _added(self, kind: Expression, items: Iterable[Expression]) -> int:
        known = self._items
        parts = [known.get(id(item)) or self._item(item) for item in items]
        says: list[int | str] = []
        for part, _ in parts:
            says += part
        if isinstance(kind, self._e.Alternative):
            begins = [part[0] for part, _ in parts if part]
            ends = [part[-1] for part, _ in parts if part]
            empty = kind.is_optional or any(nothing for _, nothing in parts)
        elif isinstance(kind, self._e.Permutation):
            begins = [part[0] for part, _ in parts if part]
            ends = [part[-1] for part, _ in parts if part]
            empty = all(nothing for _, nothing in parts)
        else:
            begins, empty = _at_edge(parts, 0)
            ends, _ = _at_edge(reversed(parts), -1)
        return self._node(says, begins, ends, empty)

    def _node(
        self, says: list[int | str], begins: list[int | str], ends: list[int | str], empty: bool
    ) -> int:
        self.says.append(says)
        self.begins.append(begins)
        self.ends.append(ends)
        self.empty.append(empty)
        return len(self.empty) - 1

    def _item(self, item: Expression) -> _Part:
        e = self._e
        part: _Saying
        if isinstance(item, e.TextChunk):
            part = tuple(self._split(item.text))
            found = part, not part
        elif isinstance(item, e.Sequence) and len(item.items) == 1:
            found = self._items.get(id(item.items[0])) or self._item(item.items[0])
        else:
            if isinstance(item, e.Group):
                part = (self.of(item),)
            elif isinstance(item, e.RuleReference):
                part = (self._rule(item.rule_name),)
            elif isinstance(item, e.ListReference):
                part = (self._list(item.list_name),)
            else:
                part = (_FREE,)
            found = part, isinstance(part[0], int) and self.empty[part[0]]
        self._items[id(item)] = found
        return found

    def _rule(self, name: str) -> int:
        from hassil.errors import MissingRuleError
        from hassil.parser import ParseError

        if name not in self._named:
            if name not in self._intents.expansion_rules:
                raise MissingRuleError(f"there is no rule <{name}>")
            self._named[name] = None
            self._named[name] = self.of(self._intents.expansion_rules[name].expression)
        node = self._named[name]
        if node is None:
            raise ParseError(f"the rule <{name}> contains itself")
        return node

    def _list(self, name: str) -> int:
        """The node of a list: its values, and what a home fills it with."""
        from hassil.errors import MissingListError
        from hassil.intents import RangeSlotList, TextSlotList

        key = f"{{{name}}}"
        known = self._named.get(key)
        if known is not None:
            return known
        values = self._intents.slot_lists.get(name)
        parts: list[int | str] = []
        if isinstance(values, TextSlotList):
            ways = self._e.Alternative(items=[value.text_in for value in values.values])
            parts.append(self._added(ways, ways.items))
        elif isinstance(values, RangeSlotList):
            words = [*map(self._split, number_words(values, self._intents.language)), [NUMBER]]
            parts.append(
                self._node(
                    [piece for word in words for piece in word],
                    [word[0] for word in words if word],
                    [word[-1] for word in words if word],
                    empty=False,
                )
            )
        elif values is not None:
            parts.append(_FREE)
        elif name not in self._home_lists:
            raise MissingListError(f"there is no list {key}")
        if name in self._home_lists:
            parts.append(key)
        node = self._named[key] = self._node(parts, parts, parts, empty=False)
        return node


def _check_apart(
    sentence: Sentence, block: IntentData, intents: Intents, home_lists: Collection[str]
) -> None:
    """Raise for what a template with lists and rules of its own names and nobody knows."""
    from hassil.errors import MissingListError, MissingRuleError

    rules = {**intents.expansion_rules, **block.expansion_rules}
    for rule in set(rules_in(sentence)) - rules.keys():
        raise MissingRuleError(f"there is no rule <{rule}>")
    named = set(sentence.list_names(rules))
    for name in named - block.slot_lists.keys() - intents.slot_lists.keys() - set(home_lists):
        raise MissingListError(f"there is no list {{{name}}}")


def _at_edge(parts: Iterable[_Part], place: int) -> tuple[list[int | str], bool]:
    """What of `parts` can come first, and whether all of them may say nothing."""
    found = []
    for part, nothing in parts:
        if part:
            found.append(part[place])
        if not nothing:
            return found, False
    return found, True
