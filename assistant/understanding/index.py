"""Understanding room: which templates can match a text at all, found without trying them.

hassil knows the literal fragments each template requires; testing every fragment once per text
and comparing bit masks leaves a few dozen templates of two thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Sentence
    from hassil.intents import IntentData, Intents

_Entry = tuple[int, "Sentence"]


class Index:
    """The templates of one home by the fragments they require. Read-only once built."""

    def __init__(self, intents: Intents) -> None:
        from hassil.util import remove_skip_words

        self._intents = intents
        self._without_skip_words = remove_skip_words
        self._bits: dict[str, int] = {}
        clauses: dict[frozenset[str], int] = {}
        self._blocks: list[tuple[str, IntentData, tuple[_Entry, ...]]] = []
        for intent in intents.intents.values():
            for block in intent.data:
                rules = {**intents.expansion_rules, **block.expansion_rules}
                entries = tuple(
                    (_mask(sentence.get_required_clauses(rules), clauses), sentence)
                    for sentence in block.sentences
                )
                self._blocks.append((intent.name, block, entries))
        self._clauses = tuple((tuple(clause), bit) for clause, bit in clauses.items())

    def candidates(self, text: str) -> Intents:
        """`intents` with only the templates whose required fragments occur in `text`."""
        from hassil.intents import Intent
        from hassil.util import CJK_WHITESPACE, normalize_for_matching

        plain = normalize_for_matching(text).text
        glued = self._intents.settings.ignore_whitespace
        shorter = self._without_skip_words(plain, self._intents.skip_words, glued)
        haystack = f"{plain.casefold()}\n{shorter.casefold()}"
        if glued:
            haystack += "\n" + CJK_WHITESPACE.sub("", haystack)
        absent = 0
        for fragments, bit in self._clauses:
            if not any(fragment in haystack for fragment in fragments):
                absent |= bit
        kept: dict[str, list[IntentData]] = {}
        for name, block, entries in self._blocks:
            possible = [sentence for mask, sentence in entries if not mask & absent]
            if possible:
                kept.setdefault(name, []).append(_with_sentences(block, possible))
        intents = {name: Intent(name, blocks) for name, blocks in kept.items()}
        return replace(self._intents, intents=intents)


def _mask(required: Iterable[frozenset[str]], clauses: dict[frozenset[str], int]) -> int:
    mask = 0
    for clause in required:
        mask |= clauses.setdefault(clause, 1 << len(clauses))
    return mask


def _with_sentences(block: IntentData, sentences: list[Sentence]) -> IntentData:
    slim = replace(block, sentence_texts=[])
    slim.__dict__["sentences"] = sentences
    return slim
