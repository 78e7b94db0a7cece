"""The entries of `bridge/devices`: who a device is, what it exposes, how it is spoken to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import AnnouncementError, Availability, Binding, Message
from assistant.home.mqtt.homeassistant.discovery import bind
from assistant.home.mqtt.properties import over_json
from assistant.home.mqtt.topics import valid_topic
from assistant.home.mqtt.zigbee2mqtt import specific
from assistant.home.mqtt.zigbee2mqtt.climates import climate
from assistant.home.mqtt.zigbee2mqtt.entries import Entry, read_entry
from assistant.home.mqtt.zigbee2mqtt.exposed import Exposed
from assistant.home.mqtt.zigbee2mqtt.generic import fired, single
from assistant.home.mqtt.zigbee2mqtt.naming import Title
from assistant.types import Action

_IEEE = re.compile(r"0x[0-9a-f]{16}")
_VALVE = re.compile(r"\bvalves?\b")
_MOST_SCENES = 256

_SPECIFIC: Mapping[str, Callable[[Entry, Sequence[Entry]], Exposed]] = {
    "light": specific.light,
    "switch": specific.switch,
    "cover": specific.cover,
    "lock": specific.lock,
    "fan": specific.fan,
    "climate": climate,
}


@dataclass(frozen=True, slots=True)
class ZigbeeDevice:
    """A device of a Zigbee network."""

    ieee: str
    friendly_name: str
    title: Title
    exposed: tuple[Exposed, ...]
    endpoints: Mapping[int, str]
    """Names of its endpoints by number, where it has several of a kind."""
    scenes: Sequence[tuple[str, Exposed]]
    """With the endpoint to be told, or nothing."""
    awake: bool
    """Whether it listens all the time: it is not fed by a battery."""
    faults: tuple[str, ...]
    """Why parts of it are left out."""


def read_device(entry: object) -> ZigbeeDevice | None:
    """A device; None for what is none, or not to be used. Raises `AnnouncementError`."""
    about = named(entry)
    ieee = str(about.get("ieee_address")).lower()
    if not _IEEE.fullmatch(ieee):
        raise AnnouncementError("ieee_address is missing")
    definition = about.get("definition")
    if about.get("type") == "Coordinator" or about.get("disabled") is True or definition is None:
        return None
    exposes = definition.get("exposes") if isinstance(definition, dict) else None
    if not isinstance(exposes, list):
        raise AnnouncementError("exposes are missing")
    found, faults = _components(exposes)
    if faults and not found:
        raise AnnouncementError(faults[0])
    found = [_guarded(one, found, definition.get("description")) for one in found]
    endpoints = _endpoints(about.get("endpoints"))
    named_ends = {number: name for number, (name, _) in endpoints.items() if name}
    multiple = {one.endpoint for one in found if one.endpoint}
    source = about.get("power_source")
    mains = isinstance(source, str) and source.startswith(("Mains", "DC", "Emergency"))
    return ZigbeeDevice(
        ieee=ieee,
        friendly_name=about["friendly_name"],
        title=Title.of_device(about, definition),
        exposed=tuple(found),
        endpoints={number: name for number, name in named_ends.items() if name in multiple},
        scenes=[
            (name if name in multiple else "", scene)
            for name, listed in endpoints.values()
            for scene in scenes(listed)
        ],
        awake=mains or about.get("type") == "Router",
        faults=tuple(faults),
    )


def named(entry: object) -> Mapping[str, Any]:
    """An entry with a friendly name that can be part of a topic. Raises `AnnouncementError`."""
    if not isinstance(entry, dict):
        raise AnnouncementError("expected a JSON object")
    name = entry.get("friendly_name")
    if not isinstance(name, str) or not name.strip() or not valid_topic(f"{name}/set"):
        raise AnnouncementError("friendly_name is missing, or no part of a topic")
    return entry


def _components(exposes: Sequence[object]) -> tuple[list[Exposed], list[str]]:
    """What can be made of `exposes`, and why the rest cannot."""
    faults: list[str] = []
    entries: list[Entry] = []
    for raw in exposes:
        try:
            entries.append(read_entry(raw))
        except AnnouncementError as error:
            faults.append(str(error))
    lights = [one for one in entries if one.kind == "light"]
    effects = [one.raw for light in lights if (one := specific.effect_of(light, entries))]
    found: dict[str, Exposed] = {}
    for entry in entries:
        if any(entry.raw is effect for effect in effects):
            continue
        try:
            if (maker := _SPECIFIC.get(entry.kind)) is not None:
                parts = [maker(entry, entries), *_beside(entry)]
            else:
                parts = list(single(entry))
        except AnnouncementError as error:
            faults.append(str(error))
            continue
        for part in parts:
            found.setdefault(part.object_id, part)
    return list(found.values()), faults


def _guarded(one: Exposed, beside: Sequence[Exposed], description: object) -> Exposed:
    """A component that opens a garage, a gate or a valve, marked so that it is asked about first.

    A water valve is exposed as a switch: on is open. A mere contact that drives a garage door would
    open it by a plain "turn on": it is no more than a setting, until its user has it exposed.
    """
    text = description.lower() if isinstance(description, str) else ""
    garage = "garage" in text or any(e.object_id == "garage_door_contact" for e in beside)
    if one.component == "cover" and (garage or "gate opener" in text):
        return replace(
            one, document={**one.document, "device_class": "garage" if garage else "gate"}
        )
    if one.component == "switch" and not one.technical and _VALVE.search(text):
        states = {"payload_open": "ON", "payload_close": "OFF", "payload_stop": None,
                  "state_open": "ON", "state_closed": "OFF"}  # fmt: skip
        return replace(one, component="valve", document={**one.document, **states})
    return replace(one, technical=True) if garage and one.component == "switch" else one


def _beside(entry: Entry) -> Iterator[Exposed]:
    """Settings of a thermostat that are worth a component of their own."""
    if entry.kind == "climate":
        for name, feature in entry.features().items():
            if name.startswith("unoccupied_") or name == "local_temperature_calibration":
                yield from single(feature)


def _endpoints(told: object) -> dict[int, tuple[str, object]]:
    """By number: an endpoint's name, and its scenes as they came."""
    found: dict[int, tuple[str, object]] = {}
    for number, about in told.items() if isinstance(told, dict) else ():
        if isinstance(about, dict) and number.isascii() and number.isdigit() and len(number) < 6:
            name = about.get("name")
            found[int(number)] = (name if isinstance(name, str) else "", about.get("scenes"))
    return found


def scenes(listed: object) -> list[Exposed]:
    """Scenes that a device or a group keeps."""
    found: list[Exposed] = []
    for scene in listed[:_MOST_SCENES] if isinstance(listed, list) else ():
        number = scene.get("id") if isinstance(scene, dict) else None
        if isinstance(number, bool) or not isinstance(number, int):
            continue
        name = scene.get("name")
        label = " ".join(name.split()) if isinstance(name, str) and name.strip() else ""
        document = {"command_topic": "scene_recall", "payload_on": str(number)}
        title = label[:80] or f"Scene {number}"
        found.append(Exposed("scene", f"scene_{number}", document, label=title))
    return found


def bindings(base: str, device: ZigbeeDevice, faults: list[str]) -> Iterator[Binding]:
    """All that a device is; what is wrong with the rest goes to `faults`."""
    speaker = Speaker.of(base, device.friendly_name, device.title, device.ieee)
    hardware = frozenset({device.ieee})
    question = {
        key: value
        for one in device.exposed
        if not one.technical
        for key, value in one.readable.items()
    }
    found = []
    for end, one in [*(("", one) for one in device.exposed), *device.scenes]:
        try:
            binding = bind_exposed(speaker, one, end)
        except AnnouncementError as error:
            faults.append(f"{one.object_id}: {error}")
            continue
        found.append(replace(binding, hardware=hardware))
    asked = Message(f"{speaker.topic}/get", _compact(question))
    if question and device.awake and found:
        # For the sake of what can be commanded, if anything: it is asked before mere sensors.
        main = next((one for one in found if _commandable(one)), found[0])
        found[found.index(main)] = replace(main, questions=(asked,))
    yield from found


def _commandable(binding: Binding) -> bool:
    return binding.device.exposed and binding.device.type in (*_SPECIFIC, "valve")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks on a topic: a device or a group; what all of its components have in common."""

    base: str
    topic: str
    owner: str
    """Beginning of its ids: the IEEE address, a group's number."""
    aliases: tuple[str, ...]
    about: Mapping[str, str]
    availability: Availability

    @staticmethod
    def of(base: str, friendly_name: str, title: Title, owner: str) -> Speaker:
        """Raises `AnnouncementError` for a name that makes no topic."""
        topic = f"{base}/{friendly_name}"
        if not valid_topic(f"{topic}/set"):
            raise AnnouncementError("friendly_name is no part of a topic")
        return Speaker(
            base=base,
            topic=topic,
            owner=owner,
            aliases=title.aliases,
            about={"name": title.name, "suggested_area": title.area},
            availability=Availability(
                {f"{base}/bridge/state": _online, f"{topic}/availability": _online}, "all"
            ),
        )


def bind_exposed(speaker: Speaker, one: Exposed, endpoint: str = "") -> Binding:
    """The binding of a component. Raises `AnnouncementError`."""
    topic = speaker.topic
    told = f"{topic}/{endpoint}/set" if endpoint else f"{topic}/set"
    document = {
        **one.document,
        "name": one.label or None,
        "unique_id": f"{speaker.owner}_{one.object_id}_{speaker.base}",
        "device": speaker.about,
        "entity_category": "diagnostic" if one.technical else None,
    }
    binding = bind(one.component, one.object_id, document)
    if one.component == "event":
        binding = replace(binding, readers={"fired": (fired,)})

    def say(action: Action, state: State, messages: Sequence[Message]) -> Sequence[Message]:
        body: dict[str, Any] = {}
        for message in messages:
            body |= one.told(message.topic, message.payload, state)
        return [Message(told, _compact(body))] if body else []

    aliases = [f"{alias} {one.label}" if one.label else alias for alias in speaker.aliases]
    return replace(
        over_json(binding, (topic,), one.unfold, say),
        device=replace(binding.device, aliases=tuple(aliases)),
        reports=binding.reports - one.unconfirming,
        availability=speaker.availability,
    )


def _compact(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


def _online(payload: str) -> bool | None:
    """What `online`, or `{"state": "online"}`, says."""
    text: object = payload.strip()
    if payload.lstrip().startswith("{"):
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):
            return None
        text = body.get("state")
    return {"online": True, "offline": False}.get(text) if isinstance(text, str) else None
