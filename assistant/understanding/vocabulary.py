"""Understanding room: what may be said in this home, for recognizers that can be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import TYPE_CHECKING

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.understanding.language import LanguageData
from assistant.understanding.times.spoken_time import SpokenTimes

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import Intents, SlotList

_MOST_PHRASES = 40
_PIECE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_CLAUSE = re.compile(r"[\u4e00-\u9fff]{5,}")
"""So many ideographs are no word of a recognizer's lexicon, but several."""
_LARGEST_JOIN = 1500
_DEEPEST = 12
_NOTHING = frozenset({""})


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
    return sorted(collector.found)


class _Words:
    """Walks expressions; literal pieces without a space between them are one word."""

    def __init__(self, intents: Intents, lists: Mapping[str, SlotList]) -> None:
        self._intents = intents
        self._lists = lists
        self._cache: dict[str, frozenset[str]] = {}
        self._numbers: set[float] = set()
        self._largest_join = 0 if intents.settings.ignore_whitespace else _LARGEST_JOIN
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
        for form in self._forms(expression, 0):
            self.text(form)

    def _forms(self, expression: Expression, depth: int) -> frozenset[str]:
        """Texts that between them show every word of `expression`, and how it begins and ends."""
        from hassil import expression as e

        if depth > _DEEPEST:
            return _NOTHING
        if isinstance(expression, e.TextChunk):
            return frozenset({expression.text})
        if isinstance(expression, e.ListReference):
            name = expression.list_name
            return self._cached(f"{{{name}}}", lambda: self._list(name, depth))
        if isinstance(expression, e.RuleReference):
            rule = self._intents.expansion_rules.get(expression.rule_name)
            if rule is None:
                return _NOTHING
            body = rule.expression
            key = f"<{expression.rule_name}>"
            return self._cached(key, lambda: self._forms(body, depth + 1))
        if isinstance(expression, e.Alternative):
            return _NOTHING.union(*(self._forms(item, depth + 1) for item in expression.items))
        if isinstance(expression, e.Group):
            return self._sequence([self._forms(item, depth + 1) for item in expression.items])
        return _NOTHING

    def _cached(self, key: str, make: Callable[[], frozenset[str]]) -> frozenset[str]:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def _sequence(self, items: list[frozenset[str]]) -> frozenset[str]:
        open_ends: frozenset[str] = _NOTHING
        for item in items:
            forms = item
            if len(open_ends) * len(forms) > self._largest_join:
                self._settle(open_ends)
                open_ends = _NOTHING
            if len(forms) > self._largest_join:
                self._settle(forms)
                forms = _NOTHING
            joined = {a + b for a, b in product(open_ends, forms)}
            open_ends = frozenset(self._settled(joined))
        return open_ends

    def _settled(self, forms: Iterable[str]) -> Iterable[str]:
        """Keep only a form's first and last word; what stands between is complete already."""
        for form in forms:
            words = form.split(" ")
            if len(words) > 3:
                self._settle(words[1:-1])
                yield f"{words[0]} {words[-1]}"
            else:
                yield form

    def _settle(self, forms: Iterable[str]) -> None:
        for form in forms:
            self.text(form)

    def _list(self, name: str, depth: int) -> frozenset[str]:
        from hassil.intents import RangeSlotList, TextSlotList

        values = self._lists.get(name)
        if isinstance(values, TextSlotList):
            return _NOTHING.union(*(self._forms(v.text_in, depth + 1) for v in values.values))
        if isinstance(values, RangeSlotList) and values.words:
            for number in values.get_numbers():
                self._number(number)
        return frozenset({" "})

    def _number(self, number: float) -> None:
        if number in self._numbers:
            return
        self._numbers.add(number)
        from hassil.numbers import get_rbnf_engine

        try:
            result = get_rbnf_engine(self._intents.language).format_number(number)
        except ValueError:
            return
        for words in result.text_by_ruleset.values():
            self.text(words.replace("-", " "))
