"""The configuration's files: finds, reads and checks them, and knows where each setting is from.

TOML 1.0 (https://toml.io/en/v1.0.0). Later files win over earlier ones, setting by setting.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.paths import config_files

DEFAULT = "default"
"""The origin of a setting that no file has."""

_TYPE_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked settings and where they come from."""

    settings: Settings
    origins: Mapping[str, str]
    """For each dotted key ("mqtt.host") the file it was read from, or "default"."""
    files: tuple[Path, ...]
    """The files that were read, weakest first."""


def load(path: Path | None = None) -> Loaded:
    """Read `path` alone, or whichever of the usual files exist.

    Raises `ConfigError` naming the file, the line, the key, what was expected and the nearest
    right key, one line for each mistake.
    """
    if path is not None and (path.is_dir() or not path.exists()):
        raise ConfigError(
            f"There is no settings file {path}; write one with "
            f"`assistant config init --path {path}`."
        )
    files = [path] if path is not None else [file for file in config_files() if _exists(file)]
    merged: dict[str, Any] = {}
    origins = {key: DEFAULT for key, _ in settings_fields()}
    for file in files:
        document = _read(file)
        merged = _merge(merged, document)
        origins.update({key: str(file) for key in _leaves(document)})
    return Loaded(_validated(merged), origins, tuple(files))


def settings_fields(
    model: type[BaseModel] = Settings, prefix: str = ""
) -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by its dotted key: the ungrouped ones first, then section by section."""
    sections = []
    for name, field in model.model_fields.items():
        section = _section(field)
        if section is None:
            yield prefix + name, field
        else:
            sections.append((name, section))
    for name, section in sections:
        yield from settings_fields(section, f"{prefix}{name}.")


def expected(field: FieldInfo) -> str:
    """What a setting takes, in words: "a whole number from 0 to 100", 'one of "a", "b"'."""
    kinds = [kind for kind in _alternatives(field.annotation) if kind is not type(None)]
    kind = kinds[0]
    if typing.get_origin(kind) is Literal:
        return "one of " + ", ".join(json.dumps(value) for value in typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        return "a list of texts"
    if typing.get_origin(kind) is dict:
        return "a table of texts"
    words = _TYPE_WORDS[kind]
    if field.examples:
        return f"{words} such as " + " or ".join(json.dumps(value) for value in field.examples)
    low, high, above = (_limit(field, name) for name in ("ge", "le", "gt"))
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    if low is not None:
        return f"{words}, {low} or more"
    if above is not None:
        return f"{words} above {above}"
    return words


def _limit(field: FieldInfo, name: str) -> float | None:
    limits = (getattr(item, name, None) for item in field.metadata)
    return next((limit for limit in limits if limit is not None), None)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    arguments = typing.get_args(annotation)
    return arguments if type(None) in arguments else (annotation,)


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The settings file {path} cannot be read ({error.strerror}); correct its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The settings file {path} is not UTF-8 text; save it as such."
        ) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: {error}. Texts need quotes, and a section begins with [its name]."
        ) from error
    try:
        _validated(document)
    except ValidationError as error:
        mistakes = [_mistake(path, text, mistake) for mistake in error.errors()]
        raise ConfigError("\n".join(mistakes)) from error
    return document


def _validated(document: Mapping[str, Any]) -> Settings:
    """Check as JSON, where strict mode takes a list for a tuple but no text for a number."""
    return Settings.model_validate_json(json.dumps(document, default=str), strict=True)


def _mistake(path: Path, text: str, mistake: Mapping[str, Any]) -> str:
    location = [str(part) for part in mistake["loc"] if isinstance(part, str)]
    key = ".".join(location)
    line = _line_of(text, location)
    where = f"{path}, line {line}" if line else str(path)
    if mistake["type"] == "extra_forbidden":
        near = nearest_key(key)
        hint = f'did you mean "{near}"?' if near else "`assistant config show` lists all."
        return f'{where}: there is no setting "{key}"; {hint}'
    fields = dict(settings_fields())
    table = key.rpartition(".")[0]
    if key not in fields and table in fields:
        key = table
    if key not in fields:
        return f"{where}: {key} is a section: write its settings below a line [{key}]."
    field = fields[key]
    given = json.dumps(mistake["input"], default=str, ensure_ascii=False) if field.repr else "…"
    return (
        f"{where}: {key} = {given} is not right; expected {expected(field)} ({field.description})."
    )


def nearest_key(key: str) -> str | None:
    """The setting or section whose name is most like `key`, or None when none is."""
    keys = [known for known, _ in settings_fields()]
    sections = sorted({known.split(".")[0] for known in keys if "." in known})
    same_name = [known for known in keys if known.split(".")[-1] == key.rsplit(".", maxsplit=1)[-1]]
    if len(same_name) == 1:
        return same_name[0]
    section = key.split(".", maxsplit=1)[0]
    beside = [known for known in keys if "." in key and known.startswith(f"{section}.")]
    for candidates in (beside, sections if "." not in key else [], keys):
        near = difflib.get_close_matches(key, candidates, n=1, cutoff=0.6)
        if near:
            return near[0]
    last = {known.split(".")[-1]: known for known in keys}
    near = difflib.get_close_matches(key.rsplit(".", maxsplit=1)[-1], last, n=1, cutoff=0.7)
    return last[near[0]] if near else None


def _line_of(text: str, location: Sequence[str]) -> int | None:
    """The line where a key stands, good enough for hand-written files; None if not found."""
    section = ""
    header = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
    dotted = ".".join(location)
    for number, line in enumerate(text.splitlines(), start=1):
        if match := header.match(line):
            section = match[1].replace(" ", "").replace('"', "")
            if section == dotted:
                return number
            continue
        key = line.split("=", 1)[0].strip().replace(" ", "").replace('"', "")
        full = f"{section}.{key}" if section else key
        if "=" in line and (full == dotted or dotted.startswith(f"{full}.")):
            return number
    return None


def _leaves(document: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(value, dict) and isinstance(old, dict)
        merged[key] = _merge(old, value) if both and old is not None else value
    return merged
