"""`assistant listen`: push to talk."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "listen",
        help="push to talk: open the running assistant's microphone",
        description="Open the running assistant's microphone, as the wake word does.",
        epilog="Bind it to a button or a key. The same by MQTT: publish anything to "
        "<base topic>/listen.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Open the microphone."""
    del args, settings
    from assistant.control import call

    asyncio.run(call({"op": "listen"}))
    return 0
