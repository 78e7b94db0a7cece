"""`assistant home`: rooms and devices as discovered, with their state."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from assistant.config import Settings


def register(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "home",
        help="show rooms and devices with their state",
        description="Show the rooms and devices that the assistant has found, with their state.",
        epilog="The running assistant is asked; if none is running, the broker is looked at.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--home", type=Path, metavar="FILE", help="the home this file describes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show the home."""
    picture = asyncio.run(_picture(args, settings))
    if args.json:
        print(json.dumps(picture, ensure_ascii=False, indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{len(picture['devices'])} devices", title_justify="left")
    for column in ("room", "device", "kind", "state", "id"):
        table.add_column(column)
    rooms = {area["id"]: area["name"] for area in picture["areas"]}
    for device in sorted(picture["devices"], key=lambda d: (d["area"] or "", d["name"])):
        state = ", ".join(f"{key} {value}" for key, value in device["state"].items())
        kind = device["device_class"] or device["type"]
        table.add_row(
            rooms.get(device["area"], "–"), device["name"], kind,
            state if device["available"] else "offline", device["id"],
        )  # fmt: skip
    Console().print(table)
    if not picture["devices"]:
        print("No device has announced itself. Is the broker's discovery prefix right?")
    return 0


async def _picture(args: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    from assistant.control import call, is_running
    from assistant.household import Household

    if args.home is None and await is_running():
        return await call({"op": "home"})
    household = Household(settings, home_file=args.home, scratch=True)
    await household.start()
    try:
        return household.picture()
    finally:
        await household.stop()
