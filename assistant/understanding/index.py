"""Understanding room: which templates can match a text at all, found without trying them.

A template is left out where the text has a word that it cannot say, or lacks a fragment that it
must say (a literal, or one of the values of a list: a name of the home, a number). Both are looked
up once per text in bit sets over all templates, which leaves a handful of two thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.understanding.spelling import Known, Spelling, number_words

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import IntentData, Intents, RangeSlotList, SlotList

_Clause = frozenset[str]
_Clauses = frozenset[_Clause]
_Domains = frozenset[str]
_NOTHING: _Clauses = frozenset()
_DIGITS = "0123456789"
_MOST_KEPT = 4096


class Index:
    """The templates of one home by the words they can and must say. Safe to use in a thread."""

    def __init__(
        self, intents: Intents, lists: Mapping[str, SlotList], known: Known | None = None
    ) -> None:
        """`known` is of an index of the same templates over another home."""
        self._intents = intents
        needs = _ListNeeds(intents, lists)
        self._blocks: list[tuple[str, IntentData]] = []
        self._places: list[tuple[int, int, tuple[_Clause, ...]]] = []
        """Of every template its block, its number in the block, and what it must say."""
        self._slim: dict[tuple[int, tuple[int, ...]], IntentData] = {}
        self._spelling = Spelling(intents, lists, known or Known())
        for intent in intents.intents.values():
            for block in intent.data:
                rules = {**intents.expansion_rules, **block.expansion_rules}
                for number, sentence in enumerate(block.sentences):
                    required = set(sentence.get_required_clauses(rules))
                    required |= needs.of(
                        sentence.expression, block.slot_lists, _domains(block.requires_context)
                    )
                    clauses = tuple(sorted(required, key=len))
                    self._places.append((len(self._blocks), number, clauses))
                    self._spelling.add(sentence, block)
                self._blocks.append((intent.name, block))
        self._spelling.finish()

    def candidates(self, text: str) -> Intents:
        """The templates that can say `text`, as `Intents` of their own."""
        from hassil.intents import Intent

        plain, haystack = self._haystack(text)
        present: dict[_Clause, bool] = {}
        possible: dict[int, list[int]] = defaultdict(list)
        for template in _bits(self._spelling.templates(plain)):
            block_number, sentence_number, clauses = self._places[template]
            for clause in clauses:
                here = present.get(clause)
                if here is None:
                    here = present[clause] = any(fragment in haystack for fragment in clause)
                if not here:
                    break
            else:
                possible[block_number].append(sentence_number)
        kept: dict[str, list[IntentData]] = {}
        for block_number, numbers in possible.items():
            name, _ = self._blocks[block_number]
            kept.setdefault(name, []).append(self._with_sentences(block_number, tuple(numbers)))
        return replace(
            self._intents, intents={name: Intent(name, blocks) for name, blocks in kept.items()}
        )

    def _haystack(self, text: str) -> tuple[str, str]:
        """`text` as hassil will match it, and that with and without its skip words and spaces."""
        from hassil.util import CJK_WHITESPACE, normalize_for_matching, remove_skip_words

        plain = normalize_for_matching(text).text
        glued = self._intents.settings.ignore_whitespace
        shorter = remove_skip_words(plain, self._intents.skip_words, glued)
        haystack = f"{plain.casefold()}\n{shorter.casefold()}"
        return plain, f"{haystack}\n{CJK_WHITESPACE.sub('', haystack)}" if glued else haystack

    def _with_sentences(self, block_number: int, numbers: tuple[int, ...]) -> IntentData:
        """The block with some of its sentences, parsed already; the same object every time."""
        key = (block_number, numbers)
        slim = self._slim.get(key)
        if slim is None:
            _, block = self._blocks[block_number]
            slim = replace(block, sentence_texts=[])
            slim.__dict__["sentences"] = [block.sentences[number] for number in numbers]
            if len(self._slim) >= _MOST_KEPT:
                self._slim.clear()
            self._slim[key] = slim
        return slim


class _ListNeeds:
    """What a text must contain for the lists that a template cannot do without."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        from hassil import expression

        self._e = expression
        self._intents = intents
        self._lists = lists
        self._by_list: dict[tuple[str, _Domains], _Clauses] = {}
        self._by_rule: dict[tuple[str, _Domains], _Clauses] = {}

    def of(
        self, expression: Expression, local: Mapping[str, SlotList], domains: _Domains
    ) -> _Clauses:
        """The clauses of `expression`; lists in `local` are passed over.

        Names count only where what bears them is of one of `domains`; none: of any.
        """
        e = self._e
        if isinstance(expression, e.ListReference):
            if expression.list_name in local:
                return _NOTHING
            key = (expression.list_name, domains)
            if key not in self._by_list:
                self._by_list[key] = self._list(*key)
            return self._by_list[key]
        if isinstance(expression, e.RuleReference):
            key = (expression.rule_name, domains)
            if key not in self._by_rule:
                rule = self._intents.expansion_rules.get(expression.rule_name)
                found = self.of(rule.expression, local, domains) if rule else _NOTHING
                self._by_rule[key] = found
            return self._by_rule[key]
        if isinstance(expression, e.Alternative):
            if expression.is_optional or not expression.items:
                return _NOTHING
            branches = [self.of(item, local, domains) for item in expression.items]
            if not all(branches):
                return _NOTHING
            return frozenset({frozenset().union(*(min(b, key=len) for b in branches))})
        if isinstance(expression, e.Group):
            return _NOTHING.union(*(self.of(item, local, domains) for item in expression.items))
        return _NOTHING

    def _list(self, name: str, domains: _Domains) -> _Clauses:
        from hassil.expression import Sentence
        from hassil.intents import RangeSlotList, TextSlotList

        values = self._lists.get(name)
        if isinstance(values, RangeSlotList):
            return _number_fragments(values, self._intents.language)
        if not isinstance(values, TextSlotList):
            return _NOTHING
        fragments: set[str] = set()
        for value in values.values:
            domain = (value.context or {}).get("domain")
            if domains and domain is not None and domain not in domains:
                continue
            sentence = Sentence(expression=value.text_in)
            clauses = sentence.get_required_clauses(self._intents.expansion_rules)
            if not clauses:
                return _NOTHING
            fragments |= min(clauses, key=lambda clause: (len(clause), sorted(clause)))
        return frozenset({frozenset(fragments)})


def _domains(requires_context: Mapping[str, Any]) -> _Domains:
    """The types of device that a block of templates is about; none: any."""
    needed = requires_context.get("domain") if requires_context else None
    if isinstance(needed, dict):
        needed = needed.get("value")
    if needed is None:
        return frozenset()
    return frozenset([needed] if isinstance(needed, str) else needed)


def _number_fragments(numbers: RangeSlotList, language: str) -> _Clauses:
    fragments = set(_DIGITS) if numbers.digits else set()
    fragments |= number_words(numbers, language)
    return frozenset({frozenset(fragments)}) if fragments else _NOTHING


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
