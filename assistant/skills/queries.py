"""Skill: answers about the state of devices; does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.readings import moment_of, seconds_of, shown_unit
from assistant.skills.targets import failed, find, is_own_area, missing
from assistant.types import Intent, Outcome, SlotValue

HANDLES = ("HassGetState",)

_MAIN_KEY = {
    "cover": "cover", "valve": "cover", "lock": "lock", "climate": "hvac_mode",
    "media_player": "media", "sensor": "value", "binary_sensor": "value",
    "alarm_control_panel": "alarm", "water_heater": "operation_mode", "event": "event",
}  # fmt: skip
_ALIKE = {"opening": "open", "closing": "closed", "unlocking": "unlocked", "locking": "locked",
          "ON": "on", "OFF": "off"}  # fmt: skip
_ON_LIKE = frozenset({"playing", "paused", "idle", "heat", "cool", "auto", "heat_cool", "dry",
                      "fan_only", "buffering", "standby"})  # fmt: skip
_DETAILS = (
    "brightness_pct", "percentage", "position", "temperature", "target_temp_low",
    "target_temp_high", "current_temperature", "volume_pct", "source", "effect", "humidity",
)  # fmt: skip

_SENSED = {
    "window": ("window",), "door": ("door",), "garage": ("garage_door",),
    "gate": ("opening", "door"),
    "occupancy": ("occupancy", "motion", "presence"), "motion": ("motion", "occupancy"),
}  # fmt: skip
"""By what is asked for: the classes of binary sensors that can tell."""

_MEASURED_AS = {
    "volatile_organic_compounds": "volatile_organic_compounds_parts",
    "atmospheric_pressure": "pressure", "pressure": "atmospheric_pressure",
    "humidity": "moisture", "moisture": "humidity",
}  # fmt: skip
"""By class of sensor, what else measures the same, where there is none of that class."""

_LOW = "low"
"""The state that is asked for of batteries."""
_LOW_PCT = 20.0
_RUNNING = frozenset({"light", "switch", "fan", "media_player", "humidifier", "input_boolean",
                      "siren", "vacuum", "lawn_mower"})  # fmt: skip
"""What is meant by "what is on" where no kind of thing is named."""

_WORDS = {
    **dict.fromkeys(("door", "garage_door", "opening", "window"), ("open", "closed")),
    "lock": ("unlocked", "locked"),
}
"""By class of binary sensor: what on and off are called where something else could tell too."""


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """One device's state, or which, whether any, whether all, how many are in a state."""
    found = _found(intent, ctx)
    if not found.devices and intent.slots.get("domain") == "sensor":
        other = _MEASURED_AS.get(str(intent.slots.get("device_class")))
        alike = {**intent.slots, "device_class": other} if other else intent.slots
        if not (found := _found(replace(intent, slots=alike), ctx)).devices:
            return _beside(intent, ctx)
        intent = replace(intent, slots=alike)
    if not found.devices:
        return missing(intent, ctx, found)
    wanted = intent.slots.get("state")
    if wanted is None or intent.response in ("one", "default"):
        return _one_of(intent, ctx, found.devices)
    known = [(d, state_word(d, ctx)) for d in found.devices]
    if all(word is None for _, word in known):
        return failed("state.unknown", name=found.devices[0].name, count=len(known))
    matching = [d for d, word in known if _is(d, word, str(wanted))]
    others = [d for d, word in known if word is not None and not _is(d, word, str(wanted))]
    first = found.devices[0]
    slots: dict[str, object] = {
        **intent.slots,
        "wanted": wanted,
        "matching": [d.name_in(ctx.language) for d in matching],
        "others": [d.name_in(ctx.language) for d in others],
        "kind": _kind(intent, first),
        "actual": known[0][1],
        "name": first.name_in(ctx.language),
        "domain": first.type,
        "device_class": first.device_class or "",
        "on": _is_on(known[0][1]),
    }
    one = intent.response == "one_yesno" or (len(found.devices) == 1 and intent.response != "which")
    told = (first,) if one else matching
    ids = tuple(device.id for device in told)
    return Outcome(f"state.{'yesno' if one else intent.response}", slots, devices=ids)


def state_word(device: Device, ctx: SkillContext) -> str | None:
    """The device's main state as one word of Home Assistant's; None when it has never told."""
    state = ctx.home.state(device.id)
    value = state.get(_MAIN_KEY.get(device.type, "power"))
    if value is None:
        value = state.get("power", state.get("value"))
    if value is None:
        return None
    word = ("on" if value else "off") if isinstance(value, bool) else str(value)
    word = _ALIKE.get(word, word)
    if device.type == "binary_sensor" and device.device_class in _WORDS and word in ("on", "off"):
        return _WORDS[device.device_class][0 if word == "on" else 1]
    return word


def _found(intent: Intent, ctx: SkillContext) -> Resolved:
    """What the intent means; doors and windows, presence and motion are told by sensors too."""
    found = find(intent, ctx, elsewhere=True)
    if found.problem is Problem.NONE_THERE and is_own_area(intent, ctx):
        rest = {key: value for key, value in intent.slots.items() if key != "area"}
        found = find(Intent(intent.name, rest, response=intent.response), ctx)
    device_class = str(intent.slots.get("device_class", ""))
    classes: Sequence[str] = _SENSED.get(device_class, ())
    if intent.slots.get("state") == _LOW:
        classes = ("battery",)
    if not {"name", "domain", "device_class"} & intent.slots.keys():
        found = replace(found, devices=tuple(d for d in found.devices if d.type in _RUNNING))
    if intent.slots.get("domain") == "lock" and "name" not in intent.slots:
        classes = ("lock",)
    devices = {device.id: device for device in found.devices}
    for sensed in classes:
        slots = {**intent.slots, "domain": "binary_sensor", "device_class": sensed}
        devices |= {d.id: d for d in find(replace(intent, slots=slots), ctx).devices}
    return Resolved(tuple(devices.values())) if devices else found


def _is(device: Device, actual: str | None, wanted: str) -> bool:
    if wanted == _LOW:
        return _is_low(device, actual)
    if actual == wanted or (actual is not None and wanted == _said_of(device, actual)):
        return True
    return wanted == "on" and actual in _ON_LIKE


def _is_low(device: Device, actual: str | None) -> bool:
    """Whether a battery is nearly empty, by its charge or by its own word."""
    if device.type == "binary_sensor":
        return actual == "on"
    try:
        return float(str(actual)) <= _LOW_PCT
    except ValueError:
        return False


def _said_of(device: Device, actual: str) -> str:
    """ "open" is "on" for who asks whether a sensor is on."""
    if device.type == "binary_sensor" and device.device_class in _WORDS:
        return "on" if _is_on(actual) else "off"
    return actual


def _is_on(word: str | None) -> bool:
    return word in ("on", "open", "unlocked")


def _kind(intent: Intent, device: Device) -> str:
    return str(intent.slots.get("device_class") or intent.slots.get("domain") or device.type)


def _beside(intent: Intent, ctx: SkillContext) -> Outcome:
    """What no sensor tells, but a humidifier or thermostat does, or nobody."""
    about = intent.slots.get("name", intent.slots.get("area"))
    if about is None:
        return failed("problems.none", kind="sensor")
    if intent.slots.get("device_class") == "humidity":
        slots = {k: v for k, v in intent.slots.items() if k not in ("domain", "device_class")}
        found = find(Intent(intent.name, slots), ctx, ("humidifier", "climate"))
        for device in found.devices:
            humidity = ctx.home.state(device.id).get("current_humidity")
            if humidity is not None:
                return _reading(device, ctx, humidity, "%")
    return failed("state.not_measured", name=about)


def _reading(device: Device, ctx: SkillContext, value: SlotValue, unit: str) -> Outcome:
    slots: dict[str, object] = {
        "name": device.name_in(ctx.language), "actual": value, "unit": unit, "on": False,
        "domain": "sensor", "device_class": "", "details": {}, "moment": None, "seconds": None,
    }  # fmt: skip
    return Outcome("state.one", slots, devices=(device.id,))


def _one_of(intent: Intent, ctx: SkillContext, devices: tuple[Device, ...]) -> Outcome:
    wanted = intent.slots.get("device_class")
    measuring = [d for d in devices if wanted is None or d.device_class == wanted]
    if not measuring:
        return failed("state.not_measured", name=intent.slots.get("name", devices[0].name))
    if len(measuring) > 1 and not {"name", "area", "floor"} & intent.slots.keys():
        near = [d for d in measuring if d.area == ctx.area]
        if len(near) != 1:
            return missing(
                intent, ctx, Resolved(problem=Problem.AMBIGUOUS, candidates=tuple(measuring))
            )
        measuring = near
    return _one(ctx, measuring[0], how_far="how_far" in intent.slots)


def _one(ctx: SkillContext, device: Device, *, how_far: bool) -> Outcome:
    state: Mapping[str, SlotValue] = ctx.home.state(device.id)
    word = state_word(device, ctx)
    name = device.name_in(ctx.language)
    if not ctx.home.available(device.id):
        return failed("state.unavailable", name=name)
    if word is None:
        return failed("state.unknown", name=name, count=1)
    value = state.get("value")
    measures = device.type in ("sensor", "number")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    slots: dict[str, object] = {
        "name": name,
        "actual": value if measures and is_number else word,
        "on": _is_on(word),
        "unit": shown_unit(device.features.unit) if is_number else "",
        "device_class": device.device_class or "",
        "domain": device.type,
        "how_far": how_far,
        "details": {key: state[key] for key in _DETAILS if key in state},
        "moment": moment_of(device, word, ctx.clock.now()) if measures else None,
        "seconds": seconds_of(device, value) if measures else None,
    }
    return Outcome("state.one", slots, devices=(device.id,))
