"""What must be in a sentence before a wish is read into it.

Likeness of meaning finds a nearest wish for anything, for noise and for the television too. So a
wish is only believed when a word of the sentence speaks of it: a device of this home, its kind, or
a need; and not when the sentence tells a story, asks for knowledge, or is about a room or a device
that this home does not have. A lock or a gate is opened only for who names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.llm.goals import NEVER_ACTS, Goal, Signs, Verdict
from assistant.llm.proposals import Proposal, Rooms, names_one, plain, stems

_MAX_NAME = 40
_LEAST_SHARE = 0.25
_LEAST_LIKENESS = 0.45
_LEAST_LIKENESS_AT_HOME = 0.38
_TALK_MARGIN = 1.5
_NAMED_ONLY = frozenset({Goal.SWITCH_ON, Goal.SWITCH_OFF, Goal.UNLOCK, Goal.GATE_OPEN})


class Restraint:
    """Whether `signs` of a wish are in a sentence. Sentences are `plain`."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._words = {goal: _pattern(words) for goal, words in signs.words.items()}
        self._against = {goal: _pattern(words) for goal, words in signs.against.items()}
        self._here = _pattern(signs.here)
        self._stories = _pattern(signs.stories)
        self._inside = re.compile(
            rf"\b(?:{'|'.join(map(re.escape, signs.inside))}) (\S+)(?: (\S+))?"
        )

    def forbids(self, text: str, rooms: Rooms) -> bool:
        """Whether `text` is a story, or about a room or device that is not in `rooms`."""
        if self._stories.search(text):
            return True
        known = _known(rooms)
        if any(
            _pattern((thing,)).search(text) and not _content(thing) <= known
            for thing in self._signs.elsewhere
        ):
            return True
        free = set(self._signs.no_room)
        return any(
            not ({first, second or first} & free or stems(f"{first} {second}") & known)
            for first, second in self._inside.findall(text)
        )

    def believes(
        self,
        text: str,
        verdict: Verdict,
        verdicts: Iterable[Verdict],
        among: tuple[Proposal, ...],
    ) -> bool:
        """Whether `text` speaks of the goal of `verdict`, which `among` would serve."""
        never = sum(other.share for other in verdicts if other.goal in NEVER_ACTS)
        named = self.names(text, among)
        sign = self._words.get(verdict.goal)
        spoken = sign is not None and sign.search(text) is not None
        against = self._against.get(verdict.goal)
        if against is not None and against.search(text):
            return False
        if not named and (verdict.goal in _NAMED_ONLY or not spoken):
            return False
        if verdict.goal in (Goal.UNLOCK, Goal.GATE_OPEN) and not spoken:
            return False
        sure = named or self._here.search(text) is not None
        least = _LEAST_LIKENESS_AT_HOME if sure else _LEAST_LIKENESS
        return verdict.likeness >= least and verdict.share >= _TALK_MARGIN * never

    def names(self, text: str, among: tuple[Proposal, ...]) -> bool:
        """Whether a device of `among`, a word of its name, or what stands for it was said."""
        if names_one(text, among):
            return True
        said = stems(text)
        for proposal in among:
            for device in proposal.devices:
                for name in device.names:
                    words = stems(plain(name, _MAX_NAME))
                    meant = {other for w in words for other in self._signs.stands_for.get(w, ())}
                    if said & (words | meant):
                        return True
        return False


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(sorted(map(re.escape, phrases), key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<!\S)(?:{joined})s?(?!\S)")


def _known(rooms: Rooms) -> set[str]:
    names = [name for device in rooms.devices for name in device.names]
    names += [name for area in rooms.areas.values() for name in (area.name, *area.aliases)]
    return {word for name in names for word in stems(plain(name, _MAX_NAME))}


def _content(thing: str) -> set[str]:
    return stems(thing) - {"the"}
