"""What a dialect of MQTT home automation is: announcements in, devices and topics out.

A dialect knows how a family of devices announces itself, what its messages mean and what it
wants to be told. It holds no connection and no state but the parts of announcements that come
in several messages; the bus holds the rest, and knows no dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.errors import AssistantError
from assistant.home.devices import Device, State
from assistant.types import Action, SlotValue

Reader = Callable[[str], State]
"""Turns a payload into changes of state (none, if it says nothing).

Raises `GarbageError`, and `RefusedByDeviceError` for the answer that a command is refused.
"""


class AnnouncementError(AssistantError):
    """An announcement makes no sense; says what is wrong with it."""


class GarbageError(AssistantError):
    """A state payload makes no sense; says what was expected."""


class RefusedByDeviceError(AssistantError):
    """A device answers that it will not do what it was told; says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish."""

    topic: str
    payload: str
    retain: bool = False
    qos: int = 1


@dataclass(frozen=True, slots=True)
class Availability:
    """Topics that tell whether a device can be reached."""

    topics: Mapping[str, Callable[[str], bool | None]] = field(default_factory=dict)
    """By topic: what its payload says; None: nothing."""
    mode: str = "latest"
    """"all", "any" or "latest": how several topics are taken together."""


Commander = Callable[[Action, State], Sequence[Message]]
"""Turns a plain action (of a `Plan`) for a device in a state into messages; none: it has no way."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A device and the topics it lives on."""

    device: Device
    """Without an area; see `area_name`."""
    readers: Mapping[str, Sequence[Reader]]
    """What to make of payloads, by topic."""
    reports: frozenset[str]
    """State keys that the readers can tell; only these can confirm a command."""
    commands: Commander
    availability: Availability = field(default_factory=Availability)
    area_name: str = ""
    """The room the device says it is in."""
    hardware: frozenset[str] = frozenset()
    """Addresses of the hardware (Zigbee's IEEE address, MAC; lower case), if it tells them.

    Of two dialects that announce the same hardware, the first of the bus's list is taken.
    """
    questions: Sequence[Message] = ()
    """What makes the device tell its state, where the broker does not keep it.

    Sent, slowly, when the device is found and whenever the connection was lost.
    """
    expires: Mapping[str, tuple[float, SlotValue | None]] = field(default_factory=dict)
    """By state key: seconds after which its value is replaced, and by what (None: nobody knows)."""


class Dialect(Protocol):
    """One way in which devices announce themselves and are spoken to."""

    @property
    def announcements(self) -> Sequence[str]:
        """Topic filters under which devices announce themselves."""

    def source(self, topic: str) -> str:
        """What an announcement topic is about; those with the same answer speak together.

        Whatever `read_announcement` gives for one of them replaces what it gave for another.
        """

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """The devices that this message announces; none: those it announced before are gone.

        Raises `AnnouncementError`.
        """

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """What to ask the network for, having read this announcement; mostly nothing."""
