"""Skill: presets, modes, effects, sources and whatever else a device offers by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.home.commands.planning import option_key
from assistant.home.devices import Device, Features
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed, find, missing, perform
from assistant.types import Action, Intent, Outcome


@dataclass(frozen=True, slots=True)
class _Choice:
    """What an intent chooses: `service` of a `domain`, with the slot's value as `field`."""

    slot: str
    field: str
    options: Callable[[Features], tuple[str, ...]]
    services: dict[str, str]
    """By domain."""


_CHOICES = {
    "AssistantSetEffect": _Choice(
        "effect", "effect", lambda f: f.effects, {"light": "light.turn_on"}
    ),
    "AssistantSetPreset": _Choice(
        "preset", "preset_mode", lambda f: f.presets,
        {"fan": "fan.set_preset_mode", "climate": "climate.set_preset_mode"},
    ),
    "HassClimateSetFanMode": _Choice(
        "fan_mode", "fan_mode", lambda f: f.fan_modes, {"climate": "climate.set_fan_mode"}
    ),
    "AssistantSetSwingMode": _Choice(
        "swing_mode", "swing_mode", lambda f: f.swing_modes, {"climate": "climate.set_swing_mode"}
    ),
    "HassHumidifierMode": _Choice(
        "mode", "mode", lambda f: f.modes, {"humidifier": "humidifier.set_mode"}
    ),
    "AssistantSetOperationMode": _Choice(
        "operation_mode", "operation_mode", lambda f: f.modes,
        {"water_heater": "water_heater.set_operation_mode"},
    ),
    "AssistantSetSuction": _Choice(
        "suction", "fan_speed", lambda f: f.fan_modes, {"vacuum": "vacuum.set_fan_speed"}
    ),
    "AssistantSelectSource": _Choice(
        "source", "source", lambda f: f.sources, {"media_player": "media_player.select_source"}
    ),
    "AssistantSelectOption": _Choice(
        "option", "option", lambda f: f.modes, {"select": "select.select_option"}
    ),
}  # fmt: skip

HANDLES = tuple(_CHOICES)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Choose the slot's value on what was named, or on the one device that offers it."""
    choice = _CHOICES[intent.name]
    if choice.slot not in intent.slots:
        return failed("problems.nothing_to_set")
    wanted = str(intent.slots[choice.slot])
    domains = tuple(choice.services)
    found = find(intent, ctx, domains, elsewhere=True)
    devices = found.devices
    if len(devices) > 1:
        devices = tuple(d for d in devices if _offers(d, choice, wanted)) or devices
    named = {"name", "area", "floor"} & intent.slots.keys() or intent.device_ids
    if len(devices) > 1 and not named:
        found, devices = Resolved(problem=Problem.AMBIGUOUS, candidates=devices), ()
    if not devices:
        return missing(intent, ctx, found, domains)
    return await perform(
        intent,
        ctx,
        [Action(choice.services[d.type], d.id, {choice.field: wanted}) for d in devices],
    )


def _offers(device: Device, choice: _Choice, wanted: str) -> bool:
    keys = {option_key(option) for option in choice.options(device.features)}
    return option_key(wanted) in keys
