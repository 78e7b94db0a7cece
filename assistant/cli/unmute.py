"""`assistant unmute`: open the microphone again."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "unmute",
        help="open the microphone again",
        description="Open the running assistant's microphone again.",
        epilog="The same by MQTT: publish OFF to <base topic>/mute/set.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Open it."""
    del args, settings
    from assistant.control import call

    asyncio.run(call({"op": "mute", "muted": False}))
    return 0
