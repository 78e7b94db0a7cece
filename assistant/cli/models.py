"""`assistant models`: list, fetch, verify and remove models."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from assistant.config import Settings
from assistant.errors import LanguageModelError, ModelError
from assistant.models import InstalledModel, ModelStore, Progress
from assistant.models.manifest import ManifestEntry, primary_subtag

_EPILOG = """examples:
  assistant models list                     what there is for your language, and what is installed
  assistant models list --all               for every language
  assistant models fetch --all-default      what the settings need; a second time does nothing
  assistant models fetch de_DE-thorsten-medium vosk-model-small-de-0.15
  assistant models recommend                which language model fits this machine, and why
  assistant models verify                   read every byte and compare the hashes
  assistant models remove whisper-tiny.en

Without the network, put a model's folder below the models directory yourself:
`list` shows the directory, models/README.md the layout."""

_STAGES = {"download": "fetching", "unpack": "unpacking", "verify": "checking"}


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "The models that hear, think and speak. Only `fetch` uses the network."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show the models to be had and those installed")
    listing.add_argument("--all", action="store_true", help="for every language")
    listing.add_argument("--installed", action="store_true", help="only what is installed")
    listing.set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="download models, verify them and put them in place")
    fetch.add_argument("names", nargs="*", metavar="NAME", help="as `list` shows it")
    fetch.add_argument(
        "--all-default", action="store_true", help="everything that the settings need"
    )
    fetch.add_argument("--again", action="store_true", help="even what is there already")
    fetch.set_defaults(run=_fetch)
    advice = actions.add_parser(
        "recommend", help="say which language model fits this machine's memory and speed"
    )
    advice.set_defaults(run=_recommend)
    verify = actions.add_parser("verify", help="compare every byte with the known hashes")
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all installed")
    verify.set_defaults(run=_verify)
    remove = actions.add_parser("remove", help="delete models")
    remove.add_argument("names", nargs="+", metavar="NAME", help="as `list` shows it")
    remove.add_argument(
        "--forget", action="store_true", help="and accept other files under this name next time"
    )
    remove.set_defaults(run=_remove)


def _list(args: argparse.Namespace, settings: Settings) -> int:
    from rich.table import Table

    store = ModelStore.from_settings(settings)
    installed = {model.name: model for model in store.installed()}
    wanted = {entry.name for entry in store.defaults(settings)}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "model", "for", "engine", "language", "size", "licence", ""):
        table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
    hidden = 0
    for entry in store.manifest:
        model = installed.pop(entry.name, None)
        if model is None and (args.installed or not (args.all or entry.speaks(settings.language))):
            hidden += 0 if args.installed else 1
            continue
        table.add_row(
            _mark(store, model),
            entry.name,
            entry.task,
            entry.engine,
            " ".join(entry.languages) if entry.languages != ("*",) else "any",
            _megabytes(_fetch_bytes(entry)),
            entry.licence,
            _remarks(entry, entry.name in wanted),
        )
    for model in installed.values():
        table.add_row(
            _mark(store, model), model.name, model.task, model.engine, model.language or "any",
            _megabytes(_size_of(model)), "?", "yours",
        )  # fmt: skip
    from assistant.cli.tables import wide_console

    console = wide_console()
    console.print(table)
    console.print(f"\n✓ installed  ✗ damaged   models directory: {store.directory}")
    if hidden:
        console.print(f"{hidden} more for other languages: assistant models list --all")
    return 0


def _recommend(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.cli.models_recommend import recommend

    return recommend(args, settings)


def _mark(store: ModelStore, model: InstalledModel | None) -> str:
    if model is None:
        return ""
    return "[red]✗[/]" if store.check(model) else "[green]✓[/]"


def _remarks(entry: ManifestEntry, wanted: bool) -> str:
    remarks = ["default"] if wanted else []
    if not entry.tested:
        remarks.append("untested")
    return ", ".join(remarks)


def _fetch_bytes(entry: ManifestEntry) -> int | None:
    return entry.size or next((source.size for source in entry.sources if source.size), None)


def _size_of(model: InstalledModel) -> int:
    return sum(file.stat().st_size for file in model.path.rglob("*") if file.is_file())


def _megabytes(size: int | None) -> str:
    return f"{size / 1e6:.0f} MB" if size else "?"


def _fetch(args: argparse.Namespace, settings: Settings) -> int:
    store = ModelStore.from_settings(settings)
    names = list(dict.fromkeys(args.names))
    if args.all_default:
        names += [entry.name for entry in store.defaults(settings) if entry.name not in names]
    if not names:
        raise ModelError("Name a model (`assistant models list` shows them), or say --all-default.")
    for name in names:
        store.entry(name)
    failed = 0
    thinks = False
    for name in names:
        try:
            with _progress_bar(name) as show:
                fetched = store.fetch(name, show, again=args.again)
        except ModelError as error:
            print(f"assistant: {error}", file=sys.stderr)
            failed += 1
            continue
        for failure in fetched.failures:
            print(f"  (not from {failure})")
        if not fetched.source:
            print(f"✓ {name} is there already ({fetched.model.path})")
            continue
        thinks = thinks or fetched.model.task == "llm"
        print(f"✓ {name} is now in {fetched.model.path}, from {fetched.source}")
        if fetched.pinned:
            print(
                "  Nobody has vouched for these files yet: their hashes were written to "
                f"{name}.lock.json, and another fetch must bring the same."
            )
    if thinks:
        _read_examples(store, settings)
    if args.all_default:
        _say_what_has_no_model(store, settings)
    return 1 if failed else 0


def _read_examples(store: ModelStore, settings: Settings) -> None:
    """Spare the first start the seconds that a new language model needs; never a failure."""
    from assistant.llm.tier import read_examples

    try:
        if read_examples(store, settings):
            print("✓ the language model has read its examples")
    except (LanguageModelError, ModelError) as error:
        print(f"assistant: {error}", file=sys.stderr)


def _say_what_has_no_model(store: ModelStore, settings: Settings) -> None:
    tasks = {entry.task for entry in store.defaults(settings)}
    if "voice" not in tasks and not settings.voice.model:
        print(
            f'There is no Piper voice for "{primary_subtag(settings.language)}" in the manifest: '
            "espeak-ng will speak, if it is installed."
        )


@contextlib.contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[Progress], None]]:
    """A bar in a terminal; where the output goes into a file or a log, nothing."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: None
        return
    with Bar(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                for task in tasks.values():
                    bar.update(task, visible=False)
                word = _STAGES.get(progress.stage, progress.stage)
                tasks[progress.stage] = bar.add_task(f"{word} {name}", total=progress.total)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield show


def _verify(args: argparse.Namespace, settings: Settings) -> int:
    store = ModelStore.from_settings(settings)
    installed = {model.name: model for model in store.installed()}
    for name in args.names:
        if name not in installed:
            raise ModelError(f'There is no model "{name}" in {store.directory}.')
    if not installed:
        print(f"No models in {store.directory}. Fetch some: assistant models fetch --all-default")
        return 0
    damaged = []
    for name in args.names or installed:
        model = installed[name]
        with _progress_bar(name) as show:
            problems = store.verify(model, show)
        if problems:
            damaged.append(name)
            print(f"✗ {name}: {'; '.join(str(problem) for problem in problems)}")
        elif store.vouched(model):
            print(f"✓ {name}")
        else:
            print(f"? {name}: no hashes are known for it, nothing to compare")
    if damaged:
        print(f"Fetch again: assistant models fetch --again {' '.join(damaged)}", file=sys.stderr)
    return 1 if damaged else 0


def _remove(args: argparse.Namespace, settings: Settings) -> int:
    store = ModelStore.from_settings(settings)
    for name in dict.fromkeys(args.names):
        print(f"Removed {store.remove(name, forget=args.forget)}")
    return 0
