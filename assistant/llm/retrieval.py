"""Which devices of a large home are put before the model: those that a request may be about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from assistant.home.devices import Area, Device
from assistant.llm.goals import Goal
from assistant.llm.menu import Wording
from assistant.llm.proposals import plain

SHOWN_WHOLE = 40
"""Homes of so many devices or fewer are shown as they are."""
_RETRIEVED = 24
_MAX_TEXT = 200
_NAME, _AREA, _HERE, _KIND = 4.0, 2.0, 1.0, 1.5
_ALIKE = 0.5
_SOUNDS = str.maketrans({"b": "p", "d": "t", "g": "k", "v": "f", "z": "s", "c": "k", "y": "i"})
_TYPES = {
    Goal.LIGHT_ON: "light", Goal.LIGHT_OFF: "light", Goal.LIGHT_BRIGHTER: "light",
    Goal.LIGHT_DIMMER: "light", Goal.LIGHT_COLOR: "light", Goal.FAN_ON: "fan",
    Goal.FAN_OFF: "fan", Goal.WARMER: "climate", Goal.COOLER: "climate",
    Goal.COVER_OPEN: "cover", Goal.COVER_CLOSE: "cover", Goal.GATE_OPEN: "cover",
    Goal.GATE_CLOSE: "cover", Goal.LOCK: "lock", Goal.UNLOCK: "lock",
    Goal.MUSIC_PLAY: "media_player", Goal.MUSIC_PAUSE: "media_player",
    Goal.TV_ON: "media_player", Goal.TV_OFF: "media_player", Goal.SWITCH_ON: "switch",
    Goal.SWITCH_OFF: "switch", Goal.VACUUM_START: "vacuum", Goal.VACUUM_DOCK: "vacuum",
}  # fmt: skip


def relevant(
    devices: Sequence[Device],
    areas: Mapping[str, Area],
    text: str,
    area: str | None,
    *,
    wording: Wording,
    signs: Mapping[Goal, Sequence[str]],
) -> tuple[Device, ...]:
    """The devices that `text`, said in `area`, may be about, in their order; all of a small home.

    By their names and their rooms' (also words that only sound like them), by kind ("lamp", and
    words of need such as "dark", from `signs`), and those of the speaker's room.
    """
    if len(devices) <= SHOWN_WHOLE:
        return tuple(devices)
    said = plain(text, _MAX_TEXT)
    words = said.split()
    kinds = {
        _TYPES[goal]
        for goal, phrases in signs.items()
        if goal in _TYPES and any(f" {phrase} " in f" {said} " for phrase in phrases)
    }
    for component in (*wording.words, *wording.together):
        named = (wording.words.get(component, ""), wording.together.get(component, ""))
        if any(name and _heard(name, words) > _ALIKE for name in named):
            kinds.add(component)
    places = {
        key: max((_heard(plain(name, 40), words) for name in known.names), default=0.0)
        for key, known in areas.items()
    }

    def score(device: Device) -> float:
        name = max((_heard(plain(name, 40), words) for name in device.names), default=0.0)
        here = _HERE if area is not None and device.area == area else 0.0
        kind = _KIND if device.type in kinds else 0.0
        return _NAME * name + _AREA * places.get(device.area or "", 0.0) + here + kind

    best = sorted(range(len(devices)), key=lambda i: -score(devices[i]))[:_RETRIEVED]
    return tuple(devices[i] for i in sorted(best))


def _heard(name: str, words: Sequence[str]) -> float:
    """How much of `name` is among `words`, or sounds like some of them, 0..1."""
    parts = name.split()
    if not parts:
        return 0.0
    found = (max((_alike(part, word) for word in words), default=0.0) for part in parts)
    return sum(one for one in found if one > _ALIKE) / len(parts)


def _alike(one: str, other: str) -> float:
    """Dice's coefficient of the pairs of letters, those told apart by voicing taken as one."""
    if one == other:
        return 1.0
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


def _pairs(word: str) -> set[str]:
    folded = f"^{word.translate(_SOUNDS)}$"
    return {a + b for a, b in pairwise(folded) if a != b}
