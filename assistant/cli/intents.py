"""`assistant intents`: check a folder of one's own sentences."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ConfigError

_EPILOG = """examples:
  assistant intents check                         the folder that the assistant uses
  assistant intents check ~/custom_sentences      another, with a folder for each language
  assistant intents check sentences/en --home my-home.yaml

Checked are the files' form, unknown {lists} and <rules>, intents without an action or a reply,
sentences that never lead to their intent, and sentences that two intents accept. How to write
them is in docs/intents.md; `assistant explain` shows how one sentence is read."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Find mistakes in your own sentences and actions."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="find mistakes, with file and line")
    check.add_argument("folder", nargs="?", type=Path, help="folder of sentences")
    check.add_argument("--home", type=Path, metavar="FILE", help="with this home's names")
    check.set_defaults(run=run_check)


def run_check(args: argparse.Namespace, settings: Settings) -> int:
    """Print every mistake; 0 when there is none, 1 else. Raises `ConfigError` for no folder."""
    from assistant.home.dwelling import DEMO_HOME
    from assistant.home.file.reading import load_home
    from assistant.home.model import Home
    from assistant.skills.registry import handled_intents
    from assistant.understanding.lint import check_folder

    folder: Path = args.folder or Path(settings.sentences).expanduser()
    if not folder.is_dir():
        raise ConfigError(
            f"There is no folder {folder}. Make it and put sentences into {folder}/"
            f"{settings.language}/, or name another."
        )
    home = Home()
    written = load_home(args.home or DEMO_HOME).written()
    own = Path(settings.home).expanduser()
    if args.home is None and settings.home and own.exists():
        file = load_home(own)
        written = file.written() if file.devices else file.written().over(written)
    home.write(written)
    checked, wrong = 0, 0
    for language, there in _folders(folder, settings.language):
        checked += 1
        for mistake in check_folder(there, language, home, handled_intents()):
            wrong += 1
            print(mistake)
    if not checked:
        raise ConfigError(f"There are no sentence files in {folder}, nor in a folder of a language "
                          "in it.")  # fmt: skip
    if not wrong:
        print(f"Nothing is wrong in {folder}.")
    return 1 if wrong else 0


def _folders(folder: Path, language: str) -> Iterator[tuple[str, Path]]:
    """(language, folder) of the folder itself, or of those in it that bear a language's name."""
    from assistant.understanding.language import available_languages, closest

    known = available_languages()
    if any(folder.glob("*.y*ml")):
        yield closest(folder.resolve().name, known) or language, folder
        return
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        meant = closest(inner.name, known)
        if meant and any(inner.glob("*.y*ml")):
            yield meant, inner
