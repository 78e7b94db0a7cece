"""Skill: answers about the state of devices; does nothing."""

from __future__ import annotations

from assistant.home.model import Device
from assistant.home.resolve import Problem
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed, find, is_own_area, missing
from assistant.types import Intent, Outcome, SlotValue

HANDLES = ("HassGetState",)

_MAIN_KEY = {
    "cover": "cover", "valve": "cover", "lock": "lock", "climate": "hvac_mode",
    "media_player": "media", "sensor": "value", "binary_sensor": "power",
}  # fmt: skip
_ALIKE = {"opening": "open", "closing": "closed", "unlocking": "unlocked", "locking": "locked",
          "ON": "on", "OFF": "off"}  # fmt: skip
_ON_LIKE = frozenset({"playing", "paused", "idle", "heat", "cool", "auto", "heat_cool", "dry",
                      "fan_only", "buffering", "standby"})  # fmt: skip


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """One device's state, or which, whether any, whether all, how many are in a state."""
    found = find(intent, ctx, elsewhere=True)
    if found.problem is Problem.NONE_THERE and is_own_area(intent, ctx):
        rest = {key: value for key, value in intent.slots.items() if key != "area"}
        found = find(Intent(intent.name, rest, response=intent.response), ctx)
    if not found.devices:
        return missing(intent, ctx, found)
    wanted = intent.slots.get("state")
    if wanted is None or intent.response in ("one", "default"):
        return _one(intent, ctx, found.devices[0])
    known = [(d, state_word(d, ctx)) for d in found.devices]
    if all(word is None for _, word in known):
        return failed("state.unknown", name=found.devices[0].name, count=len(known))
    matching = [d for d, word in known if _is(word, str(wanted))]
    others = [d for d, word in known if word is not None and not _is(word, str(wanted))]
    slots: dict[str, object] = {
        **intent.slots,
        "wanted": wanted,
        "matching": [d.name for d in matching],
        "others": [d.name for d in others],
        "kind": _kind(intent, found.devices[0]),
        "actual": known[0][1],
        "name": found.devices[0].name,
    }
    one = intent.response == "one_yesno" or len(found.devices) == 1
    return Outcome(f"state.{'yesno' if one else intent.response}", slots)


def state_word(device: Device, ctx: SkillContext) -> str | None:
    """The device's main state as one word of Home Assistant's; None when it has never told."""
    state = ctx.home.state(device.id)
    value = state.get(_MAIN_KEY.get(device.type, "power"))
    if value is None:
        value = state.get("power", state.get("value"))
    if value is None:
        return None
    if isinstance(value, bool):
        return "on" if value else "off"
    return _ALIKE.get(str(value), str(value))


def _is(actual: str | None, wanted: str) -> bool:
    if actual == wanted:
        return True
    return wanted == "on" and actual in _ON_LIKE


def _kind(intent: Intent, device: Device) -> str:
    return str(intent.slots.get("device_class") or intent.slots.get("domain") or device.type)


def _one(intent: Intent, ctx: SkillContext, device: Device) -> Outcome:
    state = ctx.home.state(device.id)
    word = state_word(device, ctx)
    if not ctx.home.available(device.id):
        return failed("state.unavailable", name=device.name)
    if word is None:
        return failed("state.unknown", name=device.name, count=1)
    extra: dict[str, SlotValue] = {
        key: state[key]
        for key in ("brightness_pct", "percentage", "position", "temperature",
                    "current_temperature", "volume_pct")
        if key in state
    }  # fmt: skip
    slots: dict[str, object] = {
        "name": device.name,
        "actual": word,
        "unit": device.features.unit,
        "device_class": device.device_class or "",
        "domain": device.type,
        "details": extra,
    }
    return Outcome("state.one", slots)
