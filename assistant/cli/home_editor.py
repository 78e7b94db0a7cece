"""`assistant home edit`: the home file in the user's editor, put in place only when it is right."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.file.editing import difference, write_home_file
from assistant.home.file.reading import parse_home

_EDITORS = ("sensible-editor", "nano", "vim", "vi")
_BARE = re.compile(r"[A-Za-z][\w -]*\w")
_NOT_BARE = ("true", "false", "null")


def edit(path: Path, picture: Mapping[str, Any], again: Callable[[], bool]) -> int:
    """Have a copy edited until it is right, then put it in place; 0 if there is nothing wrong.

    `again` asks whether to go on with a wrong one. A file that is not there begins with what is in
    `picture`, commented out. Raises `HomeFileError` where there is no editor, or no terminal to
    ask on.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    folder = Path(tempfile.mkdtemp(prefix="assistant-home-"))
    copy = folder / "home.yaml"
    copy.write_text(before or "\n".join(starter(picture)) + "\n", encoding="utf-8")
    while True:
        _open(copy)
        try:
            text = copy.read_text(encoding="utf-8")
            parse_home(text, str(path))
        except (OSError, UnicodeDecodeError, HomeFileError) as error:
            print(f"assistant: {error}", file=sys.stderr)
            if sys.stdin.isatty() and again():
                continue
            raise HomeFileError(f"{path} stays as it was; what you wrote is in {copy}.") from error
        break
    if path.exists() and path.read_text(encoding="utf-8") != before:
        raise HomeFileError(
            f"{path} was changed by somebody else meanwhile and stays so; what you wrote is in "
            f"{copy}."
        )
    if text == before:
        print("Nothing was changed.")
    else:
        write_home_file(path, text)
        print(difference(before, text, path.name) if before else f"Made {path}.")
        print(f"Wrote {path}. A running assistant picks it up by itself.")
    shutil.rmtree(folder)
    return 0


def _open(path: Path) -> None:
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    found = shlex.split(chosen) if chosen else [e for e in _EDITORS if shutil.which(e)][:1]
    if not found:
        raise HomeFileError("There is no editor; set the environment variable EDITOR to one.")
    try:
        subprocess.run([*found, str(path)], check=True)  # noqa: S603 (the user's own choice)
    except (OSError, subprocess.CalledProcessError) as error:
        raise HomeFileError(f"The editor {found[0]} did not work: {error}.") from error


def starter(picture: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a first home file: what was found, commented out."""
    yield "# The home as you call it. What stands here counts more than what devices say of"
    yield "# themselves; the running assistant reads it again whenever you save it."
    yield "# Below is what was found. Remove the # before a line to change what it says."
    yield ""
    yield "areas:"
    for area in picture["areas"]:
        yield f"#  - {{id: {_scalar(area['id'])}, name: {_scalar(area['name'])}, aliases: []}}"
    yield ""
    yield "devices:"
    rooms = {area["id"]: area["name"] for area in picture["areas"]}
    for device in sorted(picture["devices"], key=lambda d: (rooms.get(d["area"], ""), d["name"])):
        if device["virtual"]:
            continue
        yield f"#  - id: {_scalar(device['id'])}"
        yield f"#    name: {_scalar(device['name'])}"
        if device["area"]:
            yield f"#    area: {_scalar(device['area'])}"
        yield f"#    # it is a {_scalar(device['device_class'] or device['type'])}"
    yield ""
    yield "groups:"
    yield "#  - {id: evening, name: Evening lights, members: [one device, another device]}"


def _scalar(text: str) -> str:
    """A text as YAML, on one line whatever is in it."""
    if _BARE.fullmatch(text) and text.lower() not in _NOT_BARE:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
