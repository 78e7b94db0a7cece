"""`assistant stop`: silence."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "stop",
        help="silence the running assistant: what it says and what rings",
        description="Drop the present request, fall silent, and silence what rings.",
        epilog="The same by MQTT: publish anything to <base topic>/stop.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Silence it."""
    del args, settings
    from assistant.control import call

    asyncio.run(call({"op": "stop"}))
    return 0
