"""Changing a home file in place: comments, order and spelling of all that is not changed stay."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.file.reading import parse_home
from assistant.home.file.round_trip import (
    dumped,
    dumped_item,
    end_of_block,
    is_block,
    is_list,
    is_mapping,
    mapping,
    round_trip,
    split_lines,
    written,
)


class HomeFileText:
    """The text of a home file and what is to become of it.

    Raises `HomeFileError` for a file that is wrong already: it has to be put right first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.before = self._read()
        self.file = parse_home(self.before, str(path))
        """What it said at first."""
        self.after = self.before
        """What it is to say."""
        self.replaced: list[str] = []
        """What the user has written that is not there any more, as "name: Lamp"."""
        self._load()

    def entry(self, section: str, identifier: str) -> Mapping[str, Any] | None:
        """The entry of a section ("devices") with an id."""
        found = self._find(section, identifier)
        return found if isinstance(found, dict) or found is None else {}

    def put(self, section: str, identifier: str, key: str, value: Any) -> None:
        """Set a key of an entry, which is made where there is none.

        What the user had there before is remembered as replaced.
        """
        entry = self._find(section, identifier)
        if entry is None:
            self._add_entry(section, identifier)
            entry = self._find(section, identifier)
        if not is_mapping(entry):
            entry = self._spelled_out(section, identifier)
        if key in entry and entry[key] == value:
            return
        if key in entry and entry[key] is not None:
            self.replaced.append(f"{key}: {_plain(entry[key])}")
        if is_block(entry) and is_block(entry.get(key)):
            self._put_block(entry, key, value)
        elif key in entry or not entry or entry.fa.flow_style():
            entry[key] = written(value)
            self._take_over()
        else:
            indent = " " * entry.lc.col
            line = indent + dumped(round_trip(""), mapping({key: written(value)}))
            self._insert(end_of_block(self.after, entry.lc.line, entry.lc.col), line)

    def drop(self, section: str, identifier: str, key: str) -> None:
        """Take a key out of an entry, if it is there."""
        entry = self._find(section, identifier)
        if not is_mapping(entry) or key not in entry:
            return
        line = entry.lc.key(key)[0] if is_block(entry) else entry.lc.line
        if line != entry.lc.line:
            self._replace(line, self._end_of(entry, key))
        else:
            del entry[key]
            self._take_over()

    def remove(self, section: str, identifier: str) -> None:
        """Take an entry out of its section."""
        entries = self._document[section]
        self.replaced.append(f"{identifier}: {_plain(self._find(section, identifier))}")
        if is_mapping(entries):
            del entries[identifier]
            self._take_over()
            return
        place = self._place(entries, identifier)
        if entries.fa.flow_style():
            del entries[place]
            self._take_over()
            return
        line, column = entries.lc.item(place)
        self._replace(line, end_of_block(self.after, line, column))

    def add_alias(
        self, section: str, identifier: str, alias: str, language: str, default_language: str
    ) -> None:
        """Add an alias, in a language if one is given; one that is there is left alone.

        Aliases in no language are those of `default_language` as soon as one is in another.
        """
        old = (self.entry(section, identifier) or {}).get("aliases")
        if alias.casefold() in map(str.casefold, _aliases_in(old)):
            return
        added: Any
        if language or isinstance(old, dict):
            key = language or default_language
            added = dict(old) if isinstance(old, dict) else {}
            if not isinstance(old, dict) and _aliases_in(old):
                self.replaced.append(f"aliases: {_plain(old)}")
                added[default_language] = _aliases_in(old)
            added[key] = [*_aliases_in(added.get(key)), alias]
        else:
            added = [*_aliases_in(old), alias]
        self._put_aliases(section, identifier, added)

    def remove_alias(self, section: str, identifier: str, alias: str) -> bool:
        """Take an alias away, in whatever language; whether it was there."""
        old = (self.entry(section, identifier) or {}).get("aliases")
        if alias.casefold() not in map(str.casefold, _aliases_in(old)):
            return False
        left: Any
        if isinstance(old, dict):
            left = {key: _without(names, alias) for key, names in old.items()}
            left = {key: names for key, names in left.items() if names}
        else:
            left = _without(old, alias)
        if left:
            self._put_aliases(section, identifier, left)
        else:
            self.drop(section, identifier, "aliases")
        return True

    def _put_aliases(self, section: str, identifier: str, aliases: Any) -> None:
        replaced = list(self.replaced)
        self.put(section, identifier, "aliases", aliases)
        self.replaced = replaced  # more aliases, or one less as asked for, replace nothing

    def diff(self) -> str:
        """What changes, line by line, as `diff -u` shows it; empty where nothing does."""
        return difference(self.before, self.after, self.path.name)

    def save(self) -> None:
        """Write the changed text. Raises `HomeFileError`, also where another was faster."""
        parse_home(self.after, str(self.path))
        if self._read() != self.before:
            raise HomeFileError(
                f"{self.path} was changed by somebody else meanwhile; nothing was written. "
                "Give the command again."
            )
        write_home_file(self.path, self.after)

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise HomeFileError(f"The home file {self.path} cannot be read: {reason}.") from error

    def _load(self) -> None:
        from ruamel.yaml.error import YAMLError

        self._yaml = round_trip(self.after)
        try:
            self._document = self._yaml.load(self.after)
        except YAMLError as error:
            raise HomeFileError(
                f"{self.path} is written in a way that no command can change; use "
                "`assistant home edit`."
            ) from error
        if self._document is None:
            self._document = mapping({})
        self._respelled = dumped(self._yaml, self._document)
        """The text as the YAML writer would have it, which spaces lines in its own way."""

    def _find(self, section: str, identifier: str) -> Any:
        entries = self._document.get(section)
        if is_mapping(entries):
            return entries.get(identifier, None) if identifier in entries else None
        place = self._place(entries or (), identifier)
        return None if place is None else entries[place]

    @staticmethod
    def _place(entries: Sequence[Any], identifier: str) -> int | None:
        for place, entry in enumerate(entries):
            if str(entry.get("id") if is_mapping(entry) else entry) == identifier:
                return place
        return None

    def _spelled_out(self, section: str, identifier: str) -> Any:
        """An entry that is no more than an id, or an id and a name, as a mapping."""
        entries = self._document[section]
        if is_mapping(entries):
            name = entries[identifier]
            entries[identifier] = mapping({"name": name} if name else {})
        else:
            entries[self._place(entries, identifier)] = mapping({"id": written(identifier)})
        self._take_over()
        return self._find(section, identifier)

    def _add_entry(self, section: str, identifier: str) -> None:
        entries = self._document.get(section)
        if is_mapping(entries):
            entries[identifier] = mapping({})
            self._take_over()
        elif entries and not entries.fa.flow_style():
            column = entries.lc.col
            line, _ = entries.lc.item(len(entries) - 1)
            item = (
                " " * column + "- " + dumped(round_trip(""), mapping({"id": written(identifier)}))
            )
            self._insert(end_of_block(self.after, line, column + 1), item)
        elif entries is not None:
            entries.append(mapping({"id": written(identifier)}))
            self._take_over()
        else:
            item = "  - " + dumped(round_trip(""), mapping({"id": written(identifier)}))
            if section in self._document:
                self._insert(self._document.lc.key(section)[0] + 1, item)
            else:
                gap = "\n" if self.after.strip() else ""
                self._insert(len(split_lines(self.after)), f"{gap}{section}:\n{item}")

    def _put_block(self, entry: Any, key: str, value: Any) -> None:
        """Put a value in the place of a list or mapping over several lines."""
        old, column = entry[key], entry.lc.col
        first, end = entry.lc.key(key)[0], self._end_of(entry, key)
        kept = [one for one in old if one in value]
        if is_list(old) and is_list(value) and value[: len(kept)] == kept != []:
            dash = " " * old.lc.col + "- "
            added = [dash + dumped_item(one) for one in value[len(kept) :]]
            self._replace(end, end, "".join(added), load=False)
            for place in range(len(old) - 1, -1, -1):
                if old[place] not in value:
                    line = old.lc.item(place)[0]
                    self._replace(line, end_of_block(self.after, line, old.lc.col + 1), load=False)
            self._load()
        else:
            line = dumped(round_trip(""), mapping({key: written(value)}))
            self._replace(first, end, " " * column + line)

    def _end_of(self, entry: Any, key: str) -> int:
        """The number of the line after a key's value."""
        value = entry[key]
        if is_list(value) and is_block(value):  # it may stand as far left as its key
            return end_of_block(self.after, value.lc.item(len(value) - 1)[0], value.lc.col + 1)
        return end_of_block(self.after, entry.lc.key(key)[0], entry.lc.col + 1)

    def _insert(self, line: int, text: str) -> None:
        """Put lines before the line of that number (from 0)."""
        self._replace(line, line, text)

    def _replace(self, line: int, end: int, text: str = "", *, load: bool = True) -> None:
        """Put other lines in the place of those from `line` (from 0) to before `end`."""
        lines = split_lines(self.after)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        self.after = "".join([*lines[:line], text, *lines[end:]])
        if load:
            self._load()

    def _take_over(self) -> None:
        """Make the document's changes in the text, whose other lines stay as they are."""
        changed = dumped(self._yaml, self._document)
        mine, its, new = map(split_lines, (self.after, self._respelled, changed))
        if len(mine) == len(its):
            matcher = difflib.SequenceMatcher(None, its, new, autojunk=False)
            changed = "".join(
                line if line.endswith("\n") else f"{line}\n"
                for tag, start, end, first, last in matcher.get_opcodes()
                for line in (mine[start:end] if tag == "equal" else new[first:last])
            )
        self.after = changed
        self._load()


def difference(before: str, after: str, name: str) -> str:
    """The lines that differ, as `diff -u` shows them."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name} (now)", f"{name} (then)", lineterm=""
    )
    return "\n".join(lines)


def write_home_file(path: Path, text: str) -> None:
    """Put a text into the place of a file, whole or not at all; mode and owner stay.

    Raises `HomeFileError`.
    """
    target = path.resolve()
    fresh: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        fresh = Path(name)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            if target.exists():
                about = target.stat()
                if (about.st_uid, about.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(stream.fileno(), about.st_uid, about.st_gid)
                os.fchmod(stream.fileno(), about.st_mode & 0o7777)
            else:
                os.fchmod(stream.fileno(), 0o644)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        raise HomeFileError(
            f"The home file {path} cannot be written ({error.strerror}); run the command as its "
            "owner, or set another place as home in the settings."
        ) from error


def _aliases_in(aliases: Any) -> list[str]:
    if isinstance(aliases, dict):
        return [alias for names in aliases.values() for alias in _aliases_in(names)]
    if aliases is None:
        return []
    return [str(alias) for alias in aliases] if isinstance(aliases, list) else [str(aliases)]


def _without(aliases: Any, alias: str) -> list[str]:
    return [one for one in _aliases_in(aliases) if one.casefold() != alias.casefold()]


def _plain(value: Any) -> str:
    """A value on one line, for people."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
