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

from assistant.understanding.clauses import Clause, is_list
from assistant.understanding.spelling import Known, Spelling, number_words

if TYPE_CHECKING:
    from hassil.intents import IntentData, Intents, SlotList

_Domains = frozenset[str]
_Atom = tuple[str, _Domains]
"""A fragment of text, or a list of those things that are of some domains (none: of any)."""
_Fragments = frozenset[str]
_ANY: _Domains = frozenset()
_DIGITS = "0123456789"
_MOST_KEPT = 4096


class Index:
    """The templates of one home by the words they can and must say. Safe to use in a thread."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList], known: Known) -> None:
        """`known` is of all templates of the language, and learns here."""
        self._intents = intents
        self._lists = lists
        self._blocks: list[tuple[str, IntentData]] = []
        self._places: list[tuple[int, int, tuple[tuple[_Atom, ...], ...]]] = []
        """Of every template its block, its number in the block, and what it must say."""
        self._slim: dict[tuple[int, tuple[int, ...]], IntentData] = {}
        self._fragments: dict[_Atom, _Fragments | None] = {}
        """What the lists can say; None: anything."""
        self._needed: dict[tuple[Clause, _Domains], tuple[_Atom, ...]] = {}
        self._spelling = Spelling(intents, lists, known)
        for intent in intents.intents.values():
            for block in intent.data:
                domains = _domains(block.requires_context)
                local = {f"{{{name}}}" for name in block.slot_lists}
                for number, sentence in enumerate(block.sentences):
                    clauses = known.clauses_of(sentence, block)
                    needed = [self._atoms(c, domains) for c in clauses if local.isdisjoint(c)]
                    self._places.append((len(self._blocks), number, tuple(filter(None, needed))))
                    self._spelling.add(sentence, block)
                self._blocks.append((intent.name, block))
        self._spelling.finish()

    def candidates(self, text: str) -> Intents:
        """The templates that can say `text`, as `Intents` of their own."""
        from hassil.intents import Intent

        plain, haystack = self._haystack(text)
        present: dict[tuple[_Atom, ...], bool] = {}
        there: dict[_Atom, bool] = {}
        possible: dict[int, list[int]] = defaultdict(list)
        for template in _bits(self._spelling.templates(plain)):
            block_number, sentence_number, clauses = self._places[template]
            for clause in clauses:
                here = present.get(clause)
                if here is None:
                    here = present[clause] = any(self._says(haystack, a, there) for a in clause)
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

    def _says(self, haystack: str, atom: _Atom, there: dict[_Atom, bool]) -> bool:
        """Whether a text holds what is needed; `there` keeps what was found in it."""
        fragments = self._fragments.get(atom)
        if fragments is None:
            return atom[0] in haystack
        known = there.get(atom)
        if known is None:
            known = there[atom] = any(fragment in haystack for fragment in fragments)
        return known

    def _atoms(self, clause: Clause, domains: _Domains) -> tuple[_Atom, ...]:
        """What a text must contain one of; nothing where it may be anything."""
        key = (clause, domains)
        if key not in self._needed:
            atoms: list[_Atom] = []
            for one in sorted(clause, key=is_list):
                atom = (one, domains if one == "{name}" else _ANY)
                if is_list(one) and self._values(atom) is None:
                    atoms = []
                    break
                atoms.append(atom)
            self._needed[key] = tuple(atoms)
        return self._needed[key]

    def _values(self, atom: _Atom) -> _Fragments | None:
        """For each value of a list a fragment that stands for it; None: it may be anything."""
        if atom not in self._fragments:
            self._fragments[atom] = self._found(self._lists.get(atom[0][1:-1]), atom[1])
        return self._fragments[atom]

    def _found(self, values: SlotList | None, domains: _Domains) -> _Fragments | None:
        from hassil.expression import Sentence, TextChunk
        from hassil.intents import RangeSlotList, TextSlotList

        if isinstance(values, RangeSlotList):
            digits = frozenset(_DIGITS if values.digits else "")
            return digits | number_words(values, self._intents.language) or None
        if not isinstance(values, TextSlotList):
            return None
        found: set[str] = set()
        for value in values.values:
            domain = (value.context or {}).get("domain")
            if domains and domain is not None and domain not in domains:
                continue
            if isinstance(value.text_in, TextChunk) and value.text_in.text.isalnum():
                found.add(value.text_in.text.casefold())
                continue
            sentence = Sentence(expression=value.text_in)
            clauses = sentence.get_required_clauses(self._intents.expansion_rules)
            if not clauses:
                return None
            found |= min(clauses, key=lambda clause: (len(clause), sorted(clause)))
        return frozenset(found)

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


def _domains(requires_context: Mapping[str, Any]) -> _Domains:
    """The types of device that a block of templates is about; none: any."""
    needed = requires_context.get("domain") if requires_context else None
    if isinstance(needed, dict):
        needed = needed.get("value")
    if needed is None:
        return frozenset()
    return frozenset([needed] if isinstance(needed, str) else needed)


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
