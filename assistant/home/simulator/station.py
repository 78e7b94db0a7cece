"""What a dialect gives the simulator: stations, through which things announce themselves."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.home.simulator.behaviour import Wish
from assistant.home.simulator.thing import Thing


@dataclass(frozen=True, slots=True)
class Said:
    """A message from a device."""

    topic: str
    payload: str | bytes
    retain: bool = False


def _nothing(understood: bool) -> Sequence[Said]:
    return ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message asks of a thing."""

    thing: Thing
    wishes: tuple[Wish, ...] = ()
    reply: Callable[[bool], Sequence[Said]] = _nothing
    """What to say when the wishes are fulfilled, or were not understood; besides the state."""
    asks: bool = False
    """Whether it wants the state shown although nothing changes."""


class Station(Protocol):
    """One MQTT client's worth of things that speak the same dialect."""

    @property
    def things(self) -> Sequence[Thing]:
        """Those that speak through it."""

    @property
    def reports(self) -> bool:
        """Whether the things say how they are every now and then, for the broker keeps nothing."""

    @property
    def will(self) -> Said | None:
        """What the broker says when the connection breaks."""

    @property
    def filters(self) -> Sequence[str]:
        """Topics it listens to; wildcards only as a last level `+`."""

    def greeting(self) -> Iterable[Said]:
        """All it says on connecting: announcements, who is online, states."""

    def hear(self, topic: str, payload: str) -> Sequence[Heard]:
        """What a message asks, and of whom. Raises `NonsenseError`."""

    def show(self, thing: Thing, changed: Collection[str]) -> Sequence[Said]:
        """The state of a thing; `changed` are the keys that have just changed."""

    def presence(self, thing: Thing) -> Sequence[Said]:
        """That a thing is online, or is not."""

    def farewell(self) -> Sequence[Said]:
        """What it says before it disconnects in good order."""

    def nonsense(self, fate: random.Random, count: int) -> Sequence[Said]:
        """So many announcements that nobody can read."""
