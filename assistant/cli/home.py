"""`assistant home`: rooms and devices as discovered, with their state; and the file about them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.cli import home_changes
from assistant.config import Settings

_EPILOG = """The running assistant is asked; if none is running, the broker is looked at. Changes go
into the home file (docs/home-file.md), which stays yours: they are shown, and what you wrote
yourself is replaced only if you say so. The running assistant picks them up by itself.

examples:
  assistant home --room kitchen --type light
  assistant home rename 0x00158d0001a2b3c4_light "Reading lamp"
  assistant home move "Reading lamp" Attic --create
  assistant home alias "Reading lamp" Leselampe --language de
  assistant home group "Evening lights" "Reading lamp" hallway_light
  assistant home edit"""


_ANY_WIDTH = 10_000
"""Into a pipe or a file nothing is cut off."""
_WORDS = {
    **dict.fromkeys(("power", "cover", "lock", "media", "alarm", "hvac_mode", "preset_mode"), "{}"),
    **dict.fromkeys(("operation_mode", "mode", "action", "source", "effect", "direction"), "{}"),
    "brightness_pct": "{} %", "color_temp_kelvin": "{} K", "percentage": "speed {} %",
    "position": "at {} %", "tilt": "slats at {} %", "volume_pct": "volume {} %",
    "temperature": "set to {} {unit}", "current_temperature": "{} {unit} now",
    "target_temp_low": "from {} {unit}", "target_temp_high": "to {} {unit}",
    "humidity": "set to {} %", "current_humidity": "{} % now", "value": "{} {unit}",
    "event": "last {}",
}  # fmt: skip
"""How a state's keys are shown; others with their name."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = (
        "Show the rooms and devices that the assistant has found, with their state."
    )
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--room", help="only the devices of this room (id, name or alias)")
    parser.add_argument("--type", help="only devices of this type or class: light, motion, …")
    parser.add_argument("--all", action="store_true", help="show hidden devices too")
    parser.add_argument("--home", type=Path, metavar="FILE", help="the home this file describes")
    parser.set_defaults(run=run)
    home_changes.register(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show the home. Raises `HomeFileError` for an unknown room."""
    picture = asyncio.run(home_changes.picture_of(args.home, settings))
    devices = [device for device in picture["devices"] if _wanted(device, args)]
    if args.room:
        room = home_changes.find(args.room, picture["areas"], "room")["id"]
        devices = [device for device in devices if device["area"] == room]
    if args.json:
        print(json.dumps({**picture, "devices": devices}, ensure_ascii=False, indent=2))
        return 0
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"{len(devices)} devices", title_justify="left")
    for column in ("room", "device", "kind", "state"):
        table.add_column(column)
    table.add_column("id", overflow="fold")  # whole, for who wants to copy it
    rooms = {area["id"]: area["name"] for area in picture["areas"]}
    for device in sorted(devices, key=lambda d: (rooms.get(d["area"], ""), d["name"])):
        kind = device["device_class"] or device["type"]
        row = (
            rooms.get(device["area"], "–"),
            ", ".join([device["name"], *device["aliases"]]),
            f"group of {len(device['members'])}, {kind}" if device["virtual"] else kind,
            in_words(device["state"], device["unit"]) if device["available"] else "offline",
            device["id"],
        )
        table.add_row(*map(escape, row), style="" if device["exposed"] else "dim")
    console = Console(width=None if sys.stdout.isatty() else _ANY_WIDTH)
    console.print(table)
    if any(not device["exposed"] for device in devices):
        print("Pale ones cannot be asked for by voice: `assistant home show DEVICE` changes that.")
    if picture.get("routines") and not (args.room or args.type):
        routines = Table(title="routines: say the name", title_justify="left")
        for column in ("name", "commands", "from"):
            routines.add_column(column)
        for routine in picture["routines"]:
            routines.add_row(*(escape(routine[key]) for key in ("name", "commands", "origin")))
        console.print(routines)
    if not picture["devices"]:
        print("No device has announced itself. Is the broker's discovery prefix right?")
    return 0


def in_words(state: Mapping[str, Any], unit: str) -> str:
    """A state as people write it: "on, 40 %", "open, at 70 %", "heat, set to 21 °C"."""
    told = []
    for key, value in state.items():
        if isinstance(value, list | tuple) and key == "rgb_color":
            told.append("#" + "".join(f"{int(part):02x}" for part in value))
        elif isinstance(value, bool):
            told.append(("" if value else "not ") + key.replace("_", " "))
        else:
            form = _WORDS.get(key, key.replace("_", " ") + " {}")
            told.append(form.format(str(value).replace("_", " "), unit=unit).strip())
    return ", ".join(told)


def _wanted(device: dict[str, Any], args: argparse.Namespace) -> bool:
    kinds = (device["type"], device["device_class"])
    shown = args.all or not device["hidden"]
    return shown and (args.type is None or args.type.lower() in kinds)
