"""Thermostats and air conditioners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.zigbee2mqtt.classes import HVAC_MODES
from assistant.home.mqtt.zigbee2mqtt.entries import Entry
from assistant.home.mqtt.zigbee2mqtt.exposed import Exposed, as_number

_HEATING = ("occupied_heating_setpoint", "current_heating_setpoint")
_COOLING = ("occupied_cooling_setpoint", "current_cooling_setpoint")
_CHOICES = {"fan_mode": "fan_mode", "swing_mode": "swing_mode", "preset": "preset_mode"}
_ACTIONS = {"idle": "idle", "heat": "heating", "cool": "cooling", "fan_only": "fan"}


def climate(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A thermostat.

    One with a setpoint for heating and one for cooling has a range, and one temperature too:
    that of its present mode.
    """
    features = entry.features()
    heating = next((features[name] for name in _HEATING if name in features), None)
    cooling = next((features[name] for name in _COOLING if name in features), None)
    setpoint = heating or cooling
    document: dict[str, Any] = {}
    words: dict[str, Mapping[str, Any]] = {}
    names: dict[str, str] = {}
    if setpoint is not None:
        document |= {"temperature_state_topic": "target", "temperature_command_topic": "target"}
        document["min_temp"] = setpoint.limit("value_min", 5)
        document["max_temp"] = setpoint.limit("value_max", 35)
        document["temp_step"] = setpoint.limit("value_step", 0.5)
        document["temperature_unit"] = "F" if "F" in setpoint.unit else "C"
        names["target"] = setpoint.key
    if heating is not None and cooling is not None:
        for end, one in (("low", heating), ("high", cooling)):
            document[f"temperature_{end}_state_topic"] = end
            document[f"temperature_{end}_command_topic"] = end
            names[end] = one.key
        document["min_temp"] = min(document["min_temp"], cooling.limit("value_min", 5))
        document["max_temp"] = max(document["max_temp"], cooling.limit("value_max", 35))
    if (local := features.get("local_temperature")) is not None:
        document["current_temperature_topic"] = "local_temperature"
        names["local_temperature"] = local.key
    if (mode := features.get("system_mode")) is not None:
        known = {word: value for word, value in mode.values().items() if word in HVAC_MODES}
        words["system_mode"] = known
        names["system_mode"] = mode.key
        document |= {"mode_state_topic": "system_mode", "mode_command_topic": "system_mode"}
        document["modes"] = list(known)
    if (running := features.get("running_state")) is not None:
        words["running_state"] = {ours: theirs for theirs, ours in _ACTIONS.items()}
        names["running_state"] = running.key
        document["action_topic"] = "running_state"
    for name, ours in _CHOICES.items():
        if (choice := features.get(name)) is not None:
            words[name] = choice.values()
            names[name] = choice.key
            document |= {f"{ours}_state_topic": name, f"{ours}_command_topic": name}
            document[f"{ours}s"] = [one for one in words[name] if one != "none"]
    if not document:
        raise AnnouncementError("a climate without setpoint and modes")
    asked = ("local_temperature", "system_mode", "running_state", *_CHOICES)
    used = [heating, cooling, *(features.get(name) for name in asked)]
    return Exposed(
        "climate",
        f"climate{entry.suffix}",
        document,
        label=entry.place.capitalize(),
        endpoint=entry.endpoint,
        technical=bool(entry.category),
        names=names,
        words=words,
        readable={one.key: "" for one in used if one is not None and one.readable},
        derive=_target if "low" in names else None,
        tell=_teller(names) if "low" in names else None,
    )


def _target(own: Mapping[str, Any]) -> Mapping[str, Any]:
    """The temperature that counts in the present mode."""
    return {"target": own.get("high" if own.get("system_mode") == "cool" else "low")}


def _teller(names: Mapping[str, str]) -> Any:
    def tell(name: str, value: Any, state: State) -> Mapping[str, Any]:
        if name == "target":
            name = "high" if state.get("hvac_mode") == "cool" else "low"
        return {names[name]: as_number(value) if name in ("low", "high") else value}

    return tell
