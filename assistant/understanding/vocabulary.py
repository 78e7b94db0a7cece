"""Understanding room: what may be said in this home, for recognizers that can be told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.understanding.language import LanguageData
from assistant.understanding.spelled import number_words
from assistant.understanding.times.spoken_time import SpokenTimes

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import Intents, SlotList

_MOST_PHRASES = 40
_PIECE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_CLAUSE = re.compile(r"[\u4e00-\u9fff]{5,}")
"""So many ideographs are no word of a recognizer's lexicon, but several."""
_COMPOUND = re.compile(r"[\u4e00-\u9fff]{4}|[\uac00-\ud7a3]{6,}")
"""What may be two words written as one, of which a recognizer's lexicon has each."""
_LARGEST_JOIN = 1500


def typical_phrases(data: LanguageData, home: Home) -> list[str]:
    """The language's typical requests with this home's own names in them, best first."""
    by_kind: dict[str, list[str]] = {}
    for device in home.devices.values():
        if device.exposed:
            by_kind.setdefault(device.type, []).append(_sayable(device))
    by_kind["area"] = [area.name for area in home.areas.values()]
    unused = {kind: list(dict.fromkeys(names)) for kind, names in by_kind.items()}
    phrases = []
    for template in data.phrases:
        phrase = _filled(template, unused, by_kind)
        if phrase:
            phrases.append(phrase)
    left = [name for kind in sorted(unused) for name in unused[kind]]
    while left and len(phrases) < _MOST_PHRASES:
        phrases.append(", ".join(left[:4]))
        left = left[4:]
    return phrases[:_MOST_PHRASES]


def _sayable(device: Device) -> str:
    return device.name.replace("_", " ")


def _filled(
    template: str, unused: dict[str, list[str]], all_names: Mapping[str, list[str]]
) -> str | None:
    for kind in re.findall(r"{(\w+)}", template):
        if not all_names.get(kind):
            return None
        name = unused[kind].pop(0) if unused.get(kind) else all_names[kind][0]
        template = template.replace(f"{{{kind}}}", name, 1)
    return template


def words_of(
    intents: Intents,
    lists: Mapping[str, SlotList],
    data: LanguageData,
    times: SpokenTimes | None = None,
) -> list[str]:
    """Every single word of a template of `intents`, a name of `lists`, a number or a time."""
    collector = _Words(intents, lists)
    for intent in intents.intents.values():
        for block in intent.data:
            for sentence in block.sentences:
                collector.add(sentence.expression)
    for phrase in (*data.yes, *data.no, *intents.skip_words, *data.leading, *data.trailing):
        collector.text(phrase)
    for word in times.words() if times is not None else ():
        collector.text(word)
    found = collector.found
    return sorted(word for word in found if not _is_two_of(word, found))


def _is_two_of(word: str, found: Collection[str]) -> bool:
    """Whether `word` is two others of at least two signs, which may follow one another anyway."""
    if not _COMPOUND.fullmatch(word):
        return False
    return any(word[:at] in found and word[at:] in found for at in range(2, len(word) - 1))


@dataclass(frozen=True, slots=True)
class _Ends:
    """The pieces of words at either end of what an expression says: a word may go on there."""

    whole: frozenset[str] = frozenset()
    """Where it says no space."""
    first: frozenset[str] = frozenset()
    """Up to the first space."""
    last: frozenset[str] = frozenset()
    """Behind the last."""


_NOTHING = _Ends(frozenset({""}))
_SPACE = _Ends(first=frozenset({""}), last=frozenset({""}))


class _Words:
    """Walks expressions; literal pieces without a space between them are one word.

    Groups that are written alike are the same object, and walked through once.
    """

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        from hassil import expression

        self._e = expression
        self._intents = intents
        self._lists = lists
        self._known: dict[int | str, _Ends] = {}
        self._glued = intents.settings.ignore_whitespace
        self.found: set[str] = set()

    def text(self, text: str) -> None:
        """Add the words of a plain text."""
        self.found.update(
            word.casefold()
            for word in _PIECE.findall(text)
            if not (_DIGIT.search(word) or _CLAUSE.fullmatch(word))
        )

    def add(self, expression: Expression) -> None:
        """Add the words of a template."""
        ends = self._ends(expression)
        self._settle(ends.whole | ends.first | ends.last)

    def _ends(self, expression: Expression) -> _Ends:
        """How `expression` begins and ends; the words between are added."""
        if isinstance(expression, self._e.TextChunk):
            return self._of_text(expression.text)
        key: int | str = id(expression)
        if isinstance(expression, self._e.ListReference):
            key = f"{{{expression.list_name}}}"
        elif isinstance(expression, self._e.RuleReference):
            key = f"<{expression.rule_name}>"
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._found_in(expression)
        return known

    def _found_in(self, expression: Expression) -> _Ends:
        e = self._e
        if isinstance(expression, e.ListReference):
            return self._of_list(self._lists.get(expression.list_name))
        if isinstance(expression, e.RuleReference):
            rule = self._intents.expansion_rules.get(expression.rule_name)
            return self._ends(rule.expression) if rule is not None else _NOTHING
        if isinstance(expression, e.Alternative):
            return _any_of(map(self._ends, expression.items))
        if isinstance(expression, e.Group):
            return reduce(self._joined, map(self._ends, expression.items), _NOTHING)
        return _NOTHING

    def _of_text(self, text: str) -> _Ends:
        if self._glued:  # where a word ends nobody can say: each piece is one
            self.text(text)
            return _SPACE
        first, *between = re.split(r"\s+", text)
        if not between:
            return _Ends(frozenset({first}))
        self._settle(between[:-1])
        return _Ends(first=frozenset({first}), last=frozenset({between[-1]}))

    def _joined(self, left: _Ends, right: _Ends) -> _Ends:
        self._settle(self._glue(left.last, right.first))
        return _Ends(
            self._glue(left.whole, right.whole),
            left.first | self._glue(left.whole, right.first),
            right.last | self._glue(left.last, right.whole),
        )

    def _glue(self, left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
        if len(left) * len(right) > _LARGEST_JOIN:
            self._settle(left | right)
            return frozenset({""})
        return frozenset(a + b for a in left for b in right)

    def _settle(self, words: Iterable[str]) -> None:
        for word in words:
            self.text(word)

    def _of_list(self, values: SlotList | None) -> _Ends:
        from hassil.intents import RangeSlotList, TextSlotList

        if isinstance(values, TextSlotList):
            return _any_of(self._ends(value.text_in) for value in values.values)
        if isinstance(values, RangeSlotList):
            self._settle(number_words(values, self._intents.language))
        return _SPACE


def _any_of(several: Iterable[_Ends]) -> _Ends:
    ways = list(several)
    return _Ends(
        frozenset[str]().union(*(way.whole for way in ways)),
        frozenset[str]().union(*(way.first for way in ways)),
        frozenset[str]().union(*(way.last for way in ways)),
    )
