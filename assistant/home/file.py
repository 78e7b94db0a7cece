"""The home file: a home written down in YAML. The format is public: docs/home-file.md."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.errors import HomeFileError
from assistant.home.features import read_features
from assistant.home.model import Area, Device, Floor, Home, State
from assistant.home.states import read_state
from assistant.home.written import Written


@dataclass(frozen=True, slots=True)
class HomeFile:
    """What a home file says."""

    language: str = ""
    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    devices: tuple[Device, ...] = ()
    states: Mapping[str, State] = field(default_factory=dict)
    """Initial states by device id."""
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By device id, the keys that were really written down."""

    def written(self) -> Written:
        """What it says about a home."""
        corrections: dict[str, Mapping[str, object]] = {
            device.id: {
                key: getattr(device, key)
                for key in ("name", "aliases", "area", "device_class", "exposed")
                if key in self.given.get(device.id, frozenset())
            }
            for device in self.devices
        }
        return Written(
            self.floors, self.areas, self.devices, (), self.states, corrections,
            {device.name.casefold(): device.id for device in self.devices},
        )  # fmt: skip

    def to_home(self) -> Home:
        """A home with these devices in their initial states."""
        home = Home()
        apply_home_file(home, self)
        return home


def _text(value: Any) -> Any:
    """YAML reads a name like `5` or `Yes` as something else than text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


def _texts(value: Any) -> Any:
    if value is None:
        return []
    if isinstance(value, str | int | float):
        value = [value]
    return [_text(item) for item in value] if isinstance(value, list) else value


def _items(value: Any) -> Any:
    """A list of entries; also a mapping from id to entry, and plain names."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [
            {"id": key, **entry} if isinstance(entry, dict) else {"id": key, "name": entry or key}
            for key, entry in value.items()
        ]
    if isinstance(value, list):
        return [{"id": item} if isinstance(item, str) else item for item in value]
    return value


_Text = Annotated[str, BeforeValidator(_text)]
_Texts = Annotated[list[str], BeforeValidator(_texts)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _FloorEntry(_Entry):
    id: _Text = Field(min_length=1)
    name: _Text = ""
    aliases: _Texts = []


class _AreaEntry(_FloorEntry):
    floor: _Text | None = None


class _DeviceEntry(_Entry):
    id: _Text = Field(min_length=1)
    name: _Text = ""
    aliases: _Texts = []
    area: _Text | None = None
    type: _Text = Field(min_length=1)
    device_class: _Text | None = None
    features: Any = None
    state: Any = None
    exposed: bool = True


class _HomeEntry(_Entry):
    language: _Text = ""
    floors: Annotated[list[_FloorEntry], BeforeValidator(_items)] = []
    areas: Annotated[list[_AreaEntry], BeforeValidator(_items)] = []
    devices: Annotated[list[_DeviceEntry], BeforeValidator(_items)] = []


_KEYS = {
    "": ("language", "floors", "areas", "devices"),
    "floors": tuple(_FloorEntry.model_fields),
    "areas": tuple(_AreaEntry.model_fields),
    "devices": tuple(_DeviceEntry.model_fields),
}


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
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise HomeFileError(f"{source}: this is not YAML: {_yaml_fault(error)}.") from error
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise HomeFileError(
            f"{source}: expected a mapping with the keys {', '.join(_KEYS[''])} at the top."
        )
    try:
        entry = _HomeEntry.model_validate(document)
    except ValidationError as error:
        raise HomeFileError(f"{source}: {_explain(error, document)}") from error
    return _convert(entry, source)


def _yaml_fault(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _explain(error: ValidationError, document: Mapping[str, Any]) -> str:
    """The first fault as one sentence: place, what is wrong, what was expected."""
    fault = error.errors()[0]
    place, found = _place(fault["loc"], document)
    key = str(fault["loc"][-1])
    if fault["type"] == "extra_forbidden":
        section = str(fault["loc"][0]) if len(fault["loc"]) > 1 else ""
        known = _KEYS.get(section, ())
        nearest = difflib.get_close_matches(key, known, n=1)
        hint = f'did you mean "{nearest[0]}"?' if nearest else f"known keys: {', '.join(known)}."
        return f'{place}: there is no key "{key}"; {hint}'
    if fault["type"] == "missing":
        return f'{place}: the key "{key}" is missing.'
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return f"{place}: {message}, found {found!r}."


def _place(location: tuple[int | str, ...], document: Mapping[str, Any]) -> tuple[str, Any]:
    parts: list[str] = []
    found: Any = document
    for step in location:
        if isinstance(step, int):
            items = _items(found)
            found = items[step] if isinstance(items, list) and step < len(items) else None
            name = found.get("id") if isinstance(found, dict) else None
            parts[-1] += f"[{name if name else step + 1}]"
        else:
            found = found.get(step) if isinstance(found, dict) else None
            parts.append(step)
    return ".".join(parts), found


def _convert(entry: _HomeEntry, source: str) -> HomeFile:
    for section in ("floors", "areas", "devices"):
        seen: set[str] = set()
        for item in getattr(entry, section):
            if item.id in seen:
                raise HomeFileError(f'{source}: {section}: the id "{item.id}" is there twice.')
            seen.add(item.id)
    floors = tuple(Floor(f.id, f.name or _spoken(f.id), tuple(f.aliases)) for f in entry.floors)
    areas = [
        Area(
            a.id, a.name or _spoken(a.id),
            _reference(a.floor, floors, f"{source}: areas[{a.id}].floor"), tuple(a.aliases),
        )
        for a in entry.areas
    ]  # fmt: skip
    devices: list[Device] = []
    states: dict[str, State] = {}
    for item in entry.devices:
        where = f"{source}: devices[{item.id}]"
        area = _reference(item.area, areas, f"{where}.area") if item.area else None
        device = Device(
            id=item.id,
            name=item.name or _spoken(item.id),
            type=item.type.strip().lower(),
            area=area,
            aliases=tuple(item.aliases),
            device_class=item.device_class,
            features=read_features(item.type.strip().lower(), item.features, f"{where}.features"),
            exposed=item.exposed,
        )
        devices.append(device)
        states[device.id] = read_state(device, item.state, f"{where}.state")
    given = {item.id: frozenset(item.model_fields_set) for item in entry.devices}
    return HomeFile(entry.language, floors, tuple(areas), tuple(devices), states, given)


def _spoken(identifier: str) -> str:
    return identifier.replace("_", " ").replace(".", " ").strip().capitalize() or identifier


def _reference(name: str | None, known: tuple[Floor, ...] | list[Area], where: str) -> str | None:
    """The id of the floor or area meant by `name`, which may be its id, name or alias."""
    if name is None:
        return None
    wanted = name.casefold()
    for item in known:
        if wanted in (item.id.casefold(), item.name.casefold(), *map(str.casefold, item.aliases)):
            return item.id
    ids = [item.id for item in known]
    nearest = difflib.get_close_matches(name, ids, n=1)
    hint = f'did you mean "{nearest[0]}"?' if nearest else f"there are: {', '.join(ids) or 'none'}."
    raise HomeFileError(f'{where}: "{name}" is not described in this file; {hint}')


def apply_home_file(home: Home, home_file: HomeFile) -> None:
    """Put a file's areas and devices into a home, and let it correct what is discovered.

    A discovered device with the id, or else the name, of one in the file takes the name, aliases,
    area, device class and exposure written there. Initial states count until a device tells its
    own. What an earlier file said is forgotten.
    """
    home.write(home_file.written())
