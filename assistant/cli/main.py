"""The `assistant` command: parses, loads the settings, runs one command module."""

from __future__ import annotations

import argparse
import importlib
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant import __version__
from assistant.errors import AssistantError

COMMANDS = {
    "run": "start the assistant and talk to it",
    "ask": "ask by text or by a sound file",
    "explain": "show how a sentence is understood",
    "status": "show how the running assistant is doing",
    "listen": "push to talk: open the running assistant's microphone",
    "say": "have the running assistant say a text",
    "stop": "silence the running assistant: what it says and what rings",
    "mute": "close the running assistant's microphone",
    "unmute": "open the microphone again",
    "volume": "show or set the loudness of replies and rings",
    "timers": "show and set timers",
    "alarms": "show and set alarms",
    "reminders": "show and set reminders",
    "lists": "show and change shopping and other lists",
    "demo": "hear a dozen spoken commands being done",
    "intents": "check your own sentences",
    "knowledge": "show your own documents, and what is answered from them",
    "home": "show rooms and devices with their state, and change their names",
    "audio": "sound devices, level meter, record and play back",
    "models": "list, fetch, verify and remove models",
    "config": "show, check or write the configuration",
    "service": "install as a system service",
    "simulate": "let simulated devices live on a broker",
    "eval": "measure how well requests are understood, by any installed model",
    "bench": "measure latency and memory on this machine",
}

_SHARED = {
    **dict.fromkeys(("listen", "say", "stop", "mute", "unmute", "volume"), "buttons"),
    **dict.fromkeys(("timers", "alarms", "reminders", "lists"), "timetable"),
}
"""Commands that share a module."""

_DESCRIPTION = """An offline voice assistant for the home.

Everything happens on this machine. Start with:
  assistant run                              talk to it ("okay nabu, turn on the kitchen lights")
  assistant ask "turn on the kitchen lights" the same by text
  assistant demo                             watch and hear it work"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="assistant",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"assistant {__version__}")
    _add_config(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    before = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _add_config(before)
    known, arguments = before.parse_known_args(arguments)
    chosen = _command_in(arguments)
    for name, summary in COMMANDS.items():
        command = subparsers.add_parser(name, help=summary, add_help=name == chosen)
        if name == chosen:
            module = _SHARED.get(name, name)
            importlib.import_module(f"assistant.cli.{module}").register(command)
    args = parser.parse_args(arguments)
    args.config = known.config
    try:
        return _run(args)
    except AssistantError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="use only this settings file")


def _command_in(arguments: Sequence[str]) -> str | None:
    """The command's name: the first word that is one, so that only its module is imported."""
    return next((word for word in arguments if word in COMMANDS), None)


def _run(args: argparse.Namespace) -> int:
    from assistant.config import Settings
    from assistant.paths import config_files
    from assistant.settings_file import load

    wanted = getattr(args, "needs_settings", True)
    settings = Settings()
    if wanted:
        loaded = load(args.config)
        settings = loaded.settings
        beside = (loaded.files or config_files())[-1].parent
        usual = {"sentences": str(beside / "intents"), "home": str(beside / "home.yaml")}
        missing: dict[str, object] = {
            key: path for key, path in usual.items() if not getattr(settings, key)
        }
        if not settings.knowledge.folder:
            folder = str(beside / "knowledge")
            missing["knowledge"] = settings.knowledge.model_copy(update={"folder": folder})
        settings = settings.model_copy(update=missing)
    level = logging.getLevelNamesMapping()[settings.log.level]
    talks_itself = level == logging.INFO and not getattr(args, "logs", False)
    logging.basicConfig(
        level=logging.WARNING if talks_itself else level,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    status: int = args.run(args, settings)
    return status
