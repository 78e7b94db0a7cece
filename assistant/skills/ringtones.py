"""Skills: what alarms and timers are asked to ring with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.schedule.entries import SoundError
from assistant.skills.targets import failed
from assistant.types import Outcome, SlotValue


def sound_asked(slots: Mapping[str, SlotValue], sounds: Sequence[str]) -> str:
    """Which of `sounds` is meant; empty where none was asked for.

    "With the rooster" may mean a light as well. Raises `SoundError` for a sound that there is not.
    """
    asked = str(slots.get("sound") or slots.get("with_device") or "").strip().casefold()
    found = next((name for name in sounds if name.casefold() == asked), "")
    if not found and "sound" in slots:
        raise SoundError(f"there is no such sound; there are: {', '.join(sounds)}")
    return found


def no_sound(asked: SlotValue | None, sounds: Sequence[str]) -> Outcome:
    """There is none of that name: these there are."""
    return failed("alarm.no_sound", sound=str(asked or ""), sounds=list(sounds), light=False)


def no_light_or_sound(asked: SlotValue, sounds: Sequence[str]) -> Outcome:
    """It is neither a light of the home nor a sound."""
    return failed("alarm.no_sound", sound=str(asked), sounds=list(sounds), light=True)
