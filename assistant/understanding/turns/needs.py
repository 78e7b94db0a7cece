"""Understanding room: what has to be asked for before an intent can be carried out."""

from __future__ import annotations

from assistant.types import Intent
from assistant.understanding.times.timed import BARE

_LENGTH = ("hours", "minutes", "seconds", "hour", "minute")
_NEEDED: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "HassStartTimer": (("length", _LENGTH),),
    "AssistantSetAlarm": (("time", (*_LENGTH, "sun")),),
    "AssistantSetReminder": (
        ("reminder", ("reminder",)), ("when", (*_LENGTH, "sun")),
    ),
    "HassBroadcast": (("message", ("message",)),),
    "HassShoppingListAddItem": (("item", ("item",)),),
    "HassListAddItem": (("item", ("item",)),),
    "HassLightSet": (
        ("brightness", ("brightness", "brightness_step", "color", "temperature")),
    ),
    "HassSetPosition": (("position", ("position", "position_step")),),
    "HassFanSetSpeed": (("percentage", ("percentage", "percentage_step")),),
    "HassSetVolume": (("volume", ("volume_level",)),),
    "HassHumidifierSetpoint": (("humidity", ("humidity", "humidity_step")),),
}  # fmt: skip
"""By intent: what is asked for, and the slots one of which must tell it."""

_ASK = "ask"
"""The response of sentences that leave a value out where a skill has a usual one."""


def lacks(intent: Intent) -> str | None:
    """What is to be asked for, by the name of its question; None: it has all it needs."""
    if intent.response == "ask_color":
        return "color"
    if intent.response == _ASK and intent.name == "HassClimateSetTemperature":
        return "temperature"
    if intent.name == "HassStartTimer" and BARE in intent.slots:
        return None if any(key in intent.slots for key in _LENGTH) else "unit"
    for asked, given in _NEEDED.get(intent.name, ()):
        if all(intent.slots.get(key) in (None, "") for key in given):
            return asked
    return None
