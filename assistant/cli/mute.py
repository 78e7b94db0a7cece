"""`assistant mute`: close the microphone."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "mute",
        help="close the running assistant's microphone",
        description="Close the running assistant's microphone. It stays closed until unmuted, "
        "after a restart too.",
        epilog="The same by MQTT: publish ON to <base topic>/mute/set.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Close it."""
    del args, settings
    from assistant.control import call

    asyncio.run(call({"op": "mute", "muted": True}))
    print("The microphone is closed. Open it with: assistant unmute")
    return 0
