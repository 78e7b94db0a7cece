"""Understanding room: what a remembered intent becomes by "and in the bedroom", "the other one"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.home.resolve import resolve
from assistant.types import Intent, SlotValue
from assistant.understanding.elliptic import VALUE_OF

TARGET = frozenset(
    {
        "name",
        "area",
        "floor",
        "domain",
        "device_class",
        "except_name",
        "except_area",
        "except_floor",
        "in_state",
    }
)
_ALIKE = frozenset(
    {"light", "switch", "fan", "media_player", "input_boolean", "humidifier", "climate", "siren"}
)
"""Types for which on and off, and what else they have in common, mean the same."""
_SWITCHING = frozenset({"HassTurnOn", "HassTurnOff"})
_IN_MANY_ROOMS = frozenset({"light", "cover", "climate", "fan", "media_player"})
_FOR_ALL = _SWITCHING | {
    "HassLightSet", "HassSetPosition", "HassStopMoving", "HassFanSetSpeed", "HassSetVolume",
    "HassSetVolumeRelative", "HassMediaPause", "HassMediaUnpause", "HassMediaPlayerMute",
    "HassMediaPlayerUnmute", "HassClimateSetTemperature", "AssistantSetHvacMode",
    "AssistantSetTilt",
}  # fmt: skip
"""What is asked of one thing and may be asked of all of its kind."""
_SWAPPED = {"step_up": "step_down", "brighten": "dim", "warmer": "default", "up": "down"}
_BACK = {**_SWAPPED, **{down: up for up, down in _SWAPPED.items()}}
_STEP_AFTER = {
    "HassLightSet": ("brightness", "HassLightSet", "brightness_step", 10),
    "HassClimateSetTemperature": (
        "temperature", "HassClimateSetTemperature", "temperature_step", 1
    ),
    "HassFanSetSpeed": ("percentage", "HassFanSetSpeed", "percentage_step", 10),
    "HassSetVolume": ("volume_level", "HassSetVolumeRelative", "volume_step", 10),
}  # fmt: skip
"""What "a bit more" is after a value was set: its slot, the intent and slot of a step, its size."""

_SIZED = {
    "climate": ("HassClimateSetTemperature", "temperature_step", "warmer", "default"),
    "light": ("HassLightSet", "brightness_step", "step_up", "step_down"),
    "fan": ("HassFanSetSpeed", "percentage_step", "default", "default"),
    "media_player": ("HassSetVolumeRelative", "volume_step", "default", "default"),
}
"""By type: the intent and slot of a step, and its responses for more and for less."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What was spoken of in one turn: what was wanted, and of which devices."""

    intents: tuple[Intent, ...]
    devices: tuple[str, ...] = ()
    """Ids of the devices that were commanded or asked about."""


def merged(follow: Intent, topic: Topic, home: Home) -> Intent | None:
    """The intent that `follow` makes of the topic's last one; None where that makes no sense.

    `follow` is what a sentence of `AssistantFollowUp` was read as: its response says how it leans
    on the topic ("too", "instead", "other", "others", "again", "more", "less").
    """
    if not topic.intents or follow.slots.get("like") not in (None, *topic.intents[-1].slots):
        return None  # "the same colour" after a brightness
    last = _with_value(topic.intents[-1], follow)
    devices = [home.devices[i] for i in topic.devices if i in home.devices]
    match follow.response:
        case "again":
            return last
        case "more" | "less":
            return _step(last, more=follow.response == "more")
        case "drop":
            return _dropped(last)
        case "step_up" | "step_down":
            return _by(devices, follow)
        case "everywhere":
            return everywhere(last, devices)
        case "other" | "others":
            return _other(last, devices, home, every=follow.response == "others")
    if "name" in follow.slots:
        return _named(last, devices, follow, home)
    told = VALUE_OF.get(last.name, "") in last.slots or "value" not in follow.slots
    if {"area", "floor"} & follow.slots.keys() and told:
        return _placed(last, devices, follow)
    return None


def _with_value(last: Intent, follow: Intent) -> Intent:
    """`last` with the value that `follow` tells: "and the bedroom to 19"."""
    slot = VALUE_OF.get(last.name, "")
    if "value" not in follow.slots or slot not in last.slots:
        return last
    return replace(last, slots={**last.slots, slot: follow.slots["value"]})


def _dropped(last: Intent) -> Intent | None:
    """What was just put on a list taken off it again."""
    if last.name not in ("HassShoppingListAddItem", "HassListAddItem"):
        return None
    kept = {key: last.slots[key] for key in ("item", "name") if key in last.slots}
    return Intent("AssistantListRemoveItem", kept)


def _named(last: Intent, before: list[Device], follow: Intent, home: Home) -> Intent | None:
    found = resolve(home, follow.slots, among=follow.device_ids)
    meant = found.devices or found.candidates
    fitting = [d for d in meant if not before or any(_comparable(last, b, d) for b in before)]
    if not fitting or not before:
        return None
    kept = {key: value for key, value in last.slots.items() if key not in TARGET}
    slots = {**kept, "name": follow.slots["name"]}
    if "domain" in last.slots and fitting[0].type == before[0].type:
        slots["domain"] = last.slots["domain"]
    ids = tuple(device.id for device in fitting)
    response = last.response if len(ids) == 1 else "one_unknown"
    return replace(last, slots=slots, device_ids=ids, response=response)


def _placed(last: Intent, before: list[Device], follow: Intent) -> Intent | None:
    """The same in another place; where a device was named, its like in that place."""
    aimed = {"name", "area", "floor"} & last.slots.keys() or last.device_ids
    if not before and not aimed:
        return None
    kept = {key: value for key, value in last.slots.items() if key not in TARGET}
    slots: dict[str, SlotValue] = {**kept, **_place(follow)}
    for key in ("domain", "device_class"):
        if key in last.slots:
            slots[key] = last.slots[key]
    if "name" in last.slots or last.device_ids:
        kinds = {device.type for device in before}
        if len(kinds) != 1:
            return None
        slots.setdefault("domain", kinds.pop())
        classes = {device.device_class for device in before if device.device_class}
        if slots["domain"] == "cover" and len(classes) == 1:
            slots["device_class"] = classes.pop()
        if last.name == "HassClimateGetTemperature":
            slots.pop("domain")
    response = "default" if last.response in ("here_unknown", "one_unknown") else last.response
    return replace(last, slots=slots, device_ids=(), response=response)


def everywhere(intent: Intent, before: Collection[Device]) -> Intent | None:
    """What `intent` asks of `before`, of all of their kind in the home; None where it does not."""
    kinds = {(d.type, d.device_class if d.type == "cover" else None) for d in before}
    kind, device_class = kinds.pop() if len(kinds) == 1 else ("", None)
    if kind not in _IN_MANY_ROOMS or intent.name not in _FOR_ALL:
        return None
    kept = {key: value for key, value in intent.slots.items() if key not in TARGET}
    slots: dict[str, SlotValue] = {**kept, "domain": kind}
    if device_class:
        slots["device_class"] = device_class
    if kind == "climate":
        slots["all"] = True
    on_or_off = kind == "light" and intent.name in _SWITCHING
    alone = intent.response in ("here_unknown", "one_unknown")
    response = "light_all" if on_or_off else "default" if alone else intent.response
    return replace(intent, slots=slots, device_ids=(), response=response)


def _place(follow: Intent) -> dict[str, SlotValue]:
    return {key: follow.slots[key] for key in ("area", "floor") if key in follow.slots}


def _other(last: Intent, before: list[Device], home: Home, *, every: bool) -> Intent | None:
    """The device that is like the one before, and not that one; of several, which is asked."""
    if not before:
        return None
    others = like(before, home)
    if not others:
        return None
    kept = {key: value for key, value in last.slots.items() if key not in TARGET}
    ids = tuple(device.id for device in others)
    if len(others) == 1:
        return replace(last, slots={**kept, "name": others[0].name}, device_ids=ids)
    slots: dict[str, SlotValue] = {**kept, "domain": others[0].type}
    response = last.response if every else "one_unknown"
    return replace(last, slots=slots, device_ids=ids, response=response)


def like(before: Collection[Device], home: Home) -> list[Device]:
    """The exposed devices of the same kind as all of `before`, first those in the same room."""
    kinds = {(device.type, device.device_class) for device in before}
    if len(kinds) != 1:
        return []
    ids = {device.id for device in before}
    alike = [
        device
        for device in home.devices.values()
        if device.exposed
        and device.id not in ids
        and not ids & set(device.members)
        and (device.type, device.device_class) in kinds
    ]
    areas = {device.area for device in before}
    return [device for device in alike if device.area in areas] or alike


def _comparable(last: Intent, before: Device, now: Device) -> bool:
    """Whether the same wish means the same for both: a lamp and a fan, but no door and a lock."""
    if before.type == now.type:
        return True
    return last.name in _SWITCHING and {before.type, now.type} <= _ALIKE


def _step(last: Intent, *, more: bool) -> Intent | None:
    """One step further the same way, or back; after a value was set, a step up or down."""
    slots = dict(last.slots)
    absolute, name, key, size = _STEP_AFTER.get(last.name, ("", last.name, "volume_step", 0))
    if absolute in slots and last.response not in ("dim", "brighten"):
        del slots[absolute]
        signed = name not in ("HassLightSet", "HassClimateSetTemperature")
        slots[key] = -size if signed and not more else size
        up, down = ("step_up", "step_down") if name == "HassLightSet" else ("warmer", "default")
        response = last.response if signed else up if more else down
        return replace(last, name=name, slots=slots, response=response)
    step = slots.get(key)
    if step is None and last.response not in ("dim", "brighten", "warmer"):
        return None
    if more:
        return last
    if key in ("percentage_step", "volume_step") and step is not None:
        slots[key] = -step if isinstance(step, int | float) else _BACK.get(str(step), step)
        return replace(last, slots=slots)
    return replace(last, slots=slots, response=_BACK.get(last.response, last.response))


def _by(devices: list[Device], follow: Intent) -> Intent | None:
    """So many degrees or percent more or less, of what the devices have of it."""
    kinds = {device.type for device in devices}
    name, slot, up, down = _SIZED.get(kinds.pop() if len(kinds) == 1 else "", ("", "", "", ""))
    if not name:
        return None
    more = follow.response == "step_up"
    step = float(str(follow.slots.get("step", 1)))
    size = int(step) if step.is_integer() else step
    slots: dict[str, SlotValue] = {slot: size if more or up != down else -size}
    if len(devices) == 1:
        slots["name"] = devices[0].name
    ids = tuple(device.id for device in devices)
    return Intent(name, slots, device_ids=ids, response=up if more else down)
