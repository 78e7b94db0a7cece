"""Single values: sensors, numbers, choices, texts, buttons, events; and sirens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.zigbee2mqtt.classes import (
    BINARY_CLASSES,
    NUMERIC_CLASSES,
    TECHNICAL,
    UNIT_CLASSES,
)
from assistant.home.mqtt.zigbee2mqtt.entries import Entry
from assistant.home.mqtt.zigbee2mqtt.exposed import Exposed, as_number

_PLAIN = ("binary", "numeric", "enum", "text")
_SIRENS = frozenset({"alarm", "siren"})
_LONGEST_EVENT = 64
_LEVELS = ("low", "medium", "high", "very_high")


def single(entry: Entry) -> Iterator[Exposed]:
    """The components of a value, of a list of values, or of a composite of them."""
    if entry.kind == "composite":
        yield from _composite(entry)
    elif entry.name == "action":
        if entry.kind == "enum" and entry.published:
            yield _event(entry)
    elif entry.kind == "list":
        if entry.published and _plain_items(entry):
            yield _list(entry)
    elif entry.kind in _PLAIN and (entry.published or entry.settable):
        found = _MAKERS[entry.kind](entry)
        if found is not None:
            yield found


def _described(entry: Entry, **more: Any) -> dict[str, Any]:
    """The options that all single values have."""
    document: dict[str, Any] = dict(more)
    if entry.published:
        document["state_topic"] = entry.key
    if entry.settable:
        document["command_topic"] = entry.key
    return document


def _exposed(
    entry: Entry, component: str, document: Mapping[str, Any], object_id: str = "", **more: Any
) -> Exposed:
    technical = bool(entry.category) or entry.name in TECHNICAL
    return Exposed(
        component,
        object_id or entry.key,
        document,
        label=entry.label,
        endpoint=entry.endpoint,
        technical=technical,
        readable={entry.key: ""} if entry.readable and not technical else {},
        **more,
    )


def _binary(entry: Entry) -> Exposed | None:
    if entry.settable and entry.name in _SIRENS:
        return _plain_siren(entry)
    words = {entry.key: entry.binary()}
    if entry.settable:
        document = _described(entry)
        named = f"switch_{entry.key}"
        return _exposed(entry, "switch", document, object_id=named, words=words)
    document = _described(entry, device_class=BINARY_CLASSES.get(entry.name))
    return _exposed(entry, "binary_sensor", document, words=words)


def _numeric(entry: Entry) -> Exposed | None:
    known = NUMERIC_CLASSES.get(entry.name) or UNIT_CLASSES.get(entry.unit)
    document = _described(entry, unit_of_measurement=entry.unit or None, device_class=known)
    if not entry.settable:
        return _exposed(entry, "sensor", {**document, "state_class": "measurement"})
    low, high = entry.limit("value_min", 0), entry.limit("value_max", 65535)
    document |= {"min": low, "max": high, "step": entry.limit("value_step", 1)}
    return _exposed(entry, "number", document)


def _enum(entry: Entry) -> Exposed | None:
    values = entry.values()
    words = {entry.key: values}
    if not entry.settable:
        return _exposed(entry, "sensor", _described(entry))
    if not entry.published and len(values) == 1:
        document = _described(entry, payload_press=next(iter(values)))
        return _exposed(entry, "button", document, words=words)
    return _exposed(entry, "select", _described(entry, options=list(values)), words=words)


def _text(entry: Entry) -> Exposed | None:
    if not entry.settable:
        return _exposed(entry, "sensor", _described(entry))

    def tell(name: str, value: Any, state: State) -> Mapping[str, Any]:
        return {entry.key: str(value)}

    return _exposed(entry, "text", _described(entry), tell=tell)


_MAKERS = {"binary": _binary, "numeric": _numeric, "enum": _enum, "text": _text}


def _event(entry: Entry) -> Exposed:
    """What was pressed, turned or shaken; an empty text says that it is over."""
    values = list(entry.values())

    def derive(own: Mapping[str, Any]) -> Mapping[str, Any]:
        fired = own.get(entry.key)
        said = isinstance(fired, str) and fired.isprintable() and len(fired) <= _LONGEST_EVENT
        return {"fired": fired if said else None}

    listed = [value for value in values if "*" not in value] or values
    return _exposed(entry, "event", {"state_topic": "fired", "event_types": listed}, derive=derive)


def fired(text: str) -> State:
    """Any event that a device tells: the list of them often lacks some (`scene_*`)."""
    return {"event": text} if text else {}


def _plain_items(entry: Entry) -> bool:
    item = entry.raw.get("item_type")
    kind = item.get("type") if isinstance(item, dict) else item
    return kind in (*_PLAIN, "number", "string")


def _list(entry: Entry) -> Exposed:
    """A list of values, read out one after the other."""

    def derive(own: Mapping[str, Any]) -> Mapping[str, Any]:
        items = own.get(entry.key)
        if not isinstance(items, list):
            return {}
        return {entry.key: ", ".join(str(item) for item in items)}

    found = _exposed(entry, "sensor", {"state_topic": entry.key}, derive=derive)
    return replace(found, technical=found.technical or entry.settable)


def _composite(entry: Entry) -> Iterator[Exposed]:
    """A siren, or values told together. What is set together has no words to say it by."""
    features = entry.features()
    if entry.name == "warning" and "mode" in features and entry.settable:
        yield _siren(entry, features)
    elif entry.published:
        for name, feature in features.items():
            if feature.kind not in _PLAIN:
                continue
            alone = replace(feature, key=f"{entry.key}_{feature.key}", access=1)
            for one in single(alone):
                yield replace(
                    one,
                    label=f"{entry.label} {name.replace('_', ' ')}",
                    technical=one.technical or entry.settable or bool(entry.category),
                    names={alone.key: (entry.key, feature.key)},
                )


def _plain_siren(entry: Entry) -> Exposed:
    """A siren that is only on or off; its melody and loudness are choices beside it."""
    values = entry.binary()

    def tell(name: str, value: Any, state: State) -> Mapping[str, Any]:
        asked = json.loads(value) if value.startswith("{") else {"state": value}
        return {entry.key: values["OFF" if asked.get("state") == "OFF" else "ON"]}

    document: dict[str, Any] = {"command_topic": entry.key}
    if entry.published:
        document["state_topic"] = "sounds"
    return _exposed(
        entry, "siren", {**document, "support_duration": False, "support_volume_set": False},
        object_id=f"switch_{entry.key}", names={"sounds": entry.key}, words={"sounds": values},
        tell=tell,
    )  # fmt: skip


def _siren(entry: Entry, features: Mapping[str, Entry]) -> Exposed:
    """A siren (`warning`): sounds in one of its modes until told to stop, or for a time."""
    modes = features["mode"].values()
    tones = [mode for mode in modes if mode != "stop"]
    if not tones:
        raise AnnouncementError("a siren without tones")
    level = features.get("level")
    levels = [one for one in _LEVELS if level is not None and one in level.values()]
    usual = next((one for one in ("emergency", "burglar") if one in tones), tones[0])

    def tell(name: str, value: Any, state: State) -> Mapping[str, Any]:
        asked = json.loads(value) if value.startswith("{") else {"state": value}
        if asked.get("state") == "OFF":
            return {entry.key: {"mode": "stop"}}
        warning: dict[str, Any] = {"mode": modes.get(str(asked.get("tone")), modes[usual])}
        loudness = as_number(str(asked.get("volume_level")))
        if levels and isinstance(loudness, int | float):
            warning["level"] = levels[min(len(levels) - 1, int(loudness * len(levels)))]
        elif levels:
            warning["level"] = levels[-1]
        if "strobe" in features:
            warning["strobe"] = True
        if "duration" in features and asked.get("duration") is not None:
            warning["duration"] = as_number(str(asked["duration"]))
        return {entry.key: warning}

    document = {
        "command_topic": entry.key,
        "available_tones": tones,
        "support_duration": "duration" in features,
        "support_volume_set": bool(levels),
    }
    return replace(
        _exposed(entry, "siren", document, tell=tell), label="Siren" if entry.endpoint else ""
    )
