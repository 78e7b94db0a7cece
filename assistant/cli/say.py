"""`assistant say`: have a text spoken."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "say",
        help="have the running assistant say a text",
        description="Have the running assistant say a text, once nobody is listened to.",
        epilog="It is spoken, never understood as a request. The same by MQTT: publish the text to "
        "<base topic>/say.",
    )
    parser.add_argument("text", help="what to say")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Hand the text over."""
    del settings
    from assistant.control import call

    asyncio.run(call({"op": "say", "text": args.text}))
    return 0
