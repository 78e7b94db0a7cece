"""Home room: which actions are never done without a yes. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.home.model import Device
from assistant.types import Action

_OPENING = {"cover": "open_cover", "valve": "open_valve"}
_MAY_OPEN = ("toggle", "turn_on")
_GARAGE = re.compile(r"garage|차고|车库", re.IGNORECASE)
_WAY_IN = (
    ("gate", re.compile(r"\bgates?\b|(?:\b|hof|garten|einfahrts|schiebe)tor\b|대문|大门", re.I)),
    ("door", re.compile(r"\bdoors?\b|tür\b|현관|房门", re.I)),
)
_COVERING = re.compile(
    r"blind|curtain|shade|shutter|awning|jalousie|roll(?:o|laden)|vorhang|markise"
    r"|블라인드|커튼|窗帘|百叶",
    re.IGNORECASE,
)


def needs_yes(action: Action, device: Device | None, confirm: Collection[str]) -> bool:
    """Whether `confirm` holds what `action` amounts to.

    It has services, `service:device_class`, `service:device_id` and `mqtt.publish:topic`.

    A position, a toggle and a mere "turn on" count as opening where they may open. A cover whose
    kind nobody has told is taken for what its name says it is.
    """
    services = [action.service]
    if device is not None:
        verb = action.service.partition(".")[2]
        services.append(f"{device.type}.{verb}")
        opening = _OPENING.get(device.type)
        moved = verb == f"set_{device.type}_position" and action.data.get("position") != 0
        if opening and (moved or verb in _MAY_OPEN):
            services.append(f"{device.type}.{opening}")
    about = [device_class(device), device.id] if device is not None else [action.device]
    keys = [key for s in services for key in (s, *(f"{s}:{it}" for it in about))]
    return any(key in confirm for key in keys)


def device_class(device: Device) -> str | None:
    """The device class, or for a cover without one what its names give away."""
    if device.device_class or device.type != "cover":
        return device.device_class
    names = " ".join((device.id.replace("_", " "), *device.names))
    if _GARAGE.search(names):
        return "garage"
    if _COVERING.search(names):
        return None
    return next((kind for kind, words in _WAY_IN if words.search(names)), None)
