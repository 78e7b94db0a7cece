"""Understanding room: which templates can begin or end with a word, as bit sets.

The sets of first and last words of a grammar (FIRST and LAST of compiler construction; Aho, Sethi,
Ullman 1986, section 4.4), over the pieces of words that a template glues together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Expression, Group, Sentence
    from hassil.intents import IntentData, SlotList


@dataclass(frozen=True, slots=True)
class Edge:
    """What an expression can begin, or end, with."""

    atoms: frozenset[str] = frozenset()
    """Pieces of words, and lists as "{name}"."""
    empty: bool = False
    """It may say nothing, so that what comes next can be the first."""
    anything: bool = False


_EMPTY = Edge(empty=True)
_ANYTHING = Edge(anything=True)


class Edges:
    """The templates by their first words, or, with `last`, by their last ones."""

    def __init__(
        self,
        rules: Mapping[str, Sentence],
        pieces_of_list: Callable[[str], Iterable[Expression | str] | None],
        split: Callable[[str], list[str]],
        known: dict[str | int, Edge],
        *,
        last: bool = False,
    ) -> None:
        """`pieces_of_list` gives a list's values (None: anything may be said).

        `known` keeps what rules and, by their ids, groups begin with, for the next home.
        """
        from hassil import expression

        self._e = expression
        self._shared = rules
        self._values = pieces_of_list
        self._split = split
        self._last = last
        self._known = known
        self._by_atom: dict[str, int] = defaultdict(int)
        self._anything = 0

    def of(self, sentence: Sentence, block: IntentData) -> Edge:
        """What a template begins with, whatever the home."""
        return self._of(sentence.expression, block.expansion_rules, block.slot_lists)

    def add(self, bit: int, edge: Edge) -> None:
        """Count a template in."""
        if edge.anything or edge.empty:
            self._anything |= bit
        for atom in edge.atoms:
            self._by_atom[atom] |= bit

    def finish(self) -> None:
        """To be called when all templates were added."""
        for atom in [atom for atom in self._by_atom if atom.startswith("{")]:
            users = self._by_atom.pop(atom)
            edge = self._list(atom[1:-1])
            if edge.anything:
                self._anything |= users
            for piece in edge.atoms:
                self._by_atom[piece] |= users

    def templates(self, words: Sequence[str], skipped: frozenset[str]) -> int:
        """Those that can begin (end) with the first (last) of `words` that need not be skipped."""
        possible = self._anything
        for word in reversed(words) if self._last else words:
            lengths = range(1, len(word) + 1)
            for piece in (word[-n:] if self._last else word[:n] for n in lengths):
                possible |= self._by_atom.get(piece, 0)
            if word not in skipped:
                break
        return possible

    def _of(
        self,
        expression: Expression,
        rules: Mapping[str, Sentence],
        lists: Mapping[str, SlotList],
    ) -> Edge:
        e = self._e
        if isinstance(expression, e.TextChunk):
            pieces = self._split(expression.text)
            return Edge(frozenset({pieces[-1 if self._last else 0]})) if pieces else _EMPTY
        if isinstance(expression, e.RuleReference):
            name = expression.rule_name
            if name in rules:
                return self._of(rules[name].expression, rules, lists)
            return self._rule(name)
        if isinstance(expression, e.Group) and not rules and not lists:
            known = self._known.get(id(expression))
            if known is None:
                known = self._known[id(expression)] = self._group(expression, rules, lists)
            return known
        if isinstance(expression, e.Group):
            return self._group(expression, rules, lists)
        if isinstance(expression, e.ListReference):
            if expression.list_name in lists or expression.prefix or expression.suffix:
                return _ANYTHING
            return Edge(frozenset({f"{{{expression.list_name}}}"}))
        return _ANYTHING

    def _group(
        self, group: Group, rules: Mapping[str, Sentence], lists: Mapping[str, SlotList]
    ) -> Edge:
        e = self._e
        if isinstance(group, e.Alternative):
            return _either(
                [self._of(item, rules, lists) for item in group.items], empty=group.is_optional
            )
        if isinstance(group, e.Permutation):
            edges = [self._of(item, rules, lists) for item in group.items]
            joined = _either(edges, empty=False)
            return Edge(joined.atoms, all(edge.empty for edge in edges), joined.anything)
        return self._sequence(group.items, rules, lists)

    def _sequence(
        self,
        items: Sequence[Expression],
        rules: Mapping[str, Sentence],
        lists: Mapping[str, SlotList],
    ) -> Edge:
        atoms: set[str] = set()
        for item in reversed(items) if self._last else items:
            edge = self._of(item, rules, lists)
            if edge.anything:
                return _ANYTHING
            atoms |= edge.atoms
            if not edge.empty:
                return Edge(frozenset(atoms))
        return Edge(frozenset(atoms), empty=True)

    def _rule(self, name: str) -> Edge:
        key = f"<{name}>"
        if key not in self._known:
            self._known[key] = _ANYTHING
            rule = self._shared.get(name)
            if rule is not None:
                self._known[key] = self._of(rule.expression, {}, {})
        return self._known[key]

    def _list(self, name: str) -> Edge:
        values = self._values(name)
        if values is None:
            return _ANYTHING
        atoms: set[str] = set()
        for value in values:
            if isinstance(value, str):
                atoms.update(self._split(value))
                continue
            edge = self._of(value, {}, {})
            if edge.anything or edge.empty:
                return _ANYTHING
            for atom in edge.atoms:
                if atom.startswith("{"):
                    return _ANYTHING
                atoms.add(atom)
        return Edge(frozenset(atoms))


def _either(edges: Sequence[Edge], *, empty: bool) -> Edge:
    return Edge(
        frozenset().union(*(edge.atoms for edge in edges)),
        empty or any(edge.empty for edge in edges),
        any(edge.anything for edge in edges),
    )
