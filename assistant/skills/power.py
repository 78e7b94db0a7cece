"""Skill: turning on and off, which for covers and locks is opening, closing, locking.

The services per kind of device are those of Home Assistant's intents HassTurnOn and HassTurnOff.
"""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import find, missing, perform
from assistant.types import Action, Intent, Outcome

_TOGGLE = "HassToggle"
HANDLES = ("HassTurnOn", "HassTurnOff", _TOGGLE)

_SWITCHABLE = ("light", "switch", "fan", "media_player", "input_boolean", "humidifier", "siren")
_ON = {
    "cover": "open_cover", "lock": "lock", "valve": "open_valve", "button": "press",
    "input_button": "press", "vacuum": "start", "lawn_mower": "start_mowing",
}  # fmt: skip
_OFF = {
    "cover": "close_cover", "lock": "unlock", "valve": "close_valve",
    "vacuum": "return_to_base", "lawn_mower": "dock",
}  # fmt: skip
_NOT_POWERED = frozenset(
    {"sensor", "binary_sensor", "weather", "person", "number", "select", "text", "event",
     "alarm_control_panel"}
)  # fmt: skip
_ONLY_ON = frozenset({"scene", "button", "input_button"})
_TOGGLED = frozenset({*_SWITCHABLE, "cover", "valve"})
_RESTING = frozenset({"off", "closed", "closing", "standby", "idle"})


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Turn things on or off, or each to the other state."""
    if intent.name == _TOGGLE:
        return await _toggle(intent, ctx)
    turning_on = intent.name == "HassTurnOn"
    domains = _domains(intent, turning_on)
    found = find(intent, ctx, domains, elsewhere=intent.slots.get("domain") not in (None, "light"))
    devices = [d for d in found.devices if _can(d, turning_on)]
    if found.devices and not devices:
        found = Resolved(problem=Problem.NO_DEVICE)
    if len(devices) > 1 and intent.response == "lock_one":
        found = Resolved(problem=Problem.AMBIGUOUS, candidates=tuple(devices))
        devices = []
    if not devices:
        return missing(intent, ctx, found, domains)
    return await perform(intent, ctx, [Action(service(d, turning_on), d.id) for d in devices])


async def _toggle(intent: Intent, ctx: SkillContext) -> Outcome:
    found = find(intent, ctx)
    devices = [device for device in found.devices if device.type in _TOGGLED]
    if not devices:
        nothing = Resolved(problem=Problem.NO_DEVICE) if found.devices else found
        return missing(intent, ctx, nothing, ("light",))
    return await perform(intent, ctx, [Action(service(d, _rests(d, ctx)), d.id) for d in devices])


def _rests(device: Device, ctx: SkillContext) -> bool:
    """Whether it is off or closed, as far as is known."""
    state = ctx.home.state(device.id)
    return str(state.get("cover", state.get("media", state.get("power", "off")))) in _RESTING


def service(device: Device, turning_on: bool) -> str:
    """The service that turns `device` on or off, e.g. "cover.open_cover"."""
    verbs, default = (_ON, "turn_on") if turning_on else (_OFF, "turn_off")
    return f"{device.type}.{verbs.get(device.type, default)}"


def _can(device: Device, turning_on: bool) -> bool:
    return device.type not in _NOT_POWERED and (turning_on or device.type not in _ONLY_ON)


def _domains(intent: Intent, turning_on: bool) -> tuple[str, ...]:
    if "name" in intent.slots or "domain" in intent.slots:
        return ()
    if "device_class" in intent.slots:
        return ("cover",)
    return ("light",) if turning_on else _SWITCHABLE
