"""A home file's YAML as checked entries, and mistakes in it as sentences with their place.

Much as in YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema) `on`, `off`, `yes`
and `no` are texts, so that `payload_on: ON` is what it looks like.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.errors import HomeFileError
from assistant.home.file.routines import RoutineEntry, routines_in
from assistant.home.file.values import Text, Texts, text_of, texts_of

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?")


SCALARS = (
    ("tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF")),
    ("tag:yaml.org,2002:null", re.compile("~|null|Null|NULL|"), ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", re.compile("[-+]?(0|[1-9][0-9]*)"), list("-+0123456789")),
    ("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]*\.[0-9]+"), list("-+.0123456789")),
    ("tag:yaml.org,2002:merge", re.compile("<<"), ["<"]),
)
"""What is no text, though without quotes: tag, form, first signs.

All else is text, an id such as 0x00158d0001 and a time such as 12:30 among it.
"""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.value != "<<":
                    problem = f'the key "{key.value}" is there twice'
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
                if key.value != "<<":
                    key.tag = "tag:yaml.org,2002:str"  # a key is a text, whatever it looks like
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


for _tag, _form, _first in SCALARS:
    _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_form.pattern})$"), _first)


def _aliases(value: Any) -> Any:
    """A list of aliases; also a mapping from language to such a list."""
    if not isinstance(value, dict):
        return texts_of(value)
    _check_languages(value)
    lists = [texts_of(items) for items in value.values()]
    return [alias for items in lists for alias in (items if isinstance(items, list) else [items])]


def _names(value: Any) -> Any:
    """Names by language, as `de` or `de-at`."""
    if not isinstance(value, dict):
        return value
    _check_languages(value)
    return {str(key).replace("_", "-").lower(): text_of(name) for key, name in value.items()}


def _check_languages(value: Mapping[Any, Any]) -> None:
    for key in value:
        if not isinstance(key, str) or not _LANGUAGE.fullmatch(key):
            raise ValueError(f'expected languages such as "en" or "de", not "{key}"')


def items(value: Any) -> Any:
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


class Entry(BaseModel):
    """What floors, areas, devices and groups have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text = Field(min_length=1)
    name: Text = ""
    names: Annotated[dict[str, str], BeforeValidator(_names)] = {}
    aliases: Annotated[list[str], BeforeValidator(_aliases)] = []

    @property
    def called(self) -> str:
        """Its name; without one, made from the id."""
        spoken = self.id.replace("_", " ").replace(".", " ").strip()
        return self.name or spoken.capitalize() or self.id

    @property
    def local_names(self) -> tuple[tuple[str, str], ...]:
        """Language and name."""
        return tuple(self.names.items())


class FloorEntry(Entry):
    """A floor."""


class AreaEntry(Entry):
    """An area."""

    floor: Text | None = None


class _ThingEntry(Entry):
    area: Text | None = None
    exposed: bool = True
    hidden: bool = False


class DeviceEntry(_ThingEntry):
    """A device described in full, by hand, or as a correction of a discovered one."""

    type: Text = ""
    device_class: Text | None = None
    features: Any = None
    state: Any = None
    mqtt: dict[str, Any] | None = None


class GroupEntry(_ThingEntry):
    """A group."""

    members: Texts = Field(min_length=1)


class HomeEntry(BaseModel):
    """A whole home file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Text = ""
    floors: Annotated[list[FloorEntry], BeforeValidator(items)] = []
    areas: Annotated[list[AreaEntry], BeforeValidator(items)] = []
    devices: Annotated[list[DeviceEntry], BeforeValidator(items)] = []
    groups: Annotated[list[GroupEntry], BeforeValidator(items)] = []
    routines: Annotated[list[RoutineEntry], BeforeValidator(routines_in)] = []


_KEYS = {
    "": tuple(HomeEntry.model_fields),
    "floors": tuple(FloorEntry.model_fields),
    "areas": tuple(AreaEntry.model_fields),
    "devices": tuple(DeviceEntry.model_fields),
    "groups": tuple(GroupEntry.model_fields),
    "routines": tuple(RoutineEntry.model_fields),
}


def read_entries(text: str, source: str) -> HomeEntry:
    """Check the text of a home file.

    `source` begins the sentence of the `HomeFileError` that is raised for the first mistake: the
    place, what is wrong, what was expected.
    """
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe one)
    except (yaml.YAMLError, RecursionError) as error:
        raise HomeFileError(f"{source}: this is not YAML: {_yaml_fault(error)}.") from error
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise HomeFileError(
            f"{source}: expected a mapping with the keys {', '.join(_KEYS[''])} at the top."
        )
    try:
        entry = HomeEntry.model_validate(document)
    except ValidationError as error:
        raise HomeFileError(f"{source}: {_explain(error, document)}") from error
    _check_ids(entry, source)
    return entry


def nearest(wanted: str, known: tuple[str, ...] | list[str], others: str = "there are") -> str:
    """The end of a sentence on an unknown word: did you mean …? Else what there is."""
    lowered = {item.casefold(): item for item in reversed(known)}
    near = difflib.get_close_matches(wanted.casefold(), lowered, n=1)
    if near:
        return f'did you mean "{lowered[near[0]]}"?'
    return f"{others}: {', '.join(known) or 'none'}."


def _yaml_fault(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _explain(error: ValidationError, document: Mapping[str, Any]) -> str:
    fault = error.errors()[0]
    place, found = _place(fault["loc"], document)
    key = str(fault["loc"][-1])
    if fault["type"] == "extra_forbidden":
        section = str(fault["loc"][0]) if len(fault["loc"]) > 1 else ""
        hint = nearest(key, _KEYS.get(section, ()), "known keys")
        return f'{place}: there is no key "{key}"; {hint}'
    if fault["type"] == "missing":
        return f'{place}: the key "{key}" is missing.'
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message[0].lower()}{message[1:]}, found {found!r}."


def _place(location: tuple[int | str, ...], document: Mapping[str, Any]) -> tuple[str, Any]:
    parts: list[str] = []
    found: Any = document
    for step in location:
        if isinstance(step, int):
            entries = (routines_in if parts[-1:] == ["routines"] else items)(found)
            found = entries[step] if isinstance(entries, list) and step < len(entries) else None
            name = found.get("id", found.get("name")) if isinstance(found, dict) else None
            parts[-1] += f"[{name if name else step + 1}]"
        else:
            found = found.get(step) if isinstance(found, dict) else None
            parts.append(step)
    return ".".join(parts), found


def _check_ids(entry: HomeEntry, source: str) -> None:
    seen: set[str] = set()
    for section in ("floors", "areas", "devices", "groups"):
        if section != "groups":  # a group and a device may not have the same id either
            seen = set()
        for item in getattr(entry, section):
            if item.id in seen:
                raise HomeFileError(f'{source}: {section}: the id "{item.id}" is there twice.')
            seen.add(item.id)
    names = [routine.name.casefold() for routine in entry.routines]
    for name in names:
        if names.count(name) > 1:
            raise HomeFileError(f'{source}: routines: the name "{name}" is there twice.')
