"""Reads the folder of documents: bounded, plain text only, and never more than text.

A document is UTF-8 text or Markdown. It is cut into passages: paragraphs, each with the headings
above it. Whatever a document says is data that may be quoted; nobody takes orders from it.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".md", ".markdown", ".txt")
MAX_FILES = 500
MAX_BYTES = 1024 * 1024
"""Of one file."""
MAX_PASSAGES = 20_000
"""Of all files together."""
_MAX_PASSAGE = 1500
"""Characters; a longer paragraph is cut at its sentences."""

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}")
_BULLET = re.compile(r"^\s*(?:[-*+•>]|\d{1,3}[.)])\s+")
_TAG = re.compile(r"<[^<>\n]{1,200}>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of a document."""

    file: str
    """Path inside the folder."""
    title: str
    """What the document is called when it is spoken of: the file's name in words."""
    heading: str
    """Headings above it; may be empty."""
    text: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that is not used."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be read, and how it looked: (nanoseconds of its change, bytes)."""

    file: str
    seen: tuple[int, int]


def look(folder: Path) -> tuple[list[Found], list[Rejected]]:
    """The documents in `folder` and its subfolders, in the order of their names, unread.

    Hidden files are passed over; links are not followed.
    """
    found: list[Found] = []
    rejected: list[Rejected] = []
    for directory, folders, files in os.walk(folder, onerror=None, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(directory, name)
            file = path.relative_to(folder).as_posix()
            if name.startswith("."):
                continue
            reason = _unsuitable(path)
            if not reason and len(found) >= MAX_FILES:
                reason = f"there are more than {MAX_FILES} files: join some or remove them"
            if reason:
                rejected.append(Rejected(file, reason))
                continue
            status = path.lstat()
            found.append(Found(file, (status.st_mtime_ns, status.st_size)))
    return found, rejected


def read(folder: Path, file: str) -> tuple[Passage, ...]:
    """The passages of a document. Raises `ValueError` with the reason where it cannot be used."""
    try:
        descriptor = os.open(folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise ValueError(_too_large())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text: save it as UTF-8") from error
    if "\0" in text:
        raise ValueError("it is not text")
    title = title_of(file)
    return tuple(Passage(file, title, heading, part) for heading, part in _passages(text))


def title_of(file: str) -> str:
    """ "appliances/dishwasher_manual.md" in words: "dishwasher manual"."""
    stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return spoken(re.sub(r"[-_.]+", " ", stem)).strip() or stem


def spoken(text: str) -> str:
    """`text` without Markdown's marks, tags and control characters, on one line."""
    text = _TAG.sub("", _LINK.sub(r"\1", text))
    text = _MARKS.sub("", text).replace("|", " ").replace("\\", "")
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Co")).split())


def sentences(text: str) -> list[str]:
    """The sentences of a passage, roughly."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def _unsuitable(path: Path) -> str:
    try:
        status = path.lstat()
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if stat.S_ISLNK(status.st_mode):
        return "it is a link: put the file itself there"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a file"
    if path.suffix.lower() not in SUFFIXES:
        return f"only {', '.join(SUFFIXES)} are read: save it as plain text"
    return _too_large() if status.st_size > MAX_BYTES else ""


def _too_large() -> str:
    return f"it is larger than {MAX_BYTES // 1024} KiB: split it"


def _passages(text: str) -> Iterator[tuple[str, str]]:
    """(headings, paragraph), in order."""
    headings: dict[int, str] = {}
    lines: list[str] = []

    def paragraph() -> Iterator[tuple[str, str]]:
        parts = [spoken(_BULLET.sub("", line)) for line in lines]
        ended = [p if p[-1:] in ".!?:;,。！？：；，" or not _BULLET.match(line) else f"{p}."
                 for p, line in zip(parts, lines, strict=True) if p]  # fmt: skip
        lines.clear()
        heading = ". ".join(headings[level] for level in sorted(headings))
        for part in _bounded(" ".join(ended)):
            yield heading, part

    for line in text.splitlines():
        title = _HEADING.match(line)
        if title or (lines and _UNDERLINE.match(line) and len(lines) == 1):
            level = len(title[1]) if title else (1 if line.startswith("=") else 2)
            named = spoken(title[2] if title else lines.pop())
            yield from paragraph()
            headings = {at: name for at, name in headings.items() if at < level}
            headings[level] = named
        elif not line.strip() or _FENCE.match(line):
            yield from paragraph()
        else:
            lines.append(line)
    yield from paragraph()


def _bounded(text: str) -> Iterator[str]:
    if len(text) <= _MAX_PASSAGE:
        if any(c.isalnum() for c in text):
            yield text
        return
    part = ""
    for sentence in sentences(text):
        for at in range(0, len(sentence), _MAX_PASSAGE):
            piece = sentence[at : at + _MAX_PASSAGE]
            if part and len(part) + len(piece) >= _MAX_PASSAGE:
                yield part
                part = ""
            part = f"{part} {piece}".strip()
    if part:
        yield part
