"""Understanding room: of which words each template can be made, as bit sets.

A bit set is an integer with a bit for every template, in the order in which they were added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from assistant.understanding.clauses import AllOf, Clauses, is_list
from assistant.understanding.edges import Edge, Edges

if TYPE_CHECKING:
    from hassil.expression import Expression, Sentence
    from hassil.intents import IntentData, Intents, RangeSlotList, SlotList

_WORDS = re.compile(r"\d+|[^\W\d_]+")
_LETTERS = re.compile(r"\d+|[^\W\d_]")
_NUMBER = "0"
"""Stands for digits, of which a text may hold any where a template takes a number."""
_MOST_KNOWN = 4096


class Known:
    """What was found out about templates and rules, whatever the home: for the next one built.

    Ids are of expressions, which have to live as long as this does.
    """

    def __init__(self, rules: Mapping[str, Sentence]) -> None:
        self.lock = Lock()
        """For whoever builds with it."""
        self.templates: dict[int, tuple[_Part, frozenset[str], tuple[Edge, ...]]] = {}
        """By id of the parsed template: its own pieces, all it refers to, its edges."""
        self.rules: dict[str, _Part] = {}
        self.references: dict[str, frozenset[str]] = {}
        """By rule or list, itself and all it refers to."""
        self.groups: dict[int, _Part] = {}
        self.edges: tuple[dict[str | int, Edge], ...] = ({}, {})
        """Of rules and groups, the first words and the last."""
        self._clauses = Clauses(rules)

    def clauses_of(self, sentence: Sentence, block: IntentData) -> AllOf:
        """What a text must contain for this template."""
        if block.expansion_rules:
            rules = {**self._clauses.rules, **block.expansion_rules}
            return sentence.get_required_clauses(rules)
        found = self._clauses.of(sentence.expression)
        if sentence.required_clauses is None:
            # What hassil itself would find out, if it had not to look at every group again.
            sentence.required_clauses = frozenset(c for c in found if not any(map(is_list, c)))
        return found


class Spelling:
    """What the templates can say. A word may be glued from pieces: "light" and "[s]".

    `known` must have been filled by the same templates before, if by any.
    """

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList], known: Known) -> None:
        from hassil import expression

        self._e = expression
        self._intents = intents
        self._lists = lists
        self._known = known
        self._pattern = _LETTERS if intents.settings.ignore_whitespace else _WORDS
        self._count = 0
        self._anything = 0
        """Templates with free text."""
        self._pieces: dict[str, int] = defaultdict(int)
        self._users: dict[str, int] = defaultdict(int)
        """By rule or list, the templates that refer to it."""
        self._sayable: dict[str, int] = {}
        skipped = {piece for word in intents.skip_words for piece in self._split(word)}
        self._skipped = frozenset(skipped)
        rules = intents.expansion_rules
        self._edges = [
            Edges(rules, self._values, self._split, known.edges[last], last=bool(last))
            for last in (0, 1)
        ]

    def add(self, sentence: Sentence, block: IntentData) -> None:
        """Count a template in."""
        bit = 1 << self._count
        self._count += 1
        found = self._known.templates.get(id(sentence))
        if found is None:
            if block.expansion_rules or block.slot_lists:
                local = _Part()
                self._gather(sentence.expression, local, block)
            else:
                local = self._group(sentence.expression)
            edges = tuple(edge.of(sentence, block) for edge in self._edges)
            found = (local, self._all_references(local), edges)
            self._known.templates[id(sentence)] = found
        local, references, edges = found
        for reference in references:
            self._users[reference] |= bit
        if local.anything:
            self._anything |= bit
        for piece in local.pieces:
            self._pieces[piece] |= bit
        for some, edge in zip(self._edges, edges, strict=True):
            some.add(bit, edge)

    def finish(self) -> None:
        """To be called when all templates were added."""
        for reference, users in self._users.items():
            part = self._part(reference)
            if part.anything:
                self._anything |= users
            for piece in part.pieces:
                self._pieces[piece] |= users
        for edges in self._edges:
            edges.finish()

    def templates(self, text: str) -> int:
        """The templates that have every word of `text`, and can begin and end as it does."""
        possible = (1 << self._count) - 1
        words = self._split(text)
        for edges in self._edges:
            possible &= edges.templates(words, self._skipped)
        for word in words:
            if word in self._skipped:
                continue
            possible &= self._that_say(word) | self._anything
            if not possible:
                break
        return possible

    def _that_say(self, word: str) -> int:
        if word == _NUMBER:
            return self._pieces.get(_NUMBER, 0)
        known = self._sayable.get(word)
        if known is None:
            reached = [-1, *[0] * len(word)]
            for end in range(1, len(word) + 1):
                for start in range(end):
                    if reached[start]:
                        reached[end] |= reached[start] & self._pieces.get(word[start:end], 0)
            known = reached[-1]
            if len(self._sayable) >= _MOST_KNOWN:
                self._sayable.clear()
            self._sayable[word] = known
        return known

    def _split(self, text: str) -> list[str]:
        found = self._pattern.findall(text.casefold())
        return [_NUMBER if piece[0].isdigit() else piece for piece in found]

    def _group(self, expression: Expression) -> _Part:
        """What a template or a group in it says by itself, found out once for all alike."""
        part = self._known.groups.get(id(expression))
        if part is None:
            part = self._known.groups[id(expression)] = _Part()
            items = expression.items if isinstance(expression, self._e.Group) else [expression]
            for item in items:
                if isinstance(item, self._e.Group):
                    part.add(self._group(item))
                else:
                    self._gather(item, part, None)
        return part

    def _gather(self, expression: Expression, part: _Part, block: IntentData | None) -> None:
        """Put what `expression` itself says, and what it refers to, into `part`.

        A rule or list of the block's own is taken apart at once; the others are shared.
        """
        e = self._e
        if isinstance(expression, e.TextChunk):
            part.pieces.update(self._split(expression.text))
        elif isinstance(expression, e.Group):
            for item in expression.items:
                self._gather(item, part, block)
        elif isinstance(expression, e.RuleReference):
            name = expression.rule_name
            if block is not None and name in block.expansion_rules:
                self._gather(block.expansion_rules[name].expression, part, block)
            else:
                part.references.add(f"<{name}>")
        elif isinstance(expression, e.ListReference):
            for text in (expression.prefix, expression.suffix):
                part.pieces.update(self._split(text or ""))
            name = expression.list_name
            if block is not None and name in block.slot_lists:
                self._gather_list(block.slot_lists[name], part)
            else:
                part.references.add(f"{{{name}}}")

    def _part(self, reference: str) -> _Part:
        """What a rule ("<name>") or list ("{name}") says by itself."""
        name, rules = reference[1:-1], self._known.rules
        if reference.startswith("{"):
            part = _Part()
            self._gather_list(self._lists.get(name), part)
            return part
        if reference not in rules:
            part = rules[reference] = _Part()
            rule = self._intents.expansion_rules.get(name)
            if rule is None:
                part.anything = True
            else:
                self._gather(rule.expression, part, None)
        return rules[reference]

    def _gather_list(self, values: SlotList | None, part: _Part) -> None:
        from hassil.intents import RangeSlotList, TextSlotList

        if isinstance(values, TextSlotList):
            for value in values.values:
                self._gather(value.text_in, part, None)
        elif isinstance(values, RangeSlotList):
            part.pieces.add(_NUMBER)
            for word in number_words(values, self._intents.language):
                part.pieces.update(self._split(word))
        else:
            part.anything = True

    def _values(self, name: str) -> Iterable[Expression | str] | None:
        """What a list can say, for its edges."""
        from hassil.intents import RangeSlotList, TextSlotList

        values = self._lists.get(name)
        if isinstance(values, TextSlotList):
            return [value.text_in for value in values.values]
        if isinstance(values, RangeSlotList):
            return [_NUMBER, *number_words(values, self._intents.language)]
        return None

    def _all_references(self, part: _Part) -> frozenset[str]:
        return frozenset().union(*map(self._reached, part.references))

    def _reached(self, reference: str) -> frozenset[str]:
        """A rule or list and all it refers to."""
        known = self._known.references
        if reference not in known:
            known[reference] = frozenset({reference})
            if reference.startswith("<"):
                known[reference] |= self._all_references(self._part(reference))
        return known[reference]


class _Part:
    """What a template, a rule or a list says by itself."""

    __slots__ = ("anything", "pieces", "references")

    def __init__(self) -> None:
        self.pieces: set[str] = set()
        self.references: set[str] = set()
        self.anything = False

    def add(self, other: _Part) -> None:
        """Say what `other` says too."""
        self.pieces |= other.pieces
        self.references |= other.references
        self.anything |= other.anything


def number_words(numbers: RangeSlotList, language: str) -> frozenset[str]:
    """All words in the names of `numbers`; none where the language's numbers are not known."""
    if not numbers.words:
        return frozenset()
    return _words_of(numbers.words_language or language, tuple(numbers.get_numbers()))


@lru_cache(maxsize=256)
def _words_of(language: str, numbers: tuple[float, ...]) -> frozenset[str]:
    return frozenset().union(*(_words_of_one(language, number) for number in numbers))


@lru_cache(maxsize=4096)
def _words_of_one(language: str, number: float) -> frozenset[str]:
    from hassil.numbers import get_rbnf_engine

    try:
        engine = get_rbnf_engine(language)
    except ValueError:
        return frozenset()
    spelled = " ".join(engine.format_number(number).text_by_ruleset.values())
    return frozenset(spelled.replace("-", " ").replace("_", " ").casefold().split())
