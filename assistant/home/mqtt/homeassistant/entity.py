"""What every component makes of its options, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, Message
from assistant.home.mqtt.homeassistant.readers import Readers
from assistant.types import Action, SlotValue

Verb = Callable[[Mapping[str, SlotValue], State], Sequence[Message]]
"""Messages for one service, from its fields and the device's present state."""

Make = Callable[..., Message]


@dataclass(frozen=True, slots=True)
class Entity:
    """The part of a binding that differs from component to component."""

    readers: Readers
    verbs: Mapping[str, Verb]
    features: Features = field(default_factory=Features)

    def commands(self, action: Action, state: State) -> Sequence[Message]:
        """Messages for an action; none where there is no way to say it."""
        verb = self.verbs.get(action.service.partition(".")[2])
        return verb(action.data, state) if verb else ()


def say(make: Make | None, payload: str | None) -> Verb | None:
    """A verb that always says the same, or None where it cannot be said."""
    if make is None or payload is None:
        return None
    return lambda data, state: (make(payload),)


def tell(
    make: Make | None, field: str, convert: Callable[[SlotValue], object] | None = None
) -> Verb | None:
    """A verb that says one field of the command, or None where it cannot be said."""
    if make is None:
        return None

    def verb(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        if field not in data:
            return ()
        value = data[field]
        return (make(convert(value) if convert is not None else value),)

    return verb


def also(*parts: Verb | None) -> Verb | None:
    """A verb that says all that its parts say, or None where it has none."""
    spoken = [part for part in parts if part is not None]
    if not spoken:
        return None
    return lambda data, state: [message for part in spoken for message in part(data, state)]


def verbs(**candidates: Verb | None) -> dict[str, Verb]:
    """Those verbs that can be said."""
    return {name: verb for name, verb in candidates.items() if verb is not None}


def required(make: Make | None, key: str) -> Make:
    """An option that the component cannot be without. Raises `AnnouncementError`."""
    if make is None:
        raise AnnouncementError(f"{key} is missing")
    return make
