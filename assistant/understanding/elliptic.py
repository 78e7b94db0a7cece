"""Understanding room: what a further request leaves out because the one before it said it.

"Lights off in the kitchen and on in the hallway", "open the left blind and close the right one",
"a timer for five minutes and another for ten": the words that are missing are taken from the
request before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.home.model import Home
from assistant.types import Intent
from assistant.understanding.language import LanguageData

_LONGEST_MODIFIER = 2
_SETTINGS = frozenset({
    "HassLightSet", "HassFanSetSpeed", "HassTurnOn", "HassClimateSetTemperature", "HassSetVolume",
    "HassHumidifierSetpoint", "AssistantSetHvacMode",
})  # fmt: skip
"""What several values of one thing are set by."""

VALUE_OF = {
    "HassLightSet": "brightness", "HassClimateSetTemperature": "temperature",
    "HassSetPosition": "position", "HassFanSetSpeed": "percentage",
    "HassSetVolume": "volume_level", "HassHumidifierSetpoint": "humidity",
}  # fmt: skip
"""The slot of what is set, by intent: of "the bedroom to 19" the 19."""
_PLACE = frozenset({"area", "floor"})


@dataclass(frozen=True, slots=True)
class Elliptic:
    """One language's ways to leave words out, over the names of one home."""

    articles: frozenset[str]
    prepositions: frozenset[str]
    particles: frozenset[str]
    """"On", "off", "open": what is done, in a word."""
    ones: frozenset[str]
    """"One", "ones" in the place of what was named."""
    another: tuple[str, ...]
    another_is: Mapping[str, str]
    names: frozenset[str]
    """Casefolded names of devices and places."""
    places: frozenset[str]
    tells_what: frozenset[str]
    """Units, and words for lights: what a value is of."""

    @classmethod
    def of(cls, data: LanguageData, names: frozenset[str], places: frozenset[str]) -> Elliptic:
        """For the language of `data` and a home's `names` and `places`."""
        return cls(
            frozenset(map(str.casefold, data.articles)),
            frozenset(map(str.casefold, data.prepositions)),
            frozenset(map(str.casefold, data.particles)),
            frozenset(map(str.casefold, data.ones)),
            tuple(sorted(map(str.casefold, data.another), key=len, reverse=True)),
            data.another_is, names, places,
            frozenset(map(str.casefold, (*data.units, *data.lights, *data.singular))),
        )  # fmt: skip

    def whole(self, right: str, left: str, first: Intent) -> Iterator[str]:
        """What `right` may be in full after the request `left`, which means `first`."""
        yield from self._another(right, first)
        words, before = right.split(), left.split()
        yield from self._of_the_kind(words, before)
        yield from self._there_too(words, before)
        if first.name in _SETTINGS:
            yield from self._another_value(words, before)

    def of_the_same(self, first: Intent, then: Intent, said: str) -> Intent:
        """`then`, of a mere place, as what `first` set: "heating to 21 and the bedroom to 19"."""
        slot, other = VALUE_OF.get(first.name), VALUE_OF.get(then.name)
        told = not self.tells_what.isdisjoint(said.casefold().replace("%", " % ").split())
        mere = then.slots.keys() - _PLACE - {"domain"} == {other}
        if slot not in first.slots or then.name == first.name or not mere or told:
            return then
        kept = {k: v for k, v in first.slots.items() if k in ("domain", "device_class")}
        place = {k: v for k, v in then.slots.items() if k in _PLACE}
        slots = {**kept, **place, str(slot): then.slots[str(other)]}
        return replace(first, slots=slots, device_ids=(), text=then.text)

    def _another(self, right: str, first: Intent) -> Iterator[str]:
        begun = self.another_is.get(first.name)
        for word in self.another if begun else ():
            if right.casefold().startswith(f"{word} "):
                yield f"{begun} {right[len(word) + 1 :]}"

    def of_the_kind(self, text: str, home: Home, ids: Iterable[str]) -> Iterator[str]:
        """ "The left blind up again" for "the left up again" after the devices with the `ids`."""
        devices = [home.devices[i] for i in ids if i in home.devices]
        for name in dict.fromkeys(name for device in devices for name in device.names):
            yield from self._of_the_kind(text.split(), name.split())

    def _of_the_kind(self, words: Sequence[str], before: Sequence[str]) -> Iterator[str]:
        """ "Close the right one" after "the left blind"."""
        kinds = {before[end - 1].casefold() for _, end in self._spans(before, self.names)}
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST_MODIFIER, len(words)) + 1):
                said = " ".join(words[start:end]).casefold()
                for kind in sorted(kinds):
                    if said in self.names or f"{said} {kind}" not in self.names:
                        continue
                    behind = words[end:]
                    if behind and behind[0].casefold() in self.ones:
                        behind = behind[1:]
                    yield " ".join([*words[:end], kind, *behind])

    def _there_too(self, words: Sequence[str], before: Sequence[str]) -> Iterator[str]:
        """ "On in the hallway" after "lights off in the kitchen"."""
        here, there = self._place_in(words), self._place_in(before)
        if here is None or there is None:
            return
        rest = [*words[: here[0]], *words[here[1] :]]
        done = [i for i, word in enumerate(before) if word.casefold() in self.particles]
        done = [i for i in done if not there[0] <= i < there[1]]
        if len(rest) != 1 or rest[0].casefold() not in self.particles or len(done) != 1:
            return
        place = list(words[here[0] : here[1]])
        meant = [rest[0] if i == done[0] else word for i, word in enumerate(before)]
        yield " ".join([*meant[: there[0]], *place, *meant[there[1] :]])

    def _another_value(self, words: Sequence[str], before: Sequence[str]) -> Iterator[str]:
        """ "Set the lamp to 40%" for the "40%" of "set the lamp to red and 40%"."""
        named = self._spans(before, self.names)
        next_part = (i for i, word in enumerate(words, 1) if word.endswith(","))
        things = [s for s in named if " ".join(before[s[0] : s[1]]).casefold() not in self.places]
        if len(things or named) != 1 or len(named) > _LONGEST_MODIFIER:
            return
        if self._spans(words[: next(next_part, len(words))], self.names):
            return
        start, end = named[0][0], named[-1][1]
        for kept in range(min(len(before), end + 1), end - 1, -1):
            yield " ".join([*before[:kept], *words])
        yield " ".join([*before[start:end], *words])

    def _place_in(self, words: Sequence[str]) -> tuple[int, int] | None:
        """Where the only place in `words` stands, with what is before it."""
        spans = self._spans(words, self.places)
        if len(spans) != 1:
            return None
        start, end = spans[0]
        if start and words[start - 1].casefold() in self.articles - self.prepositions:
            start -= 1
        if start and words[start - 1].casefold() in self.prepositions:
            start -= 1
        return start, end

    def _spans(self, words: Sequence[str], names: frozenset[str]) -> list[tuple[int, int]]:
        """Where names stand in `words`, the longest at each place."""
        spans, start = [], 0
        while start < len(words):
            ends = (
                end
                for end in range(len(words), start, -1)
                if " ".join(words[start:end]).casefold() in names
            )
            end = next(ends, None)
            if end is None:
                start += 1
            else:
                spans.append((start, end))
                start = end
        return spans
