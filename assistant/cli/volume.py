"""`assistant volume`: loudness."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "volume",
        help="show or set the loudness of replies and rings",
        description="Show the running assistant's loudness in percent, or set it.",
        epilog="It is kept until audio.volume in the configuration changes. The same by MQTT: "
        "publish the number to <base topic>/volume/set.",
    )
    parser.add_argument("percent", nargs="?", type=int, help="0 to 100; leave out to see it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show it, or set it and show it."""
    del settings
    from assistant.control import call

    request = {"op": "volume"} if args.percent is None else {"op": "volume", "volume": args.percent}
    print(asyncio.run(call(request))["volume"])
    return 0
