"""`assistant config`: show, check and write the settings."""

from __future__ import annotations

import argparse
import grp
import json
import os
import stat
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.paths import config_files
from assistant.settings_file import DEFAULT, Loaded, expected, load, settings_fields

_EPILOG = """Settings are read from /etc/assistant/assistant.toml, then from
~/.config/assistant/assistant.toml, which wins; or only from `assistant --config FILE`.

examples:
  assistant config init            write ~/.config/assistant/assistant.toml, all commented out
  assistant config show            every setting and where it comes from
  assistant config check           say whether the files are right
  assistant --config my.toml config check"""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Show, check or write the settings. All of them have defaults."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="print the effective settings and their origins")
    show.set_defaults(run=_show)
    check = actions.add_parser("check", help="check the files and say which were read")
    check.set_defaults(run=_check)
    init = actions.add_parser("init", help="write a settings file with every setting explained")
    place = init.add_mutually_exclusive_group()
    place.add_argument("--path", type=Path, metavar="FILE", help="where to write it; - prints it")
    place.add_argument(
        "--system", action="store_true", help=f"write {config_files()[0]}, which the service reads"
    )
    init.add_argument("--force", action="store_true", help="overwrite a file that is there")
    init.set_defaults(run=_init, needs_settings=False)


def _show(args: argparse.Namespace, settings: Settings) -> int:
    loaded = load(args.config)
    for line in shown(loaded):
        print(line)
    return 0


def shown(loaded: Loaded) -> Iterator[str]:
    """The effective settings as TOML, each with its origin as a comment; secrets are masked."""
    names = ", ".join(str(file) for file in loaded.files)
    yield f"# read from {names}" if names else "# no settings file: all defaults"
    section = ""
    for key, field in settings_fields():
        *path, name = key.split(".")
        if (group := ".".join(path)) != section:
            section = group
            yield ""
            yield f"[{section}]"
        value: Any = loaded.settings
        for part in key.split("."):
            value = getattr(value, part)
        if not field.repr and value:
            value = "********"
        origin = loaded.origins.get(key, DEFAULT)
        line = f"{name} = {toml_value(value)}" if value is not None else f"# {name} is not set"
        yield f"{line:<44}  # {origin}"


def toml_value(value: Any) -> str:
    """A value as TOML writes it; JSON's form of texts, numbers and lists is TOML's too."""
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _check(args: argparse.Namespace, settings: Settings) -> int:
    loaded = load(args.config)
    if not loaded.files:
        print("There is no settings file: all settings have their defaults. That works.")
        print("Write one to change something: assistant config init")
        return 0
    for file in loaded.files:
        changed = sum(1 for origin in loaded.origins.values() if origin == str(file))
        print(f"{file}: right, decides {changed} setting{'' if changed == 1 else 's'}.")
        open_to_all = file.stat().st_mode & stat.S_IROTH
        secrets = tuple(key for key, field in settings_fields() if not field.repr)
        held = [key for key, origin in loaded.origins.items() if origin == str(file)]
        if open_to_all and any(key.startswith(secrets) for key in held):
            print(f"  It holds a secret and everybody can read it: chmod 640 {file}")
    return 0


def _init(args: argparse.Namespace, settings: Settings) -> int:
    text = commented_file()
    if args.path == Path("-"):
        sys.stdout.write(text)
        return 0
    path: Path = args.path or (config_files()[0] if args.system else config_files()[-1])
    write_new(path, text, overwrite=args.force)
    print(f"Wrote {path}. Every setting is in it with its default; uncomment what you change,")
    print("then run: assistant config check")
    return 0


def write_new(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a settings file that its owner alone may read (and the service, in /etc).

    Raises `ConfigError` when it exists and may not be overwritten, or cannot be written.
    """
    if path.exists() and not overwrite:
        raise ConfigError(f"{path} exists; --force overwrites it.")
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        if path == config_files()[0]:
            _let_the_service_read(fresh)
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}); run the command as its owner, "
            "or choose another place with --path."
        ) from error


def _let_the_service_read(path: Path) -> None:
    try:
        group = grp.getgrnam("assistant").gr_gid
    except KeyError:
        path.chmod(0o644)
        return
    os.chown(path, -1, group)
    path.chmod(0o640)


def commented_file() -> str:
    """A settings file in which every setting is explained and commented out."""
    lines = ["# Settings of the assistant. Remove the # before a setting to change it."]
    section = ""
    for key, field in settings_fields():
        *path, name = key.split(".")
        lines.append("")
        if (group := ".".join(path)) != section:
            section = group
            lines += [f"# {line.strip()}" for line in _about(path).splitlines() if line.strip()]
            lines += [f"[{section}]", ""]
        sentence = f"{field.description} ({expected(field)})"
        lines += textwrap.wrap(sentence, 96, initial_indent="# ", subsequent_indent="# ")
        default = field.get_default()
        lines.append(f"#{name} = {toml_value(default)}" if default is not None else f"#{name} = …")
    return "\n".join(lines) + "\n"


def _about(path: Sequence[str]) -> str:
    """What a section is for."""
    model: type[BaseModel] = Settings
    for part in path:
        inner = model.model_fields[part].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return (model.__doc__ or "").strip()
