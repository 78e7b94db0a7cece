"""Skills: what stands for several intents, taken apart: routines, and "for two hours"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.schedule.routines import RoutineBook
from assistant.skills.context import Understand
from assistant.skills.when import WhenError, checked_length, has_length, is_timed, seconds_of
from assistant.types import Action, Intent, SlotValue

ENDS = "ends"
"""The response of an `AssistantDelay` that ends what the intents before it have begun."""

DIRECT = "AssistantDirect"
"""A command to a device as it stands in a routine of the home file; no sentence leads to it."""

_DEPTH = 4
_DELAY = "AssistantDelay"
_RUN = "AssistantRunRoutine"
_REVERSIBLE = frozenset({
    "HassTurnOn", "HassTurnOff", "HassLightSet", "HassSetPosition", "HassFanSetSpeed",
    "HassClimateSetTemperature", "HassClimateSetFanMode", "HassHumidifierSetpoint",
    "HassHumidifierMode", "HassMediaPause", "HassMediaUnpause", "HassMediaPlayerMute",
    "HassMediaPlayerUnmute", "HassSetVolume", "HassSetVolumeRelative", "HassVacuumStart",
    "HassLawnMowerStartMowing",
    "AssistantSetHvacMode", "AssistantSetTemperatureRange", "AssistantSetTilt",
    "AssistantSetEffect", "AssistantSetPreset", "AssistantSetSwingMode",
    "AssistantSetOperationMode", "AssistantSelectSource", "AssistantSelectOption",
    "AssistantSetSuction", "AssistantFanOscillate", "AssistantFanDirection", "AssistantSetNumber",
})  # fmt: skip
"""What has a way back: the state that the device was in."""


async def expanded(
    intents: Sequence[Intent], routines: RoutineBook, understand: Understand, depth: int = 0
) -> tuple[Intent, ...]:
    """`intents`, with routines and "for two hours" taken apart into the commands they stand for.

    What cannot be taken apart stays, for its skill to say why. Raises `ScheduleError` for a
    routine that was kept and cannot be read.
    """
    found: list[Intent] = []
    for intent in intents:
        if intent.name == _DELAY and intent.response != ENDS:
            now = await understand(str(intent.slots.get("command", "")))
            found += _spelled_out(intent, now) or (intent,)
            continue
        routine = None
        if intent.name == _RUN and depth < _DEPTH:
            routine = routines.named(str(intent.slots.get("routine", "")))
        if routine is None:
            found.append(intent)
            continue
        parts: tuple[Intent, ...] = ()
        if routine.command is not None:
            parts = routine.command.understood()
        for command in routine.commands:
            understood: tuple[Intent, ...] = ()
            if isinstance(command, Action):
                understood = (direct(command),)
            else:
                understood = await understand(command)
            if not understood:
                parts = ()
                break
            parts += understood
        parts = await expanded(parts, routines, understand, depth + 1)
        found += [replace(part, tier=intent.tier) for part in parts] or [intent]
    return tuple(found)


def direct(action: Action) -> Intent:
    """The intent to give a command to a device just as it stands."""
    data = {f"data.{key}": value for key, value in action.data.items()}
    return Intent(DIRECT, {"service": action.service, "name": action.device, **data})


def _spelled_out(intent: Intent, now: Sequence[Intent]) -> tuple[Intent, ...] | None:
    """What "for two hours" comes to: the command itself, and the way back after that.

    `now` is what the command was understood to be. None where it is for later, is not for a
    length of time, or has no way back.
    """
    if not has_length(intent.slots, "for_") or is_timed(intent.slots):
        return None
    if not now or any(one.name not in _REVERSIBLE for one in now):
        return None
    try:
        seconds = checked_length(seconds_of(intent.slots, "for_"))
    except WhenError:
        return None
    slots: dict[str, SlotValue] = {
        "command": str(intent.slots.get("command", "")),
        "seconds": seconds,
        "of": len(now),
    }
    return (*now, replace(intent, slots=slots, response=ENDS))
