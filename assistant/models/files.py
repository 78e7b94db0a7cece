"""The models room, one model's folder: its kind, its files, its pinned hashes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.manifest import ModelFile, is_inside

_VOSK_LANGUAGE = re.compile(r"vosk-model-(?:small-)?([a-z]{2,3})(?:-([a-z]{2})(?=-))?-")
_SINGLE_FILE = {"silero": "*.onnx", "piper": "*.onnx", "llama": "*.gguf"}


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model on this machine."""

    name: str
    task: str
    """"vad", "recognition", "voice" or "llm"."""
    engine: str
    """"silero", "whisper", "vosk", "piper" or "llama"."""
    language: str
    """"en" or "en_US"; empty for a model of no language, or of many."""
    path: Path
    """The model's folder."""

    @property
    def file(self) -> Path:
        """What the engine loads: the one .onnx or .gguf file, or the folder for the others.

        Raises `ModelError` when the folder has no such file.
        """
        pattern = _SINGLE_FILE.get(self.engine)
        if pattern is None:
            return self.path
        found = sorted(self.path.glob(pattern))
        if not found:
            raise ModelError(
                f"The model {self.name} has no {pattern} file in {self.path}; run "
                f"`assistant models fetch {self.name}`."
            )
        return found[0]


@dataclass(frozen=True, slots=True)
class Problem:
    """One file of a model that is not as it should be."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} {self.what}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch or a check has come; `total` is None while the size is not known."""

    model: str
    stage: str
    """"download", "unpack" or "verify"."""
    done: int
    total: int | None


def silent(progress: Progress) -> None:
    """Show nothing."""


def check_files(folder: Path, expected: Sequence[ModelFile]) -> tuple[Problem, ...]:
    """Compare presence and size, reading nothing."""
    problems = []
    for file in expected:
        try:
            size = (folder / file.path).stat().st_size
        except OSError:
            problems.append(Problem(file.path, "is missing"))
            continue
        if file.size is not None and size != file.size:
            problems.append(Problem(file.path, f"has {size} bytes instead of {file.size}"))
        elif size == 0 and file.sha256 is None:
            problems.append(Problem(file.path, "is empty"))
    return tuple(problems)


def verify_files(
    name: str,
    folder: Path,
    expected: Sequence[ModelFile],
    progress: Callable[[Progress], None] = silent,
) -> tuple[Problem, ...]:
    """Compare presence, size and sha256; a file without a known hash is only looked at."""
    problems = list(check_files(folder, expected))
    bad = {problem.path for problem in problems}
    sound = [file for file in expected if file.path not in bad and file.sha256]
    total = sum((folder / file.path).stat().st_size for file in sound)
    done = 0
    for file in sound:

        def read(count: int) -> None:
            nonlocal done
            done += count
            progress(Progress(name, "verify", done, total))

        try:
            digest = sha256_of(folder / file.path, read)
        except OSError as error:
            problems.append(Problem(file.path, f"cannot be read ({error.strerror})"))
            continue
        if digest != file.sha256:
            problems.append(Problem(file.path, "was changed: its sha256 is wrong"))
    return tuple(problems)


def sha256_of(path: Path, read: Callable[[int], None] = lambda count: None) -> str:
    """The sha256 of a file in hexadecimal; `read` hears how many bytes were taken in."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            read(len(block))
    return digest.hexdigest()


def pins_path(folder: Path) -> Path:
    """The lock file beside a model's folder, with the hashes of what was fetched first."""
    return folder.with_name(f"{folder.name}.lock.json")


def pinned_files(folder: Path) -> tuple[ModelFile, ...]:
    """The files pinned by the first fetch; empty when there was none.

    Raises `ModelError` when the lock file is not one.
    """
    path = pins_path(folder)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(
            ModelFile(str(name), int(file["size"]), str(file["sha256"]))
            for name, file in document["files"].items()
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"The lock file {path} cannot be read; delete it and fetch the model again."
        ) from error
    if not all(is_inside(file.path) for file in files):
        raise ModelError(f"The lock file {path} has an unsafe path; delete it.")
    return files


def pin_files(folder: Path, content: Path, source: str) -> None:
    """Write down size and hash of every file under `content` as those of the model `folder`."""
    files = {
        file.relative_to(content).as_posix(): {
            "size": file.stat().st_size,
            "sha256": sha256_of(file),
        }
        for file in sorted(content.rglob("*"))
        if file.is_file()
    }
    path = pins_path(folder)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps({"source": source, "files": files}, indent=2) + "\n", "utf-8")
    fresh.replace(path)


def recognize_folder(folder: Path) -> InstalledModel | None:
    """Tell what a folder that is not in the manifest holds by its layout, or None.

    Vosk: `am/final.mdl` or `final.mdl`; Whisper for CTranslate2: `model.bin` and `config.json`;
    Piper: `*.onnx` beside `*.onnx.json`; Silero: `silero_vad*.onnx`; llama.cpp: `*.gguf`.
    """
    name = folder.name
    if (folder / "am" / "final.mdl").is_file() or (folder / "final.mdl").is_file():
        return InstalledModel(name, "recognition", "vosk", _vosk_language(name), folder)
    if (folder / "model.bin").is_file() and (folder / "config.json").is_file():
        language = "en" if name.lower().endswith((".en", "-en")) else ""
        return InstalledModel(name, "recognition", "whisper", language, folder)
    for voice in sorted(folder.glob("*.onnx")):
        settings = voice.with_name(f"{voice.name}.json")
        if settings.is_file():
            return InstalledModel(name, "voice", "piper", _voice_language(settings), folder)
        if voice.name.startswith("silero_vad"):
            return InstalledModel(name, "vad", "silero", "", folder)
    if any(not file.name.endswith(".adapter.gguf") for file in folder.glob("*.gguf")):
        return InstalledModel(name, "llm", "llama", "", folder)
    return None


def _vosk_language(name: str) -> str:
    match = _VOSK_LANGUAGE.match(name.lower())
    if match is None:
        return ""
    language, region = match.groups()
    language = {"cn": "zh", "ua": "uk", "kz": "kk", "vn": "vi"}.get(language, language)
    return f"{language}_{region.upper()}" if region else language


def _voice_language(settings: Path) -> str:
    try:
        document = json.loads(settings.read_text(encoding="utf-8"))
        return str(document.get("language", {}).get("code", "")) or str(
            document.get("espeak", {}).get("voice", "")
        ).replace("-", "_")
    except (OSError, ValueError, AttributeError):
        return ""
