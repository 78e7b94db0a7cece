"""The models room: finds, checks, fetches and removes the models that the engines load.

A model is a folder `<models directory>/<name>/`. Nothing here touches the network but `fetch`.
"""

from __future__ import annotations

import difflib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.models.files import (
    InstalledModel,
    Problem,
    Progress,
    check_files,
    pinned_files,
    pins_path,
    recognize_folder,
    silent,
    verify_files,
)
from assistant.models.manifest import (
    ManifestEntry,
    ModelFile,
    find_entry,
    load_manifest,
    primary_subtag,
    same_language,
)
from assistant.paths import checkout, data_directory

_log = logging.getLogger(__name__)

_TASK_WORDS = {
    "vad": "voice activity detection",
    "recognition": "speech recognition",
    "voice": "speech synthesis",
    "llm": "language",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What `ModelStore.fetch` did."""

    model: InstalledModel
    source: str
    """Where it came from; empty when it was there already and the network was not touched."""
    pinned: bool = False
    """True when nobody had vouched for the files: their hashes were written down just now."""
    failures: tuple[str, ...] = ()
    """Sources that were tried before and why each failed."""


class ModelStore:
    """The models on this machine, in several folders, and the manifest of those to be had.

    The first folder is the one that is written to; all are read, in order.
    """

    def __init__(
        self, directories: Sequence[Path], manifest: Sequence[ManifestEntry] | None = None
    ) -> None:
        """`manifest` None: the packaged one. Raises `ModelError` when that cannot be read."""
        if not directories:
            raise ValueError("a model store needs at least one directory")
        self.directories = tuple(directories)
        self.manifest = tuple(load_manifest() if manifest is None else manifest)

    @classmethod
    def from_settings(cls, settings: Settings) -> ModelStore:
        """The store of a configuration: its folder or the data directory's, and a checkout's."""
        chosen = settings.models.directory
        directories = [Path(chosen).expanduser() if chosen else data_directory() / "models"]
        top = checkout()
        if top is not None:
            directories.append(top / "models")
        return cls(directories)

    @property
    def directory(self) -> Path:
        """The folder that `fetch` writes to."""
        return self.directories[0]

    def entry(self, name: str) -> ManifestEntry:
        """The manifest's entry called `name`; raises `ModelError` with the nearest right name."""
        entry = find_entry(self.manifest, name)
        if entry is not None:
            return entry
        names = [one.name for one in self.manifest]
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else "`assistant models list` shows them."
        raise ModelError(f'There is no model called "{name}" in the manifest; {hint}')

    def installed(self) -> tuple[InstalledModel, ...]:
        """All models in the folders, damaged ones too: the manifest's in its order, then others."""
        found: dict[str, InstalledModel] = {}
        for entry in self.manifest:
            path = self._folder(entry.name)
            if path is not None:
                found[entry.name] = _installed(entry, path)
        for directory in self.directories:
            for path in _subfolders(directory):
                if path.name not in found:
                    model = recognize_folder(path)
                    if model is not None:
                        found[path.name] = model
        return tuple(found.values())

    def find(
        self,
        task: str,
        *,
        engine: str | None = None,
        language: str | None = None,
        name: str = "",
    ) -> InstalledModel | None:
        """The best installed model for a task, or None.

        `task` is "vad", "recognition", "voice" or "llm". A model of the very region asked for
        ("en_GB") goes before one of the same language, then the manifest's order decides, then
        the alphabet among models that the manifest does not know. A model whose files are
        missing or cut short is passed over, with a line in the log. With `name` the language
        does not matter.
        """
        for model in self._candidates(task, engine, language, name):
            problems = self.check(model)
            if not problems:
                return model
            _log.warning("model %s is damaged: %s", model.name, problems[0])
        return None

    def require(
        self,
        task: str,
        *,
        engine: str | None = None,
        language: str | None = None,
        name: str = "",
    ) -> InstalledModel:
        """Like `find`; raises `ModelError` saying what to run when there is none."""
        model = self.find(task, engine=engine, language=language, name=name)
        if model is not None:
            return model
        for damaged in self._candidates(task, engine, language, name):
            problem = self.check(damaged)[0]
            raise ModelError(
                f"The model {damaged.name} is damaged ({problem}); run "
                f"`assistant models fetch {damaged.name}` to fetch it again."
            )
        if name:
            entry = find_entry(self.manifest, name)
            if entry is None:
                raise ModelError(
                    f'The model "{name}" is neither in {self._places()} nor in the manifest; '
                    "`assistant models list` shows what there is."
                )
            if entry.task != task or engine not in (None, entry.engine):
                raise ModelError(
                    f'"{name}" is a {entry.engine} model for {_TASK_WORDS[entry.task]}, not one '
                    f"for {_TASK_WORDS.get(task, task)}; correct the setting."
                )
            raise ModelError(
                f"The model {name} is not installed; run `assistant models fetch {name}`."
            )
        wanted = self.suggested(task, engine=engine, language=language)
        what = f"{_TASK_WORDS.get(task, task)} model" + (f' for "{language}"' if language else "")
        if wanted is None:
            raise ModelError(
                f"No {what} is installed and the manifest has none; put one into "
                f"{self.directory / '<name>'}."
            )
        raise ModelError(f"No {what} is installed; run `assistant models fetch {wanted.name}`.")

    def suggested(
        self, task: str, *, engine: str | None = None, language: str | None = None
    ) -> ManifestEntry | None:
        """The manifest's model to fetch for a task: a default one, tested before untested."""
        able = [
            entry
            for entry in self.manifest
            if entry.task == task and engine in (None, entry.engine) and entry.speaks(language)
        ]
        chosen = [entry for entry in able if _is_default(entry, language)]
        chosen.sort(key=lambda entry: not entry.tested)
        return next(iter(chosen or able), None)

    def defaults(self, settings: Settings) -> tuple[ManifestEntry, ...]:
        """The models that a configuration wants: one for each task, those it names by name.

        A language without a voice has none here (espeak-ng speaks it). Raises `ModelError` when
        a setting names a model that is neither installed nor in the manifest.
        """
        language = settings.language
        engine = None if settings.recognizer == "auto" else settings.recognizer
        named = {
            "recognition": settings.vosk.model
            if engine == "vosk"
            else settings.whisper.model or ("" if engine else settings.vosk.model),
            "voice": settings.voice.model,
            "llm": settings.llm.model,
        }
        wanted: list[ManifestEntry] = []
        for task in ("vad", "recognition", "voice", "llm"):
            if task == "llm" and not settings.llm.enabled:
                continue
            name = named.get(task, "")
            if name:
                if find_entry(self.manifest, name) is None and self._folder(name):
                    continue
                wanted.append(self.entry(name))
                continue
            entry = self.suggested(
                task, engine=engine if task == "recognition" else None, language=language
            )
            if entry is not None and _is_default(entry, language):
                wanted.append(entry)
        return tuple(wanted)

    def check(self, model: InstalledModel) -> tuple[Problem, ...]:
        """Look at presence and size of the files only: milliseconds, for every start."""
        return check_files(model.path, self._expected(model))

    def verify(
        self, model: InstalledModel, progress: Callable[[Progress], None] = silent
    ) -> tuple[Problem, ...]:
        """Read every byte and compare with the manifest's or the pinned hashes."""
        return verify_files(model.name, model.path, self._expected(model), progress)

    def vouched(self, model: InstalledModel) -> bool:
        """True when `verify` has a hash for at least one of the model's files."""
        return any(file.sha256 for file in self._expected(model))

    def fetch(
        self,
        name: str,
        progress: Callable[[Progress], None] = silent,
        *,
        again: bool = False,
    ) -> Fetched:
        """Make sure that a model is there; the network is used only when it is not.

        `again` fetches it even then. Sources are tried in the manifest's order, files are
        verified and moved into place whole. Raises `ModelError` with the reason of each source.
        """
        entry = self.entry(name)
        path = self._folder(name)
        if path is not None and not again:
            model = _installed(entry, path)
            if not self.check(model):
                return Fetched(model, "")
        from assistant.models.fetching import fetch_entry

        source, pinned, failures = fetch_entry(entry, self.directory, progress)
        return Fetched(_installed(entry, self.directory / name), source, pinned, failures)

    def remove(self, name: str, *, forget: bool = False) -> Path:
        """Delete a model from the folder that is written to; returns the folder it was in.

        `forget` drops its pinned hashes too, so that a changed upstream is accepted next time.
        Raises `ModelError` when it is not there or cannot be deleted.
        """
        path = self.directory / name
        if name in {"", ".", ".."} or Path(name).name != name or not path.is_dir():
            elsewhere = self._folder(name) if Path(name).name == name else None
            if elsewhere is not None:
                raise ModelError(
                    f"The model {name} is in {elsewhere.parent}, which the assistant only reads; "
                    "delete it there by hand."
                )
            raise ModelError(f'There is no model "{name}" in {self.directory}.')
        try:
            doomed = path.with_name(f".removed-{os.getpid()}-{name}")
            path.rename(doomed)
            shutil.rmtree(doomed)
            if forget:
                pins_path(path).unlink(missing_ok=True)
        except OSError as error:
            raise ModelError(f"The model {name} cannot be removed: {error}.") from error
        return path

    def _folder(self, name: str) -> Path | None:
        for directory in self.directories:
            path = directory / name
            if path.is_dir():
                return path
        return None

    def _expected(self, model: InstalledModel) -> tuple[ModelFile, ...]:
        entry = find_entry(self.manifest, model.name)
        known = entry.files if entry is not None else ()
        if known and all(file.sha256 for file in known):
            return known
        pinned = pinned_files(model.path)
        return pinned or known

    def _candidates(
        self, task: str, engine: str | None, language: str | None, name: str
    ) -> Iterable[InstalledModel]:
        models = [
            model
            for model in self.installed()
            if model.task == task
            and engine in (None, model.engine)
            and (model.name == name if name else self._speaks(model, language))
        ]
        if language and not name and language.lower() != primary_subtag(language):
            region = language.replace("-", "_").lower()
            models.sort(key=lambda model: model.language.replace("-", "_").lower() != region)
        return models

    def _speaks(self, model: InstalledModel, language: str | None) -> bool:
        entry = find_entry(self.manifest, model.name)
        if entry is not None:
            return entry.speaks(language)
        return not language or not model.language or same_language(model.language, language)

    def _places(self) -> str:
        return " or ".join(str(directory) for directory in self.directories)


def _is_default(entry: ManifestEntry, language: str | None) -> bool:
    if language is None:
        return bool(entry.default)
    return any(same_language(own, language) for own in entry.default)


def _installed(entry: ManifestEntry, path: Path) -> InstalledModel:
    languages = [language for language in entry.languages if language != "*"]
    return InstalledModel(
        entry.name, entry.task, entry.engine, languages[0] if languages else "", path
    )


def _subfolders(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir() and path.name[0] != ".")
    except OSError:
        return []
