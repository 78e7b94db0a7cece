"""Understanding room: several requests in one breath, taken apart so that every part counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.types import Intent
from assistant.understanding.language import LanguageData

Reader = Callable[[str], Intent | None]

_MOST_SEPARATORS = 6
_MOST_READINGS = 18


@dataclass(frozen=True, slots=True)
class Splitter:
    """Where one language's requests may be joined."""

    separator: re.Pattern[str]
    articles: re.Pattern[str]
    pronouns: re.Pattern[str] | None
    """Words for what was named just before: "turn on the lamp and make it red"."""
    names: frozenset[str]
    """Casefolded names, areas and floors that a conjunction may join: "the TV and the lamp"."""
    longest_name: int
    """Words in the longest of them."""

    @classmethod
    def of(cls, data: LanguageData, names: frozenset[str]) -> Splitter:
        """For the language of `data` and a home's `names`."""
        words = "|".join(re.escape(w) for w in sorted(data.conjunctions, key=len, reverse=True))
        marks = r"\s*[,;.!?。，、！？](?!\d)\s*"
        joined = rf"(?:{marks}|\s+)(?:{words})\s+|{marks}" if words else marks
        articles = "|".join(re.escape(w) for w in sorted(data.articles, key=len, reverse=True))
        pronouns = "|".join(re.escape(w) for w in data.pronouns)
        return cls(
            re.compile(joined, re.IGNORECASE),
            re.compile(rf"^(?:(?:{articles})\s+)+" if articles else r"^\b\B", re.IGNORECASE),
            re.compile(rf"\b(?:{pronouns})\b", re.IGNORECASE) if pronouns else None,
            names,
            max((len(name.split()) for name in names), default=0),
        )


class _Budget:
    def __init__(self, read: Reader) -> None:
        self._read = read
        self._left = _MOST_READINGS
        self._known: dict[str, Intent | None] = {}

    def __call__(self, text: str) -> Intent | None:
        text = text.strip()
        if text not in self._known:
            if self._left <= 0 or not text:
                return None
            self._left -= 1
            self._known[text] = self._read(text)
        return self._known[text]


def read_all(text: str, read: Reader, splitter: Splitter) -> tuple[Intent, ...]:
    """The intents of `text` in spoken order: one, several, or none.

    Several only where every part is understood; a part left over makes nothing of the whole.
    """
    once = _Budget(read)
    whole = once(text)
    if whole is not None:
        return (whole,)
    if len(splitter.separator.findall(text)) > _MOST_SEPARATORS:
        return ()
    return _parts(text, once, splitter, "")


def _parts(text: str, read: Reader, splitter: Splitter, verb: str) -> tuple[Intent, ...]:
    whole = read(text) or (read(f"{verb} {text}") if verb else None)
    if whole is not None:
        return (whole,)
    for separator in splitter.separator.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        first = read(left) or (read(f"{verb} {left}") if verb else None)
        if first is None:
            continue
        named = str(first.slots.get("name", ""))
        if named and splitter.pronouns is not None:
            right = splitter.pronouns.sub(lambda _, name=named: name, right)  # type: ignore[misc]
        rest = _parts(right, read, splitter, _verb(left, first) or verb)
        if rest:
            return (first, *rest)
    for one, other in _shared(text, splitter):
        first_parts = _parts(one, read, splitter, verb)
        if not first_parts:
            continue
        other_parts = _parts(other, read, splitter, verb)
        if other_parts:
            return (*first_parts, *other_parts)
    return ()


def _verb(text: str, intent: Intent) -> str:
    """What stands before the name or place in `text`: the part that a next object inherits."""
    lowered = text.casefold()
    starts = [
        lowered.find(str(intent.slots[slot]).casefold())
        for slot in ("name", "area", "floor")
        if slot in intent.slots
    ]
    found = [start for start in starts if start > 0]
    if not found:
        return ""
    words = text[: min(found)].split()
    while words and words[-1].casefold() in {"the", "my", "our", "all", "of"}:
        words.pop()
    return " ".join(words)


def _shared(text: str, splitter: Splitter) -> Iterator[tuple[str, str]]:
    """Readings of "A X and Y B" as "A X B" and "A Y B", where X and Y are names of the home.

    The last words of Y may belong to X too: "the left and right blind".
    """
    for separator in splitter.separator.finditer(text):
        left = text[: separator.start()].split()
        after = splitter.articles.sub("", text[separator.end() :]).split()
        for y_count in range(min(splitter.longest_name, len(after)), 0, -1):
            y, behind = after[:y_count], after[y_count:]
            if not _is_name(y, splitter):
                continue
            for shared in range(y_count - 1, -1, -1):
                tail = y[y_count - shared :]
                for x_count in range(min(splitter.longest_name, len(left)), 0, -1):
                    x, before = [*left[-x_count:], *tail], left[:-x_count]
                    if _is_name(x, splitter):
                        yield " ".join([*before, *x, *behind]), " ".join([*before, *y, *behind])


def _is_name(words: list[str], splitter: Splitter) -> bool:
    return " ".join(words).casefold() in splitter.names
