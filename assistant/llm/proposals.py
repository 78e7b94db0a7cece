"""The commands of this home that would serve a goal: there is nothing else to choose from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.llm.goals import Goal
from assistant.types import SlotValue

MAX_PROPOSALS = 30
"""Commands the model chooses among; where words and rooms leave more, nothing is proposed."""

_MAX_LIKE = 8
"""The same for lamps and blinds, whose names say little of what they are for."""

_MAX_TOGETHER = 4
_MAX_NAME = 40
_DIM_PCT = 30
_BRIGHT_PCT = 80

_WHOLE_NAME = 5.0
_ITS_ROOM = 4.0
_PART_OF_NAME = 3.0
_OWN_ROOM = 2.0
_PART_OF_COMMON_NAME = 1.0

_BLINDS = frozenset({None, "awning", "blind", "curtain", "shade", "shutter", "window"})
_GATES = frozenset({"door", "garage", "gate"})
_KEPT = frozenset(" '’-.,?!%°:+/&")
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d)?)(?![\w]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class _Command:
    """What serves a goal: which devices, which intent, and which value may be said with it."""

    verb: str
    intent: str
    types: tuple[str, ...]
    classes: frozenset[str | None] | None = None
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    response: str = "default"
    needs: str = ""
    """Name of a feature the device must have."""
    together: bool = False
    """Whether all of a room may be meant."""


_COMMANDS: dict[Goal, tuple[_Command, ...]] = {
    Goal.LIGHT_ON: (_Command("on", "HassTurnOn", ("light",), together=True),),
    Goal.LIGHT_OFF: (_Command("off", "HassTurnOff", ("light",), together=True),),
    Goal.LIGHT_BRIGHTER: (
        _Command("brightness", "HassLightSet", ("light",), slots={"brightness": _BRIGHT_PCT},
                 response="brighten", needs="brightness", together=True),
    ),
    Goal.LIGHT_DIMMER: (
        _Command("brightness", "HassLightSet", ("light",), slots={"brightness": _DIM_PCT},
                 response="dim", needs="brightness", together=True),
    ),
    Goal.LIGHT_COLOR: (
        _Command("color", "HassLightSet", ("light",), needs="color", together=True),
    ),
    Goal.FAN_ON: (_Command("on", "HassTurnOn", ("fan",)),),
    Goal.FAN_OFF: (_Command("off", "HassTurnOff", ("fan",)),),
    Goal.WARMER: (
        _Command("warmer", "HassClimateSetTemperature", ("climate",),
                 slots={"temperature_step": 1}, response="warmer", needs="temperature"),
    ),
    Goal.COOLER: (
        _Command("cooler", "HassClimateSetTemperature", ("climate",),
                 slots={"temperature_step": 1}, response="cooler", needs="temperature"),
        _Command("on", "HassTurnOn", ("fan",)),
    ),
    Goal.COVER_OPEN: (_Command("open", "HassTurnOn", ("cover",), _BLINDS, together=True),),
    Goal.COVER_CLOSE: (_Command("close", "HassTurnOff", ("cover",), _BLINDS, together=True),),
    Goal.GATE_OPEN: (_Command("open", "HassTurnOn", ("cover",), _GATES),),
    Goal.GATE_CLOSE: (_Command("close", "HassTurnOff", ("cover",), _GATES),),
    Goal.LOCK: (_Command("lock", "HassTurnOn", ("lock",)),),
    Goal.UNLOCK: (_Command("unlock", "HassTurnOff", ("lock",)),),
    Goal.MUSIC_PLAY: (
        _Command("play", "HassMediaUnpause", ("media_player",), frozenset({None, "speaker"})),
    ),
    Goal.MUSIC_PAUSE: (
        _Command("pause", "HassMediaPause", ("media_player",), frozenset({None, "speaker"})),
    ),
    Goal.TV_ON: (_Command("on", "HassTurnOn", ("media_player",), frozenset({"tv"})),),
    Goal.TV_OFF: (_Command("off", "HassTurnOff", ("media_player",), frozenset({"tv"})),),
    Goal.SWITCH_ON: (_Command("on", "HassTurnOn", ("switch", "input_boolean")),),
    Goal.SWITCH_OFF: (_Command("off", "HassTurnOff", ("switch", "input_boolean")),),
    Goal.VACUUM_START: (_Command("start", "HassVacuumStart", ("vacuum",)),),
    Goal.VACUUM_DOCK: (_Command("dock", "HassVacuumReturnToBase", ("vacuum",)),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rooms:
    """The home as it was when the question came, for use outside the event loop."""

    devices: tuple[Device, ...]
    areas: Mapping[str, Area]

    @classmethod
    def of(cls, home: Home) -> Rooms:
        """The exposed devices and the areas of `home`; call on the event loop."""
        exposed = tuple(device for device in home.devices.values() if device.exposed)
        return cls(exposed, dict(home.areas))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One command to one device, or the same to several of a room."""

    line: str
    """The command in words, as the model compares it; unique among its like."""
    intent: str
    slots: Mapping[str, SlotValue]
    response: str
    devices: tuple[Device, ...]


def cleaned(text: str, limit: int) -> str:
    """`text` with nothing but words and plain punctuation, at most `limit` characters.

    What a model could take for a special mark (`<|im_end|>`, `[INST]`), and line breaks, go.
    """
    kept = "".join(c if c.isalnum() or c in _KEPT else " " for c in text[: 4 * limit])
    return " ".join(kept.split())[:limit].strip()


def plain(text: str, limit: int) -> str:
    """`cleaned`, in lower case and without punctuation: the words only."""
    words = re.sub(r"[^\w\s'’%°-]", " ", cleaned(text, 4 * limit).lower())
    return " ".join(words.split())[:limit].strip()


def proposals_for(
    goal: Goal,
    text: str,
    rooms: Rooms,
    area: str | None,
    *,
    words: Mapping[str, str],
    colors: tuple[str, ...] = (),
) -> tuple[Proposal, ...]:
    """Commands that would serve `goal`; the one to propose if it is only one; at most 30.

    `text` is `plain`, `area` the id of the speaker's room, `words` the names of the verbs.
    """
    for command in _COMMANDS.get(goal, ()):
        slots, response = _values(command, text, colors)
        if slots is None:
            continue
        devices = [device for device in rooms.devices if _serves(device, command, slots)]
        if not devices:
            continue
        common = _common(devices)
        part = _PART_OF_COMMON_NAME if command.together else _PART_OF_NAME
        scores = [
            _nearness(device, text, rooms, area, common=common, part=part) for device in devices
        ]
        best = max(scores)
        chosen = [d for d, score in zip(devices, scores, strict=True) if score == best]
        one_room = chosen[0].area is not None and len({d.area for d in chosen}) == 1
        if command.together and one_room and 1 < len(chosen) <= _MAX_TOGETHER:
            room = rooms.areas.get(chosen[0].area or "")
            if room is not None:
                slots["area"] = room.name
            line = f"{words[command.verb]} all in {cleaned(room.name if room else '', _MAX_NAME)}"
            return (Proposal(line, command.intent, slots, response, tuple(chosen)),)
        if len(chosen) > (_MAX_LIKE if command.together else MAX_PROPOSALS):
            return ()
        lines = _lines(words[command.verb], chosen, rooms)
        return tuple(
            Proposal(line, command.intent, {"name": d.name, **slots}, response, (d,))
            for line, d in lines.items()
        )
    return ()


def names_one(text: str, proposals: tuple[Proposal, ...]) -> bool:
    """Whether `text` (`plain`) says the whole name of a device of one of `proposals`."""
    padded = f" {text} "
    return any(
        f" {words} " in padded
        for proposal in proposals
        for device in proposal.devices
        for name in device.names
        if (words := plain(name, _MAX_NAME))
    )


def _values(
    command: _Command, text: str, colors: tuple[str, ...]
) -> tuple[dict[str, SlotValue] | None, str]:
    """The slots with what was said put in; None where the command lacks its value."""
    slots = dict(command.slots)
    if command.verb == "color":
        color = next((word for word in text.split() if word in colors), None)
        return ({"color": color} if color else None), command.response
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        return slots, command.response
    number = float(numbers[0].replace(",", "."))
    if command.verb == "brightness" and number <= 100:
        return {"brightness": round(number)}, "default"
    if command.verb in ("warmer", "cooler") and number > 4:
        return {"temperature": number}, "default"
    return slots, command.response


def _serves(device: Device, command: _Command, slots: Mapping[str, SlotValue]) -> bool:
    if device.type not in command.types:
        return False
    if command.classes is not None and device.device_class not in command.classes:
        return False
    if command.needs and not getattr(device.features, command.needs):
        return False
    wanted = slots.get("temperature")
    limits = device.features.temperature
    return limits is None or wanted is None or limits[0] <= float(str(wanted)) <= limits[1]


def _nearness(
    device: Device,
    text: str,
    rooms: Rooms,
    area: str | None,
    *,
    common: set[str],
    part: float,
) -> float:
    """How much of a device was said: its name, words of it, its room; the speaker's room last.

    `common` words are in several names; `part` is what another word of a name is worth.
    """
    score, named, spoken = 0.0, 0.0, stems(text)
    padded = f" {text} "
    room = rooms.areas.get(device.area or "")
    room_names = [plain(name, _MAX_NAME) for name in (room.name, *room.aliases)] if room else []
    if any(name and f" {name} " in padded for name in room_names):
        score = _ITS_ROOM
    for name in device.names:
        words = plain(name, _MAX_NAME)
        if words and f" {words} " in padded:
            named = max(named, _WHOLE_NAME)
        said = stems(words).difference(*map(stems, room_names)) & spoken
        if said:
            named = max(named, part if said - common else _PART_OF_COMMON_NAME)
    score += named
    if area is not None and device.area == area:
        score += _OWN_ROOM
    return score


def _common(devices: Sequence[Device]) -> set[str]:
    """Words in the names of more than one of `devices`: they do not tell which is meant."""
    counts = Counter(
        word
        for device in devices
        for word in {w for name in device.names for w in stems(plain(name, _MAX_NAME))}
    )
    return {word for word, count in counts.items() if count > 1}


def stems(text: str) -> set[str]:
    """The words of `text` (`plain`), plural and singular as one."""
    return {_stem(word) for word in text.split()}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _lines(verb: str, devices: list[Device], rooms: Rooms) -> dict[str, Device]:
    lines: dict[str, Device] = {}
    for device in devices:
        name = cleaned(device.name, _MAX_NAME) or device.type
        line = f"{verb} the {name}"
        room = rooms.areas.get(device.area or "")
        if line in lines and room is not None:
            line = f"{line} in {cleaned(room.name, _MAX_NAME)}"
        number, wanted = 2, line
        while line in lines:
            line = f"{wanted} {number}"
            number += 1
        lines[line] = device
    return lines
