"""`assistant listen`, `say`, `stop`, `mute`, `unmute`, `volume`: what the running one is told."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import Any

from assistant.config import Settings

_COMMANDS: dict[str, tuple[str, str, Callable[[argparse.Namespace], dict[str, Any]]]] = {
    "listen": (
        "Open the running assistant's microphone, as the wake word does.",
        "Bind it to a button or a key. The same by MQTT: publish anything to <base topic>/listen.",
        lambda args: {"op": "listen"},
    ),
    "say": (
        "Have the running assistant say a text, once nobody is listened to.",
        "It is spoken, never understood as a request. The same by MQTT: publish the text to "
        "<base topic>/say.",
        lambda args: {"op": "say", "text": args.text},
    ),
    "stop": (
        "Drop the present request, fall silent, and silence what rings.",
        "The same by MQTT: publish anything to <base topic>/stop.",
        lambda args: {"op": "stop"},
    ),
    "mute": (
        "Close the running assistant's microphone. It stays closed until unmuted, after a restart "
        "too.",
        "The same by MQTT: publish ON to <base topic>/mute/set.",
        lambda args: {"op": "mute", "muted": True},
    ),
    "unmute": (
        "Open the running assistant's microphone again.",
        "The same by MQTT: publish OFF to <base topic>/mute/set.",
        lambda args: {"op": "mute", "muted": False},
    ),
    "volume": (
        "Show the running assistant's loudness in percent, or set it.",
        "It is kept until audio.volume in the configuration changes. The same by MQTT: publish "
        "the number to <base topic>/volume/set.",
        lambda args: {"op": "volume"} | ({} if args.percent is None else {"volume": args.percent}),
    ),
}
"""Description, epilog, and what is asked of the daemon."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command that the parser's name ends with."""
    name = parser.prog.rpartition(" ")[2]
    parser.description, parser.epilog, request = _COMMANDS[name]
    if name == "say":
        parser.add_argument("text", help="what to say")
    if name == "volume":
        parser.add_argument("percent", nargs="?", type=int, help="0 to 100; leave out to see it")
    parser.set_defaults(run=run, name=name, request=request)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Ask it of the running assistant."""
    del settings
    from assistant.control import call

    answer = asyncio.run(call(args.request(args)))
    if args.name == "mute":
        print("The microphone is closed. Open it with: assistant unmute")
    if args.name == "volume":
        print(answer["volume"])
    return 0
