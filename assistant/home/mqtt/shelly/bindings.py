"""From what a Shelly has told of itself to our devices and the topics they live on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from assistant.home.devices import Device, State
from assistant.home.mqtt.dialect import (
    Availability,
    Binding,
    GarbageError,
    Message,
    Reader,
    RefusedByDeviceError,
)
from assistant.home.mqtt.shelly import actuators, dynamic, measures
from assistant.home.mqtt.shelly.entity import Component, Entity, Shelly, at
from assistant.home.mqtt.shelly.frames import (
    Statuses,
    Topic,
    complaint,
    events_of,
    frame_in,
    request,
    statuses_of,
)
from assistant.types import Action

_CHANNELS = frozenset({"switch", "light", "rgb", "rgbw", "cct", "rgbcct", "cover"})
"""Kinds that bear the device's own name, if it has no more than one of them."""

_KINDS: Mapping[str, Callable[[Component, Shelly], Iterator[Entity]]] = {
    "switch": actuators.switch,
    **dict.fromkeys(("light", "rgb", "rgbw", "cct", "rgbcct"), actuators.light),
    "cover": actuators.cover,
    "thermostat": actuators.thermostat,
    "blutrv": actuators.radiator,
    "input": measures.wall_input,
    "temperature": measures.temperature,
    "humidity": measures.humidity,
    "illuminance": measures.illuminance,
    "voltmeter": measures.voltmeter,
    "pm1": measures.pm1,
    "em": measures.em,
    "em1": measures.em1,
    "emdata": measures.emdata,
    "em1data": measures.emdata,
    "devicepower": measures.battery,
    "smoke": measures.smoke,
    "flood": measures.flood,
    "presence": measures.presence,
    "presencezone": measures.presence_zone,
    "bthomesensor": dynamic.bluetooth_sensor,
    "boolean": dynamic.boolean,
    "number": dynamic.virtual_number,
    "text": dynamic.virtual_text,
    "enum": dynamic.enum,
    "button": dynamic.virtual_button,
}

_METHODS = {
    "blutrv": "BluTrv", "bthomesensor": "BTHomeSensor", "boolean": "Boolean", "number": "Number",
    "text": "Text", "enum": "Enum", "presencezone": "PresenceZone",
}  # fmt: skip
"""Names of the methods of components of which the device as a whole tells nothing."""

KINDS = frozenset({*_KINDS, "bthomedevice"})
"""Kinds of components that are made use of."""

_ONLINE: Mapping[str, bool] = {"true": True, "false": False}


def bindings_of(shelly: Shelly, source: str) -> Sequence[Binding]:
    """All that a device is; its answers come on topics that begin with `source`."""
    entities = [
        (component, entity)
        for component in shelly.components.values()
        if component.kind in _KINDS
        for entity in _KINDS[component.kind](component, shelly)
    ]
    # What the whole device refuses to answer is said once.
    return [_bind(shelly, source, *found, first=found is entities[0]) for found in entities]


def _refusal(payload: str) -> State:
    """Nothing. Raises `GarbageError` for an error."""
    if (sentence := complaint(frame_in(payload))) is not None:
        raise GarbageError(sentence)
    return {}


def _bind(
    shelly: Shelly, source: str, component: Component, entity: Entity, *, first: bool
) -> Binding:
    key = component.key
    own = f"{source}/{key}"

    def of_frame(payload: str) -> State:
        frame = frame_in(payload)
        return {**entity.read(statuses_of(frame)), **entity.fired(events_of(frame))}

    def of_status(payload: str) -> State:
        return entity.read({key: frame_in(payload)})

    def of_answer(payload: str) -> State:
        frame = frame_in(payload)
        if frame.get("id") == Topic.COMMAND and (sentence := complaint(frame)) is not None:
            raise RefusedByDeviceError(sentence)
        _refusal(payload)
        result = frame.get("result")
        about: Statuses = {key: result} if isinstance(result, dict) else {}
        return entity.read(about) if frame.get("id") == Topic.STATUS else {}

    def commands(action: Action, state: State) -> Sequence[Message]:
        verb = entity.verbs.get(action.service.partition(".")[2])
        call = verb(action.data) if verb is not None else None
        if call is None:
            return ()
        return (request(shelly.prefix, own, Topic.COMMAND, *call),)

    readers: dict[str, Sequence[Reader]] = {
        f"{shelly.prefix}/events/rpc": (of_frame,),
        f"{source}/rpc": (of_frame,),
        f"{source}/state/rpc": (_refusal, of_frame) if first else (of_frame,),
        f"{shelly.prefix}/status/{key}": (of_status,),
        f"{own}/rpc": (of_answer,),
    }
    if component.kind in _METHODS:
        about = {"id": component.number}
        method = f"{_METHODS[component.kind]}.GetStatus"
        question = request(shelly.prefix, own, Topic.STATUS, method, about)
    else:
        question = request(shelly.prefix, f"{source}/state", Topic.STATUS, "Shelly.GetStatus")
    suffix = f"_{entity.suffix}" if entity.suffix else ""
    return Binding(
        device=Device(
            id=f"{shelly.mac}_{component.kind}_{component.number}{suffix}",
            name=_name(shelly, component, entity),
            type=entity.type,
            device_class=entity.device_class,
            features=entity.features,
            exposed=entity.exposed,
        ),
        readers=readers,
        reports=frozenset(reading.key for reading in entity.readings),
        commands=commands,
        availability=_availability(shelly, entity),
        hardware=frozenset({entity.hardware or shelly.mac}),
        questions=(question,) if entity.readings else (),
    )


def _availability(shelly: Shelly, entity: Entity) -> Availability:
    if any(one.kind == "devicepower" for one in shelly.components.values()):
        return Availability()  # it sleeps most of the time
    topics: dict[str, Callable[[str], bool | None]] = {f"{shelly.prefix}/online": _ONLINE.get}
    if entity.presence:

        def connected(payload: str) -> bool | None:
            statuses = statuses_of(frame_in(payload))
            shown = at(statuses.get(entity.presence, {}), ("connected",))
            return shown if isinstance(shown, bool) else None

        topics[f"{shelly.prefix}/events/rpc"] = connected
    return Availability(topics, "all")


def _name(shelly: Shelly, component: Component, entity: Entity) -> str:
    name = component.name
    alike = _CHANNELS if component.kind in _CHANNELS else {component.kind}
    family = sorted(
        (one for one in shelly.components.values() if one.kind in alike), key=lambda one: one.key
    )
    several = len(family) > 1
    numbered = f" {family.index(component) + 1}" if several and not name else ""
    if not name and component.kind == "bthomesensor":
        return entity.label if " " in entity.label else f"{shelly.name} {entity.label}"
    if component.kind in _CHANNELS or not entity.label:
        base = name or f"{shelly.name}{numbered}"
        return f"{base} {entity.label}".strip()
    return f"{name or shelly.name} {entity.label}{numbered}"
