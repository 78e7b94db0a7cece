"""Who announces which device: one device may be announced by several dialects, or sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.home.devices import Device
from assistant.home.mqtt.dialect import Binding


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A device as one source announces it."""

    rank: int
    """The dialect's place among the dialects; the lowest wins."""
    source: str
    binding: Binding

    @property
    def id(self) -> str:
        """The device's id."""
        return self.binding.device.id

    @property
    def keys(self) -> Sequence[str]:
        """Its id and its hardware: who else has one of them is the same device."""
        return (f"id {self.id}", *self.binding.hardware)


class Claims:
    """All offers, seen or not, by id and by hardware address."""

    def __init__(self) -> None:
        self._claims: dict[str, dict[tuple[str, str], Offer]] = {}
        """By key, then by source and device id."""

    def put(self, offer: Offer) -> None:
        """Add an offer."""
        for key in offer.keys:
            self._claims.setdefault(key, {})[offer.source, offer.id] = offer

    def drop(self, offer: Offer) -> None:
        """Take an offer back."""
        for key in offer.keys:
            self._claims[key].pop((offer.source, offer.id), None)
            if not self._claims[key]:
                del self._claims[key]

    def of_id(self, device_id: str) -> Iterable[Offer]:
        """Who announces a device of this id."""
        return self._claims.get(f"id {device_id}", {}).values()

    def rivals(self, offer: Offer) -> dict[tuple[str, str], Offer]:
        """Who else announces the same device, by source and device id, and goes after `offer`."""
        return {
            at: one
            for key in offer.keys
            for at, one in self._claims.get(key, {}).items()
            if one.rank > offer.rank
        }

    def visible(self, offer: Offer) -> bool:
        """Whether no dialect that goes before has announced the same device."""
        return not any(
            other.rank < offer.rank
            for key in offer.keys
            for other in self._claims.get(key, {}).values()
        )

    def device(self, offer: Offer) -> Device:
        """The device of an offer, with its hardware, and members that anybody announces."""
        device = offer.binding.device
        told = (device.members, *(one.binding.device.members for one in self.of_id(offer.id)))
        members = next(filter(None, told), ())
        hardware = min(offer.binding.hardware, default=device.hardware)
        if (members, hardware) == (device.members, device.hardware):
            return device
        return replace(device, members=members, hardware=hardware)
