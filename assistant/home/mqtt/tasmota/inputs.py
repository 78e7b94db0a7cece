"""A Tasmota device's buttons (SetOption73) and switches (SetOption114), told of apart from relays.

Switch modes: tasmota.github.io/docs/Buttons-and-Switches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assistant.home.mqtt.tasmota.config import TasmotaConfig, spoken
from assistant.home.mqtt.tasmota.messages import Part

_SWAPPED_OPTION, _SINGLE_OPTION = 11, 13
_PRESSES = {
    "SINGLE": "single", "DOUBLE": "double", "TRIPLE": "triple",
    "QUAD": "quadruple", "PENTA": "quintuple", "HOLD": "hold",
}  # fmt: skip
_SHOWING = frozenset({1, 2, 3, 4, 5, 6, 9, 10, 13, 14})
"""Modes in which a switch is on or off."""
_MOTION = frozenset({13, 14})
"""Modes in which it is only ever on: for a moment."""
_TOGGLE, _HOLD = 2, 3
_PRESSED = {
    **{mode: {_TOGGLE: "single"} for mode in (0, 3, 4, 7, 11, 12)},
    **{mode: {_TOGGLE: "single", _HOLD: "hold"} for mode in (5, 6)},
    8: {_TOGGLE: "single", _HOLD: "double"},
    **{mode: {_HOLD: "double"} for mode in (9, 10)},
}
"""By mode: what the words for toggle and hold tell of."""


def inputs(config: TasmotaConfig) -> Iterator[Part]:
    """All that is pressed or switched."""
    for place, used in enumerate(config.buttons):
        if used == 1:
            yield _button(config, place)
    for place, mode in enumerate(config.switch_modes):
        given = config.switch_names[place] if place < len(config.switch_names) else ""
        if mode in _SHOWING:
            yield _switch(config, place, mode, given)
        if words := _PRESSED.get(mode):
            known = {config.words[at]: type_ for at, type_ in words.items()
                     if at < len(config.words)}  # fmt: skip
            key, name = given or f"Switch{place + 1}", _spoken(config, given, "switch", place)
            yield _event(f"SW_{place + 1}_EVENT", name, key, known)


def _button(config: TasmotaConfig, place: int) -> Part:
    words = dict(_PRESSES)
    if config.option(_SINGLE_OPTION):
        words = {"SINGLE": "single"}
    elif config.option(_SWAPPED_OPTION):
        words |= {"SINGLE": "double", "DOUBLE": "single"}
    used = sum(one == 1 for one in config.buttons)
    name = f"{config.name} button" if used == 1 else f"{config.name} button {place + 1}"
    return _event(f"BTN_{place + 1}", name, f"Button{place + 1}", words)


def _event(suffix: str, name: str, key: str, words: Mapping[str, str]) -> Part:
    def derive(flat: Mapping[str, Any]) -> Mapping[str, Any]:
        told = flat.get(f"{key}.Action")
        type_ = words.get(told) if isinstance(told, str) else None
        return {"fired": json.dumps({"event_type": type_}) if type_ else None}

    types = list(dict.fromkeys(words.values()))
    document = {"state_topic": f"{key}.fired", "event_types": types}
    return Part("event", suffix, name, document, derive=_under(key, derive))


def _under(
    key: str, derive: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """`derive`, with its answers under the input's key: answers have topics of that name."""
    return lambda flat: {f"{key}.{name}": value for name, value in derive(flat).items()}


def _switch(config: TasmotaConfig, place: int, mode: int, given: str) -> Part:
    key = given or f"Switch{place + 1}"
    off, on = config.words[:2]

    def derive(flat: Mapping[str, Any]) -> Mapping[str, Any]:
        told = flat.get(key)
        told = told.get("Action") if isinstance(told, dict) else told
        return {"shown": told if told in (off, on) else None}

    document: dict[str, Any] = {
        "state_topic": f"{key}.shown", "payload_off": off, "payload_on": on,
    }  # fmt: skip
    motion = mode in _MOTION
    if motion:
        document["device_class"] = "motion"
    return Part(
        "binary_sensor", f"SW_{place + 1}", _spoken(config, given, "switch", place), document,
        sensed=True, derive=_under(key, derive), expires=(1.0, "off") if motion else None,
    )  # fmt: skip


def _spoken(config: TasmotaConfig, given: str, kind: str, place: int) -> str:
    """What an input is called: as its user named it, else by the device and its number."""
    if given and not re.fullmatch(rf"{kind}\d+", given, re.IGNORECASE):
        return spoken(given)
    used = sum(mode >= 0 for mode in config.switch_modes)
    return f"{config.name} {kind}" if used == 1 else f"{config.name} {kind} {place + 1}"
