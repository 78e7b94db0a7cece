"""Understanding room: a list of many names, made anew whenever the home changes."""

from __future__ import annotations

from hassil.intents import TextSlotList, TextSlotValue
from hassil.util import fold_case


class SpokenList(TextSlotList):
    """hassil's list of plain texts, looked up by whole texts: made in a tenth of a trie's time."""

    def __init__(self, name: str, values: list[TextSlotValue]) -> None:
        """Every value has a `TextChunk`."""
        super().__init__(name=name, values=values)
        self._by_text: dict[str, list[TextSlotValue]] = {}
        for value in values:
            text = fold_case(value.text_in.text.lstrip())  # type: ignore[attr-defined]
            if text:
                self._by_text.setdefault(text, []).append(value)
        self._lengths = sorted({len(text) for text in self._by_text})

    def get_candidates(self, text: str) -> list[TextSlotValue]:
        """The values that `text` begins with, the shortest first."""
        said = fold_case(text)
        broken = said.replace("-", " ").replace("_", " ")
        return [
            value
            for form in dict.fromkeys((said, broken))
            for length in self._lengths
            for value in self._by_text.get(form[:length], ())
        ]
