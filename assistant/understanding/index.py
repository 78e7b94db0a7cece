"""Understanding room: which templates can match a text at all, found without trying them.

Every template requires some literal fragments, and one of the values of every list it refers to
(a name of the home, a number). Testing each fragment once per text and comparing bit masks leaves
a few dozen templates of two thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Expression, Sentence
    from hassil.intents import IntentData, Intents, RangeSlotList, SlotList

_Clauses = frozenset[frozenset[str]]
_NOTHING: _Clauses = frozenset()
_DIGITS = "0123456789"


class Index:
    """The templates of one home by the fragments they require. Read-only once built."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        self._intents = intents
        needs = _ListNeeds(intents, lists)
        self._blocks: list[tuple[str, IntentData]] = []
        clauses: dict[frozenset[str], int] = {}
        by_mask: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for intent in intents.intents.values():
            for block in intent.data:
                rules = {**intents.expansion_rules, **block.expansion_rules}
                for number, sentence in enumerate(block.sentences):
                    required = set(sentence.get_required_clauses(rules))
                    required |= needs.of(sentence.expression, block.slot_lists)
                    mask = _mask(required, clauses)
                    by_mask[mask].append((len(self._blocks), number))
                self._blocks.append((intent.name, block))
        self._by_mask = tuple((mask, tuple(places)) for mask, places in by_mask.items())
        self._clauses = tuple(clauses.items())
        self._fragments = frozenset().union(*clauses) if clauses else frozenset()

    def candidates(self, text: str) -> Intents:
        """The templates whose required fragments occur in `text`, as `Intents` of their own."""
        from hassil.intents import Intent

        haystack = self._haystack(text)
        present = {fragment for fragment in self._fragments if fragment in haystack}
        absent = 0
        for clause, bit in self._clauses:
            if clause.isdisjoint(present):
                absent |= bit
        possible: dict[int, list[int]] = defaultdict(list)
        for mask, places in self._by_mask:
            if not mask & absent:
                for block_number, sentence_number in places:
                    possible[block_number].append(sentence_number)
        kept: dict[str, list[IntentData]] = {}
        for block_number in sorted(possible):
            name, block = self._blocks[block_number]
            sentences = [block.sentences[number] for number in sorted(possible[block_number])]
            kept.setdefault(name, []).append(_with_sentences(block, sentences))
        return replace(
            self._intents, intents={name: Intent(name, blocks) for name, blocks in kept.items()}
        )

    def _haystack(self, text: str) -> str:
        """`text` as hassil will match it: with and without its skip words, without its spaces."""
        from hassil.util import CJK_WHITESPACE, normalize_for_matching, remove_skip_words

        plain = normalize_for_matching(text).text
        glued = self._intents.settings.ignore_whitespace
        shorter = remove_skip_words(plain, self._intents.skip_words, glued)
        haystack = f"{plain.casefold()}\n{shorter.casefold()}"
        return f"{haystack}\n{CJK_WHITESPACE.sub('', haystack)}" if glued else haystack


class _ListNeeds:
    """What a text must contain for the lists that a template cannot do without."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        self._intents = intents
        self._lists = lists
        self._by_list: dict[str, _Clauses] = {}
        self._by_rule: dict[str, _Clauses] = {}

    def of(self, expression: Expression, local: Mapping[str, SlotList]) -> _Clauses:
        """The clauses of `expression`; lists in `local` are passed over."""
        from hassil import expression as e

        if isinstance(expression, e.ListReference):
            name = expression.list_name
            if name in local:
                return _NOTHING
            if name not in self._by_list:
                self._by_list[name] = self._list(name)
            return self._by_list[name]
        if isinstance(expression, e.RuleReference):
            name = expression.rule_name
            if name not in self._by_rule:
                rule = self._intents.expansion_rules.get(name)
                self._by_rule[name] = self.of(rule.expression, local) if rule else _NOTHING
            return self._by_rule[name]
        if isinstance(expression, e.Alternative):
            if expression.is_optional or not expression.items:
                return _NOTHING
            branches = [self.of(item, local) for item in expression.items]
            if not all(branches):
                return _NOTHING
            return frozenset({frozenset().union(*(min(b, key=len) for b in branches))})
        if isinstance(expression, e.Group):
            return _NOTHING.union(*(self.of(item, local) for item in expression.items))
        return _NOTHING

    def _list(self, name: str) -> _Clauses:
        from hassil.expression import Sentence
        from hassil.intents import RangeSlotList, TextSlotList

        values = self._lists.get(name)
        if isinstance(values, RangeSlotList):
            return _number_fragments(values, self._intents.language)
        if not isinstance(values, TextSlotList):
            return _NOTHING
        fragments: set[str] = set()
        for value in values.values:
            sentence = Sentence(expression=value.text_in)
            clauses = sentence.get_required_clauses(self._intents.expansion_rules)
            if not clauses:
                return _NOTHING
            fragments |= min(clauses, key=lambda clause: (len(clause), sorted(clause)))
        return frozenset({frozenset(fragments)})


def _number_fragments(numbers: RangeSlotList, language: str) -> _Clauses:
    fragments = set(_DIGITS) if numbers.digits else set()
    if numbers.words:
        from hassil.numbers import get_rbnf_engine

        try:
            engine = get_rbnf_engine(numbers.words_language or language)
        except ValueError:
            return frozenset({frozenset(fragments)}) if fragments else _NOTHING
        for number in numbers.get_numbers():
            for words in engine.format_number(number).text_by_ruleset.values():
                fragments.update(words.replace("-", " ").replace("_", " ").casefold().split())
    return frozenset({frozenset(fragments)}) if fragments else _NOTHING


def _mask(required: Iterable[frozenset[str]], clauses: dict[frozenset[str], int]) -> int:
    mask = 0
    for clause in required:
        mask |= clauses.setdefault(clause, 1 << len(clauses))
    return mask


def _with_sentences(block: IntentData, sentences: list[Sentence]) -> IntentData:
    slim = replace(block, sentence_texts=[])
    slim.__dict__["sentences"] = sentences
    return slim
