"""Lights, switches, covers, locks, fans: what Zigbee2MQTT exposes with features of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.properties import WHOLE
from assistant.home.mqtt.zigbee2mqtt.classes import MOVEMENTS, SPEEDS, TECHNICAL
from assistant.home.mqtt.zigbee2mqtt.entries import Entry
from assistant.home.mqtt.zigbee2mqtt.exposed import Exposed

_ASKED_COLOR = {"color_xy": {"x": "", "y": ""}, "color_hs": {"hue": "", "saturation": ""}}


def light(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A light; its effects are exposed beside it."""
    features = entry.features()
    state = _needed(entry, features, "state")
    modes = [name.removeprefix("color_") for name in features if name in _ASKED_COLOR][:1]
    document: dict[str, Any] = {
        "schema": "json",
        "state_topic": WHOLE,
        "command_topic": WHOLE,
        "brightness": "brightness" in features,
        "brightness_scale": 254,
        "supported_color_modes": modes,
    }
    if (dimmer := features.get("brightness")) is not None:
        document["brightness_scale"] = dimmer.limit("value_max", 254)
    if (warmth := features.get("color_temp")) is not None:
        modes.append("color_temp")
        document["min_mireds"] = warmth.limit("value_min", 153)
        document["max_mireds"] = warmth.limit("value_max", 500)
    words = {"state": state.binary()}
    used = [features[name] for name in ("state", "brightness", "color_temp") if name in features]
    names = _names(used)
    readable = _readable(used)
    if color := next((one for name, one in features.items() if name in _ASKED_COLOR), None):
        names |= {"color": color.key} if color.key != "color" else {}
        readable |= {color.key: _ASKED_COLOR[color.name]} if color.readable else {}
    if entry.endpoint:
        names["color_mode"] = f"color_mode{entry.suffix}"
    if (effect := effect_of(entry, others)) is not None:
        words["effect"] = effect.values()
        document |= {"effect": True, "effect_list": list(words["effect"])}
        names |= _names([effect])
    # Few lights tell which effect they show.
    silent = effect is None or not effect.published
    return _component(
        entry, "light", document,
        names=names, words=words, readable=readable, derive=_without_zero_mireds,
        unconfirming=frozenset({"effect"} if silent else ()),
    )  # fmt: skip


def _without_zero_mireds(own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lamps that have never shown white say so by a colour temperature of 0."""
    mireds = own.get("color_temp")
    return {"color_temp": None} if isinstance(mireds, int | float) and mireds <= 0 else {}


def effect_of(light: Entry, others: Sequence[Entry]) -> Entry | None:
    """The choice of effects that belongs to a light."""
    return next(
        (
            one
            for one in others
            if one.kind == "enum" and one.name == "effect" and one.settable
            and one.endpoint == light.endpoint
        ),
        None,
    )  # fmt: skip


def switch(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A switch; some are settings of something else."""
    state = _needed(entry, entry.features(), "state")
    document = {"state_topic": "state", "command_topic": "state"}
    words = {"state": state.binary()}
    return _component(
        entry, "switch", document,
        names=_names([state]), words=words, readable=_readable([state]), state=state,
    )  # fmt: skip


def lock(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A lock; what else it says of itself only tells whether it is jammed."""
    features = entry.features()
    state = _needed(entry, features, "state")
    values = state.binary("LOCK", "UNLOCK")
    words = {"state": {"LOCK": values["ON"], "UNLOCK": values["OFF"]}}
    document = {
        "state_topic": "shown", "command_topic": "state",
        "state_locked": "LOCK", "state_unlocked": "UNLOCK", "state_jammed": "not_fully_locked",
    }  # fmt: skip
    used = [features[name] for name in ("state", "lock_state") if name in features]

    def derive(own: Mapping[str, Any]) -> Mapping[str, Any]:
        # While it is unlocked, a bolt that has not been drawn in all the way is no fault.
        state, bolt = own.get("state"), own.get("lock_state")
        jammed = state == "LOCK" and bolt == "not_fully_locked"
        return {"shown": bolt if jammed else state}

    return _component(
        entry, "lock", document,
        names=_names(used), words=words, readable=_readable([state]), state=state, derive=derive,
    )  # fmt: skip


def cover(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A cover: what its motor does is exposed beside it, if at all."""
    features = entry.features()
    state, position, tilt = (features.get(name) for name in ("state", "position", "tilt"))
    motor = next(
        (
            one
            for one in others
            if one.kind == "enum" and one.name in ("motor_state", "moving")
            and one.endpoint == entry.endpoint and not one.settable
        ),
        None,
    )  # fmt: skip
    document: dict[str, Any] = {"state_topic": "shown"}
    if state is not None:
        document["command_topic"] = "state"
        if state.kind == "enum" and "STOP" not in state.values():
            document["payload_stop"] = None
    if position is not None:
        document |= {"position_topic": "position", "set_position_topic": "position"}
    if tilt is not None:
        document |= {"tilt_status_topic": "tilt", "tilt_command_topic": "tilt"}
        document["payload_stop_tilt"] = None
    used = [one for one in (state, position, tilt) if one is not None]
    names = _names(used)
    if motor is not None:
        names["motor"] = motor.key

    def derive(own: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"shown": _movement(own)}

    # Without a motor's word, whether it is open is but another way to tell the position.
    follows = frozenset({"cover"} if position is not None and motor is None else ())
    return _component(
        entry, "cover", document,
        names=names, words={}, readable=_readable(used), derive=derive, unconfirming=follows,
    )  # fmt: skip


def _movement(own: Mapping[str, Any]) -> str | None:
    """What a cover does, or how it stands, in Home Assistant's words."""
    motor, position = own.get("motor"), own.get("position")
    if isinstance(motor, str) and motor.lower() in MOVEMENTS:
        return MOVEMENTS[motor.lower()]
    if isinstance(position, int | float) and not isinstance(position, bool):
        return "closed" if position <= 0 else "open"
    state = own.get("state")
    words = {"OPEN": "open", "CLOSE": "closed", "STOP": "stopped"}
    return words.get(state.upper()) if isinstance(state, str) else None


def fan(entry: Entry, others: Sequence[Entry]) -> Exposed:
    """A fan with speeds, or with modes of which some are speeds."""
    features = entry.features()
    state, mode, speed = (features.get(name) for name in ("state", "mode", "speed"))
    used = [one for one in (state, mode, speed) if one is not None]
    names = _names(used)
    words: dict[str, Mapping[str, Any]] = {}
    document: dict[str, Any] = {"state_topic": "state", "command_topic": "state"}
    if state is not None:
        words["state"] = state.binary()
    if mode is not None:
        values = mode.values()
        speeds = [one for one in SPEEDS if one in values]
        if state is None:
            on = next((one for one in ("on", *speeds) if one in values), None)
            if on is None or "off" not in values:
                raise AnnouncementError("a fan that can be neither on nor off")
            document |= {"command_topic": "power", "payload_off": "off", "payload_on": on}
            words["power"] = values
        presets = [one for one in values if one not in (*speeds, "off")]
        if speeds:
            words["step"] = {str(step): values[one] for step, one in enumerate(speeds, 1)}
            document |= _speed("step", len(speeds))
        if presets:
            words["preset"] = {one: values[one] for one in presets}
            document |= {"preset_mode_state_topic": "preset", "preset_modes": presets}
            document["preset_mode_command_topic"] = "preset"
        names |= dict.fromkeys(("power", "step", "preset"), mode.key)
    elif speed is not None:
        document |= _speed("speed", speed.limit("value_max", 254))
        document["speed_range_min"] = max(1, speed.limit("value_min", 1))
    if state is None and mode is None:
        raise AnnouncementError("a fan without state")

    def derive(own: Mapping[str, Any]) -> Mapping[str, Any]:
        shown = own.get("power")
        if state is not None or shown is None:
            return {}
        return {"state": "off" if shown == "off" else document["payload_on"]}

    readable = _readable(used)
    return _component(
        entry, "fan", document, names=names, words=words, readable=readable, derive=derive
    )


def _speed(name: str, steps: float) -> dict[str, Any]:
    if steps < 2:
        return {}
    return {
        "percentage_state_topic": name, "percentage_command_topic": name,
        "speed_range_min": 1, "speed_range_max": steps,
    }  # fmt: skip


def _component(
    entry: Entry,
    component: str,
    document: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    words: Mapping[str, Mapping[str, Any]],
    readable: Mapping[str, Any],
    state: Entry | None = None,
    **more: Any,
) -> Exposed:
    """A component of its type's name, or of its property's, if that is no plain `state`."""
    own = state is not None and state.key != f"state{entry.suffix}"
    return Exposed(
        component,
        state.key if own and state is not None else f"{component}{entry.suffix}",
        document,
        label=_called(state) if own and state is not None else entry.place.capitalize(),
        endpoint=entry.endpoint,
        technical=bool(entry.category) or (own and state is not None and _is_setting(state)),
        names=names,
        words=words,
        readable=readable,
        **more,
    )


def _is_setting(state: Entry) -> bool:
    return state.key.removesuffix(state.suffix) in TECHNICAL


def _called(state: Entry) -> str:
    return state.key.replace("_", " ").capitalize()


def _needed(entry: Entry, features: Mapping[str, Entry], name: str) -> Entry:
    if name not in features:
        raise AnnouncementError(f"a {entry.kind} without {name}")
    return features[name]


def _names(entries: Sequence[Entry]) -> dict[str, Any]:
    return {one.name: one.key for one in entries if one.key != one.name}


def _readable(entries: Sequence[Entry]) -> dict[str, Any]:
    return {one.key: "" for one in entries if one.readable}
