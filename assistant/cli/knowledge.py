"""`assistant knowledge`: which documents can be quoted, and what would be answered."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.errors import ConfigError

if TYPE_CHECKING:
    from assistant.knowledge.index import Index

_EPILOG = """examples:
  assistant knowledge                              the documents, and why some are not used
  assistant knowledge search "what does the dishwasher manual say about salt"

Documents are text or Markdown files (UTF-8) in the folder knowledge beside the configuration, or
the one that knowledge.folder names. See docs/knowledge.md."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Show which of your own documents can be quoted, and try a question."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    actions.add_parser("list", help="the documents, and why some are not used (the default)")
    search = actions.add_parser("search", help="what would be answered to a question")
    search.add_argument("question", help="as it would be asked")
    search.set_defaults(run=run_search)
    parser.set_defaults(run=run_list)


def run_list(args: argparse.Namespace, settings: Settings) -> int:
    """Print every document; 1 where one cannot be used. Raises `ConfigError` for no folder."""
    del args
    index = _index(settings)
    wrong = 0
    for each in index.files():
        wrong += bool(each.reason)
        state = f"NOT USED: {each.reason}" if each.reason else f"{each.passages} paragraphs"
        print(f'{each.file}  "{each.title}"  {state}')
    if not index.files():
        print("The folder holds no documents.")
    return 1 if wrong else 0


def run_search(args: argparse.Namespace, settings: Settings) -> int:
    """Print the answer and the best passages; 0 if a document answers. Raises `ConfigError`."""
    from assistant.knowledge.asking import Quote, answer
    from assistant.knowledge.terms import terms
    from assistant.replies import Replies

    index, replies = _index(settings), Replies(settings.language)
    found = answer(args.question, settings.language, index)
    if isinstance(found, Quote):
        said = replies.render("knowledge.quote", title=found.title, text=found.text)
        print(f"answer: {said}\n  from {found.file}, covers {found.coverage:.0%} of the question")
    elif found is not None:
        print(f"answer: {replies.render('knowledge.not_there', title=found.title)}")
    else:
        print("no answer: this is not taken as a question to the documents")
    for passage in index.search(terms(args.question))[:3]:
        print(f"  near: {passage.file}: {passage.text[:100]}")
    return 0 if isinstance(found, Quote) else 1


def _index(settings: Settings) -> Index:
    from assistant.knowledge.index import Index

    folder = Path(settings.knowledge.folder).expanduser()
    if not settings.knowledge.folder or not folder.is_dir():
        raise ConfigError(
            f"There is no folder {folder}. Make it and put text or Markdown files into it, or name "
            "another with knowledge.folder."
        )
    index = Index(folder, None)
    index.refresh()
    return index
