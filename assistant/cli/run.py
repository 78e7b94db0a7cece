"""`assistant run`: the daemon in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from assistant.config import Settings

_EPILOG = """Say "okay nabu", wait for the sound, and speak; or both in one breath:
  okay nabu, turn on the kitchen lights        okay nabu, what can you do
Without a microphone, use another terminal:
  assistant ask "turn on the kitchen lights"   assistant home"""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Start the assistant and keep it running until Ctrl-C."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--home", type=Path, metavar="FILE", help="simulate the home this file describes"
    )
    parser.add_argument(
        "--scratch", action="store_true", help="forget timers and alarms at the end"
    )
    parser.set_defaults(run=run, logs=True)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run until told to stop."""
    return asyncio.run(_run(args, settings))


async def _run(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.daemon import Daemon
    from assistant.household import Household

    household = Household(settings, home_file=args.home, scratch=args.scratch, patient=False)
    daemon = Daemon(household)
    view = None
    if sys.stdout.isatty():
        from assistant.view import TerminalView

        # The view tells the story on this terminal; the log would tell it twice.
        logging.getLogger().setLevel(max(logging.WARNING, logging.getLogger().level))
        view = TerminalView()
        household.observers.append(view)
        view.start()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await daemon.start()
        await stopped.wait()
    finally:
        await daemon.stop()
        if view is not None:
            view.stop()
    return 0
