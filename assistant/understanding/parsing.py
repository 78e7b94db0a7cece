"""Understanding room: reading the text of sentence templates, each piece of it once.

The grammar is hassil's (https://github.com/OHF-Voice/hassil, `parser.py`, `parse_expression.py`),
and so are the expressions that come of it. Templates of one language repeat one another: of all
their groups, one in three is another one's copy, of the words one in twenty is new. What is
written alike becomes the same object here. Expressions are therefore not to be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hassil.expression import Expression, Group, Sentence, TextChunk
    from hassil.intents import IntentData

_BRACKET = re.compile(r"[()\[\]]")
_TOKEN = re.compile(
    r"(?P<list>\{[^{}<>()\[\]|;]+\})|(?P<rule><[^{}<>()\[\]|;]+>)|(?P<open>[(\[])|(?P<mark>[|;])"
    r"|(?P<word> ?[^ {}<>()\[\]|;]+ *| +)"
)
_LIST = re.compile(r"(?<!\\)\{@?([^{}:]+)")
_RULE = re.compile(r"(?<!\\)<(\w+)>")


class Parser:
    """Parses the templates of one language."""

    def __init__(self) -> None:
        from hassil import expression
        from hassil.util import normalize_text

        self._e = expression
        self._normalised = normalize_text
        self._words: dict[str, TextChunk] = {}
        self._references: dict[tuple[str, bool], Expression] = {}
        self._groups: dict[str, Group] = {}

    def sentence(self, text: str) -> Sentence:
        """What hassil's `parse_sentence` makes of `text`. Raises hassil's `ParseError`."""
        group = None if "\\" in text else self._whole(text.strip())
        if group is None:  # escaped, or malformed: for hassil to say
            return _parsed_by_hassil(text)
        if len(group.items) == 1 and isinstance(group.items[0], self._e.Group):
            group = group.items[0]
        return self._e.Sentence(group, text)

    def fill(self, block: IntentData) -> None:
        """Parse the sentences of `block`, in hassil's order: of those with free text the longest
        first.
        """
        sentences = [self.sentence(text) for text in block.sentence_texts]
        free = block.wildcard_list_names
        if free:
            sentences.sort(
                key=lambda one: -one.text_chunk_count() if free & set(lists_in(one)) else 0
            )
        block.__dict__["sentences"] = sentences

    def _whole(self, text: str) -> Group | None:
        """The group that `text` is without brackets around it, or None: it is not well formed."""
        ends: dict[int, int] = {}
        ahead: list[int] = []
        for found in _BRACKET.finditer(text):
            if found[0] in "([":
                ahead.append(found.start())
            elif ahead and text[ahead[-1]] + found[0] in ("()", "[]"):
                ends[ahead.pop()] = found.end()
            else:
                return None
        return None if ahead or not text else self._inside(text, 0, len(text), ends)

    def _inside(self, text: str, start: int, end: int, ends: dict[int, int]) -> Group | None:
        e = self._e
        group: Group = e.Sequence()
        items = group.items
        while start < end:
            token = _TOKEN.match(text, start, end)
            if token is None:
                return None
            kind, start = token.lastgroup, token.end()
            if kind == "mark":
                wanted = e.Alternative if token[0] == "|" else e.Permutation
                if not isinstance(group, wanted):
                    group = wanted(items=[group])
                last = e.Sequence()
                group.items.append(last)
                items = last.items
                continue
            item: Expression | None
            if kind == "word":
                item = self._word(token[0])
            elif kind == "open":
                start = ends[token.start()]
                item = self._bracketed(text, token.start(), start, ends)
            else:
                item = self._reference(token[0], start < end and text[start].isspace())
            if item is None:
                return None
            items.append(item)
        if isinstance(group, e.Permutation):
            for one in group.items:
                if not isinstance(one, e.Sequence):
                    return None
                one.items = [self._word(" "), *one.items, self._word(" ")]
        return group

    def _bracketed(self, text: str, start: int, end: int, ends: dict[int, int]) -> Group | None:
        known = self._groups.get(text[start:end])
        if known is not None or end - start < 3:
            return known
        group = self._inside(text, start + 1, end - 1, ends)
        if group is not None and text[start] == "[":
            if not isinstance(group, self._e.Alternative):
                group = self._e.Alternative(items=[group])
            group.is_optional = True
            group.items.append(self._word(""))
        if group is not None:
            self._groups[text[start:end]] = group
        return group

    def _word(self, text: str) -> TextChunk:
        known = self._words.get(text)
        if known is None:
            known = self._words[text] = self._e.TextChunk(self._normalised(text), text)
        return known

    def _reference(self, text: str, ends_word: bool) -> Expression:
        known = self._references.get((text, ends_word))
        if known is None:
            e, name = self._e, text[1:-1]
            known = (
                e.ListReference(name, is_end_of_word=ends_word)
                if text[0] == "{"
                else e.RuleReference(name)
            )
            self._references[text, ends_word] = known
        return known


def _parsed_by_hassil(text: str) -> Sentence:
    from hassil.parse_expression import parse_sentence
    from hassil.parser import ParseError

    try:
        return parse_sentence(text, keep_text=True)
    except AssertionError as error:
        raise ParseError(f"nothing is said in: {text}") from error


def lists_in(sentence: Sentence) -> Iterable[str]:
    """The lists that a template names itself."""
    return _LIST.findall(sentence.text or "")


def rules_in(sentence: Sentence) -> Iterable[str]:
    """The rules that a template names itself."""
    return _RULE.findall(sentence.text or "")
