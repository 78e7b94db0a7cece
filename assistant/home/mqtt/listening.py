"""Who wants to know what becomes of devices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from assistant.home.mqtt.dialect import Binding, Message


class Listener(Protocol):
    """Is told by the registry what becomes of devices."""

    def bound(self, rank: int, binding: Binding) -> None:
        """A device has been found or has changed, as the dialect of this rank has it."""

    def unbound(self, binding: Binding) -> None:
        """A device is gone, or is about to be bound anew."""

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        """A device has told these keys of its state."""

    def refused(self, binding: Binding, reason: str) -> None:
        """A device has answered that it will not do what it was told last."""

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        """An announcement leaves something open that these messages ask for."""


class Nobody:
    """Does not want to know."""

    def bound(self, rank: int, binding: Binding) -> None:
        """Nothing."""

    def unbound(self, binding: Binding) -> None:
        """Nothing."""

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        """Nothing."""

    def refused(self, binding: Binding, reason: str) -> None:
        """Nothing."""

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        """Nothing."""
