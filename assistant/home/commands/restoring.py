"""Which commands bring a device back to the state it was in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.home.commands.expectations import Plan, as_number, is_number
from assistant.home.commands.plan import SWITCH_LIKE, plan
from assistant.home.devices import Device, State
from assistant.types import Action, SlotValue


@dataclass(frozen=True, slots=True)
class Change:
    """One command that was given, and the state its device was in before."""

    action: Action
    before: State


def restoring(device: Device, change: Change, now: State) -> tuple[Action, ...] | None:
    """The commands that undo `change`; none where nothing had changed, None where none could."""
    planned = plan(device, change.action, change.before)
    if not isinstance(planned, Plan):
        return ()
    before = change.before
    aimed = {key for key, value in planned.state.items() if before.get(key) != value}
    if planned.state and not aimed:
        return ()
    moved = {key for key, value in before.items() if now.get(key, value) != value}
    undo = _BY_TYPE.get(device.type) or (_switch if device.type in SWITCH_LIKE else None)
    if undo is None or not planned.state:
        return None
    commands = undo(device, before, aimed | moved)
    if commands is None:
        return None
    return tuple(Action(f"{device.type}.{verb}", device.id, data) for verb, data in commands)


_Commands = list[tuple[str, Mapping[str, SlotValue]]]
_Undo = Callable[[Device, State, set[str]], _Commands | None]


def _switch(device: Device, before: State, keys: set[str]) -> _Commands | None:
    power = before.get("power")
    return [(f"turn_{power}", {})] if power in ("on", "off") else None


def _light(device: Device, before: State, keys: set[str]) -> _Commands | None:
    if before.get("power") != "on":
        return _switch(device, before, keys)
    data: dict[str, SlotValue] = {}
    if device.features.brightness and "brightness_pct" in before:
        data["brightness_pct"] = before["brightness_pct"]
    colored = keys & {"rgb_color", "color_temp_kelvin", "effect"}
    effect = before.get("effect")
    if colored and effect in device.features.effects:
        data["effect"] = str(effect)
    elif colored and device.features.color_temp and "color_temp_kelvin" in before:
        data["color_temp_kelvin"] = before["color_temp_kelvin"]
    elif colored and device.features.color and "rgb_color" in before:
        data["rgb_color"] = before["rgb_color"]
    elif colored and keys <= {*colored, "power"}:
        return None
    return [("turn_on", data)]


def _fan(device: Device, before: State, keys: set[str]) -> _Commands | None:
    if "oscillating" in keys and isinstance(before.get("oscillating"), bool):
        return [("oscillate", {"oscillating": before["oscillating"]})]
    if "direction" in keys and "direction" in before:
        return [("set_direction", {"direction": before["direction"]})]
    if before.get("power") != "on":
        return _switch(device, before, keys)
    if before.get("preset_mode") in device.features.presets:
        return [("set_preset_mode", {"preset_mode": before["preset_mode"]})]
    if device.features.percentage and is_number(before.get("percentage")):
        return [("set_percentage", {"percentage": before["percentage"]})]
    return [("turn_on", {})]


def _cover(device: Device, before: State, keys: set[str]) -> _Commands | None:
    noun = device.type
    if "tilt" in keys and is_number(before.get("tilt")) and "position" not in keys:
        return [("set_cover_tilt_position", {"tilt_position": before["tilt"]})]
    position, state = before.get("position"), before.get("cover")
    if device.features.position and is_number(position) and 0 < as_number(position) < 100:
        return [(f"set_{noun}_position", {"position": round(as_number(position))})]
    if state in ("open", "opening") or position == 100:
        return [(f"open_{noun}", {})]
    if state in ("closed", "closing") or position == 0:
        return [(f"close_{noun}", {})]
    return None


def _lock(device: Device, before: State, keys: set[str]) -> _Commands | None:
    verb = {"locked": "lock", "unlocked": "unlock", "open": "unlock"}.get(str(before.get("lock")))
    return [(verb, {})] if verb else None


def _alarm_panel(device: Device, before: State, keys: set[str]) -> _Commands | None:
    state = str(before.get("alarm", ""))
    if state == "disarmed":
        return [("alarm_disarm", {})]
    return [(f"alarm_arm_{state[6:]}", {})] if state.startswith("armed_") else None


_CLIMATE = {
    "hvac_mode": "set_hvac_mode", "preset_mode": "set_preset_mode", "fan_mode": "set_fan_mode",
    "swing_mode": "set_swing_mode", "operation_mode": "set_operation_mode",
}  # fmt: skip


def _climate(device: Device, before: State, keys: set[str]) -> _Commands | None:
    commands: _Commands = [
        (verb, {key: before[key]}) for key, verb in _CLIMATE.items() if key in keys & before.keys()
    ]
    span = {"target_temp_low", "target_temp_high"}
    if span & keys and span <= before.keys():
        commands.append(("set_temperature", {key: before[key] for key in sorted(span)}))
    elif "temperature" in keys and "temperature" in before:
        commands.append(("set_temperature", {"temperature": before["temperature"]}))
    if "humidity" in keys and "humidity" in before:
        commands.append(("set_humidity", {"humidity": before["humidity"]}))
    return commands or None


def _humidifier(device: Device, before: State, keys: set[str]) -> _Commands | None:
    commands: _Commands = []
    if "humidity" in keys and "humidity" in before:
        commands.append(("set_humidity", {"humidity": before["humidity"]}))
    if "mode" in keys and "mode" in before:
        commands.append(("set_mode", {"mode": before["mode"]}))
    if "power" in keys:
        commands += _switch(device, before, keys) or []
    return commands or None


def _media_player(device: Device, before: State, keys: set[str]) -> _Commands | None:
    commands: _Commands = []
    if "volume_pct" in keys and is_number(before.get("volume_pct")):
        level = round(as_number(before["volume_pct"]) / 100, 2)
        commands.append(("volume_set", {"volume_level": level}))
    if "muted" in keys:
        commands.append(("volume_mute", {"is_volume_muted": before.get("muted") is True}))
    if "source" in keys and before.get("source") in device.features.sources:
        commands.append(("select_source", {"source": before["source"]}))
    if "media" in keys:
        verbs = {"playing": "media_play", "paused": "media_pause", "off": "turn_off"}
        verb = verbs.get(str(before.get("media")), "turn_on" if "media" in before else "")
        commands += [(verb, {})] if verb else []
    return commands or None


def _working(going: str, home: str) -> _Undo:
    def undo(device: Device, before: State, keys: set[str]) -> _Commands | None:
        if "fan_mode" in keys and "fan_mode" in before and device.type == "vacuum":
            return [("set_fan_speed", {"fan_speed": before["fan_mode"]})]
        value = str(before.get("value"))
        if value in ("cleaning", "mowing"):
            return [(going, {})]
        if value in ("docked", "returning", "charging"):
            return [(home, {})]
        return [("pause", {})] if value in ("paused", "idle") else None

    return undo


def _value(verb: str, field: str) -> _Undo:
    def undo(device: Device, before: State, keys: set[str]) -> _Commands | None:
        return [(verb, {field: before["value"]})] if "value" in before else None

    return undo


_BY_TYPE: dict[str, _Undo] = {
    "alarm_control_panel": _alarm_panel,
    "climate": _climate,
    "cover": _cover,
    "fan": _fan,
    "humidifier": _humidifier,
    "lawn_mower": _working("start_mowing", "dock"),
    "light": _light,
    "lock": _lock,
    "media_player": _media_player,
    "number": _value("set_value", "value"),
    "select": _value("select_option", "option"),
    "siren": _switch,
    "switch": _switch,
    "text": _value("set_value", "value"),
    "vacuum": _working("start", "return_to_base"),
    "valve": _cover,
    "water_heater": _climate,
}
