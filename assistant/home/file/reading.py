"""The home file: a home written down in YAML. The format is public: docs/home-file.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.devices import Area, Device, Floor, State
from assistant.home.file.entries import DeviceEntry, GroupEntry, HomeEntry, nearest, read_entries
from assistant.home.file.features import read_features
from assistant.home.file.routines import WrittenRoutine, routine_lines, written_routines
from assistant.home.file.states import read_state
from assistant.home.model import Home
from assistant.home.mqtt.dialect import Binding
from assistant.home.written import Written


@dataclass(frozen=True, slots=True)
class HomeFile:
    """What a home file says."""

    language: str = ""
    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    devices: tuple[Device, ...] = ()
    """Those described with their type."""
    groups: tuple[Device, ...] = ()
    """Virtual devices; their members as written, by id or name."""
    states: Mapping[str, State] = field(default_factory=dict)
    """Initial states by device id."""
    corrections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """By device id, the fields of `Device` that were really written down."""
    ids_by_name: Mapping[str, str] = field(default_factory=dict)
    """Ids of the entries by casefolded name."""
    partial: tuple[str, ...] = ()
    """Ids of entries without a type: they say something of a device found elsewhere."""
    routines: tuple[WrittenRoutine, ...] = ()
    source: str = ""
    """Which file it was."""
    by_hand: tuple[Binding, ...] = ()
    """Devices with an `mqtt` mapping."""
    by_hand_source: Mapping[str, Any] = field(default_factory=dict)
    """What `by_hand` was made from, to compare."""

    def written(self) -> Written:
        """What it says about a home."""
        return Written(
            self.floors, self.areas, self.devices, self.groups, self.states,
            self.corrections, self.ids_by_name,
        )  # fmt: skip

    def to_home(self) -> Home:
        """A home with these devices in their initial states."""
        home = Home()
        apply_home_file(home, self)
        return home


def load_home(path: Path) -> HomeFile:
    """Read a home file.

    Raises `HomeFileError`, naming the file, the place in it and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise HomeFileError(f"The home file {path} cannot be read: {reason}.") from error
    except UnicodeDecodeError as error:
        raise HomeFileError(f"The home file {path} is not UTF-8 text.") from error
    return parse_home(text, str(path))


def parse_home(text: str, source: str) -> HomeFile:
    """Read the text of a home file; `source` names it in errors. Raises `HomeFileError`."""
    entry = read_entries(text, source)
    lines = routine_lines(text) if entry.routines else {}
    routines = written_routines(entry.routines, lines)
    return replace(_convert(entry, source), routines=routines, source=source)


def apply_home_file(home: Home, home_file: HomeFile) -> None:
    """Put a file's areas, devices and groups into a home, and let it correct what is found.

    A found device with the id, or else the name, of one in the file takes the name, aliases,
    area, device class and exposure written there. Initial states count until a device tells its
    own. What an earlier file said is forgotten.
    """
    home.write(home_file.written())


def _convert(entry: HomeEntry, source: str) -> HomeFile:
    floors = tuple(Floor(f.id, f.called, tuple(f.aliases), f.local_names) for f in entry.floors)
    areas = tuple(
        Area(
            a.id, a.called, _reference(a.floor, floors, f"{source}: areas[{a.id}].floor"),
            tuple(a.aliases), a.local_names,
        )
        for a in entry.areas
    )  # fmt: skip
    devices: list[Device] = []
    states: dict[str, State] = {}
    by_hand: list[Binding] = []
    for item in entry.devices:
        where = f"{source}: devices[{item.id}]"
        device = _device(item, areas, where)
        if item.mqtt is not None:
            binding = _bind(device, item.mqtt, where)
            by_hand.append(binding)
            if item.features is None:
                device = binding.device
        if device.type:
            devices.append(device)
            states[device.id] = read_state(device, item.state, f"{where}.state")
    return HomeFile(
        language=entry.language,
        floors=floors,
        areas=areas,
        devices=tuple(devices),
        groups=tuple(
            _group(group, areas, f"{source}: groups[{group.id}]") for group in entry.groups
        ),
        states=states,
        corrections={
            item.id: _correction(item, areas, f"{source}: devices[{item.id}]")
            for item in entry.devices
        },
        ids_by_name={item.called.casefold(): item.id for item in entry.devices},
        partial=tuple(item.id for item in entry.devices if not item.type),
        by_hand=tuple(by_hand),
        by_hand_source={
            item.id: (item.type, item.device_class, item.mqtt)
            for item in entry.devices
            if item.mqtt is not None
        },
    )


def _device(item: DeviceEntry, areas: Sequence[Area], where: str) -> Device:
    kind = item.type.strip().lower()
    if not kind:
        for key in ("mqtt", "features", "state"):
            if getattr(item, key) is not None:
                raise HomeFileError(f'{where}.type: the key "type" is missing, which {key} needs.')
    return Device(
        id=item.id,
        name=item.called,
        type=kind,
        area=_reference(item.area, areas, f"{where}.area"),
        aliases=tuple(item.aliases),
        device_class=item.device_class,
        features=read_features(kind, item.features, f"{where}.features"),
        exposed=item.exposed and not item.hidden,
        hidden=item.hidden,
        local_names=item.local_names,
    )


def _group(item: GroupEntry, areas: Sequence[Area], where: str) -> Device:
    return Device(
        id=item.id,
        name=item.called,
        type="",
        area=_reference(item.area, areas, f"{where}.area"),
        aliases=tuple(item.aliases),
        exposed=item.exposed and not item.hidden,
        members=tuple(item.members),
        virtual=True,
        hidden=item.hidden,
        local_names=item.local_names,
    )


def _correction(item: DeviceEntry, areas: Sequence[Area], where: str) -> Mapping[str, object]:
    """The fields of a device that the entry gives, by their names in `Device`."""
    given = item.model_fields_set
    fields: dict[str, object] = {}
    if item.name:
        fields["name"] = item.name
    if "names" in given:
        fields["local_names"] = item.local_names
    if "aliases" in given:
        fields["aliases"] = tuple(item.aliases)
    if "area" in given:
        fields["area"] = _reference(item.area, areas, f"{where}.area")
    if "device_class" in given:
        fields["device_class"] = item.device_class
    if "exposed" in given or item.hidden:
        fields["exposed"] = item.exposed and not item.hidden
        fields["hidden"] = item.hidden
    return fields


def _bind(device: Device, mqtt: Mapping[str, Any], where: str) -> Binding:
    # What reads topics and templates is needed for homes with devices by hand only.
    from assistant.home.mqtt.byhand import bind_by_hand

    return bind_by_hand(device, mqtt, where)


def _reference(name: str | None, known: Sequence[Floor | Area], where: str) -> str | None:
    """The id of the floor or area meant by `name`, which may be its id, name or alias."""
    if name is None:
        return None
    wanted = name.casefold()
    for item in known:
        if wanted in (item.id.casefold(), *map(str.casefold, item.names)):
            return item.id
    hint = nearest(name, [item.id for item in known])
    raise HomeFileError(f'{where}: "{name}" is not described in this file; {hint}')
