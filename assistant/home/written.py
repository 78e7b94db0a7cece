"""What the user has written down of the home, as a `Home` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from assistant.home.devices import Area, Device, Floor, State


@dataclass(frozen=True, slots=True)
class Written:
    """What the user has written down of the home; it has the last word."""

    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    devices: tuple[Device, ...] = ()
    """Devices described in full: part of the home whether or not they are found."""
    groups: tuple[Device, ...] = ()
    """Virtual devices; their members may be given by id or by name."""
    states: Mapping[str, State] = field(default_factory=dict)
    """By id, the state that a device of `devices` is in until it tells its own."""
    corrections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """By device id, the fields of `Device` that are other than found."""
    ids_by_name: Mapping[str, str] = field(default_factory=dict)
    """By casefolded name, the key in `corrections` for a device that is found with this name."""

    def over(self, below: Written) -> Written:
        """This, and of `below` what this does not say otherwise."""
        ids = self.corrections.keys() | below.corrections.keys()
        return Written(
            _by_id(below.floors, self.floors),
            _by_id(below.areas, self.areas),
            _by_id(below.devices, self.devices),
            _by_id(below.groups, self.groups),
            {**below.states, **self.states},
            {
                key: {**below.corrections.get(key, {}), **self.corrections.get(key, {})}
                for key in ids
            },
            {**below.ids_by_name, **self.ids_by_name},
        )


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Named = TypeVar("_Named", bound=_HasId)


def _by_id(below: tuple[_Named, ...], above: tuple[_Named, ...]) -> tuple[_Named, ...]:
    return tuple({item.id: item for item in (*below, *above)}.values())
