"""Home room: which actions wait for a yes, a PIN or a device's code. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.config import SafetySettings
from assistant.home.commands.planning import needs_code
from assistant.home.devices import Device
from assistant.home.members import affected
from assistant.home.model import Home
from assistant.types import Action

_OPENING = {"cover": "open_cover", "valve": "open_valve"}
_MAY_OPEN = ("toggle", "turn_on")
_VALVE = re.compile(r"\bvalves?\b|ventil\b|밸브|阀", re.IGNORECASE)
_DOOR_OPENER = re.compile(
    r"\b(?:garage doors?|gates?|doors?)(?: opener| relay)?$|\b(?:garagen|hof|garten|einfahrts)?tor$"
    r"|tür(?:öffner)?$|toröffner$|문$|门$",
    re.IGNORECASE,
)
"""Ends of a relay's name that tell what it drives; "Garage door light" is a light."""
_GARAGE = re.compile(r"garage|차고|车库", re.IGNORECASE)
_WAY_IN = (
    ("gate", re.compile(r"\bgates?\b|(?:\b|hof|garten|einfahrts|schiebe)tor\b|대문|大门", re.I)),
    ("door", re.compile(r"\bdoors?\b|tür\b|현관|房门", re.I)),
)
_UNKNOWN = frozenset({"script", "scene", "automation", "button", "mqtt"})
"""What these do nobody has told."""
_GUARDS = frozenset({"lock", "alarm_control_panel", "valve", "siren"})
_WAYS_IN = frozenset({"garage", "gate", "door"})
_GUARDED_CLASSES = _WAYS_IN | {"valve"}
_COVERING = re.compile(
    r"blind|curtain|shade|shutter|awning|jalousie|roll(?:o|laden)|vorhang|markise"
    r"|블라인드|커튼|窗帘|百叶",
    re.IGNORECASE,
)


class Wants(StrEnum):
    """What a question is to bring."""

    YES = "yes"
    PIN = "pin"
    """The PIN of the settings."""
    CODE = "code"
    """The code of a device, which is passed on to it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask before what was asked for is done."""

    wants: Wants
    device: str = ""
    """Of a code: the id of the device it is for."""

    @property
    def secret(self) -> bool:
        """Whether the answer must not be shown to anybody."""
        return self.wants is not Wants.YES


def questions(
    actions: Iterable[Action], home: Home, settings: SafetySettings
) -> tuple[Question, ...]:
    """What to ask before `actions` are done, in this order; nothing where nothing is guarded.

    A group is judged by all its members. Who knows the PIN, or a device's code, need not say yes
    besides.
    """
    asked: dict[Question, None] = {}
    plain = False
    for action in actions:
        if _guarded(action, home, settings.pin_for):
            if settings.pin:
                asked[Question(Wants.PIN)] = None
            else:
                plain = True
        plain = plain or _guarded(action, home, settings.confirm)
        if lacks_code(action, home.devices.get(action.device), settings.codes):
            asked[Question(Wants.CODE, action.device)] = None
    if not asked and plain:
        return (Question(Wants.YES),)
    return tuple(sorted(asked, key=lambda q: q.wants is not Wants.PIN))


def may_open(action: Action, home: Home) -> bool:
    """Whether `action` opens, unlocks or disarms something, or may: a toggle, a scene, a script.

    A blind no less than a door: what was to be open hours ago need not be open now.
    """
    return any(_opens(one, device) for one, device in _judged(action, home))


def guessable(action: Action, home: Home, confirm: Collection[str]) -> bool:
    """Whether `action` may come of words that only sound like it: no lock, door or alarm.

    Nor a group with one of these among its members.
    """
    if action.device not in home.devices or _guarded(action, home, confirm):
        return False
    return not any(
        device.type in _GUARDS or device_class(device) in _GUARDED_CLASSES
        for _, device in _judged(action, home)
        if device is not None
    )


def _opens(action: Action, device: Device | None) -> bool:
    domain, _, verb = action.service.partition(".")
    if {domain, device.type if device is not None else ""} & _UNKNOWN:
        return True
    if verb.startswith(("open", "unlock")) or verb == "alarm_disarm":
        return True
    if verb.endswith("_position"):
        return any(action.data.get(key, 0) != 0 for key in ("position", "tilt_position"))
    if device is None or verb not in (*_MAY_OPEN, "turn_off"):
        return False
    if device.type == "lock":
        return True
    return verb != "turn_off" and _opening(device) is not None


def _guarded(action: Action, home: Home, confirm: Collection[str]) -> bool:
    """Whether `confirm` holds what `action` amounts to, for its device or a member of it.

    The id of a group of the home file guards its members, for it is commanded through them.
    """
    return any(
        needs_yes(one, device, confirm, home.groups_of(one.device))
        for one, device in _judged(action, home)
    )


def _judged(action: Action, home: Home) -> Iterator[tuple[Action, Device | None]]:
    """What `action` amounts to for its device and all members of it.

    In a group of what may open, a member that nobody knows may be the garage door.
    """
    group = home.devices.get(action.device)
    for one, device in affected(action, home):
        if device is None and group is not None and group.type in _OPENING:
            yield one, replace(group, id=one.device, device_class="garage")
        else:
            yield one, device


def lacks_code(action: Action, device: Device | None, codes: Mapping[str, str]) -> bool:
    """Whether `device` wants a code for `action` that nobody has given yet."""
    verb = action.service.partition(".")[2]
    known = "code" in action.data or action.device in codes
    return device is not None and needs_code(device, verb) and not known


def with_code(action: Action, device: Device | None, codes: Mapping[str, str]) -> Action:
    """The action with its device's code, where it wants one and `codes` has it."""
    verb = action.service.partition(".")[2]
    if device is None or action.device not in codes or not needs_code(device, verb):
        return action
    return replace(action, data={**action.data, "code": codes[action.device]})


def needs_yes(
    action: Action, device: Device | None, confirm: Collection[str], groups: Collection[str] = ()
) -> bool:
    """Whether `confirm` holds what `action` amounts to, for `device` or one of its `groups`.

    It has services, `service:device_class`, `service:device_id` and `mqtt.publish:topic`.

    A position, a toggle and a mere "turn on" count as opening where they may open. A cover or a
    switch whose kind nobody has told is taken for what its name says it is.
    """
    services = [action.service]
    if device is not None:
        verb = action.service.partition(".")[2]
        services.append(f"{device.type}.{verb}")
        opening = _opening(device)
        moved = verb == f"set_{device.type}_position" and action.data.get("position") != 0
        if opening and (moved or verb in _MAY_OPEN):
            services.append(opening)
    own = (device_class(device), device.id) if device is not None else (action.device,)
    about = (*own, *groups)
    keys = [key for s in services for key in (s, *(f"{s}:{it}" for it in about))]
    return any(key in confirm for key in keys)


def _opening(device: Device) -> str | None:
    """The service that opens `device`, or does what turning it on comes to; None if none does."""
    if device.type in _OPENING:
        return f"{device.type}.{_OPENING[device.type]}"
    if device.type != "switch":
        return None
    kind = device_class(device)
    if kind == "valve":
        return "valve.open_valve"
    return "cover.open_cover" if kind in _WAYS_IN else None


def device_class(device: Device) -> str | None:
    """The device class, or for a cover or switch without one what its names give away."""
    if device.type == "switch" and device.device_class not in _GUARDED_CLASSES:
        return _driven(device) or device.device_class
    if device.device_class or device.type != "cover":
        return device.device_class
    names = " ".join((device.id.replace("_", " "), *device.names))
    if _GARAGE.search(names):
        return "garage"
    if _COVERING.search(names):
        return None
    return next((kind for kind, words in _WAY_IN if words.search(names)), None)


def _driven(device: Device) -> str | None:
    """The kind of valve or door that a relay drives, by its names; None for any other."""
    for name in device.names:
        if _VALVE.search(name):
            return "valve"
        if _DOOR_OPENER.search(name):
            return "garage" if _GARAGE.search(name) else "gate"
    return None
