"""Covers and valves (home-assistant.io/integrations/cover.mqtt, /valve.mqtt)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, say, verbs
from assistant.home.mqtt.homeassistant.readers import (
    Readers,
    as_float,
    one_of,
    tidy,
    unsaid,
)
from assistant.home.mqtt.homeassistant.templates import parse_json
from assistant.types import SlotValue

Percent = Callable[[str], SlotValue]

_STATES = ("open", "opening", "closed", "closing", "stopped")


def cover(config: Config) -> Entity:
    """A cover: blind, curtain, garage door, gate; with slats that tilt, if it has some."""
    closed_at, open_at = _ends(config, "position_closed", "position_open")
    low, high = _ends(config, "tilt_min", "tilt_max")
    config.variables |= {
        "position_open": open_at, "position_closed": closed_at, "tilt_min": low, "tilt_max": high,
    }  # fmt: skip
    readers = Readers(config)
    words = one_of({config.text(f"state_{word}", word): word for word in _STATES})
    readers.add("state_topic", ("value_template",), "cover", words)
    percent = _percent(closed_at, open_at, "position")
    readers.add("position_topic", ("position_template", "value_template"), "position", percent)
    position_topic = config.topic("position_topic")
    if position_topic is not None and "cover" not in readers.reports:
        _tell_by_position(config, readers, position_topic, percent)
    readers.add("tilt_status_topic", ("tilt_status_template",), "tilt", _percent(low, high, "tilt"))
    make = config.command("command_topic", "command_template")
    set_position = config.command("set_position_topic", "set_position_template")
    if make is None and set_position is None and config.topic("tilt_command_topic") is None:
        raise AnnouncementError("command_topic is missing")
    to_position = _positioned(set_position, closed_at, open_at)
    spoken = verbs(
        open_cover=say(make, config.payload("payload_open", "OPEN")) if make
        else _fixed(to_position, 100),
        close_cover=say(make, config.payload("payload_close", "CLOSE")) if make
        else _fixed(to_position, 0),
        stop_cover=say(make, config.payload("payload_stop", "STOP")),
        set_cover_position=to_position,
    )  # fmt: skip
    spoken |= _tilting(config, low, high)
    features = Features(position=set_position is not None, tilt="set_cover_tilt_position" in spoken)
    return Entity(readers, spoken, features)


def valve(config: Config) -> Entity:
    """A valve; one that reports its position is told it on its command topic."""
    closed_at, open_at = _ends(config, "position_closed", "position_open")
    by_number = config.flag("reports_position")
    readers = Readers(config)
    if (topic := config.topic("state_topic")) is not None:
        percent = _percent(closed_at, open_at, "position")
        known = {config.text(f"state_{word}", word): word for word in _STATES}
        read = _valve_reader(config, one_of(known), set(known), percent if by_number else None)
        readers.add_reader(topic, read, "cover", *(("position",) if by_number else ()))
    make = config.command("command_topic", "command_template")
    if make is None:
        raise AnnouncementError("command_topic is missing")
    to_position = _positioned(make, closed_at, open_at) if by_number else None
    opening = config.document.get("payload_open") if by_number else None
    stop = config.payload("payload_stop", "") or None
    spoken = verbs(
        open_valve=_fixed(to_position, 100) if by_number and opening is None
        else say(make, config.payload("payload_open", "OPEN")),
        close_valve=_fixed(to_position, 0) if by_number and opening is None
        else say(make, config.payload("payload_close", "CLOSE")),
        stop_valve=say(make, stop),
        set_valve_position=to_position,
    )  # fmt: skip
    return Entity(readers, spoken, Features(position=by_number))


def _ends(config: Config, closed: str, opened: str) -> tuple[float, float]:
    low, high = config.number(closed, 0), config.number(opened, 100)
    if low == high or abs(low) > 1e9 or abs(high) > 1e9:
        raise AnnouncementError(f"{opened} and {closed} are the same")
    return low, high


def _percent(low: float, high: float, what: str) -> Percent:
    def convert(text: str) -> SlotValue:
        share = (as_float(text) - low) / (high - low)
        if not -0.02 <= share <= 1.02:
            raise GarbageError(f"expected a {what} from {low:g} to {high:g}, found {short(text)}")
        return tidy(round(min(1.0, max(0.0, share)) * 100))

    return convert


def _tell_by_position(config: Config, readers: Readers, topic: str, percent: Percent) -> None:
    """Without a state topic, a cover is open unless its position is 0."""
    render = config.template("position_template", "value_template")

    def read(payload: str) -> State:
        text = render(payload)
        return {} if unsaid(text) else {"cover": "open" if percent(text) else "closed"}

    readers.add_reader(topic, read, "cover")


def _positioned(
    make: Callable[..., Message] | None, closed_at: float, open_at: float
) -> Verb | None:
    if make is None:
        return None

    def verb(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        target = data.get("position")
        if not isinstance(target, int | float):
            return ()
        native = round(closed_at + (open_at - closed_at) * target / 100)
        return (make(native, position=target),)

    return verb


def _fixed(verb: Verb | None, position: int) -> Verb | None:
    return None if verb is None else lambda data, state: verb({"position": position}, state)


def _tilting(config: Config, low: float, high: float) -> dict[str, Verb]:
    make = config.command("tilt_command_topic", "tilt_command_template")
    if make is None:
        return {}
    opened = config.number("tilt_opened_value", 100)
    closed = config.number("tilt_closed_value", 0)

    def tilt_to(native: float, told: float) -> Message:
        return make(tidy(native), tilt_position=tidy(told))

    def to_position(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        target = data.get("tilt_position")
        if not isinstance(target, int | float):
            return ()
        return (tilt_to(round(low + (high - low) * target / 100), target),)

    return verbs(
        open_cover_tilt=lambda data, state: (tilt_to(opened, opened),),
        close_cover_tilt=lambda data, state: (tilt_to(closed, closed),),
        stop_cover_tilt=say(
            config.command("tilt_command_topic"), config.payload("payload_stop_tilt", "STOP")
        ),
        set_cover_tilt_position=to_position,
    )


def _valve_reader(
    config: Config, word: Percent, words: set[str], percent: Percent | None
) -> Callable[[str], State]:
    """Reads a word, a number, or both in a JSON object."""
    render = config.template("value_template")

    def read(payload: str) -> State:
        text = render(payload)
        said: dict[str, str] = {}
        if text.lstrip().startswith("{"):
            body = parse_json(text)
            if not isinstance(body, dict):
                raise GarbageError("expected a JSON object")
            said = {key: str(body[key]) for key in ("state", "position") if key in body}
        else:
            said["position" if percent and text not in words else "state"] = text
        state: dict[str, SlotValue] = {}
        if percent and not unsaid(said.get("position", "")):
            state["position"] = position = percent(said["position"])
            state["cover"] = "open" if position else "closed"
        if not unsaid(said.get("state", "")):
            state["cover"] = word(said["state"])
        return state

    return read
