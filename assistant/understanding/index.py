"""Understanding room: which templates can match a text at all, found without trying them.

A template is left out where the text has a word that it cannot say, begins or ends as it cannot,
or lacks a fragment that it must say (a literal, or one of the values of a list: a name of the
home, a number). The words are looked up in bit sets over all templates, which leaves a handful.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.understanding.clauses import Clause, is_list
from assistant.understanding.names import HOME_LISTS
from assistant.understanding.outline import NUMBER, Outline

if TYPE_CHECKING:
    from hassil.intents import IntentData, Intents, SlotList

_Domains = frozenset[str]
_Atom = tuple[str, _Domains]
"""A fragment of text, or a list of those things that are of some domains (none: of any)."""
_Needed = tuple[tuple[_Atom, ...], ...]
"""Of each of which a text must contain one."""
_Fragments = frozenset[str]
_ANY: _Domains = frozenset()
_MOST_KEPT = 4096


class Index:
    """The templates of a language by the words they can and must say in one home.

    Safe to use in a thread.
    """

    def __init__(self, outline: Outline, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        """`outline` is of `intents`, `lists` are those and the home's."""
        self.outline = outline
        self._intents = intents
        self._slim: dict[tuple[int, tuple[int, ...]], IntentData] = {}
        self._fragments: dict[_Atom, _Fragments | None] = {}
        """What the lists can say; None: anything."""
        self._atoms_of: dict[tuple[Clause, _Domains], tuple[_Atom, ...]] = {}
        self._needed: dict[int, _Needed] = {}
        self._sayable: dict[str, int] = {}
        self._skipped = frozenset(
            piece for word in intents.skip_words for piece in outline.split(word)
        )
        here = {name: _Spoken(lists.get(name), outline) for name in HOME_LISTS}
        self._here = here
        self._says = outline.says.filled({name: spoken.says for name, spoken in here.items()})
        self._begins = outline.begins.filled({name: spoken.begins for name, spoken in here.items()})
        self._ends = outline.ends.filled({name: spoken.ends for name, spoken in here.items()})

    def of_intents(self, names: Collection[str]) -> int:
        """The templates of these intents, as a bit set."""
        blocks = zip(self.outline.blocks, self.outline.of_block, strict=True)
        return sum(bits for (name, _), bits in blocks if name in names)

    def candidates(self, text: str, among: int) -> Intents:
        """Those templates of the bit set `among` that can say `text`, as `Intents`."""
        from hassil.intents import Intent

        plain, haystack = self._haystack(text)
        present: dict[tuple[_Atom, ...], bool] = {}
        there: dict[_Atom, bool] = {}
        possible: dict[int, list[int]] = defaultdict(list)
        for template in _bits(self._made_of(self.outline.split(plain), among)):
            for clause in self._needed.get(template) or self._what_needs(template):
                here = present.get(clause)
                if here is None:
                    here = present[clause] = any(self._holds(haystack, a, there) for a in clause)
                if not here:
                    break
            else:
                block_number, number = self.outline.places[template]
                possible[block_number].append(number)
        kept: dict[str, list[IntentData]] = {}
        for block_number, numbers in possible.items():
            name, _ = self.outline.blocks[block_number]
            kept.setdefault(name, []).append(self._with_sentences(block_number, tuple(numbers)))
        return replace(
            self._intents, intents={name: Intent(name, blocks) for name, blocks in kept.items()}
        )

    def _made_of(self, words: list[str], among: int) -> int:
        """The templates that have every word, and can begin and end with the first and the last."""
        possible = among & self._with_edge(words) & self._with_edge(words[::-1], last=True)
        for word in words:
            if not possible:
                break
            if word not in self._skipped:
                possible &= self._that_say(word) | self._says.anything
        return possible

    def _with_edge(self, words: Iterable[str], *, last: bool = False) -> int:
        edge = self._ends if last else self._begins
        possible = edge.anything
        for word in words:
            for length in range(1, len(word) + 1):
                piece = word[-length:] if last else word[:length]
                possible |= edge.pieces.get(piece, 0)
            if word not in self._skipped:
                break
        return possible

    def _that_say(self, word: str) -> int:
        pieces = self._says.pieces
        if word == NUMBER:
            return pieces.get(NUMBER, 0)
        known = self._sayable.get(word)
        if known is None:
            reached = [-1, *[0] * len(word)]
            for end in range(1, len(word) + 1):
                for start in range(end):
                    if reached[start]:
                        reached[end] |= reached[start] & pieces.get(word[start:end], 0)
            known = reached[-1]
            if len(self._sayable) >= _MOST_KEPT:
                self._sayable.clear()
            self._sayable[word] = known
        return known

    def _holds(self, haystack: str, atom: _Atom, there: dict[_Atom, bool]) -> bool:
        """Whether a text holds what is needed; `there` keeps what was found in it."""
        if not is_list(atom[0]):
            return atom[0] in haystack
        known = there.get(atom)
        if known is None:
            fragments = self._values(atom) or ()
            known = there[atom] = any(fragment in haystack for fragment in fragments)
        return known

    def _what_needs(self, template: int) -> _Needed:
        """What a text must contain for a template in this home."""
        block_number, _ = self.outline.places[template]
        domains = domains_of(self.outline.blocks[block_number][1])
        needed = (self._atoms(clause, domains) for clause in self.outline.needed(template))
        found = self._needed[template] = tuple(filter(None, needed))
        return found

    def _atoms(self, clause: Clause, domains: _Domains) -> tuple[_Atom, ...]:
        """What a text must contain one of; nothing where it may be anything."""
        key = (clause, domains)
        if key not in self._atoms_of:
            atoms: list[_Atom] = []
            for one in sorted(clause, key=is_list):
                atom = (one, domains if one == "{name}" else _ANY)
                if is_list(one) and self._values(atom) is None:
                    atoms = []
                    break
                atoms.append(atom)
            self._atoms_of[key] = tuple(atoms)
        return self._atoms_of[key]

    def _values(self, atom: _Atom) -> _Fragments | None:
        """For each value of a list a fragment that stands for it; None: it may be anything."""
        if atom not in self._fragments:
            self._fragments[atom] = self._found(atom[0][1:-1], atom[1])
        return self._fragments[atom]

    def _found(self, name: str, domains: _Domains) -> _Fragments | None:
        own, here = self.outline.fragments(name), self._here.get(name)
        if own is None or here is None:
            return own
        some = here.fragments_of(domains)
        return None if some is None else own | some

    def _haystack(self, text: str) -> tuple[str, str]:
        """`text` as hassil will match it, and that with and without its skip words and spaces."""
        from hassil.util import (
            CJK_WHITESPACE,
            fold_case,
            normalize_for_matching,
            remove_skip_words,
        )

        plain = normalize_for_matching(text).text
        glued = self._intents.settings.ignore_whitespace
        shorter = remove_skip_words(plain, self._intents.skip_words, glued)
        haystack = f"{fold_case(plain)}\n{fold_case(shorter)}"
        return plain, f"{haystack}\n{CJK_WHITESPACE.sub('', haystack)}" if glued else haystack

    def _with_sentences(self, block_number: int, numbers: tuple[int, ...]) -> IntentData:
        """The block with some of its sentences, parsed already; the same object every time."""
        key = (block_number, numbers)
        slim = self._slim.get(key)
        if slim is None:
            _, block = self.outline.blocks[block_number]
            slim = replace(block, sentence_texts=[])
            slim.__dict__["sentences"] = [block.sentences[number] for number in numbers]
            if len(self._slim) >= _MOST_KEPT:
                self._slim.clear()
            self._slim[key] = slim
        return slim


def domains_of(block: IntentData) -> frozenset[str]:
    """The types of device that a block of templates is about; none: any."""
    needed: Any = block.requires_context.get("domain") if block.requires_context else None
    if isinstance(needed, dict):
        needed = needed.get("value")
    if needed is None:
        return frozenset()
    return frozenset([needed] if isinstance(needed, str) else needed)


class _Spoken:
    """What the values that a home puts into a list can say, begin and end with."""

    __slots__ = ("begins", "ends", "fragments", "says")

    def __init__(self, values: SlotList | None, outline: Outline) -> None:
        from hassil.expression import TextChunk
        from hassil.intents import TextSlotList

        begins, ends = set[str](), set[str]()
        fragments: dict[str | None, set[str]] = defaultdict(set)
        sure: dict[str, str] = {}
        for value in values.values if isinstance(values, TextSlotList) else ():
            if isinstance(value.text_in, TextChunk):
                words = value.text_in.text.split() or [""]
                begins.add(words[0])
                ends.add(words[-1])
                for word in words:
                    if word not in sure:
                        sure[word] = outline.clauses.fragment(word)
                telling = max(map(sure.__getitem__, words), key=len)
                fragments[(value.context or {}).get("domain")].add(telling)
        pieces = {word: outline.split(word) for word in sure}
        vague = not all(pieces[word] for word in begins | ends)
        self.says = {piece for some in pieces.values() for piece in some}
        self.begins = None if vague else {pieces[word][0] for word in begins}
        self.ends = None if vague else {pieces[word][-1] for word in ends}
        self.fragments = fragments
        """By domain, of each value what a text must hold; empty: nothing."""

    def fragments_of(self, domains: _Domains) -> _Fragments | None:
        """Of each value of `domains` a fragment that a text with it holds; None: any text."""
        known = self.fragments
        some = domains | {None} if domains else known.keys()
        found = frozenset[str]().union(*(known[domain] for domain in some if domain in known))
        return None if "" in found else found


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
