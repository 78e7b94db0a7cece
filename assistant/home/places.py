"""By which words the areas of a home are known, and which of them a device's name mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


class Places:
    """The names of all areas. Of two areas with the same name, the one added first has it."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._mentioned: dict[tuple[str, ...], str] = {}
        self._most_words = 0

    def add(self, area_id: str, names: Iterable[str]) -> None:
        """An area is called by its id and by each of `names`."""
        self._named.setdefault(area_id.casefold(), area_id)
        for name in names:
            self._named.setdefault(name.casefold(), area_id)
            if words := _words(name):
                self._mentioned.setdefault(words, area_id)
                self._most_words = max(self._most_words, len(words))

    def named(self, name: str) -> str | None:
        """The id of the area whose id, name or alias is `name`, whatever its case."""
        return self._named.get(name.casefold())

    def mentioned(self, name: str) -> str | None:
        """The id of the area that `name` contains, as whole words.

        The longest wins ("Guest room lamp" is in the guest room, not in the guest house), and of
        equally long ones the first.
        """
        words = _words(name)
        for length in range(min(self._most_words, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                if area := self._mentioned.get(words[start : start + length]):
                    return area
        return None


def identifier(name: str) -> str:
    """An id made from a name: "Living room" is living_room."""
    signs = "".join(sign if sign.isalnum() else "_" for sign in name.casefold()).strip("_")
    return signs or name


def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(name.casefold()))
