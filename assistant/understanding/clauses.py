"""Understanding room: what a text must contain for a template to say it.

In conjunctive normal form, as hassil's `Sentence.get_required_clauses` gives it: of every clause
one atom has to be there. Templates share their groups, so each group is looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Expression, Sentence

Clause = frozenset[str]
"""Fragments of text, and lists as "{name}": one of their values."""
AllOf = frozenset[Clause]

_NOTHING: AllOf = frozenset()


def is_list(atom: str) -> bool:
    """Whether an atom is a list; a fragment has no brackets."""
    return atom.startswith("{")


class Clauses:
    """The clauses of one language's templates, whatever the home. Rules contain not themselves."""

    def __init__(self, rules: Mapping[str, Sentence]) -> None:
        from hassil import expression
        from hassil.util import PUNCTUATION_STR, fold_case

        self._e = expression
        self._fold_case = fold_case
        self.rules = rules
        self._unsure = frozenset(PUNCTUATION_STR)
        self._known: dict[int, AllOf] = {}
        """By id of an expression, which has to live as long as this does."""

    def of(self, expression: Expression) -> AllOf:
        """The clauses of an expression whose rules are the language's."""
        known = self._known.get(id(expression))
        if known is None:
            known = self._known[id(expression)] = self._found(expression)
        return known

    def fragment(self, word: str) -> str:
        """A word as a text holds it; "" where signs in it may be taken away before."""
        return self._fold_case(word) if self._unsure.isdisjoint(word) else ""

    def _found(self, expression: Expression) -> AllOf:
        e = self._e
        if isinstance(expression, e.TextChunk):
            pieces = map(self.fragment, expression.text.split())
            return frozenset(frozenset((piece,)) for piece in pieces if piece)
        if isinstance(expression, e.ListReference):
            return frozenset({frozenset({f"{{{expression.list_name}}}"})})
        if isinstance(expression, e.RuleReference):
            rule = self.rules.get(expression.rule_name)
            return self.of(rule.expression) if rule is not None else _NOTHING
        if isinstance(expression, e.Alternative):
            ways = [] if expression.is_optional else [self.of(item) for item in expression.items]
            if not ways or not all(ways):
                return _NOTHING
            return frozenset({frozenset().union(*(min(way, key=_rank) for way in ways))})
        if isinstance(expression, e.Group):
            return _NOTHING.union(*map(self.of, expression.items))
        return _NOTHING


def _rank(clause: Clause) -> tuple[int, int]:
    """The clause that says most comes first: of few words, and no lists."""
    return sum(map(is_list, clause)), len(clause)
