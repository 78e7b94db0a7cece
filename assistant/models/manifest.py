"""The model manifest: which models exist, what they are for and where they come from.

`models/manifest.toml` is described in `models/README.md`; this room reads it into frozen values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import ModelError
from assistant.paths import packaged

ANY_LANGUAGE = "*"
"""In `languages` and `default`: every language."""

TASKS = ("vad", "recognition", "voice", "llm")
"""What a model can be for."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; `size` in bytes and `sha256` are None where nobody could check them."""

    path: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An upstream address.

    `archive` "zip": the address is a zip file, of which the single top folder is left out.
    Otherwise an address that ends with "/" is a folder below which each of the model's files is,
    and any other address is the model's only file.
    """

    url: str
    archive: str = ""
    size: int | None = None
    sha256: str | None = None

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A folder inside a wheel of the Python package index; `size` is the wheel's, in bytes."""

    package: str
    path: str
    size: int | None = None

    def __str__(self) -> str:
        return f"Python package {self.package}"


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One model that can be fetched."""

    name: str
    task: str
    engine: str
    languages: tuple[str, ...]
    licence: str
    sources: tuple[UrlSource | PackageSource, ...]
    files: tuple[ModelFile, ...] = ()
    """The files that are used; empty: whatever the archive holds."""
    size: int | None = None
    """Bytes on disk, None where it is not known."""
    about: int | None = None
    """Roughly so many, where nobody has measured it."""
    note: str = ""
    default: tuple[str, ...] = ()
    """Languages for which `--all-default` fetches it."""
    tested: bool = False
    """Whether the assistant's own tests run on it."""

    def speaks(self, language: str | None) -> bool:
        """True when the model serves `language` ("en" serves "en_US" and the other way round)."""
        return language is None or any(same_language(own, language) for own in self.languages)


def same_language(own: str, wanted: str) -> bool:
    """Compare two language tags by their primary subtag: "en", "en_US" and "en-GB" are the same."""
    return own == ANY_LANGUAGE or primary_subtag(own) == primary_subtag(wanted)


def primary_subtag(language: str) -> str:
    """The primary subtag (RFC 5646) of a language tag, in lower case: "en" of "en_US"."""
    return language.replace("_", "-").split("-")[0].lower()


def load_manifest(path: Path | None = None) -> tuple[ManifestEntry, ...]:
    """Read a manifest, by default the packaged one; entries in file order, best first.

    Raises `ModelError` naming the file and the model where something is missing or unknown.
    """
    path = path or packaged("models/manifest.toml")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"The model manifest {path} cannot be read ({error.strerror}); reinstall the assistant."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"The model manifest {path} is not valid TOML: {error}.") from error
    entries = tuple(_entry(table, path) for table in document.get("model", ()))
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(f"The model manifest {path} names {name} twice.")
    return entries


def _entry(table: Mapping[str, Any], path: Path) -> ManifestEntry:
    name = str(table.get("name", "?"))
    try:
        entry = ManifestEntry(
            name=table["name"],
            task=table["task"],
            engine=table["engine"],
            languages=tuple(table["languages"]),
            licence=table["licence"],
            sources=tuple(_source(source) for source in table["sources"]),
            files=tuple(ModelFile(**file) for file in table.get("files", ())),
            size=table.get("size"),
            about=table.get("about"),
            note=table.get("note", ""),
            default=tuple(table.get("default", ())),
            tested=table.get("tested", False),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"The model manifest {path} is wrong at model {name}: {error}.") from error
    if entry.task not in TASKS:
        raise ModelError(f"The model manifest {path} gives {name} the unknown task {entry.task}.")
    for relative in (entry.name, *(file.path for file in entry.files)):
        if not is_inside(relative):
            raise ModelError(f"The model manifest {path} has the unsafe path {relative!r}.")
    return entry


def _source(table: Mapping[str, Any]) -> UrlSource | PackageSource:
    return PackageSource(**table) if "package" in table else UrlSource(**table)


def is_inside(relative: str) -> bool:
    """True when a path with forward slashes stays below the folder it is joined to."""
    parts = PurePosixPath(relative).parts
    return (
        bool(parts)
        and not relative.startswith("/")
        and "\\" not in relative
        and (".." not in parts)
    )


def find_entry(manifest: Sequence[ManifestEntry], name: str) -> ManifestEntry | None:
    """The entry called `name`, or None."""
    return next((entry for entry in manifest if entry.name == name), None)
