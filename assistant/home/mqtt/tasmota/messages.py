"""A Tasmota device's topics: what it tells about itself, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.home.devices import State
from assistant.home.mqtt.dialect import Availability, Binding, Message, Reader
from assistant.home.mqtt.homeassistant.discovery import bind
from assistant.home.mqtt.properties import over_json
from assistant.home.mqtt.tasmota.config import LIGHT, RGB, RGBW, TasmotaConfig
from assistant.types import Action

EFFECTS = ("None", "Wake up", "Cycle up", "Cycle down", "Random")
"""What a colour light's `Scheme` is called."""

_DEEPEST = 3
_TILTS = {
    "cover.open_cover_tilt": "OPEN",
    "cover.close_cover_tilt": "CLOSE",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a device is, with properties of its JSON in the place of topics."""

    component: str
    suffix: str
    """Its part of the id."""
    name: str
    document: Mapping[str, Any]
    """Home Assistant's options."""
    sensed: bool = False
    """It is told with the sensors, not with the state."""
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Further properties, from those there are."""
    expires: tuple[float, str] | None = None
    """Seconds after which its value is over, and what it is then."""


def bind_part(config: TasmotaConfig, part: Part) -> Binding:
    """The binding of a part. Raises `AnnouncementError`."""
    identifier = f"{config.mac[6:]}_{part.suffix}"
    document = {**part.document, "unique_id": identifier, "name": part.name}
    binding = bind(part.component, part.suffix, document)

    def say(action: Action, state: State, messages: Sequence[Message]) -> Sequence[Message]:
        told = [_command(config, action, state, message) for message in messages]
        return list({message.topic: message for message in told}.values())

    def unfold(body: Mapping[str, Any]) -> Mapping[str, Any]:
        flat = _unfold(config, body)
        return {**flat, **part.derive(flat)} if part.derive else flat

    found = over_json(binding, _topics(config, part, binding), unfold, say)
    readers = {
        topic: (_plain_or_json(binding, topic.removeprefix(config.status), those[0]),)
        if topic.startswith(f"{config.status}POWER")
        else those
        for topic, those in found.readers.items()
    }
    words = {config.online: True, config.offline: False}
    lwt = {} if config.sleeps else {f"{config.telemetry}LWT": words.get}
    return replace(
        found,
        readers=readers,
        availability=Availability(lwt),
        hardware=frozenset({config.mac.lower()}),
        expires={"value": part.expires} if part.expires else {},
    )


def question(config: TasmotaConfig, part: Part) -> Message | None:
    """What makes the device tell this part's state; none wakes one that sleeps."""
    if config.sleeps:
        return None
    if part.sensed:
        return Message(f"{config.command}Status", "10")
    return Message(f"{config.command}State", "")


def _topics(config: TasmotaConfig, part: Part, binding: Binding) -> list[str]:
    number, telemetry = ("10", "SENSOR") if part.sensed else ("11", "STATE")
    topics = [f"{config.telemetry}{telemetry}", f"{config.status}STATUS{number}"]
    if part.component == "sensor":
        return topics
    topics.insert(0, f"{config.status}RESULT")
    if config.option(4):
        topics += [f"{config.status}{name}" for name in sorted(_answers(part, binding))]
    return topics


def _answers(part: Part, binding: Binding) -> set[str]:
    """Topics of answers that come under the command's name instead of RESULT (SetOption4)."""
    if part.component == "cover":
        # SHUTTER1 tells a bare number, and that of an inverted shutter the wrong way round.
        return {"SHUTTER"}
    begun = {prop.partition(".")[0] for prop in binding.readers}
    names = {name.upper() for name in begun if not name.islower()}
    names |= {"POWER"} if "POWER1" in names else set()
    names |= {"COLOR"} if "HSBCOLOR" in names else set()
    return names if part.sensed else names | {"STATE"}


def _plain_or_json(binding: Binding, name: str, read: Reader) -> Reader:
    """Reads `stat/…/POWER`, where a device says both `{"POWER":"ON"}` and `ON`."""
    plain = binding.readers.get("POWER1" if name == "POWER" else name, ())

    def reader(payload: str) -> State:
        if payload.lstrip().startswith("{"):
            return read(payload)
        return {key: value for one in plain for key, value in one(payload).items()}

    return reader


def _command(config: TasmotaConfig, action: Action, state: State, message: Message) -> Message:
    name, payload = message.topic, message.payload
    if name == "Scheme" and payload in EFFECTS:
        payload = str(EFFECTS.index(payload))
    elif name == "White":
        # It is a brightness; without one, white shines as bright as the colour did.
        payload = str(action.data.get("brightness_pct") or state.get("brightness_pct") or 100)
    elif name == "Color2" and not config.mixed and config.light > RGB:
        # So marked, it leaves the white as it is.
        payload = f"{payload}="
    elif name.startswith("ShutterTilt"):
        if action.service == "cover.stop_cover_tilt":
            name, payload = name.replace("Tilt", "Stop"), ""
        else:
            payload = _TILTS.get(action.service, payload)
    elif name.startswith("Shutter") and not name.startswith("ShutterPosition"):
        name, payload = f"Shutter{payload.capitalize()}{name.removeprefix('Shutter')}", ""
    return Message(f"{config.command}{name}", payload)


def _unfold(config: TasmotaConfig, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Properties of a state: `StatusSTS` and `StatusSNS` opened, groups as `group.key`."""
    for wrapper in ("StatusSTS", "StatusSNS"):
        if isinstance(body.get(wrapper), dict):
            body = body[wrapper]
    flat: dict[str, Any] = {}
    _flatten(body, "", flat, _DEEPEST)
    if isinstance(flat.get("Channel"), list) and LIGHT in config.relays:
        first = config.relays.index(LIGHT) + 1
        for place, level in enumerate(flat["Channel"], first):
            flat.setdefault(f"Channel{place}", level)
    if "POWER" in flat:
        # A device with one relay leaves the number out.
        flat.setdefault("POWER1", flat["POWER"])
    if isinstance(scheme := flat.get("Scheme"), int):
        flat["Scheme"] = EFFECTS[scheme] if 0 <= scheme < len(EFFECTS) else None
    if config.mixed and isinstance(white := flat.get("White"), int | float):
        # Colour and white are both told always; only one of them is lit.
        if white <= 0:
            flat["CT"] = None
        else:
            flat["HSBColor"] = "0,0,100" if config.light == RGBW else None
    return flat


def _flatten(body: Mapping[str, Any], start: str, flat: dict[str, Any], depth: int) -> None:
    for key, value in body.items():
        flat[f"{start}{key}"] = value
        if isinstance(value, dict) and depth > 1:
            _flatten(value, f"{start}{key}.", flat, depth - 1)
        elif isinstance(value, list) and start:
            flat |= {f"{start}{key}.{place}": one for place, one in enumerate(value)}
