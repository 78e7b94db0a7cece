"""Lights, switches, covers, locks, fans and thermostats as Zigbee2MQTT has them.

https://www.zigbee2mqtt.io/guide/usage/exposes.html#specific and the devices' own pages.
"""

from __future__ import annotations

from assistant.home.colors import hs_to_rgb, rgb_to_hs, rgb_to_xy, xy_to_rgb
from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.climates import HVAC_MODES
from assistant.home.simulator.climates import degrees as range_of
from assistant.home.simulator.wire import Document, number_in, on_off
from assistant.home.simulator.zigbee_form import (
    ALL,
    PUBLISHED,
    READABLE,
    SETTABLE,
    Form,
    binary,
    choice,
    composite,
    numeric,
    specific,
)
from assistant.types import SlotValue

_STEPS = {"off": 0, "low": 33, "medium": 66, "high": 100}


def light(device: Device) -> Form:
    """`brightness` 0 to 254, `color_temp` in mireds, `color` as xy or hue and saturation."""
    features = device.features
    entries = [binary("state", "ON", "OFF", value_toggle="TOGGLE")]
    if features.brightness:
        entries.append(numeric("brightness", 0, 254))
    if features.color_temp:
        warmest, coldest = features.color_temp
        low, high = round(1e6 / coldest), round(1e6 / warmest)
        entries.append(numeric("color_temp", low, high, unit="mired"))
    if features.color:
        xy = [numeric(axis, None, None) for axis in ("x", "y")]
        hs = [numeric(axis, None, None) for axis in ("hue", "saturation")]
        entries += [composite("color_xy", "color", *xy), composite("color_hs", "color", *hs)]
    exposes = [specific("light", *entries)]
    if features.effects:
        exposes.append(choice("effect", features.effects, SETTABLE))
    return Form(exposes, _hear_light, _show_light)


def _hear_light(document: Document, state: State) -> tuple[Wish, ...]:
    data: dict[str, SlotValue] = {}
    try:
        if "brightness" in document:
            data["brightness_pct"] = round(number_in(document["brightness"]) / 2.54, 1)
        if "color_temp" in document:
            data["color_temp_kelvin"] = 1e6 / number_in(document["color_temp"])
        if "color" in document:
            data["rgb_color"] = _rgb(document["color"])
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise NonsenseError(f"this is no light's payload: {error!r}") from error
    if "effect" in document:
        data["effect"] = str(document["effect"])
    if "state" in document:
        return (Wish(on_off(document, "state", state.get("power")), data),)
    if not data:
        raise NonsenseError("there is nothing for a light in it")
    if "brightness_pct" in data:  # without a state, brightness switches and colour does not
        return (Wish("turn_on" if data["brightness_pct"] else "turn_off", data),)
    return (Wish("adjust", data),)


def _rgb(color: Document) -> tuple[int, int, int]:
    if "x" in color:
        return xy_to_rgb(number_in(color["x"]), number_in(color["y"]))
    if "hue" in color:
        return hs_to_rgb(number_in(color["hue"]), number_in(color.get("saturation", 100)))
    if "hex" in color:
        return tuple(bytes.fromhex(str(color["hex"]).lstrip("#")))  # type: ignore[return-value]
    return round(number_in(color["r"])), round(number_in(color["g"])), round(number_in(color["b"]))


def _show_light(state: State) -> Document:
    shown: Document = {"state": str(state.get("power", "off")).upper()}
    percent, kelvin = state.get("brightness_pct"), state.get("color_temp_kelvin")
    if is_number(percent):
        shown["brightness"] = round(as_number(percent) * 2.54)
    if is_number(kelvin):
        shown["color_temp"] = round(1e6 / as_number(kelvin))
        shown["color_mode"] = "color_temp"
    rgb = state.get("rgb_color")
    if isinstance(rgb, tuple) and state.get("color_mode", "rgb") == "rgb":
        red, green, blue = (round(as_number(channel)) for channel in rgb)
        x, y = rgb_to_xy((red, green, blue))
        hue, saturation = rgb_to_hs((red, green, blue))
        shown["color"] = {"x": x, "y": y, "hue": round(hue), "saturation": round(saturation)}
        shown["color_mode"] = "xy"
    return shown


def switch(device: Device) -> Form:
    """`state` ON and OFF."""

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        if "state" not in document:
            raise NonsenseError("there is no state in it")
        return (Wish(on_off(document, "state", state.get("power"))),)

    exposes = [specific("switch", binary("state", "ON", "OFF", value_toggle="TOGGLE"))]
    return Form(exposes, hear, lambda state: {"state": str(state.get("power")).upper()})


def cover(device: Device) -> Form:
    """`state` OPEN, CLOSE, STOP; `position` and `tilt`."""
    features = device.features
    orders = {"OPEN": "open_cover", "CLOSE": "close_cover", "STOP": "stop_cover"}
    numbers = {"position": ("set_cover_position", "position")} if features.position else {}
    if features.tilt:
        numbers["tilt"] = ("set_cover_tilt_position", "tilt_position")
    entries = [choice("state", tuple(orders), PUBLISHED | SETTABLE)]
    entries += [numeric(name, 0, 100, unit="%") for name in numbers]

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        wishes = [
            Wish(name, {field: document[key]})
            for key, (name, field) in numbers.items()
            if key in document
        ]
        order = str(document.get("state", "")).upper()
        if "state" in document and order not in orders:
            raise NonsenseError(f"state must be OPEN, CLOSE or STOP, not {document['state']!r}")
        if order:
            wishes.append(Wish(orders[order]))
        return tuple(wishes)

    def show(state: State) -> Document:
        closed = state.get("cover") == "closed"
        return {"state": "CLOSE" if closed else "OPEN"} | {
            key: state[key] for key in numbers if key in state
        }

    return Form([specific("cover", *entries)], hear, show)


def lock(device: Device) -> Form:
    """`state` LOCK and UNLOCK, and `lock_state`."""
    words = {"LOCK": "lock", "UNLOCK": "unlock"}
    lock_states = choice("lock_state", ("not_fully_locked", "locked", "unlocked"), PUBLISHED)

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        order = str(document.get("state", "")).upper()
        if order not in words:
            raise NonsenseError(f"state must be LOCK or UNLOCK, not {document.get('state')!r}")
        return (Wish(words[order]),)

    def show(state: State) -> Document:
        locked = state.get("lock") == "locked"
        return {
            "state": "LOCK" if locked else "UNLOCK",
            "lock_state": "locked" if locked else "unlocked",
        }

    return Form([specific("lock", binary("state", "LOCK", "UNLOCK"), lock_states)], hear, show)


def fan(device: Device) -> Form:
    """`speed` 1 to 254, or a `fan_mode` of three speeds or of presets."""
    features = device.features
    entries = [binary("state", "ON", "OFF")]
    stepped = features.percentage and abs(features.percentage_step - 100 / 3) < 1
    names = tuple(_STEPS) if stepped else ("off", *features.presets) if features.presets else ()
    if names:
        entries = [binary("state", "ON", "OFF", property="fan_state")]
        entries.append(choice("mode", names, property="fan_mode"))
    elif features.percentage:
        entries.append(numeric("speed", 0, 254))
    key = "fan_state" if names else "state"

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        wishes = []
        if key in document:
            wishes.append(Wish(on_off(document, key, state.get("power"))))
        if names and "fan_mode" in document:
            wishes.append(_fan_mode(str(document["fan_mode"]), names, bool(stepped)))
        if not names and "speed" in document:
            percent = round(number_in(document["speed"]) / 2.54)
            wishes.append(Wish("set_percentage", {"percentage": percent}))
        if not wishes:
            raise NonsenseError("there is nothing for a fan in it")
        return tuple(wishes)

    def show(state: State) -> Document:
        on, percent = state.get("power") == "on", state.get("percentage")
        shown: Document = {key: "ON" if on else "OFF"}
        if stepped and is_number(percent):
            nearest = min(_STEPS, key=lambda name: abs(_STEPS[name] - as_number(percent)))
            shown["fan_mode"] = nearest if on else "off"
        elif names:
            shown["fan_mode"] = state.get("preset_mode") if on else "off"
        elif is_number(percent):
            shown["speed"] = round(as_number(percent) * 2.54) if on else 0
        return shown

    return Form([specific("fan", *entries)], hear, show)


def _fan_mode(mode: str, known: tuple[str, ...], stepped: bool) -> Wish:
    if mode not in known:
        raise NonsenseError(f"fan_mode must be one of {', '.join(known)}, not {mode!r}")
    if mode == "off":
        return Wish("turn_off")
    if stepped:
        return Wish("set_percentage", {"percentage": _STEPS[mode]})
    return Wish("set_preset_mode", {"preset_mode": mode})


def climate(device: Device) -> Form:
    """Setpoints, `local_temperature`, `system_mode`, and what else it has."""
    features = device.features
    low, high = range_of(device, (7.0, 35.0))
    unit = "°F" if "F" in features.unit else "°C"
    settable = {"occupied_heating_setpoint": "temperature"}
    if features.temperature_span:
        settable = {
            "occupied_heating_setpoint": "target_temp_low",
            "occupied_cooling_setpoint": "target_temp_high",
        }
    lists = {"system_mode": ("set_hvac_mode", "hvac_mode", features.modes or HVAC_MODES)}
    if features.fan_modes:
        lists["fan_mode"] = ("set_fan_mode", "fan_mode", features.fan_modes)
    if features.presets:
        lists["preset"] = ("set_preset_mode", "preset_mode", features.presets)
    if features.swing_modes:
        lists["swing_mode"] = ("set_swing_mode", "swing_mode", features.swing_modes)
    entries = [
        numeric(name, low, high, value_step=features.temperature_step, unit=unit)
        for name in settable
    ]
    entries.append(numeric("local_temperature", None, None, PUBLISHED | READABLE, unit=unit))
    entries += [choice(name, known, ALL) for name, (_, _, known) in lists.items()]

    def hear(document: Document, state: State) -> tuple[Wish, ...]:
        wishes = [
            Wish(name, {field: str(document[key])})
            for key, (name, field, _) in lists.items()
            if key in document
        ]
        goals = {field: document[key] for key, field in settable.items() if key in document}
        if goals:
            wishes.append(Wish("set_temperature", goals))
        if not wishes:
            raise NonsenseError("there is nothing for a thermostat in it")
        return tuple(wishes)

    def show(state: State) -> Document:
        keys = {**settable, **{key: field for key, (_, field, _) in lists.items()}}
        keys["local_temperature"] = "current_temperature"
        return {key: state[field] for key, field in keys.items() if field in state}

    return Form([specific("climate", *entries)], hear, show)
