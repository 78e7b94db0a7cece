"""The home as it is now: what was found, as the user corrected it, and the state it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.home.devices import Area, Device, Floor, State
from assistant.home.groups import group_state, grouped
from assistant.home.places import Places, identifier
from assistant.home.written import Written
from assistant.types import SlotValue


@dataclass(frozen=True, slots=True)
class _Found:
    device: Device
    area_name: str


class Home:
    """The live picture of the home. Belongs to the event loop; readers never see half a change.

    A change of structure makes new mappings of devices, areas and floors, so that another thread
    (understanding's) may go through those it holds.

    `version` grows whenever names, areas or devices change (not on mere state changes), so that
    whoever built something from the structure knows to build it again.
    """

    def __init__(
        self,
        devices: Iterable[Device] = (),
        areas: Iterable[Area] = (),
        floors: Iterable[Floor] = (),
    ) -> None:
        self.devices: dict[str, Device] = {}
        self.areas: dict[str, Area] = {}
        self.floors: dict[str, Floor] = {}
        self._found = {device.id: _Found(device, "") for device in devices}
        self._found_areas = {area.id: area for area in areas}
        self._found_floors = {floor.id: floor for floor in floors}
        self._written = Written()
        self._entries: dict[str, str] = {}
        """By id of a found device, the id under which the user wrote of it."""
        self._parts: dict[str, dict[str, None]] = {}
        """By hardware, the ids of the found devices that are parts of it."""
        self._places = Places()
        self._groups_of: dict[str, tuple[str, ...]] = {}
        """By id of a device, the virtual groups it belongs to."""
        self._states: dict[str, dict[str, SlotValue]] = {}
        self._unavailable: set[str] = set()
        self._listeners: list[Callable[[str], None]] = []
        self.version = -1
        self._rebuild()
        self.version = 0

    # State

    def state(self, device_id: str) -> State:
        """The last known state, a group's that of its members; empty when nothing was told."""
        if (device := self.devices.get(device_id)) is not None and device.virtual:
            return group_state([self.state(member) for member in device.members])
        return self._states.get(device_id, {})

    def available(self, device_id: str) -> bool:
        """False once the device, or its bridge, has announced that it is offline.

        A group can be reached as long as one of its members can.
        """
        if (device := self.devices.get(device_id)) is not None and device.virtual:
            return any(self.available(member) for member in device.members)
        return device_id not in self._unavailable

    def groups_of(self, device_id: str) -> tuple[str, ...]:
        """Ids of the virtual groups that a device belongs to."""
        return self._groups_of.get(device_id, ())

    def on_state(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(device_id)` after each change of state; returns how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def update_state(self, device_id: str, changes: State) -> None:
        """Merge `changes` into a device's state and tell the listeners."""
        self._states.setdefault(device_id, {}).update(changes)
        self._tell(device_id)

    def forget_state(self, device_id: str, key: str) -> None:
        """Take a key out of a device's state, for nobody knows its value any more."""
        if self._states.get(device_id, {}).pop(key, None) is not None:
            self._tell(device_id)

    def set_available(self, device_id: str, available: bool) -> None:
        """Record that a device is online or offline, and tell the listeners."""
        (self._unavailable.discard if available else self._unavailable.add)(device_id)
        self._tell(device_id)

    def _tell(self, device_id: str) -> None:
        for changed in (device_id, *self._groups_of.get(device_id, ())):
            for listener in tuple(self._listeners):
                listener(changed)

    # Structure

    def put(self, device: Device, area_name: str = "") -> None:
        """Add or replace a device that was found, in the room it says it is in.

        What the user has written of it counts instead; a device in no room at all is put where
        its name says ("Kitchen lamp").
        """
        claims = device.id not in self._found and device.id in self._written.corrections
        if (known := self._found.get(device.id)) is not None:
            self._parts.get(known.device.hardware, {}).pop(device.id, None)
        found = self._found[device.id] = _Found(device, area_name)
        if device.hardware:
            self._parts.setdefault(device.hardware, {})[device.id] = None
        if area_name and self._area_found(found) is None:
            self.put_area(Area(identifier(area_name), area_name))
        before = self._entries.get(device.id)
        shown = self._corrected(found)
        entry = self._entries.get(device.id)
        leads = entry is not None and "area" in self._written.corrections[entry]
        parts = self._parts.get(device.hardware, ())
        if (
            before not in (None, entry)
            or (claims and device.id in _others(self._entries))
            or (leads and len(parts) > 1)
        ):
            self._rebuild()
            return
        devices = {**self.devices, device.id: shown}
        if entry is not None and entry not in self._found:
            devices.pop(entry, None)
        self._replace_devices(devices, shown)

    def remove(self, device_id: str) -> None:
        """Forget a device that was found; unknown ids are ignored."""
        found = self._found.pop(device_id, None)
        if found is None:
            return
        self._parts.get(found.device.hardware, {}).pop(device_id, None)
        self._states.pop(device_id, None)
        self._unavailable.discard(device_id)
        if self._entries.pop(device_id, None) is not None:
            self._rebuild()
        else:
            self._replace_devices({k: d for k, d in self.devices.items() if k != device_id})

    def put_area(self, area: Area) -> None:
        """Add or replace an area that was found; devices that are named after it move there."""
        self._found_areas[area.id] = area
        if self.areas.get(area.id) != area:
            self._rebuild()

    def area_named(self, name: str) -> Area | None:
        """The area whose id, name or alias is `name`, whatever its case."""
        return self.areas.get(self._places.named(name) or "")

    def write(self, written: Written) -> None:
        """Let the user have the last word on what is here and what is to come.

        Replaces what was written before; what is no longer written is again as it was found.
        """
        self._written = written
        self._rebuild()

    def _rebuild(self) -> None:
        """Work everything out anew from what was found and what is written."""
        written = self._written
        floors = {floor.id: floor for floor in written.floors}
        floors = {**self._found_floors, **floors}
        areas = {area.id: area for area in written.areas}
        places = Places()
        for area in written.areas:
            places.add(area.id, area.names)
        for area in self._found_areas.values():
            if places.named(area.id) is None and places.named(area.name) is None:
                areas[area.id] = area
        for area in areas.values():
            places.add(area.id, area.names)
        self._places = places
        if (areas, floors) != (self.areas, self.floors):
            self.areas, self.floors = areas, floors
            self.version += 1
        self._entries.clear()
        devices = {key: self._corrected(found) for key, found in self._found.items()}
        self._replace_devices(devices | self._standing_alone())

    def _replace_devices(self, devices: dict[str, Device], put: Device | None = None) -> None:
        """Show these devices; where all that is new is `put`, groups it is not in stay as is."""
        if self._written.groups and (put is None or self._is_member(put)):
            devices, self._groups_of = grouped(devices, self._written.groups)
        elif not self._written.groups:
            self._groups_of = {}
        for device_id, state in self._written.states.items():
            if device_id in devices and device_id not in self._found:
                self._states.setdefault(device_id, dict(state))
        if devices != self.devices:
            for gone in self.devices.keys() - devices.keys():
                self._states.pop(gone, None)
            self.devices = devices
            self.version += 1

    def _corrected(self, found: _Found) -> Device:
        """A found device as the user wants it, in its area."""
        device = found.device
        entry, fields = self._entry(device)
        self._entries.pop(device.id, None)
        if entry is not None:
            self._entries[device.id] = entry
        fields = {**self._of_whole(device), **fields}
        if "area" in fields:
            return replace(device, **fields)
        area = self._area_found(found)
        if area is None and not device.members:
            name = str(fields.get("name", device.name))
            area = self._places.mentioned(name) or self._places.mentioned(device.name)
        if not fields and area == device.area:
            return device
        return replace(device, **{**fields, "area": area})

    def _entry(self, device: Device) -> tuple[str | None, Mapping[str, Any]]:
        """The id under which the user wrote of a found device, and the fields that they wrote."""
        written = self._written
        entry: str | None = device.id
        if entry not in written.corrections:
            entry = written.ids_by_name.get(device.name.casefold())
            entry = None if entry in self._found else entry
        return entry, written.corrections[entry] if entry is not None else {}

    def _of_whole(self, device: Device) -> Mapping[str, Any]:
        """The room that the user gave to what the hardware does; what it measures goes along."""
        parts = self._parts.get(device.hardware, {}) if self._written.corrections else {}
        if len(parts) < 2:
            return {}
        others = [self._found[part].device for part in parts]
        rooms = {
            fields["area"]
            for other in others
            if other.commandable and other.exposed and "area" in (fields := self._entry(other)[1])
        }
        return {"area": rooms.pop()} if len(rooms) == 1 else {}

    def _area_found(self, found: _Found) -> str | None:
        if found.area_name:
            name = found.area_name
            return self._places.named(name) or self._places.named(identifier(name))
        area = found.device.area
        if area is None or area in self.areas or area not in self._found_areas:
            return area
        return self._places.named(self._found_areas[area].name)

    def _standing_alone(self) -> dict[str, Device]:
        """Devices of the user's that nothing found has taken the place of."""
        taken = {*self._found, *self._entries.values()}
        corrections = self._written.corrections
        return {
            device.id: self._placed(device, corrections.get(device.id, {}))
            for device in self._written.devices
            if device.id not in taken
        }

    def _placed(self, device: Device, fields: Mapping[str, Any]) -> Device:
        corrected = replace(device, **fields)
        if "area" in fields or corrected.area is not None:
            return corrected
        return replace(corrected, area=self._places.mentioned(corrected.name))

    def _is_member(self, device: Device) -> bool:
        references = {name.casefold() for group in self._written.groups for name in group.members}
        return device.id in self._groups_of or not references.isdisjoint(
            name.casefold() for name in (device.id, *device.names)
        )


def _others(entries: Mapping[str, str]) -> set[str]:
    """What is written of devices that are found under another id."""
    return {entry for found, entry in entries.items() if entry != found}
